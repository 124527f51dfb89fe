"""The three-second view: alerts, who, why, tried, wants, and the first sentence to say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from voicebot.desk.packet.customer import Customer
from voicebot.desk.packet.facts import Attempt, Facts, SlotFact, Turn
from voicebot.desk.packet.wording import begun, cut, word
from voicebot.domain import HandoffReason, Json, Language, Verification
from voicebot.flows import TenantFlows
from voicebot.flows.responses import Readout

KNOWN_ALERTS = (
    "emergency", "vulnerable", "angry", "repeat_contact", "fraud_suspected", "bereavement", "slow_speaker",
    "hard_of_hearing", "no_recording", "language_mismatch", "vip",
)  # fmt: skip
"""The alerts of the schema, most urgent first."""
_PREPARING = ("identify", "verify", "send_code", "check_code", "note_", "screen")
_RESULTS = {
    "error": "failed",
    "failed": "failed",
    "locked": "failed",
    "refused": "failed",
    "invalid": "failed",
    "declined": "failed",
    "timeout": "timeout",
    "not_found": "not_found",
    "none": "not_found",
    "unknown": "not_found",
    "not_fixed": "not_fixed",
}
_SAID_FIRST = 160
"""Letters of the opening line; what does not fit whole is left out, since it is read aloud."""
_NAMES_NOTHING = frozenset({"request_human", "express_frustration", "greet", "affirm", "deny", "ambiguous_ok"})


@dataclass(frozen=True, slots=True)
class Matter:
    """What the contact is about: the intent, its label in two languages, and the line that said so."""

    intent: str
    flow: str
    label: str
    spoken: str
    turn: int | None


@dataclass(frozen=True, slots=True)
class Speech:
    """How values and flows of a company are written."""

    flows: TenantFlows
    readout: Readout

    def value(self, slot: SlotFact, language: Language) -> str:
        """A slot's value for the screen."""
        if slot.sensitive:
            return word("hidden", language)
        kind = self.flows.slot_entities.get(slot.name, slot.name)
        return self.readout(kind, slot.value, language)[0]

    def label(self, slot: str, language: Language) -> str:
        """A slot's name for people."""
        response = self.flows.responses.get(language, {}).get(f"utter_label_{slot}")
        if response is not None and response.variants:
            return response.variants[0].text
        return slot.replace("_", " ")

    def flow(self, flow: str, language: Language) -> str:
        """A flow's name for people."""
        found = self.flows.flows.get(flow)
        return found.label(language) if found is not None else flow.replace("_", " ")


def matter_of(facts: Facts, speech: Speech, agent: Language, customer: Language) -> Matter:
    """The customer's matter: what the bot worked on last, else what the customer said it was."""
    intent = facts.understood.intent if facts.understood is not None else ""
    asked = facts.requested.intent if facts.requested is not None else ""
    found = speech.flows.flow_of(asked) or speech.flows.flows.get(asked)
    if found is None or found.kind.value not in ("task", "info"):
        found = speech.flows.flow_of(intent)
    else:
        intent = asked
    if found is None or found.kind.value not in ("task", "info"):
        return Matter(intent or asked or "unknown", "", "", "", facts.matter_turn)
    return Matter(intent, found.id, found.label(agent), found.label(customer), facts.matter_turn)


def words_of(facts: Facts) -> Turn | None:
    """The customer's own words that tell most: the longest line that is more than a wish for a person."""
    lines = [turn for turn in facts.turns if turn.who == "customer" and turn.text and turn.input != "dtmf"]
    telling = [turn for turn in lines if turn.intent not in _NAMES_NOTHING] or lines
    return max(telling, key=lambda turn: len(turn.text), default=None)


def result_of(attempt: Attempt) -> str:
    """The schema's word for an outcome of the back end."""
    return _RESULTS.get(attempt.outcome, "ok")


def telling_attempts(facts: Facts) -> list[Attempt]:
    """Attempts at the customer's matter: looking somebody up is none."""
    return [one for one in facts.attempts if not any(mark in one.action for mark in _PREPARING)]


def alerts_of(facts: Facts, customer: Customer, *, repeated: bool, skills: Collection[str]) -> list[str]:
    """What must be seen at once, most urgent first."""
    found = set(facts.alerts)
    if facts.reason is HandoffReason.EMERGENCY:
        found.add("emergency")
    if facts.reason is HandoffReason.FRUSTRATION or len(facts.upset) > 1:
        found.add("angry")
    if customer.vulnerable:
        found.add("vulnerable")
    if customer.vip:
        found.add("vip")
    if customer.preferences.get("pace") == "slow":
        found.add("slow_speaker")
    if repeated:
        found.add("repeat_contact")
    if "fraud" in skills:
        found.add("fraud_suspected")
    return [alert for alert in KNOWN_ALERTS if alert in found]


