"""Who hears what, for any company of people and any sound."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.audio import Samples
from voicebot.media import FRAME_SAMPLES, Mixer, Role, may_hear
from voicebot.media.mixer import KNEE, bent

ROLES = [role for role in Role if role is not Role.BOT]
COMPANY = st.lists(st.sampled_from(ROLES), min_size=1, max_size=6)
HEARD_BY = {
    Role.CUSTOMER: {Role.LEAD, Role.EXPERT, Role.SPEAKER},
    Role.LEAD: {Role.CUSTOMER, Role.LEAD, Role.EXPERT, Role.SPEAKER, Role.WHISPERER},
    Role.EXPERT: {Role.CUSTOMER, Role.LEAD, Role.EXPERT, Role.SPEAKER},
    Role.SPEAKER: {Role.CUSTOMER, Role.LEAD, Role.EXPERT, Role.SPEAKER},
    Role.WHISPERER: {Role.CUSTOMER, Role.LEAD, Role.EXPERT, Role.SPEAKER},
    Role.LISTENER: {Role.CUSTOMER, Role.LEAD, Role.EXPERT, Role.SPEAKER},
}
MUSIC = np.full(FRAME_SAMPLES, 7000, np.int16)


def of(height: int) -> Samples:
    return np.full(FRAME_SAMPLES, height, np.int16)


def settled(mixer: Mixer, sounds: dict[str, Samples]) -> dict[str, Samples]:
    """What is heard once everything has been faded in."""
    mixer.mix(sounds, MUSIC)
    return mixer.mix(sounds, MUSIC)


def company(roles: list[Role]) -> tuple[Mixer, dict[str, Role]]:
    mixer, names = Mixer(), {f"{role}{number}": role for number, role in enumerate(roles)}
    for name, role in names.items():
        mixer.join(name, role)
    return mixer, names


@pytest.mark.parametrize(("listener", "other"), list(itertools.product(ROLES, ROLES)))
def test_the_matrix_is_the_one_agreed(listener: Role, other: Role) -> None:
    if listener is other is Role.CUSTOMER:
        return
    assert may_hear(listener, other) is (other in HEARD_BY[listener])
    cut_off = Role.CUSTOMER in (listener, other)
    assert may_hear(listener, other, on_hold=True) is (not cut_off and other in HEARD_BY[listener])


@given(COMPANY, st.booleans(), st.data())
def test_everybody_hears_the_sum_of_those_they_may_hear_and_nobody_else(
    roles: list[Role], on_hold: bool, data: st.DataObject
) -> None:
    """Every party sounds at a power of two, so that a sum tells who is in it."""
    mixer, names = company(roles)
    mixer.on_hold = on_hold
    muted = data.draw(st.sets(st.sampled_from(sorted(names))))
    for name in muted:
        mixer.mute(name, True)
    heights = {name: 8 << number for number, name in enumerate(names)}
    heard = settled(mixer, {name: of(height) for name, height in heights.items()})
    talked_to = any(role.talks for role in roles)
    for listener, role in names.items():
        expected = sum(
            heights[name]
            for name, other in names.items()
            if name != listener
            and name not in muted
            and other in HEARD_BY[role]
            and not (on_hold and Role.CUSTOMER in (role, other))
        )
        if role is Role.CUSTOMER and (on_hold or not talked_to):
            expected += 7000
        assert set(heard[listener].tolist()) == {expected}


@given(COMPANY, st.integers(-32768, 32767))
def test_nobody_hears_themselves(roles: list[Role], height: int) -> None:
    mixer, names = company(roles)
    for speaker in names:
        heard = settled(mixer, {speaker: of(height)})
        music = 7000 if names[speaker] is Role.CUSTOMER and mixer.waiting else 0
        assert set(heard[speaker].tolist()) == {music}


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=8))
def test_loud_sums_are_bent_and_never_wrap(heights: list[int]) -> None:
    mixer = Mixer()
    mixer.join("lead", Role.LEAD)
    for number in range(len(heights)):
        mixer.join(f"e{number}", Role.EXPERT)
    heard = settled(mixer, {f"e{number}": of(height) for number, height in enumerate(heights)})
    total, got = sum(heights), int(heard["lead"][0])
    assert abs(got) <= 32767
    assert got == total if abs(total) <= KNEE else (got > 0) == (total > 0) and abs(got) >= KNEE


@given(st.integers(-200_000, 200_000), st.integers(1, 4000))
def test_bending_keeps_the_order_and_has_no_step(total: int, more: int) -> None:
    low, high = (int(value) for value in bent(np.array([total, total + more], np.float32)))
    assert low <= high <= low + more + 1


@given(st.lists(st.sampled_from(["hold", "mute", "expert", "whisper", "leave"]), max_size=12))
def test_whatever_changes_there_is_no_click(changes: list[str]) -> None:
    """With steady sounds, neighbouring samples never differ by more than the fades allow."""
    mixer = Mixer()
    mixer.join("customer", Role.CUSTOMER)
    mixer.join("lead", Role.LEAD)
    sounds = {"customer": of(4000), "lead": of(4000), "third": of(4000)}
    tracks: dict[str, list[Samples]] = {"customer": [], "lead": []}
    for change in [None, *changes]:
        match change:
            case "hold":
                mixer.on_hold = not mixer.on_hold
            case "mute":
                mixer.mute("lead", "lead" not in mixer.muted)
            case "expert":
                mixer.join("third", Role.EXPERT)
            case "whisper":
                mixer.join("third", Role.WHISPERER)
            case "leave":
                mixer.mute("third", True)
        for _ in range(2):
            heard = mixer.mix(sounds, of(4000))
            for name, track in tracks.items():
                track.append(heard[name])
    for track in tracks.values():
        steps = np.abs(np.diff(np.concatenate(track).astype(np.int64)))
        assert steps.max(initial=0) <= 3 * 4000 / 70


def test_a_company_without_anybody_to_talk_to_means_music() -> None:
    mixer = Mixer()
    mixer.join("customer", Role.CUSTOMER)
    mixer.join("supervisor", Role.LISTENER)
    assert mixer.waiting
    mixer.join("agent", Role.LEAD)
    assert not mixer.waiting
    mixer.leave("agent")
    assert mixer.waiting
    assert set(settled(mixer, {})["customer"].tolist()) == {7000}
