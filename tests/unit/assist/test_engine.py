"""Which card is on screen: restraint as rules, and as properties over anything that may be said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from voicebot.assist.engine import (
    PER_WINDOW,
    WINDOW_S,
    AssistState,
    Candidate,
    Change,
    Show,
    Take,
    ask,
    end,
    expire,
    offer,
    pause,
)
from voicebot.assist.model import Card, CardKind, CardSet, CardText, Reason, Triggers
from voicebot.assist.ranking import FLOOR, Record, Usefulness, learnt
from voicebot.domain import EN, CardEnded, CardShown, TenantId


def card(name: str, **more: object) -> Card:
    made = Card(name, CardKind.REBUTTAL, Triggers(), {EN: CardText(name)}, cooldown_s=120)
    return replace(made, **more)  # type: ignore[arg-type]


CARDS = CardSet(
    TenantId("shop"), "v1",
    {
        one.id: one
        for one in (
            card("price"), card("rival"), card("think"),
            card("urgent", priority=1), card("law", mandatory=True, kind=CardKind.COMPLIANCE),
        )
    },
)  # fmt: skip
NOTHING = Usefulness()


def called(name: str, utterance: str = "u1", strength: float = 1.0) -> Candidate:
    return Candidate(name, Reason.PHRASE, strength, utterance)


def shown(changes: tuple[Change, ...]) -> list[str]:
    return [change.candidate.card for change in changes if isinstance(change, Show)]


def test_one_card_is_prominent_and_the_one_before_it_moves_beside_it() -> None:
    state, first = offer(AssistState(), CARDS, [called("price")], NOTHING, 0.0)
    state, second = offer(state, CARDS, [called("rival", "u2")], NOTHING, 20.0)
    assert shown(first) == ["price"] and shown(second) == ["rival"]
    assert {one.card: one.place for one in state.screen} == {"price": "second", "rival": "prominent"}
    state, third = offer(state, CARDS, [called("think", "u3")], NOTHING, 40.0)
    assert Take("price", "replaced") in third and len(state.screen) == 2


def test_a_partial_and_its_final_words_show_a_card_once() -> None:
    state, _ = offer(AssistState(), CARDS, [called("price", "u1", 0.7)], NOTHING, 0.0)
    state, _ = end(state, "price", "used")
    state, again = offer(state, CARDS, [called("price", "u1")], NOTHING, 500.0)
    assert shown(again) == []


def test_a_card_rests_for_its_cooldown() -> None:
    state, _ = offer(AssistState(), CARDS, [called("price", "u1")], NOTHING, 0.0)
    assert shown(offer(state, CARDS, [called("price", "u2")], NOTHING, 119.0)[1]) == []
    assert shown(offer(state, CARDS, [called("price", "u3")], NOTHING, 121.0)[1]) == ["price"]


def test_the_urgent_and_the_sure_come_first() -> None:
    both = [called("price", strength=1.0), called("urgent", strength=0.5)]
    assert shown(offer(AssistState(), CARDS, both, NOTHING, 0.0)[1]) == ["urgent"]
    sure = [called("price", strength=0.5), called("rival", strength=0.9)]
    assert shown(offer(AssistState(), CARDS, sure, NOTHING, 0.0)[1]) == ["rival"]


def test_what_agents_found_useless_is_not_shown_unless_it_is_mandatory() -> None:
    useless = Usefulness({"price": Record(0, 60), "law": Record(0, 60)})
    assert useless.expected("price") < FLOOR
    assert shown(offer(AssistState(), CARDS, [called("price")], useless, 0.0)[1]) == []
    assert shown(offer(AssistState(), CARDS, [called("law")], useless, 0.0)[1]) == ["law"]


def test_a_card_dismissed_twice_stays_away_from_this_conversation() -> None:
    state, at = AssistState(), 0.0
    for number in range(2):
        state, _ = offer(state, CARDS, [called("price", f"u{number}")], NOTHING, at)
        state, taken = end(state, "price", "dismissed", "not now")
        assert taken == (Take("price", "dismissed", "not now"),)
        at += 200.0
    assert shown(offer(state, CARDS, [called("price", "u9")], NOTHING, at)[1]) == []
    assert shown(ask(state, CARDS, called("price", ""), at)[1]) == ["price"], "the agent may still want it"


def test_useful_and_copied_leave_a_card_on_screen_and_it_goes_by_itself() -> None:
    state, _ = offer(AssistState(), CARDS, [called("price")], NOTHING, 0.0)
    for how in ("useful", "copied"):
        state, changes = end(state, "price", how)  # type: ignore[arg-type]
        assert changes and state.screen
    state, changes = expire(state, 60.0)
    assert changes == (Take("price", "expired"),) and not state.screen
    assert end(state, "price", "used")[1] == ()


def test_a_mandatory_card_keeps_its_place() -> None:
    state, _ = offer(AssistState(), CARDS, [called("law")], NOTHING, 0.0)
    state, _ = offer(state, CARDS, [called("price", "u2")], NOTHING, 20.0)
    assert {one.card: one.place for one in state.screen} == {"law": "prominent", "price": "second"}
    state, _ = end(state, "law", "used")
    assert [(one.card, one.place) for one in state.screen] == [("price", "prominent")]


def test_nothing_is_shown_while_a_secret_is_told() -> None:
    state, _ = offer(AssistState(), CARDS, [called("price")], NOTHING, 0.0)
    state, taken = pause(state, True)
    assert taken == (Take("price", "replaced", "paused"),)
    assert shown(offer(state, CARDS, [called("law", "u2")], NOTHING, 30.0)[1]) == []
    state, _ = pause(state, False)
    assert shown(offer(state, CARDS, [called("law", "u3")], NOTHING, 40.0)[1]) == ["law"]


def test_usefulness_is_learnt_per_intent_from_few_judgements() -> None:
    def judged(name: str, intent: str, how: str) -> tuple[CardShown, str, CardEnded]:
        was = CardShown(card=name, version="v1", agent="S01", reason="phrase")
        return was, intent, CardEnded(card=name, agent="S01", how=how)  # type: ignore[arg-type]

    found = learnt(
        [judged("price", "cancel", "used") for _ in range(12)]
        + [judged("price", "order", "dismissed") for _ in range(12)]
        + [judged("price", "order", "replaced") for _ in range(50)]
    )
    assert found.expected("price", "cancel") > 0.7 > 0.4 > found.expected("price", "order")
    assert found.expected("never shown") == found.expected("never shown", "cancel") == 0.6


_moves = st.lists(
    st.tuples(
        st.sampled_from(["say", "use", "dismiss", "useful", "wait", "pause", "go on"]),
        st.sampled_from(sorted(CARDS.cards)),
        st.floats(0, 90),
    ),
    max_size=120,
)


@given(_moves)
def test_restraint_holds_whatever_happens(moves: list[tuple[str, str, float]]) -> None:
    state, now_s, at = AssistState(), 0.0, list[float]()
    last: dict[str, float] = {}
    for number, (move, name, passed_s) in enumerate(moves):
        now_s += passed_s
        changes: tuple[Change, ...] = ()
        match move:
            case "say":
                state, changes = offer(state, CARDS, [called(name, f"u{number}")], NOTHING, now_s)
            case "use" | "dismiss" | "useful":
                how = {"use": "used", "dismiss": "dismissed", "useful": "useful"}[move]
                state, changes = end(state, name, how)  # type: ignore[arg-type]
            case "pause" | "go on":
                state, changes = pause(state, move == "pause")
            case _:
                state, changes = expire(state, now_s)
        for one in shown(changes):
            assert not state.paused
            assert one not in last or now_s - last[one] >= CARDS.cards[one].cooldown_s
            last[one] = now_s
            if not CARDS.cards[one].mandatory:
                at.append(now_s)
        assert len(state.screen) <= 2
        assert sum(one.place == "prominent" for one in state.screen) == bool(state.screen)
        assert len({one.card for one in state.screen}) == len(state.screen)
    for begin in at:
        assert sum(begin <= other < begin + WINDOW_S for other in at) <= PER_WINDOW
