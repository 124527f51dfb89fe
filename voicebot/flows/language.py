"""Changing the language within one turn. The country, and with it emergency numbers and currency, stays."""

from __future__ import annotations

from voicebot.domain import HandoffReason, Language, LanguageChanged, SwitchLanguage, Understanding
from voicebot.flows.content import HandoffSpec
from voicebot.flows.handoff import hand_off
from voicebot.flows.run import Run
from voicebot.flows.words import clearly_in, named_language

INTENT = "switch_language"


def wanted(run: Run, u: Understanding) -> str | None:
    """The language asked for, by its name or, when the request itself is in another language, that one."""
    named = named_language(run, u.text)
    if named is not None:
        return named
    if u.language != run.state.language:
        return str(u.language)
    others = [code for code in run.content.tenant.languages if code != run.state.language]
    return others[0] if len(others) == 1 else None


def drifted(run: Run, u: Understanding) -> Language | None:
    """The customer went on in another language we speak, without asking."""
    other = u.language
    if other == run.state.language or other not in run.content.tenant.languages:
        return None
    return other if clearly_in(u.text, other) else None


def change(run: Run, language: Language) -> None:
    """Speak another language from here on."""
    if language != run.state.language:
        run.set(language=language)
        run.effects.append(SwitchLanguage(language))
        run.emit(LanguageChanged(language=language))
    run.say("utter_lang_switched")


def unsupported(run: Run, language: str) -> None:
    """Say so honestly and ask for a person who speaks it."""
    default = run.policy.default_handoff
    spec = HandoffSpec((*default.skills, f"lang:{language}"), default.min_level, default.priority)
    hand_off(run, HandoffReason.FLOW_REQUIRES_HUMAN, say="utter_lang_unsupported", spec=spec)
