"""``responses.yml``, ``faq.yml``, ``domain.yml``, ``tenant.yml``, ``policy.yml`` -> content values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicebot.domain import Json, Language, TenantId
from voicebot.flows.content import FaqEntry, HandoffSpec, MenuItem, Policy, Response, Tenant, Variant
from voicebot.flows.flow_files import handoff_spec
from voicebot.flows.source import Node

_VARIANT_KEYS = frozenset(
    "id text image custom buttons button_type quick_replies attachment elements channel metadata condition".split()
)
_DOMAIN_KEYS = frozenset("version intents entities slots responses actions forms config session_config".split())
_SLOT_TYPES = frozenset("text bool categorical float list any".split())


@dataclass
class Domain:
    """What ``domain.yml`` declares, with the line of each name for messages."""

    intents: dict[str, Node] = field(default_factory=dict)
    entities: set[str] = field(default_factory=set)
    slots: dict[str, Node] = field(default_factory=dict)
    slot_entities: dict[str, str] = field(default_factory=dict)
    slot_initial: dict[str, Json] = field(default_factory=dict)
    actions: dict[str, Node] = field(default_factory=dict)


def read_domain(node: Node, domain: Domain) -> None:
    """Add one domain file to what is known."""
    node.only(_DOMAIN_KEYS, "A domain file")
    for key, target in (("intents", domain.intents), ("actions", domain.actions)):
        for name in _names(node, key):
            target[name] = node
    domain.entities.update(_names(node, "entities"))
    slots = node.child("slots")
    for name in slots.data:
        slot = slots.child(name)
        domain.slots[str(name)] = slot
        kind = slot.text("type")
        if kind not in _SLOT_TYPES:
            slot.bad("type", f"Slot {name!r} has the type {kind!r}.", f"Use one of {', '.join(sorted(_SLOT_TYPES))}.")
        if "initial_value" in slot:
            domain.slot_initial[str(name)] = slot.plain("initial_value")
        for mapping in slot.children("mappings"):
            if mapping.text("type") == "from_entity" or (mapping.text("type") == "custom" and "entity" in mapping):
                domain.slot_entities.setdefault(str(name), mapping.text("entity"))


def _names(node: Node, key: str) -> list[str]:
    value = node.data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        node.bad(key, f"{key!r} must be a list.", "Start each entry with `- `.")
        return []
    return [str(next(iter(item))) if isinstance(item, dict) else str(item) for item in value]


def read_responses(node: Node) -> dict[str, Response]:
    """The responses of one language file."""
    node.only(_DOMAIN_KEYS, "A responses file")
    found: dict[str, Response] = {}
    listed = node.child("responses")
    for key in listed.data:
        if not str(key).startswith("utter_"):
            listed.bad(key, f"Response {key!r} must start with `utter_`.", f"Call it utter_{key}.")
        place = Node(node.reader, node.file, {}, listed.line_of(key)).place
        variants = tuple(_variant(item) for item in listed.children(key))
        if not variants:
            listed.bad(key, f"Response {key!r} has no text.", "Add `- text: ...` under it.")
            continue
        found[str(key)] = Response(str(key), variants, place)
    return found


def _variant(node: Node) -> Variant:
    node.only(_VARIANT_KEYS, "A response")
    if not node.text("text"):
        node.bad(None, "A response variant has no text.", "Add `text:`.")
    meta = node.child("metadata")
    meta.only(frozenset({"spoken"}), "metadata of a response")
    when: list[tuple[str, Json]] = []
    for item in node.children("condition"):
        when.append((item.text("name"), item.plain("value")))
    buttons = tuple((item.text("title"), item.text("payload")) for item in node.children("buttons"))
    return Variant(node.text("text"), meta.text("spoken") or None, node.text("channel") or None, tuple(when), buttons)


def read_faq(node: Node) -> dict[str, FaqEntry]:
    """The FAQ of one language."""
    node.only(frozenset({"version", "faq"}), "An FAQ file")
    found: dict[str, FaqEntry] = {}
    for item in node.children("faq"):
        item.only(frozenset({"id", "q", "a"}), "An FAQ entry")
        name = item.text("id")
        if not name or not item.text("a") or not item.texts("q"):
            item.bad(None, "An FAQ entry needs id, q and a.", "Add the missing key.")
        if name in found:
            item.bad("id", f"FAQ entry {name!r} stands twice.", "Give it another id.")
        found[name] = FaqEntry(name, item.texts("q"), item.text("a"), item.place)
    return found


def _by_language(node: Node, key: str) -> Mapping[str, str]:
    value = node.data.get(key)
    if isinstance(value, dict):
        inner = node.child(key)
        if "text" in inner:
            return _by_language(inner, "text")
        return {str(lang): inner.text(lang) for lang in inner.data if isinstance(inner.data[lang], str)}
    return {"en": node.text(key), "ja": node.text(key)} if value is not None else {}


def read_tenant(node: Node, tenant: str) -> Tenant:
    """``tenant.yml``."""
    for key in ("brand", "country", "languages", "default_language"):
        if key not in node:
            node.bad(None, f"The tenant has no {key!r}.", f"Add `{key}:`.")
    numbers = next(
        (node.child(key) for key in ("emergency_numbers", "numbers", "emergency") if key in node), node.child("numbers")
    )
    if not numbers.text("emergency"):
        node.bad(
            None, "The emergency number is missing.", "Add `emergency_numbers: {emergency: '119', police: '110'}`."
        )
    languages = tuple(Language(item) for item in node.texts("languages"))
    default = Language(node.text("default_language"))
    if languages and default not in languages:
        node.bad("default_language", f"{default!r} is not among the languages.", "Name one of `languages`.")
    menu: list[MenuItem] = []
    for item in node.children("keypad_menu"):
        key = item.text("key")
        if key not in tuple("123456789"):
            item.bad("key", f"{key!r} is no menu key.", "Use 1 to 9; 0 is always a person.")
        if any(key == other.key for other in menu):
            item.bad("key", f"Key {key} stands twice in the menu.", "Give it another key.")
        menu.append(MenuItem(key, _by_language(item, "label"), item.text("flow")))
    recording = node.child("recording")
    voice = node.plain("voice")
    sip = node.child("sip")
    return Tenant(
        id=TenantId(tenant),
        brand=_by_language(node, "brand"),
        country=node.text("country"),
        timezone=node.text("timezone", "UTC"),
        languages=languages,
        default_language=default,
        currency=node.text("currency"),
        hours=_by_language(node, "hours"),
        menu=tuple(menu),
        emergency_number=numbers.text("emergency"),
        police_number=numbers.text("police") or numbers.text("emergency"),
        crisis_line=_by_language(numbers, "crisis_line"),
        sip={str(name): {str(k): sip.child(name).text(k) for k in sip.child(name).data} for name in sip.data},
        recording_default=recording.data.get("default", True) in (True, "on"),
        recording_notice=recording.flag("notice", True),
        voice=voice if isinstance(voice, dict) else {},
        closed_values_file=node.text("closed_values"),
        skills=node.texts("skills"),
    )


def read_policy(core: Node) -> Policy:
    """``policy.yml`` of the core."""
    core.only(
        frozenset(
            {
                "version",
                "thresholds",
                "ladders",
                "voice",
                "keep_entities",
                "safety",
                "handoff",
                "words",
                "language_names",
            }
        ),
        "policy.yml",
    )
    thresholds, ladders, voice = core.child("thresholds"), core.child("ladders"), core.child("voice")
    words = core.child("words")
    names = core.child("language_names")
    silences = ladders.plain("silence_ms")
    if not (isinstance(silences, list) and len(silences) == 3 and all(isinstance(s, int) for s in silences)):
        ladders.bad("silence_ms", "silence_ms must be three whole numbers.", "Write [7000, 7000, 10000].")
        silences = [7000, 7000, 10000]
    return Policy(
        act=thresholds.number("act", 0.5),
        control=thresholds.number("control", 0.5),
        leave=thresholds.number("leave", 0.65),
        human=thresholds.number("human", 0.4),
        disambiguate=thresholds.number("disambiguate", 0.25),
        disambiguate_gap=thresholds.number("disambiguate_gap", 0.2),
        faq=thresholds.number("faq", 0.5),
        danger=thresholds.number("danger", 0.3),
        in_scope_min=thresholds.number("in_scope_min", 0.01),
        frustration_strong=thresholds.number("frustration_strong", 0.75),
        bot_failures_max=int(ladders.number("bot_failures_max", 3)),
        silences=tuple(int(item) for item in silences if isinstance(item, int)),
        slow_factor=voice.number("slow_timer_factor", 1.7),
        hold_ms=int(ladders.number("hold_ms", 60000)),
        comfort_ms=int(ladders.number("comfort_ms", 45000)),
        pace_slow=voice.number("pace_slow", 0.8),
        keep_entities=core.texts("keep_entities"),
        safety=handoff_spec(core.child("safety")),
        default_handoff=handoff_spec(core.child("handoff")) if "handoff" in core else HandoffSpec(("general",)),
        words={
            str(kind): {str(lang): words.child(kind).texts(lang) for lang in words.child(kind).data}
            for kind in words.data
        },
        language_names={str(code): names.texts(code) for code in names.data},
    )
