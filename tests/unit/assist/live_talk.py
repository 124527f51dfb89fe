"""A small company's cards, and a conversation that can be told what happens."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from voicebot.assist.live_session import Edition, Led, Session
from voicebot.assist.matching import matcher
from voicebot.assist.model import Card, CardKind, CardSet, CardText, OwnSpeech, Speaker, Triggers
from voicebot.assist.sources import Spoken
from voicebot.domain import EN, AgentId, CardEnded, CardShown, ConversationId, Event, Party, Recorded, TenantId
from voicebot.domain import UtteranceId as Name

SHOP, SATO = TenantId("shop"), AgentId("S01")
CALL = ConversationId("c-1")
BEGAN = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


def card(name: str, triggers: Triggers, talk: str = "Of course.", **more: object) -> Card:
    made = Card(name, CardKind.REBUTTAL, triggers, {EN: CardText(name, talk)}, cooldown_s=120)
    return replace(made, **more)  # type: ignore[arg-type]


def phrases(*texts: str) -> Triggers:
    return Triggers(phrases={EN: texts})


CARDS = CardSet(
    SHOP,
    "v1",
    {
        one.id: one
        for one in (
            card("rival", phrases("better deal with another company", "cheaper elsewhere")),
            card("price", phrases("too expensive"), "Is it the price of {product_name}?"),
            card("cross", Triggers(examples={EN: ("I am cross",)})),
            card("refund", Triggers(intents=("refund_status",))),
            card("quiet", Triggers(silence_s=8.0), kind=CardKind.CHECKLIST),
            card("let_them_finish", Triggers(talk_over_ms=1500), speaker=Speaker.ANY),
            card(
                "no_promise",
                Triggers(own_speech=OwnSpeech(forbidden={EN: ("i promise",)})),
                speaker=Speaker.AGENT,
                mandatory=True,
            ),
            card(
                "say_recorded",
                Triggers(own_speech=OwnSpeech(missing={EN: ("call is recorded",)}, within_s=30)),
                speaker=Speaker.AGENT,
                mandatory=True,
                cooldown_s=600.0,
            ),
            card("in_returns", Triggers(flow_steps=("return_product",))),
            card("has_order", Triggers(slots={"order_id": "*"}), "Order {order_id} it is."),
        )
    },
)
EDITION = Edition(CARDS, matcher(CARDS))


def without(*names: str) -> Edition:
    """The same company with fewer cards."""
    kept = CardSet(SHOP, "v1", {name: one for name, one in CARDS.cards.items() if name not in names})
    return Edition(kept, matcher(kept))


def quiet_company() -> Edition:
    """Cards that words alone call for."""
    return without("quiet", "say_recorded", "in_returns", "has_order")


def led(**more: object) -> Led:
    made = Led(CALL, SHOP, EN, SATO, "Sato", "Asanagi", BEGAN.timestamp())
    return replace(made, **more)  # type: ignore[arg-type]


_numbers = itertools.count(1)


def says(text: str, party: Party = Party.CUSTOMER, **more: object) -> Spoken:
    made = Spoken(
        party=party,
        agent="" if party is Party.CUSTOMER else SATO,
        utterance=Name(f"u-{next(_numbers)}"),
        text=text,
        language=EN,
    )
    return replace(made, **more)  # type: ignore[arg-type]


class Talk:
    """A session with hands: time goes by, things happen, cards come."""

    def __init__(self, edition: Edition | None = None, live: bool = True, **more: object) -> None:
        self.session = Session(led(**more), edition or quiet_company())
        self.now_s = BEGAN.timestamp()
        self.seq = 0
        self.events: list[Event] = []
        if live:
            self.keep(self.session.up_to_date(self.now_s))

    def keep(self, events: list[Event]) -> list[Event]:
        self.events += events
        return events

    def happens(self, event: Event) -> list[Event]:
        self.seq += 1
        at = BEGAN + timedelta(seconds=self.now_s - BEGAN.timestamp())
        return self.keep(self.session.logged(Recorded(CALL, self.seq, at, event), self.now_s))

    def hears(self, text: str, party: Party = Party.CUSTOMER, **more: object) -> list[Event]:
        return self.keep(self.session.said(says(text, party, **more), self.now_s))

    def passes(self, seconds: float) -> list[Event]:
        came: list[Event] = []
        for _ in range(int(seconds)):
            self.now_s += 1
            came += self.keep(self.session.tick(self.now_s))
        return came

    def shown(self) -> list[str]:
        return [event.card for event in self.events if isinstance(event, CardShown)]

    def ended(self) -> list[tuple[str, str]]:
        return [(event.card, event.how) for event in self.events if isinstance(event, CardEnded)]
