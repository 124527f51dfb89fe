"""Browser lines on loopback against a real peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from tests.support.waiting import eventually
from tests.support.webrtc import Caller, calling, silence, tone
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, LineEvent, VoiceLine
from voicebot.channels.webrtc import LinesTaken, WebRtcLine, WebRtcServer, WebRtcSettings
from voicebot.errors import BadMessage, ChannelError

DETAILS = CallDetails(None, "web-shop", transport="webrtc")


@asynccontextmanager
async def serving(**wanted: object) -> AsyncIterator[WebRtcServer]:
    server = WebRtcServer(WebRtcSettings(**wanted))  # type: ignore[arg-type]
    try:
        yield server
    finally:
        await server.close()


async def connected(server: WebRtcServer, caller: Caller) -> tuple[WebRtcLine, list[LineEvent], asyncio.Task[None]]:
    line, answer = await server.answer(await caller.offer(), DETAILS)
    events: list[LineEvent] = []

    async def read() -> None:
        async for event in line.frames():
            events.append(event)

    reading = asyncio.create_task(read())
    await caller.take(answer)
    await line.answer()
    return line, events, reading


async def test_both_sides_hear_each_other_and_the_account_is_exact() -> None:
    async with serving() as server, calling(tone) as caller:
        line, events, _ = await connected(server, caller)
        assert isinstance(line, VoiceLine) and line.rate == 16000 and line.caller is None
        sound = (9000 * np.sin(np.arange(8000) / 5)).astype(np.int16)
        line.play(sound)

        async def heard() -> bool:
            return caller.loudest > 4000 and any(
                isinstance(event, Frame) and np.abs(event.samples).max() > 4000 for event in events
            )

        await eventually(heard)
        await eventually(lambda: _is(line.played_samples == 8000 and line.queued_samples == 0))
        frames = [event for event in events if isinstance(event, Frame)]
        assert [frame.at_samples for frame in frames] == [320 * place for place in range(len(frames))]
        assert all(frame.samples.size == 320 for frame in frames)


async def test_flush_pause_and_resume_lose_and_repeat_nothing() -> None:
    async with serving() as server, calling(silence) as caller:
        line, _, _ = await connected(server, caller)
        line.play(np.full(160000, 5000, np.int16))
        await eventually(lambda: _is(line.played_samples > 0))
        line.pause()
        held = line.played_samples
        assert held + line.queued_samples == 160000
        sent = line.track._count
        await eventually(lambda: _is(line.track._count > sent + 5))
        assert line.played_samples == held
        line.resume()
        await eventually(lambda: _is(line.played_samples > held))
        played = line.played_samples
        assert line.flush() == 160000 - played
        sent = line.track._count
        await eventually(lambda: _is(line.track._count > sent + 5))
        assert line.played_samples == played and line.queued_samples == 0


async def test_the_clock_goes_on_when_nothing_arrives() -> None:
    async with serving() as server, calling(silence) as caller:
        line, events, _ = await connected(server, caller)
        line.packet = lambda packet: None  # type: ignore[method-assign]
        line.ear.put = lambda *given: None  # type: ignore[method-assign]
        count = len(events)
        await eventually(lambda: _is(len(events) > count + 20))
        assert all(isinstance(event, Frame) and not event.samples.any() for event in events[-5:])


async def test_words_keys_and_pings_travel_beside_the_sound() -> None:
    async with serving() as server, calling(silence) as caller:
        line, answer = await server.answer(await caller.offer(), DETAILS)
        line.caption({"from": "bot", "text": "お電話ありがとうございます。", "final": True, "seq": 3})
        events: list[LineEvent] = []
        other: list[object] = []
        line.on_message(other.append)
        await caller.take(answer)
        await line.answer()
        await eventually(lambda: _is(bool(caller.messages)))
        caption = {"type": "caption", "from": "bot", "text": "お電話ありがとうございます。", "final": True, "seq": 3}
        assert caller.messages[0] == caption
        caller.send(type="ping", t=12.5)
        caller.send(type="dtmf", digit="#")
        caller.send(type="dtmf", digit="##")
        caller.send(type="something", value=1)
        caller.channel.send("no json")
        caller.channel.send("[" * 2000)
        caller.channel.send('{"type":"ping","t":NaN}')
        caller.channel.send(b"\x00\x01")
        caller.send(type="bye")
        async for event in line.frames():
            events.append(event)
        assert {"type": "pong", "t": 12.5} in caller.messages
        assert [event.digit for event in events if isinstance(event, Dtmf)] == ["#"]
        assert other == [{"type": "something", "value": 1}]
        assert events[-1] == LineEnded("caller", "hung up")


async def test_hanging_up_tells_the_page_and_frees_the_line() -> None:
    async with serving() as server, calling(silence) as caller:
        line, events, reading = await connected(server, caller)
        await eventually(lambda: _is(line._side.open))
        await line.hang_up("done")
        await line.hang_up("again")
        await reading
        assert events[-1] == LineEnded("us", "done") and server.calls == 0
        await eventually(lambda: _is({"type": "ended", "reason": "done"} in caller.messages))
        line.play(np.ones(100, np.int16))
        assert line.queued_samples == 0
        with pytest.raises(ChannelError):
            await line.answer()


async def test_a_caller_who_closes_the_page_is_gone() -> None:
    async with serving() as server, calling(silence) as caller:
        _, events, reading = await connected(server, caller)
        await caller.close()
        await asyncio.wait_for(reading, 10)
        ended = events[-1]
        assert isinstance(ended, LineEnded) and ended.by == "caller"
        await eventually(lambda: _is(server.calls == 0))


async def test_a_caller_who_vanishes_without_a_word_is_noticed() -> None:
    async with serving(gone_s=0.5) as server, calling(silence) as caller:
        line, events, reading = await connected(server, caller)
        line.packet = lambda packet: None  # type: ignore[method-assign]
        line.key_types = frozenset()
        for receiver in line._peer.getReceivers():
            receiver._RTCRtpReceiver__jitter_buffer._take = lambda packet: None
        await asyncio.wait_for(reading, 10)
        assert events[-1] == LineEnded("caller", "nothing comes any more")


async def test_a_caller_who_never_connects_is_given_up() -> None:
    async with serving(connect_s=0.3) as server, calling(silence) as caller:
        line, _ = await server.answer(await caller.offer(), DETAILS)
        with pytest.raises(ChannelError, match="never connected"):
            await line.answer()
        await eventually(lambda: _is(server.calls == 0))


async def test_ports_and_public_addresses_are_as_configured() -> None:
    settings = {"hosts": ("203.0.113.9=127.0.0.1",), "udp_ports": (42000, 42099)}
    async with serving(**settings) as server, calling(silence) as caller:
        _, answer = await server.answer(await caller.offer(), DETAILS)
        candidates = [row.split() for row in answer.splitlines() if row.startswith("a=candidate")]
        assert candidates and all(words[4] == "203.0.113.9" for words in candidates)
        assert all(42000 <= int(words[5]) <= 42099 for words in candidates)
        assert "127.0.0.1" not in answer
        assert "useinbandfec=1" in answer and "telephone-event" in answer


async def test_calls_in_a_port_range_connect() -> None:
    async with serving(udp_ports=(42100, 42199)) as server, calling(tone) as caller:
        _, events, _ = await connected(server, caller)
        await eventually(lambda: _is(any(isinstance(e, Frame) and np.abs(e.samples).max() > 4000 for e in events)))


async def test_the_next_caller_is_refused_when_all_lines_are_taken() -> None:
    async with serving(max_peers=1) as server, calling(silence) as first, calling(silence) as second:
        await connected(server, first)
        with pytest.raises(LinesTaken):
            await server.answer(await second.offer(), DETAILS)


GOOD_START = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0",
        "hello",
        "v=0\r\n" * 20000,
        GOOD_START,
        GOOD_START + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
        GOOD_START + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\n",
        GOOD_START + "m=audio 9 UDP/TLS/RTP/SAVPF x\r\na=rtpmap:y\r\na=mid:0\r\n",
        GOOD_START + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        GOOD_START + "m=audio 9 RTP/AVP 0\r\n" * 2,
        "v=0\r\n\x00\xff\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n",
    ],
)
async def test_offers_that_make_no_sense_are_refused_and_leave_nothing(sdp: str) -> None:
    async with serving() as server:
        with pytest.raises(BadMessage):
            await server.answer(sdp, DETAILS)
        await eventually(lambda: _is(server.calls == 0))


async def test_an_offer_without_opus_is_refused() -> None:
    async with serving() as server, calling(silence) as caller:
        offer = (await caller.offer()).replace("opus", "speex")
        with pytest.raises(BadMessage):
            await server.answer(offer, DETAILS)


async def _is(value: bool) -> bool:
    return value
