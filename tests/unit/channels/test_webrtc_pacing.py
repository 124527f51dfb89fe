"""When packets leave, on a clock the test turns; and what settings are accepted."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from voicebot.channels.webrtc import WebRtcSettings, parse_ice
from voicebot.channels.webrtc.keys import KeyEvents, digit_of
from voicebot.channels.webrtc.mouth import MouthTrack, Outgoing
from voicebot.channels.webrtc.opus import Encoder
from voicebot.errors import SettingsError
from voicebot.sim.clock import VirtualClock


class Road:
    """Takes packets from a track as a sender does and notes when."""

    def __init__(self, clock: VirtualClock, catch_up_s: float = 0.1) -> None:
        self.clock, self.outgoing = clock, Outgoing()
        self.track = MouthTrack(clock, self.outgoing, Encoder(28000), catch_up_s)
        self.left: list[tuple[float, int]] = []
        self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        while True:
            packet = await self.track.recv()
            assert packet.pts is not None
            self.left.append((round(self.clock.monotonic(), 6), packet.pts))

    async def close(self) -> None:
        self.track.stop()
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def test_a_packet_leaves_every_20_ms_with_or_without_sound() -> None:
    road = Road(VirtualClock())
    await road.clock.advance(0.5)
    road.outgoing.give(np.ones(700, np.int16))
    await road.clock.advance(0.5)
    assert [at for at, _ in road.left] == [round(place * 0.02, 6) for place in range(len(road.left))]
    assert [pts for _, pts in road.left] == [320 * place for place in range(len(road.left))]
    assert len(road.left) == 51 and road.outgoing.left == 700 and road.outgoing.queued == 0
    await road.close()


async def test_dropping_takes_effect_at_the_next_packet() -> None:
    road = Road(VirtualClock())
    road.outgoing.give(np.ones(16000, np.int16))
    await road.clock.advance(0.1)
    left = road.outgoing.left
    assert road.outgoing.drop() == 16000 - left
    await road.clock.advance(0.2)
    assert road.outgoing.left == left
    await road.close()


async def test_what_is_held_back_goes_on_with_the_first_sample_that_has_not_left() -> None:
    outgoing = Outgoing()
    outgoing.give(np.arange(1000, dtype=np.int16))
    first = outgoing.take(0.0)
    outgoing.pause()
    assert not outgoing.take(0.02).any() and outgoing.left == 320
    outgoing.resume()
    assert outgoing.take(0.04)[0] == first[-1] + 1
    outgoing.pause()
    assert outgoing.drop() == 360 and outgoing.queued == 0
    outgoing.give(np.ones(10, np.int16))
    assert outgoing.take(0.06)[:11].tolist() == [1] * 10 + [0]


class _Stopped(VirtualClock):
    """A clock that can jump, as time does for a process that stood still."""

    jumped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.jumped


@pytest.mark.parametrize(("jump_s", "burst", "moved"), [(0.06, 4, 0), (3.0, 2, 1)])
async def test_a_short_standstill_is_made_up_for_and_a_long_one_is_not(jump_s: float, burst: int, moved: int) -> None:
    clock = _Stopped()
    road = Road(clock)
    await clock.advance(1.0)
    count = len(road.left)
    clock.jumped = jump_s
    await clock.advance(0.02)
    assert len(road.left) - count == burst and road.track.moved == moved
    await clock.advance(1.0)
    assert [pts for _, pts in road.left] == [320 * place for place in range(len(road.left))]
    assert len(road.left) - count - burst in (50, 51)
    await road.close()


def test_a_key_is_reported_once_however_often_its_packets_come() -> None:
    keys = KeyEvents()
    press = [
        bytes([5, end | 10, 0, length]) for end, length in ((0, 160), (0, 240), (128, 255), (128, 255), (128, 255))
    ]
    assert [keys.take(1, 1000, payload) for payload in press] == ["5", None, None, None, None]
    assert keys.take(1, 9000, press[0]) == "5"
    assert keys.take(1, 17000, bytes([11, 10, 0, 0])) == "#"
    assert keys.take(1, 18000, bytes([16, 10, 0, 0])) is None and keys.take(1, 18000, b"\x01") is None


def test_digits_of_messages_are_checked() -> None:
    assert [digit_of(value) for value in ("5", "#", "d", "x", "", "12", 5, None, ["5"])] == [
        "5", "#", "D", None, None, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("hosts", "addresses", "public"),
    [
        (("192.0.2.7",), ("192.0.2.7",), {}),
        (("203.0.113.5=10.0.0.4", "::1"), ("10.0.0.4", "::1"), {"10.0.0.4": "203.0.113.5"}),
    ],
)
def test_addresses_may_differ_inside_and_outside(
    hosts: tuple[str, ...], addresses: tuple[str, ...], public: dict[str, str]
) -> None:
    settings = WebRtcSettings(hosts=hosts)
    assert settings.addresses == addresses and dict(settings.public) == public


@pytest.mark.parametrize("wrong", [{"hosts": ("example",)}, {"udp_ports": (5000, 5010)}, {"bitrate": 1}])
def test_settings_that_cannot_work_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        WebRtcSettings(**wrong)  # type: ignore[arg-type]


def test_ice_servers_are_read_as_addresses_or_as_browsers_write_them() -> None:
    assert [server.urls for server in parse_ice("stun:a:3478, turn:b")] == [("stun:a:3478",), ("turn:b",)]
    written = '[{"urls": ["turn:t:3478?transport=udp"], "username": "u", "credential": "hidden-word"}]'
    (server,) = parse_ice(written)
    assert server.for_browser() == {
        "urls": ["turn:t:3478?transport=udp"], "username": "u", "credential": "hidden-word",
    }  # fmt: skip
    assert "hidden-word" not in repr(server)
    assert parse_ice("") == ()
    for wrong in ("http://x", "[1]", '{"urls": 5}', '{"urls": ["x"]}', "[{"):
        with pytest.raises(SettingsError):
            parse_ice(wrong)
