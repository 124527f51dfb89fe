"""The composition root: builds every part from the settings and hands each what it needs."""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from voicebot.actions import ActionClient
from voicebot.channels.resume import ResumeTokens
from voicebot.channels.sip import SipAccount, SipServer, SipSettings
from voicebot.clock import Clock, SystemClock
from voicebot.conversation.call import VoiceServices
from voicebot.conversation.chat import TextDesk
from voicebot.conversation.reception import Did, Reception
from voicebot.conversation.rooms import Rooms
from voicebot.conversation.services import Services
from voicebot.domain import (
    Begun,
    Channel,
    Contact,
    ConversationId,
    Expectation,
    Language,
    Say,
    TenantId,
    Understanding,
)
from voicebot.flows import Dialogue, TenantFlows, fixed_prompts, load_flows
from voicebot.nlu.engine import UnderstandingService
from voicebot.nlu.entities import ClosedValues
from voicebot.nlu.safety import SafetyScreen
from voicebot.nlu.worker import Company as UnderstoodCompany
from voicebot.readout import Readout, normalise_for_voice
from voicebot.redaction import redact
from voicebot.settings import Settings, split_address
from voicebot.speech import RemoteSpeech, SpeechService, SpeechSettings
from voicebot.store import Recordings, SqlStore, event_to_json
from voicebot.telemetry import Telemetry, Waterfall
from voicebot.web.api import create_app
from voicebot.web.ports import Company, Ports, WebSettings
from voicebot.web.tokens import ApiTokens

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Product:
    """Everything, built but not necessarily warm. ``warm`` holds what is still loading, in an operator's words."""

    settings: Settings
    content: dict[TenantId, TenantFlows]
    store: SqlStore
    understanding: UnderstandingService
    speech: SpeechService
    services: Services
    rooms: Rooms
    desk: TextDesk
    telemetry: Telemetry
    tokens: ApiTokens
    hints: dict[TenantId, dict[Language, str]]
    loading: set[str] = field(default_factory=set)
    sip: SipServer | None = None

    async def reasons(self) -> Sequence[str]:
        """Why callers and visitors cannot be served now; empty when they can."""
        reasons = [f"{part} is still loading" for part in sorted(self.loading)]
        if not self.loading:
            if not self.understanding.ready:
                reasons.append("understanding is not running")
            if self.sip is not None and not self.sip.health.alive:
                reasons.append("the telephone engine has stopped; restart the process")
            if self.sip is not None and self.sip.health.draining:
                reasons.append("shutting down: calls may finish, no new ones are taken")
        try:
            await self.store.ping()
        except Exception as error:  # any failure of the database is a reason, whatever its kind
            reasons.append(f"the store does not answer ({type(error).__name__})")
        return reasons

    async def warm_text(self) -> None:
        """Load what chats need. Raises ModelError."""
        await self.understanding.start()
        self.telemetry.restarts.labels("understanding").set_function(lambda: self.understanding.restarts)
        self.loading.discard("understanding")

    async def warm_voice(self) -> None:
        """Load what calls need. Raises ModelError and SpeechError."""
        await self.speech.start()
        for pool in self.speech.health.pools:
            self.telemetry.restarts.labels(pool.name).set_function(partial(self._restarts, pool.name))
        self.loading.discard("speech")

    def _restarts(self, worker: str) -> float:
        return float(sum(pool.restarts for pool in self.speech.health.pools if pool.name == worker))

    def voice_services(self, on_turn: Callable[[str, Waterfall], None] | None = None) -> VoiceServices:
        """What calls run on; after :meth:`warm_voice`."""
        folder = self.settings.data / "recordings"
        return VoiceServices(
            services=self.services,
            transcriber=self.speech.transcriber,
            voice=self.speech.voice,
            detector=self.speech.detector,
            recordings=Recordings(folder) if self.settings.recordings else None,
            on_turn=on_turn,
            hints=self.hints,
        )

    async def open_telephone(self) -> None:
        """Answer calls; after everything is warm."""
        host, port = split_address(self.settings.sip)
        low, high = (int(part) for part in self.settings.rtp_ports.split("-"))
        dids = dids_of(self.content.values())
        password = self.settings.sip_trunk_password.get_secret_value()
        self.sip = SipServer(
            SipSettings(
                host=host,
                port=port,
                transports=("udp", "tcp", "tls") if self.settings.sip_tls else ("udp", "tcp"),
                dids=tuple(dids),
                accounts=tuple(SipAccount.parse(text, password) for text in self.settings.sip_trunk.split()),
                certificate=self.settings.sip_tls_certificate,
                rtp_ports=(low, high),
                max_calls=self.settings.max_calls,
            ),
            Reception(self.voice_services(), dids).take,
        )
        await self.sip.start()
        self.loading.discard("the telephone")

    async def prerender(self) -> None:
        """Render the fixed Japanese prompts with the better voice while nothing else is to do."""
        prompts = [
            (normalise_for_voice(prompt.spoken, language), language)
            for tenant, flows in self.content.items()
            for language in flows.tenant.languages
            for prompt in self._fixed_prompts(tenant, language)
        ]
        done = await self.speech.voice.prerender(dict.fromkeys(prompts))
        _log.info("fixed prompts: %d rendered, %d on disk, %d failed", done.made, done.already, done.failed)

    def _fixed_prompts(self, tenant: TenantId, language: Language) -> tuple[Say, ...]:
        dialogue = self.services.dialogues[tenant]
        state = dialogue.opening_state(Begun(Contact(tenant, Channel.VOICE, language)))
        return fixed_prompts(dialogue.content, dialogue.readout, state)

    async def parse(self, tenant: TenantId, text: str, language: Language | None) -> Understanding:
        """Understand one text outside of any conversation."""
        known = self.services.languages[tenant]
        spoken = language or await self.understanding.detect_language(text, known) or known[0]
        return await self.understanding.understand(text, tenant=tenant, language=spoken, expects=Expectation())

    def model(self, tenant: TenantId) -> str | None:
        """Id of the model that answers for a company now."""
        return self.understanding.live(tenant) if self.understanding.ready else None

    def app(self) -> FastAPI:
        """The web application on this product."""
        return create_app(
            Ports(
                companies=tuple(_company(flows, self.settings) for flows in self.content.values()),
                chat=self.desk,
                messages=self.desk,
                parser=self,
                events=self.store,
                tokens=self.tokens,
                readiness=self,
                encode_event=event_to_json,
                registry=self.telemetry.registry,
                settings=WebSettings(origins=self.settings.origins),
            )
        )


