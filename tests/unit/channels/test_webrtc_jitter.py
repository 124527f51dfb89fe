"""The order, loss, lateness and drift of packets, in a time of the test's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicebot.channels.line import Samples
from voicebot.channels.webrtc.ear import TICK, Ear, best_lag
from voicebot.channels.webrtc.jitter import JitterBuffer, JitterSettings
from voicebot.channels.webrtc.opus import RATE, Decoder, Encoder, duration

FRAME = 960


@dataclass
class Marks:
    """A decoder whose sound is the number of the packet; concealment is 0, recovered sound is negative."""

    concealed: int = 0

    def decode(self, payload: bytes) -> Samples | None:
        number = int.from_bytes(payload, "big")
        return None if number == 0xFFFF else np.full(TICK, number, np.int16)

    def recover(self, following: bytes, count: int) -> Samples | None:
        return np.full(count, 1 - int.from_bytes(following, "big"), np.int16)

    def conceal(self, count: int) -> Samples:
        self.concealed += count
        return np.zeros(count, np.int16)


@dataclass
class Road:
    """Sends packet 1, 2, 3... every 20 ms of the sender's clock; each comes ``delay_ms`` of it later, or never."""

    ear: Ear = field(default_factory=lambda: Ear(JitterBuffer(), Marks()))
    heard: list[Samples] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    first_sequence: int = 65530
    first_timestamp: int = (1 << 32) - 5 * FRAME

    def run(self, arrivals: list[tuple[float, int]], ticks: int, phase_s: float = 0.007) -> None:
        """``arrivals``: time in seconds and number of each packet."""
        arrivals = sorted(arrivals)
        for tick in range(ticks):
            now_s = phase_s + tick * 0.02
            while arrivals and arrivals[0][0] <= now_s:
                at_s, number = arrivals.pop(0)
                self.put(number, at_s)
            self.heard.append(self.ear.tick(now_s))
            self.delays.append(self.ear.delay_ms)

    def put(self, number: int, at_s: float) -> None:
        sequence, timestamp = (
            (self.first_sequence + number) % 65536,
            (self.first_timestamp + number * FRAME) % (1 << 32),
        )
        self.ear.put(7, sequence, timestamp, number.to_bytes(2, "big"), FRAME, at_s)

    @property
    def sound(self) -> Samples:
        return np.concatenate(self.heard)

    def numbers(self) -> list[int]:
        """The packets heard, in order, each once."""
        found: list[int] = []
        for value in self.sound.tolist():
            if value and (not found or found[-1] != value):
                found.append(value)
        return found


def steady(count: int, drift: float = 1.0) -> list[tuple[float, int]]:
    return [(number * 0.02 * drift, number) for number in range(1, count + 1)]


def test_a_steady_stream_is_heard_as_it_was_sent() -> None:
    road = Road()
    road.run(steady(500), 490)
    assert road.numbers()[:480] == list(range(1, 481))
    assert road.ear.counts.concealed_ms == 0
    assert max(road.delays) <= 60


def test_loss_is_mended_and_adds_no_delay() -> None:
    random = Random(3)
    kept = [one for one in steady(3000) if random.random() > 0.05]
    road = Road()
    road.run(kept, 2990)
    lost = 3000 - len(kept)
    assert abs(road.ear.buffer.counts.lost - lost) <= 3
    assert max(road.delays[50:]) <= 60 and np.mean(road.delays[2000:]) <= np.mean(road.delays[50:200]) + 10
    numbers = road.numbers()
    assert [n for n in numbers if n > 0] == sorted({number for _, number in kept if number <= max(numbers)})
    assert road.ear.counts.recovered_ms > 0.5 * 20 * lost


def test_a_burst_of_loss_is_skipped_at_its_own_length() -> None:
    road = Road()
    road.run([one for one in steady(300) if not 100 <= one[1] < 105], 290)
    positive = [n for n in road.numbers() if n > 0]
    assert positive[:250] == [n for n in range(1, 256) if not 100 <= n < 105]
    assert np.mean(road.delays[200:]) <= np.mean(road.delays[20:90]) + 10


def test_packets_out_of_order_and_twice_are_heard_once_in_order() -> None:
    random = Random(5)
    arrivals = [(at + random.choice((0.0, 0.0, 0.0, 0.025)), number) for at, number in steady(600)]
    road = Road()
    road.run(arrivals + [(at + 0.001, number) for at, number in arrivals[::7]], 580)
    positive = [n for n in road.numbers() if n > 0]
    assert positive == sorted(positive) and len(positive) > 550
    assert road.ear.buffer.counts.repeated + road.ear.buffer.counts.late >= 80


@pytest.mark.parametrize("drift", [0.999, 1.001])
def test_another_clock_neither_starves_nor_piles_up(drift: float) -> None:
    road = Road()
    road.run(steady(9000, drift), 8900)
    assert max(road.delays) <= 80
    assert road.ear.counts.concealed_ms <= 8900 * 20 * 0.004
    steps = np.diff([n for n in road.numbers() if n > 0])
    assert steps.min() >= -2 and steps.max() <= 3, "where sound is shortened, neighbours are faded into each other"


def test_jitter_is_waited_for_and_the_delay_is_taken_back_when_it_is_over() -> None:
    random = Random(8)
    rough = [(at + random.uniform(0, 0.045) * (100 < number < 400), number) for at, number in steady(1500)]
    road = Road()
    road.run(rough, 1480)
    assert max(road.delays) <= 120
    assert np.mean(road.delays[-300:]) <= 35
    assert road.ear.counts.shortened_ms > 0


