"""What the parts of the product need of a company, made from its content and the settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from voicebot.clock import Clock
from voicebot.conversation.reception import Did
from voicebot.domain import (
    Language,
)
from voicebot.flows import Dialogue, TenantFlows
from voicebot.nlu.entities import ClosedValues
from voicebot.nlu.worker import Company as UnderstoodCompany
from voicebot.readout import Readout
from voicebot.settings import Settings
from voicebot.speech import RemoteSpeech, SpeechSettings
from voicebot.web.ports import Company


def hints_of(flows: TenantFlows, company: UnderstoodCompany) -> dict[Language, str]:
    """Names of what the company sells: the words a recogniser that knows no brand mishears."""
    labels = company.closed.labels
    return {
        language: " ".join(
            named[language]
            for name in ("product", "service", "device", "plan")
            for named in labels.get(name, {}).values()
            if language in named
        )
        for language in flows.tenant.languages
    }


def dialogue_of(flows: TenantFlows, company: UnderstoodCompany, clock: Clock) -> Dialogue:
    """The company's dialogue."""

    def today() -> date:
        return today_of(flows, clock.now())

    return Dialogue(flows, Readout(company.closed.labels, company.country, today), today)


def dids_of(content: Iterable[TenantFlows]) -> dict[str, Did]:
    """Every dialled number of these companies."""
    dids = {}
    for flows in content:
        for number, what in flows.tenant.sip.items():
            language = Language(what.get("language", flows.tenant.default_language))
            dids[number] = Did(flows.tenant.id, language)
    return dids


def languages_of(flows: TenantFlows) -> tuple[Language, ...]:
    """The languages a company speaks, the one it answers in first."""
    first = flows.tenant.default_language
    return (first, *(language for language in flows.tenant.languages if language != first))


def company_of(flows: TenantFlows, settings: Settings) -> Company:
    """What the pages say about a company."""
    tenant = flows.tenant
    phone = {
        Language(what["language"]): f"sip:{number}@{settings.sip}"
        for number, what in tenant.sip.items()
        if settings.sip and "language" in what
    }
    brand = {Language(language): name for language, name in tenant.brand.items()}
    return Company(tenant.id, brand, languages_of(flows), tenant.default_language, phone)


def understood_of(flows: TenantFlows, root: Path) -> UnderstoodCompany:
    """What understanding must know of a company besides its model."""
    closed = ClosedValues.load(root / "flows", str(flows.tenant.id))
    return UnderstoodCompany(flows.tenant.id, flows.tenant.country, closed)


def today_of(flows: TenantFlows, now: datetime) -> date:
    """The date at the company's place."""
    return now.astimezone(ZoneInfo(flows.tenant.timezone)).date()


def speech_settings(settings: Settings) -> SpeechSettings:
    """What to hear and speak with: packaged models, the operator's own, or remote servers."""
    remote_ear = settings.transcriber.startswith(("http://", "https://"))
    key = settings.speech_key.get_secret_value()
    pairs = (part.strip().partition("=") for part in settings.synthesizer_voices.split(",") if part.strip())
    voices = {Language(language): voice for language, _, voice in pairs}
    return SpeechSettings(
        cache_dir=settings.data / "speech",
        models_dir=settings.models_dir,
        transcriber="whisper-base" if remote_ear else settings.transcriber,
        threads=settings.speech_threads,
        hear=RemoteSpeech(settings.transcriber, settings.transcriber_model, key) if remote_ear else None,
        say=RemoteSpeech(settings.synthesizer, settings.synthesizer_model, key, voices)
        if settings.synthesizer
        else None,
    )