def headline(
    facts: Facts,
    customer: Customer,
    speech: Speech,
    matter: Matter,
    alerts: list[str],
    agent: Language,
    *,
    callback: bool = False,
) -> dict[str, Json]:
    """The headline block; lengths as the schema demands. Unknown is said to be unknown."""
    level = word(f"level_{facts.verification.value}", agent)
    if customer.name:
        who = word("who_known", agent, name=cut(customer.name, 22), level=level)
    else:
        who = word("who_unknown", agent, level=level)
    product = _product(facts, speech, agent)
    words = words_of(facts)
    if matter.label:
        why = word("why_product", agent, product=product, matter=matter.label) if product else matter.label
    elif words is not None:
        why = word("why_words", agent, words=cut(words.text, 54))
    else:
        why = word("unknown", agent)
    return {
        "who": cut(who, 40),
        "why": cut(begun(why), 60),
        "tried": cut(begun(_tried(facts, speech, agent)), 80),
        "ask": cut(_ask(facts, speech, matter, agent), 60),
        "opening_line": _opening(facts, customer, speech, matter, callback=callback),
        "alerts": list(alerts),
    }


def _product(facts: Facts, speech: Speech, language: Language) -> str:
    for name in ("product", "device", "service", "plan"):
        slot = facts.slots.get(name)
        if slot is not None and slot.value and not slot.sensitive:
            return cut(speech.value(slot, language), 24)
    return ""


def _tried(facts: Facts, speech: Speech, agent: Language) -> str:
    parts: dict[str, str] = {}
    for attempt in telling_attempts(facts):
        parts[speech.flow(attempt.flow or attempt.action, agent)] = word(result_of(attempt), agent)
    if parts:
        shown = [word("tried", agent, what=what, result=result) for what, result in parts.items()]
        return word("tried_join", agent).join(shown[-3:])
    count = sum(facts.failures.get(kind, 0) for kind in ("no_match", "no_input"))
    return word("tried_not_understood", agent, count=count) if count else word("tried_nothing", agent)


def wish(facts: Facts, matter: Matter) -> SlotFact | None:
    """The last thing the customer wanted in this matter that is not merely a number to find a record by."""
    named = [
        slot
        for slot in facts.slots.values()
        if slot.flow == matter.flow
        and slot.value not in (None, "")
        and not slot.sensitive
        and not slot.name.endswith(("_number", "postcode", "phone_last4", "_code"))
        and slot.name not in ("product", "device", "service", "model")
    ]
    return named[-1] if named else None


def _ask(facts: Facts, speech: Speech, matter: Matter, agent: Language) -> str:
    reason = facts.reason or HandoffReason.CUSTOMER_ASKED
    asked = word(f"ask_{reason.value}", agent)
    wanted = wish(facts, matter)
    if wanted is None or reason is HandoffReason.EMERGENCY:
        return asked
    shown = word("ask_slot", agent, label=speech.label(wanted.name, agent), value=cut(speech.value(wanted, agent), 30))
    return f"{shown} / {asked}"


def _opening(facts: Facts, customer: Customer, speech: Speech, matter: Matter, *, callback: bool) -> str:
    """The suggested first sentence, in the customer's language: it names the problem, so nothing has to be repeated."""
    language = facts.language
    words = words_of(facts)
    parts = [word("open_name", language, name=cut(customer.name, 30))] if customer.name else []
    if callback:
        parts.append(word("open_callback", language))
    if facts.reason is HandoffReason.EMERGENCY or "emergency" in facts.alerts:
        parts.append(word("open_emergency", language))
    if facts.reason is HandoffReason.FRUSTRATION or facts.upset or "angry" in facts.alerts:
        parts.append(word("open_sorry", language))
    product = _product(facts, speech, language)
    if matter.spoken:
        named = word("open_product", language, product=product, matter=matter.spoken) if product else matter.spoken
        parts.append(word("open_matter", language, matter=cut(named, 60)))
    elif words is not None:
        parts.append(word("open_words", language, words=cut(words.text, 50)))
    whole = "".join([*parts, word("open_next", language)])
    return whole if len(whole) <= _SAID_FIRST else cut("".join(parts), _SAID_FIRST)


def verification(facts: Facts) -> dict[str, Json]:
    """How sure we are of who is speaking, and by what."""
    methods: dict[str, None] = {}
    for method in facts.methods:
        if "code" in method:
            methods["one_time_code"] = None
        elif "order_number" in facts.slots:
            methods["order_and_phone4"] = None
        else:
            methods["member_and_phone4"] = None
    level = facts.verification
    return {
        "level": level.value,
        "method": list(methods) if level in (Verification.LIGHT, Verification.STRONG) else [],
        "at": facts.verified_at.isoformat() if facts.verified_at else None,
        "attempts": facts.verify_tries,
    }