@asynccontextmanager
async def build(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Product]:
    """Build the product; models are loaded by :meth:`Product.warm_text` and :meth:`Product.warm_voice`.

    Raises:
        ContentError: a flow file is wrong.
        StoreError: the store cannot be opened.
    """
    clock = clock or SystemClock()
    root = settings.content
    content = {TenantId(name): load_flows(root / "flows", name) for name in settings.tenants}
    telemetry = Telemetry()
    safety = root / "nlu_data" / "core" / "safety.yml"
    companies = {tenant: _understood(flows, root) for tenant, flows in content.items()}
    hints = {tenant: _hints(flows, companies[tenant]) for tenant, flows in content.items()}
    understanding = UnderstandingService(
        models=root / "models" / "nlu",
        companies=list(companies.values()),
        safety=safety,
        today=lambda tenant: _today(content[tenant], clock.now()),
    )
    speech = SpeechService(speech_settings(settings))
    async with AsyncExitStack() as stack:
        store = await SqlStore.open(settings.store_url, lambda text: redact(text).text)
        stack.push_async_callback(store.close)
        actions = ActionClient(settings.actions, settings.actions_timeout_s)
        stack.push_async_callback(actions.close)
        services = Services(
            store=store,
            understander=understanding,
            dialogues={tenant: _dialogue(flows, companies[tenant], clock) for tenant, flows in content.items()},
            languages={tenant: _languages(flows) for tenant, flows in content.items()},
            actions=actions,
            screen=SafetyScreen.load(safety),
            redact=redact,
            clock=clock,
            telemetry=telemetry,
        )
        rooms = Rooms(services)
        desk = TextDesk(services, rooms, _Tokens(ResumeTokens(_secret(settings)), clock))
        stack.push_async_callback(understanding.close)
        stack.push_async_callback(speech.close)
        await stack.enter_async_context(rooms.open())
        yield Product(
            settings,
            content,
            store,
            understanding,
            speech,
            services,
            rooms,
            desk,
            telemetry,
            ApiTokens(store, clock),
            hints,
        )


class _Tokens:
    """Resume tokens at the present time."""

    def __init__(self, tokens: ResumeTokens, clock: Clock) -> None:
        self._tokens, self._clock = tokens, clock

    def issue(self, conversation: ConversationId, tenant: TenantId) -> str:
        return self._tokens.issue(conversation, tenant, self._clock.now())

    def read(self, token: str, tenant: TenantId) -> ConversationId:
        return self._tokens.read(token, tenant, self._clock.now())


def _hints(flows: TenantFlows, company: UnderstoodCompany) -> dict[Language, str]:
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


def _dialogue(flows: TenantFlows, company: UnderstoodCompany, clock: Clock) -> Dialogue:
    def today() -> date:
        return _today(flows, clock.now())

    return Dialogue(flows, Readout(company.closed.labels, company.country, today), today)


def dids_of(content: Iterable[TenantFlows]) -> dict[str, Did]:
    """Every dialled number of these companies."""
    dids = {}
    for flows in content:
        for number, what in flows.tenant.sip.items():
            language = Language(what.get("language", flows.tenant.default_language))
            dids[number] = Did(flows.tenant.id, language)
    return dids


def _languages(flows: TenantFlows) -> tuple[Language, ...]:
    first = flows.tenant.default_language
    return (first, *(language for language in flows.tenant.languages if language != first))


def _company(flows: TenantFlows, settings: Settings) -> Company:
    tenant = flows.tenant
    phone = {
        Language(what["language"]): f"sip:{number}@{settings.sip}"
        for number, what in tenant.sip.items()
        if settings.sip and "language" in what
    }
    brand = {Language(language): name for language, name in tenant.brand.items()}
    return Company(tenant.id, brand, _languages(flows), tenant.default_language, phone)


def _understood(flows: TenantFlows, root: Path) -> UnderstoodCompany:
    closed = ClosedValues.load(root / "flows", str(flows.tenant.id))
    return UnderstoodCompany(flows.tenant.id, flows.tenant.country, closed)


def _today(flows: TenantFlows, now: datetime) -> date:
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


def _secret(settings: Settings) -> bytes:
    given = settings.secret.get_secret_value()
    if given:
        return given.encode()
    file = settings.data / "secret"
    if not file.is_file():
        settings.data.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(32))
    return file.read_text().encode()


__all__ = ["Product", "build", "dids_of", "speech_settings"]
