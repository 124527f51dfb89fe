"""One packet from one log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from voicebot.desk.model import Contact
from voicebot.desk.packet.customer import Customer, masked_phone
from voicebot.desk.packet.facts import Facts, Turn, gather
from voicebot.desk.packet.headline import (
    Matter,
    Speech,
    alerts_of,
    headline,
    matter_of,
    result_of,
    telling_attempts,
    verification,
)
from voicebot.desk.packet.schema import MAX_BYTES, VERSION, size, validate
from voicebot.desk.packet.summary import Sentence, sentences, sentiment, summary
from voicebot.desk.packet.wording import cut, word
from voicebot.domain import AgentSaid, Channel, Disposition, Ended, Language, PartyJoined, Recorded, WrappedUp
from voicebot.flows import TenantFlows
from voicebot.flows.responses import Readout

_REPEAT = timedelta(days=7)
_REGIONS = {("ja", "JP"): "ja-JP", ("en", "GB"): "en-GB", ("en", "US"): "en-US", ("en", "JP"): "en"}
_CHANNELS = {Channel.VOICE: "voice", Channel.WEB_CHAT: "web_chat", Channel.REST: "social", Channel.TERMINAL: "web_chat"}


@dataclass(frozen=True, slots=True)
class PacketContent:
    """What a company's packets are worded with. ``readout`` renders values, ``cards`` are first suggestions."""

    flows: TenantFlows
    readout: Readout


@dataclass(frozen=True, slots=True)
class Previous:
    """An earlier contact of the same customer."""

    at: datetime
    channel: str
    summary: str
    agent: str | None = None
    resolved: bool | None = None
    intent: str = ""


