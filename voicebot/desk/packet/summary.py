"""A summary made of facts: every sentence points to the turns it rests on. Mood is read from words alone."""

from __future__ import annotations

from dataclasses import dataclass

from voicebot.desk.packet.facts import Facts, SlotFact
from voicebot.desk.packet.headline import Matter, Speech, result_of, telling_attempts, words_of
from voicebot.desk.packet.wording import begun, cut, word
from voicebot.domain import HandoffReason, Json, Language

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Sentence:
    """One claim and its evidence, numbers of transcript turns."""

    text: str
    turns: tuple[int, ...]


def sentences(facts: Facts, speech: Speech, matter: Matter, agent: Language) -> tuple[Sentence, ...]:
    """Claims in the order an agent needs them; one without a turn to point to is not made."""
    found: list[Sentence] = []
    words = words_of(facts)
    last = next((turn.seq for turn in reversed(facts.turns) if turn.who == "customer"), None)
    if "emergency" in facts.alerts and last is not None:
        found.append(Sentence(word("sum_danger", agent), (last,)))
    if matter.label and (turn := matter.turn or last) is not None:
        found.append(Sentence(word("sum_matter", agent, matter=matter.label), (turn,)))
    elif words is not None:
        found.append(Sentence(word("sum_words", agent, words=cut(words.text, 80)), (words.seq,)))
    for status, key in ((("confirmed", "corrected"), "sum_slots"), (("heard",), "sum_heard")):
        chosen = [slot for slot in facts.slots.values() if slot.status in status and slot.turn is not None]
        if chosen:
            turns = tuple(dict.fromkeys(slot.turn for slot in chosen if slot.turn is not None))
            found.append(Sentence(word(key, agent, slots=_listed(chosen, speech, agent)), turns))
    for attempt in telling_attempts(facts)[-3:]:
        said = next((turn.seq for turn in facts.turns if turn.who == "bot" and turn.seq > attempt.seq), None)
        asked = next((t.seq for t in reversed(facts.turns) if t.who == "customer" and t.seq < attempt.seq), None)
        shown = tuple(seq for seq in (asked, said) if seq is not None)
        if shown:
            what = begun(speech.flow(attempt.flow or attempt.action, agent))
            found.append(Sentence(word("sum_attempt", agent, what=what, result=word(result_of(attempt), agent)), shown))
    if facts.upset:
        found.append(Sentence(word("sum_upset", agent), tuple(facts.upset)))
    reason = facts.reason
    if reason is not None and last is not None:
        if reason is HandoffReason.CUSTOMER_ASKED:
            text = word("sum_reason_customer_asked", agent)
        else:
            text = word("sum_reason_other", agent, ask=word(f"ask_{reason.value}", agent))
        found.append(Sentence(text, (last,)))
    return _fitting(found)


def _listed(slots: list[SlotFact], speech: Speech, agent: Language) -> str:
    shown = (
        word("slot", agent, label=speech.label(slot.name, agent), value=cut(speech.value(slot, agent), 40))
        for slot in slots[:6]
    )
    return word("slot_join", agent).join(shown)


def _fitting(found: list[Sentence]) -> tuple[Sentence, ...]:
    kept: list[Sentence] = []
    length = 0
    for sentence in found:
        if length + len(sentence.text) + 1 <= _LONGEST:
            kept.append(sentence)
            length += len(sentence.text) + 1
    return tuple(kept)


def summary(claims: tuple[Sentence, ...], agent: Language) -> dict[str, Json]:
    """The schema's summary block."""
    between = "" if agent == "ja" else " "
    turns = dict.fromkeys(turn for claim in claims for turn in claim.turns)
    return {
        "text": between.join(claim.text for claim in claims),
        "language": agent,
        "method": "template",
        "source_turns": list(turns),
    }


def sentiment(facts: Facts) -> dict[str, Json]:
    """The mood as the words tell it; unknown when nothing was said. No inference from the voice is made."""
    lines = [turn for turn in facts.turns if turn.who == "customer" and turn.text and turn.input != "dtmf"]
    if not lines:
        return {"label": "unknown", "score": None, "trend": "unknown", "basis": "none", "evidence": []}
    upset = [turn for turn in lines if turn.seq in facts.upset]
    strong = "angry" in facts.alerts or len(upset) > 1
    if not upset and not strong:
        return {"label": "neutral", "score": 0.0, "trend": "flat", "basis": "text", "evidence": []}
    middle = lines[len(lines) // 2].seq
    late = any(turn.seq >= middle for turn in upset)
    early = any(turn.seq < middle for turn in upset)
    trend = "falling" if late and not early else "rising" if early and not late else "flat"
    return {
        "label": "very_negative" if strong else "negative",
        "score": -0.8 if strong else -0.5,
        "trend": trend,
        "basis": "text",
        "evidence": [cut(turn.text, 80) for turn in upset[-3:]],
    }
