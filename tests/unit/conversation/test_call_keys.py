"""Keys and silence on the phone, and secrets that are keyed in."""

from __future__ import annotations

import json

from tests.unit.conversation.calls import PhoneCall
from tests.unit.conversation.conftest import Ring
from voicebot.conversation.keypad import BETWEEN_KEYS_MS
from voicebot.domain import (
    ActionCalled,
    Disposition,
    Ended,
    HandoffReason,
    HandoffRequested,
    KeysPressed,
    Played,
    RecordingChanged,
    Repaired,
    SilenceNoted,
    SlotSet,
    Source,
    Understood,
)
from voicebot.store import event_to_json

CARD = "4111111111111111"
BUYING = "I want to buy bulbs"


async def at_serial(ring: Ring) -> PhoneCall:
    call = await ring()
    await call.say("how is my lamp")
    await call.quiet()
    return call


async def at_card(ring: Ring) -> PhoneCall:
    call = await ring()
    await call.say("let me pay")
    await call.quiet()
    return call


async def values(call: PhoneCall, slot: str) -> list[object]:
    return [event.value for event in await call.logged(SlotSet) if event.slot == slot]


async def test_a_key_stops_the_prompt_and_chooses_from_the_menu(ring: Ring) -> None:
    call = await ring(quiet=False)
    await call.wait(500)
    await call.press("2")
    await call.quiet()
    assert (await call.logged(KeysPressed)) == [KeysPressed(digits="2")]
    chosen = await call.logged(Understood)
    assert [(event.intent, event.source) for event in chosen] == [("lamp_status", Source.KEYPAD)]
    cut = (await call.logged(Played))[0]
    assert not cut.complete and 480 <= cut.played_ms <= 540 and cut.played_ms == call.got_ms(1)
    assert call.got_ms(2) == call.got_ms(3) == 0
    assert [response for response, complete in await call.played() if complete] == [
        "utter_ack_value",
        "utter_ask_serial",
        "utter_keypad_prefixed",
    ]
    await call.hang_up()


async def test_a_number_counts_at_its_full_length_or_its_terminator(ring: Ring) -> None:
    for keys, value in (("1234", "L1234"), ("1234#", "L1234")):
        call = await at_serial(ring)
        await call.press(keys)
        await call.quiet()
        assert await values(call, "serial") == [value]
        assert (await call.played())[-1] == ("utter_auth_ask_phone4", True)
        await call.hang_up()


async def test_a_short_number_counts_when_nobody_goes_on(ring: Ring) -> None:
    call = await at_serial(ring)
    await call.press("12")
    await call.wait(BETWEEN_KEYS_MS - 400)
    assert await call.logged(KeysPressed) == []
    await call.wait(800)
    assert await call.logged(KeysPressed) == [KeysPressed(digits="12")]
    await call.quiet()
    assert await values(call, "serial") == []
    assert len(await call.logged(Repaired)) == 1
    await call.hang_up()


async def test_keys_during_the_question_for_them_count(ring: Ring) -> None:
    call = await ring()
    await call.say("how is my lamp")
    assert call.line.queued_samples > 0
    await call.press("1234#", every_ms=100)
    await call.quiet()
    assert await values(call, "serial") == ["L1234"]
    assert ("utter_ask_serial", False) in await call.played()
    await call.hang_up()


async def test_a_single_zero_is_a_person_even_where_a_number_is_asked_for(ring: Ring) -> None:
    for keys, wait_ms in (("0", BETWEEN_KEYS_MS + 200), ("0#", 200)):
        call = await at_serial(ring)
        await call.press(keys)
        await call.wait(wait_ms)
        wanted = await call.logged(HandoffRequested)
        assert [event.reason for event in wanted] == [HandoffReason.CUSTOMER_ASKED]
        await call.over()
        assert await call.logged(Ended) == [Ended(disposition=Disposition.HANDED_OFF, by="bot")]
        assert all(complete for _, complete in await call.played())


async def test_three_silences_are_counted_from_the_end_of_each_prompt(ring: Ring) -> None:
    call = await ring()
    silent_ms = []
    for prompt in (4, 5, 6):
        await call.until(lambda prompt=prompt: call.got_ms(prompt) > 0)
        last = max(place for place, part in enumerate(call.line.heard) if (part == prompt - 1).any())
        silent_ms.append((len(call.line.heard) - last - 2) * 20)
    for waited, asked in zip(silent_ms, (7000, 7000, 10_000), strict=True):
        assert asked <= waited <= asked + 200
    await call.over()
    silences = [f"utter_no_input_{count}" for count in (1, 2, 3)]
    assert (await call.played())[3:] == [(response, True) for response in silences]
    assert [event.count for event in await call.logged(SilenceNoted)] == [1, 2, 3]
    assert (await call.log())[-1] == Ended(disposition=Disposition.NO_INPUT, by="bot")
    assert len({text for text, _ in call.voice.spoken[-3:]}) == 3


async def test_no_silence_is_counted_while_somebody_speaks_or_is_answered(ring: Ring) -> None:
    call = await ring()
    call.ears.takes_s = lambda final: 9.0
    await call.wait(5000)
    await call.say(BUYING, 4000, pause_ms=9500)
    await call.quiet()
    assert await call.logged(SilenceNoted) == []
    assert (await call.played())[-1] == ("utter_ask_bulbs", True)
    await call.hang_up()


async def test_a_short_noise_is_nothing_and_a_long_one_is_a_repair(ring: Ring) -> None:
    call = await ring()
    await call.say("", 240)
    await call.quiet()
    assert await call.logged(Repaired) == [] and len(await call.played()) == 3
    await call.say("", 900)
    await call.quiet()
    assert [event.pattern for event in await call.logged(Repaired)] == ["no_match"]
    assert (await call.played())[-1] == ("utter_no_match_1", True)
    assert await call.heard() == []
    await call.wait(7000)
    assert len(await call.logged(SilenceNoted)) == 1
    await call.hang_up()


async def test_a_secret_is_neither_listened_to_nor_logged(ring: Ring) -> None:
    call = await at_card(ring)
    decodes = len(call.ears.decodes)
    await call.say("four one one one one one one one", 3000)
    assert len(call.ears.decodes) == decodes
    await call.press(CARD + "#", every_ms=100)
    await call.quiet()
    assert call.back_end.called[-1].slots["card_number"] == CARD
    assert [event.digits for event in await call.logged(KeysPressed)] == [""]
    assert CARD not in json.dumps([event_to_json(event) for event in await call.log()])
    assert await call.heard() == ["let me pay"]
    assert [event.on for event in await call.logged(RecordingChanged)] == [False, True]
    assert [event.action for event in await call.logged(ActionCalled)] == ["action_take_card"]
    await call.hang_up()


async def test_words_said_while_a_secret_was_open_stay_unheard_once_it_is_keyed_in(ring: Ring) -> None:
    call = await at_card(ring)
    call.line.utter(call.ears.height_of("four one one one"), 5600)
    await call.press(CARD + "#", every_ms=300)
    await call.wait(2000)
    await call.quiet()
    assert await call.heard() == ["let me pay"]
    assert [decode.text for decode in call.ears.decodes] == ["let me pay"]
    await call.hang_up()


async def test_words_over_the_question_for_a_secret_leave_it_alone(ring: Ring) -> None:
    call = await ring()
    await call.say("let me pay")
    assert call.line.queued_samples > 0
    await call.say("four one one one", 900)
    await call.quiet()
    assert call.line.pauses == 1
    assert (await call.played())[-1] == ("utter_ask_card_number", True)
    assert await call.heard() == ["let me pay"]
    await call.hang_up()