def test_a_standstill_of_the_network_is_caught_up_without_dropping_words() -> None:
    road = Road()
    road.run([(at if not 100 <= number < 115 else 115 * 0.02, number) for at, number in steady(600)], 580)
    assert road.delays[150] <= 100 and np.mean(road.delays[-200:]) <= 40
    assert set(range(1, 500)) <= set(road.numbers())
    assert road.ear.buffer.counts.dropped == 0


def test_a_very_long_standstill_starts_again_with_what_is_new() -> None:
    road = Road()
    road.run([(at if not 100 <= number < 250 else 5.0, number) for at, number in steady(600)], 580)
    assert np.mean(road.delays[-100:]) <= 60
    assert road.ear.buffer.counts.dropped > 0


def test_a_pause_on_purpose_is_silence_and_not_loss() -> None:
    ear = Ear(JitterBuffer(), Marks())
    heard: list[Samples] = []
    for tick in range(300):
        now_s = tick * 0.02
        sent = tick if tick < 100 else tick - 100 if tick >= 200 else None
        if sent is not None:
            ear.put(7, sent, tick * FRAME, (sent + 1).to_bytes(2, "big"), FRAME, now_s - 0.005)
        heard.append(ear.tick(now_s))
    assert ear.buffer.counts.lost == 0
    assert not np.concatenate(heard[110:195]).any()
    assert np.concatenate(heard[210:]).any() and ear.delay_ms <= 60


def test_another_source_and_nonsense_begin_anew() -> None:
    ear = Ear(JitterBuffer(), Marks())
    for tick in range(100):
        source, sequence = (1, tick) if tick < 50 else (2, 30000 + tick)
        ear.put(source, sequence, sequence * FRAME, tick.to_bytes(2, "big"), FRAME, tick * 0.02)
        ear.put(source, sequence, sequence * FRAME, b"", 0, tick * 0.02)
        ear.tick(tick * 0.02 + 0.01)
    assert ear.delay_ms <= 60 and ear.buffer.counts.received == 100
    ear.put(2, 12, 77, b"\xff\xff", FRAME, 2.0)
    for tick in range(5):
        ear.tick(2.0 + tick * 0.02)
    assert ear.counts.broken_packets == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 65535), st.integers(0, (1 << 32) - 1), st.sampled_from([120, 480, 960, 2880, 5760])),
        max_size=200,
    )
)
def test_whatever_arrives_every_tick_is_20_ms(packets: list[tuple[int, int, int]]) -> None:
    ear = Ear(JitterBuffer(), Marks())
    for tick, (sequence, timestamp, length) in enumerate(packets):
        ear.put(tick // 50, sequence, timestamp, b"\x01\x02", length, tick * 0.02)
        assert ear.tick(tick * 0.02 + 0.01).size == TICK
    assert ear.delay_ms < 10_000


def test_shortening_cuts_a_tone_where_it_repeats() -> None:
    tone = (8000 * np.sin(2 * np.pi * 200 * np.arange(800) / RATE)).astype(np.int16)
    assert best_lag(tone, 320) % 80 == 0


# --- libopus ----------------------------------------------------------------------------------------------------------


def spoken(count: int) -> Samples:
    """Something between tone and noise, as voices are."""
    random = np.random.default_rng(1)
    times = np.arange(count * TICK) / RATE
    tone = 6000 * np.sin(2 * np.pi * 150 * times) * (1 + np.sin(2 * np.pi * 3 * times)) / 2
    return (tone + random.normal(0, 200, times.size)).astype(np.int16)


def test_sound_survives_coding_at_its_own_level_and_length() -> None:
    encoder, decoder, sound = Encoder(28000), Decoder(), spoken(100)
    packets = [encoder.encode(sound[at : at + TICK]) for at in range(0, sound.size, TICK)]
    assert all(duration(packet) == FRAME for packet in packets)
    out = np.concatenate([decoder.decode(packet) for packet in packets])  # type: ignore[arg-type]
    assert out.size == sound.size
    rms = float(np.sqrt(np.mean(out[3200:].astype(float) ** 2)) / np.sqrt(np.mean(sound[3200:].astype(float) ** 2)))
    assert 0.8 < rms < 1.2
    assert sum(map(len, packets)) * 8 / 2.0 < 40000


def test_a_lost_packet_is_recovered_from_the_next_one() -> None:
    encoder, sound = Encoder(28000, expected_loss_percent=20), spoken(60)
    packets = [encoder.encode(sound[at : at + TICK]) for at in range(0, sound.size, TICK)]
    whole, mended, guessed = Decoder(), Decoder(), Decoder()
    errors = {"mended": 0.0, "guessed": 0.0}
    for place, packet in enumerate(packets[:-1]):
        right = whole.decode(packet)
        assert right is not None
        if place % 10 == 9:
            found = mended.recover(packets[place + 1], TICK)
            assert found is not None and found.size == TICK
            errors["mended"] += float(np.mean((found.astype(float) - right) ** 2))
            errors["guessed"] += float(np.mean((guessed.conceal(TICK).astype(float) - right) ** 2))
        else:
            mended.decode(packet)
            guessed.decode(packet)
    assert errors["mended"] < errors["guessed"]


@given(st.binary(min_size=1, max_size=300))
def test_a_decoder_takes_whatever_a_peer_sends(payload: bytes) -> None:
    decoder = Decoder()
    sound = decoder.decode(payload)
    assert sound is None or sound.dtype == np.int16
    assert duration(payload) >= 0
    assert decoder.conceal(TICK).size == TICK


def test_settings_bound_the_delay() -> None:
    defaults = JitterSettings()
    assert 40 <= defaults.begin_ms <= 60 and defaults.longest_ms <= 100