@dataclass(frozen=True, slots=True)
class Packet:
    """``body`` keeps the schema; ``evidence`` is the summary again, sentence by sentence with its turns."""

    body: Mapping[str, Any]
    evidence: tuple[Sentence, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def headline(self) -> Mapping[str, Any]:
        """The three-second view."""
        shown: Mapping[str, Any] = self.body["headline"]
        return shown


def build_packet(
    events: Sequence[Recorded],
    contact: Contact,
    company: PacketContent,
    *,
    agent_language: Language,
    now: datetime,
    customer: Customer | None = None,
    previous: Sequence[Previous] = (),
    relaxation_step: int = 0,
) -> Packet:
    """Everything an agent has to know, validated and at most 64 KB.

    ``events`` is the conversation's log from its beginning. Labels are in ``agent_language``, the transcript and the
    opening line in the customer's. What is not known is said to be unknown.

    Raises:
        PacketError: the result breaks the schema.
    """
    facts = gather(events)
    person = customer or Customer()
    speech = Speech(company.flows, company.readout)
    matter = matter_of(facts, speech, agent_language, facts.language)
    repeated = any(now - one.at <= _REPEAT and (not one.intent or one.intent == matter.intent) for one in previous)
    alerts = alerts_of(facts, person, repeated=repeated, skills=frozenset(contact.required))
    claims = sentences(facts, speech, matter, agent_language)
    requested = facts.reason or contact.reason
    body: dict[str, Any] = {
        "schema_version": VERSION,
        "handoff_id": contact.id,
        "tenant": contact.tenant,
        "created_at": _iso(now),
        "contact": _contact(contact, facts, company),
        "conversation": _conversation(contact, facts, previous),
        "headline": headline(facts, person, speech, matter, alerts, agent_language, callback=contact.callback),
        "customer": {
            "identified": person.id is not None or facts.verification.value in ("light", "strong"),
            "customer_id": person.id,
            "display_name": person.name,
            "phone_masked": masked_phone(person.phone),
            "crm_url": person.crm_url,
            "preferences": dict(person.preferences),
        },
        "verification": verification(facts),
        "intent": _intent(facts, matter),
        "slots": _slots(facts, speech, agent_language),
        "attempts": [
            {
                "at": _iso(one.at),
                "what": speech.flow(one.flow or one.action, agent_language),
                "result": result_of(one),
                "detail": word("unheard", agent_language, outcome=one.outcome) if one.unheard else one.outcome,
            }
            for one in telling_attempts(facts)[-20:]
        ],
        "handoff_reason": requested.value,
        "sentiment": sentiment(facts),
        "summary": summary(claims, agent_language),
        "routing": _routing(contact, now, relaxation_step),
        "privacy": {
            "recording": facts.recording,
            "notice_played_at": _iso(facts.notice_at) if facts.notice_at else None,
            "ai_disclosed": facts.ai_disclosed,
            "redacted": list(facts.redacted),
            "retention_until": None,
        },
        "assist": {"cards": _cards(company, matter), "faq": [], "next_steps": []},
        "transcript": [],
    }
    _fill_transcript(body, facts.turns)
    validate(body)
    return Packet(body, claims)


def _contact(contact: Contact, facts: Facts, company: PacketContent) -> dict[str, Any]:
    country = company.flows.tenant.country
    return {
        "contact_id": contact.id,
        "channel": _CHANNELS[contact.channel],
        "language": _REGIONS.get((facts.language, country), facts.language),
        "country": country,
        "entry_point": facts.entry_point,
        "campaign": None,
        "direction": "callback" if contact.callback else "inbound",
        "media_ref": contact.conversation,
    }


def _conversation(contact: Contact, facts: Facts, previous: Sequence[Previous]) -> dict[str, Any]:
    return {
        "conversation_id": contact.conversation,
        "started_at": _iso(facts.started or contact.enqueued_at),
        "bot_turns": facts.bot_turns,
        "resumed_from": [
            {"channel": channel, "ended_at": _iso(at), "end_reason": reason}
            for channel, at, reason in facts.resumed_from
        ],
        "previous_contacts": [
            {
                "at": _iso(one.at),
                "channel": one.channel,
                "summary": cut(one.summary, 200),
                "agent": one.agent,
                "resolved": one.resolved,
            }
            for one in sorted(previous, key=lambda one: one.at, reverse=True)[:5]
        ],
    }


def _intent(facts: Facts, matter: Matter) -> dict[str, Any]:
    understood = facts.understood
    ranking = understood.ranking if understood is not None else ()
    return {
        "name": matter.intent,
        "label": matter.label or matter.intent.replace("_", " "),
        "confidence": round(min(1.0, max(0.0, understood.confidence)), 3) if understood is not None else 0.0,
        "source": "keypad" if understood is not None and understood.source.value == "keypad" else "nlu",
        "alternatives": [
            {"name": one.name, "confidence": round(min(1.0, max(0.0, one.confidence)), 3)}
            for one in ranking
            if one.name != matter.intent
        ][:3],
        "history": facts.intents[-50:],
    }


def _slots(facts: Facts, speech: Speech, agent: Language) -> list[dict[str, Any]]:
    return [
        {
            "name": slot.name,
            "label": speech.label(slot.name, agent),
            "value": None if slot.sensitive else slot.value,
            "display": cut(speech.value(slot, agent), 120),
            "status": slot.status,
            "confidence": None,
            "sensitive": slot.sensitive,
            "source_turn": slot.turn,
        }
        for slot in facts.slots.values()
    ]


def _routing(contact: Contact, now: datetime, relaxation_step: int) -> dict[str, Any]:
    promised = None
    if contact.promised_low_min is not None or contact.callback:
        promised = {"wait_min": [contact.promised_low_min, contact.promised_high_min], "callback": contact.callback}
    until = contact.accepted_at or now
    return {
        "queue": contact.queue,
        "skills": {str(skill): level for skill, level in contact.required.items()},
        "priority": contact.priority,
        "preferred_agent": contact.preferred_agent,
        "excluded_agents": sorted(contact.excluded),
        "enqueued_at": _iso(contact.enqueued_at),
        "waited_s": max(0.0, round((until - contact.enqueued_at).total_seconds(), 1)),
        "relaxation_step": relaxation_step,
        "attempt": max(1, contact.attempt),
        "promised": promised,
    }


def _cards(company: PacketContent, matter: Matter) -> list[dict[str, str]]:
    flow = company.flows.flows.get(matter.flow)
    return [] if flow is None else [{"id": card, "reason": f"flow {flow.id}"} for card in flow.cards]


def _fill_transcript(body: dict[str, Any], turns: Sequence[Turn]) -> None:
    """Put in as many of the latest turns as fit; what is left out is marked and stays readable in the log."""
    rows = [_row(turn) for turn in turns]
    budget = MAX_BYTES - size(body) - 200
    kept: list[dict[str, Any]] = []
    for row in reversed(rows):
        budget -= size(row) + 1
        if budget < 0:
            break
        kept.append(row)
    kept.reverse()
    if len(kept) < len(rows):
        first = rows[len(rows) - len(kept) - 1]
        missing = len(rows) - len(kept)
        note = {"turn": first["turn"], "at": first["at"], "who": "system", "text": "", "input": "event"}
        kept.insert(0, {**note, "event": word("truncated", Language("en"), count=missing)})
    body["transcript"] = kept


def _row(turn: Turn) -> dict[str, Any]:
    row: dict[str, Any] = {
        "turn": turn.seq,
        "at": _iso(turn.at),
        "offset_ms": turn.offset_ms,
        "who": turn.who,
        "channel": turn.channel,
        "text": turn.text,
        "lang": turn.language,
        "interrupted": turn.interrupted,
    }
    if turn.input is not None:
        row["input"] = turn.input
    if turn.confidence is not None:
        row["stt_confidence"] = turn.confidence
    if turn.intent is not None:
        row["intent"] = turn.intent
    if turn.event is not None:
        row["event"] = turn.event
    return row


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class ContactSummary:
    """A conversation that is over, in two sentences: what it was about, and how it ended for whom."""

    text: str
    intent: str
    agent: str | None
    agent_name: str | None
    code: str
    resolved: bool | None


def summarise(events: Sequence[Recorded], company: PacketContent, language: Language) -> ContactSummary:
    """The record of a contact, made of facts alone; for the customer's history. ``language`` is the company's own."""
    facts = gather(events)
    speech = Speech(company.flows, company.readout)
    matter = matter_of(facts, speech, language, language)
    text = summary(sentences(facts, speech, matter, language), language)["text"]
    names: dict[str, str] = {}
    wrapped: WrappedUp | None = None
    ended: Ended | None = None
    for recorded in events:
        match recorded.event:
            case PartyJoined(agent=who, name=name) | AgentSaid(agent=who, name=name):
                names[who] = name
            case WrappedUp() as event:
                wrapped = event
            case Ended() as event:
                ended = event
            case _:
                pass
    agent = wrapped.agent if wrapped is not None else facts.last_agent or None
    resolved = wrapped.resolved if wrapped is not None else _resolved(ended)
    code = wrapped.code if wrapped is not None else ended.disposition.value if ended is not None else ""
    return ContactSummary(str(text), matter.intent, agent, names.get(agent or ""), code, resolved)


def _resolved(ended: Ended | None) -> bool | None:
    return True if ended is not None and ended.disposition is Disposition.RESOLVED_BY_BOT else None
