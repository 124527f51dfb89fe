"""Responses with their placeholders filled, once for the screen and once for the voice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from voicebot.domain import Button, Channel, Json, Language, Say
from voicebot.flows.content import TenantFlows, Variant
from voicebot.flows.state import DialogueState

Readout = Callable[[str, Json, Language], tuple[str, str]]
"""``(entity or slot name, value, language) -> (shown, spoken)``."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")

CONSTANTS = frozenset({"brand", "emergency_number", "police_number", "crisis_line", "hours", "menu_lines"})
"""Placeholders that are the same in every conversation of a tenant."""

GIVEN = frozenset(
    "last_prompt last_prompt_short slot_label value option_1 option_2 label_1 label_2 flow_label digits prefix answer "
    "faq_answer place wait opens task number reference agent link".split()
)
"""Placeholders the engine fills itself."""

_WORDED_LIKE = {Channel.REST: Channel.WEB_CHAT, Channel.TERMINAL: Channel.WEB_CHAT}
"""Channels that are typed on, like a chat."""

_HOLES = re.compile(r"\s*[,、]\s*(?=[.。?!,、])")
_SPACES = re.compile(r"[ \t]{2,}")


def render(
    content: TenantFlows,
    readout: Readout,
    state: DialogueState,
    key: str,
    extra: Mapping[str, tuple[str, str]],
    *,
    interruptible: bool = True,
) -> Say:
    """The response ``key`` in the state's language. A value that is not known leaves no hole in the sentence.

    On the telephone ``text`` is the spoken wording too, so that the log holds what the caller got.
    """
    language = state.language
    variant = _variant(content, state, key)
    used = set(PLACEHOLDER.findall(variant.text)) | set(PLACEHOLDER.findall(variant.spoken or ""))
    pairs = {name: _value(content, readout, state, name, extra) for name in used}
    worded = variant.spoken if variant.spoken is not None and state.channel is Channel.VOICE else variant.text
    text = _fill(worded, {name: pair[0] for name, pair in pairs.items()})
    spoken = _fill(variant.spoken or variant.text, {name: pair[1] for name, pair in pairs.items()})
    return Say(
        text=text,
        spoken=spoken,
        response=key,
        language=language,
        fixed=used <= CONSTANTS,
        interruptible=interruptible,
        buttons=tuple(Button(title, payload) for title, payload in variant.buttons),
    )


def fixed_prompts(content: TenantFlows, readout: Readout, state: DialogueState) -> tuple[Say, ...]:
    """Every prompt of the state's language that never changes, for rendering ahead of calls."""
    found: list[Say] = []
    for key in content.responses[state.language]:
        say = render(content, readout, state, key, {})
        if say.fixed and say.spoken:
            found.append(say)
    return tuple(found)


def placeholders(content: TenantFlows, language: Language, key: str) -> frozenset[str]:
    """The placeholders in any wording of a response."""
    response = content.responses[language].get(key)
    if response is None:
        return frozenset()
    return frozenset(
        name for v in response.variants for name in PLACEHOLDER.findall(v.text) + PLACEHOLDER.findall(v.spoken or "")
    )


def constants(content: TenantFlows, language: Language) -> dict[str, str]:
    """Tenant-wide placeholder values; emergency numbers follow the tenant's country, never the language."""
    tenant = content.tenant
    comma = "、" if language == "ja" else ", "
    lines = [
        f"{item.labels.get(language, item.flow)}は{item.key}"
        if language == "ja"
        else f"{item.key} for {item.labels.get(language, item.flow)}"
        for item in tenant.menu
    ]
    return {
        "brand": tenant.brand_in(language),
        "emergency_number": tenant.emergency_number,
        "police_number": tenant.police_number,
        "crisis_line": tenant.crisis_line.get(language, ""),
        "hours": tenant.hours.get(language, ""),
        "menu_lines": comma.join(lines),
    }


def _variant(content: TenantFlows, state: DialogueState, key: str) -> Variant:
    response = content.responses[state.language].get(key)
    if response is None:
        return Variant("")
    fitting = [v for v in response.variants if all(state.value(name) == value for name, value in v.when)]
    own = [v for v in fitting if v.channel == _WORDED_LIKE.get(state.channel, state.channel)]
    general = [v for v in fitting if v.channel is None]
    conditional = [v for v in own + general if v.when]
    return (conditional or own or general or list(response.variants))[0]


def _value(
    content: TenantFlows, readout: Readout, state: DialogueState, name: str, extra: Mapping[str, tuple[str, str]]
) -> tuple[str, str]:
    if name in extra:
        return extra[name]
    if name in CONSTANTS:
        value = constants(content, state.language)[name]
        return readout(name, value, state.language) if name.endswith("_number") and value else (value, value)
    held = state.value(name)
    if held is None or held == "":
        return "", ""
    return readout(content.slot_entities.get(name, name), held, state.language)


def _fill(template: str, values: Mapping[str, str]) -> str:
    filled = PLACEHOLDER.sub(lambda m: values.get(m.group(1), ""), template)
    return _SPACES.sub(" ", _HOLES.sub("", filled)).strip()
