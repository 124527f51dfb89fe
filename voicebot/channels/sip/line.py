"""One SIP call as a voice line: polled for sound every few milliseconds, played through the native queue."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import Any, Literal

import baresip
import numpy as np
from baresip.events import Event, StackEvent

from voicebot.channels.caller_side import CallerSide
from voicebot.channels.line import CallDetails, Dtmf, Frame, LineEnded, Samples
from voicebot.channels.sip.playout import Playout
from voicebot.channels.sip.reaching import NotReached, Outcome, checked_address
from voicebot.errors import ChannelError

log = logging.getLogger("voicebot.sip")

_READ_BYTES = 32768
_GAP_S = 0.08
_REPEATED_KEY_S = 0.025
_TRANSFERRED = "Call transfered"
"""How the engine spells it when a call ends because it was transferred."""
_BUSY_TRIES = 20
_BUSY_S = 0.1
_AGREED_S = 3.0
_PENDING = 491
"""SIP status: the other end is just changing the call itself; to be tried again a little later."""


class SipLine(CallerSide):
    """A :class:`voicebot.channels.line.VoiceLine` on one native call.

    Of a line we dialled, ``details.caller`` is the other end and ``details.called`` the number we show, so that
    whoever leads calls finds the customer in the same place either way.
    """

    def __init__(self, call: Any, details: CallDetails, ahead_ms: int, *, dialled: bool = False) -> None:
        super().__init__(details)
        self._call = call
        self._ahead_ms = ahead_ms
        self._playout = Playout(ahead_ms * 8)
        self._established = asyncio.Event()
        self.dialled = dialled
        self._accepted = dialled
        self._over = asyncio.Event()
        self.ringing = asyncio.Event()
        self._agreed = asyncio.Event()
        self._hanging_up = False
        self._rate = 8000
        self._clock = 0
        self._epoch: int | None = None
        self._started: float | None = None
        self._key_released: tuple[str, float] = ("", 0.0)
        self._key_down = ""
        self.silence_filled_samples = 0
        self.audio_restarts = 0
        call.on(self._on_event)
        if call.state is baresip.CallState.CLOSED:
            self._end(LineEnded("caller", "gone before it was answered"))

    @property
    def rate(self) -> int:
        """Samples per second of the negotiated codec."""
        return self._rate

    @property
    def playing(self) -> bool:
        """Sound can flow."""
        return self._started is not None and self._ended is None

    async def answer(self) -> None:
        """Send 200 and wait for the caller's ACK and the media streams. A line we dialled has been answered."""
        if self.playing:
            return
        if self._ended is not None:
            raise ChannelError(f"The call is over already ({self._ended.reason}).")
        self._accepted = True
        try:
            await self._call.answer()
            await asyncio.wait_for(self._established.wait(), 35.0)
        except (baresip.BaresipError, TimeoutError) as problem:
            raise ChannelError(f"The call could not be answered ({type(problem).__name__}).") from problem
        if self._ended is not None:
            raise ChannelError(f"The caller gave up ({self._ended.reason}).")
        self._begin_sound()

    async def reached(self, timeout_s: float) -> None:
        """Wait until a call we made is answered. Given up, it is cancelled, also when the waiting is.

        Raises:
            NotReached: busy, declined, no answer in time, or nobody there.
        """
        try:
            await asyncio.wait_for(self._established.wait(), timeout_s)
        except TimeoutError:
            await self.hang_up("no answer")
            raise NotReached(Outcome.NO_ANSWER, detail=f"{timeout_s:g} s") from None
        except asyncio.CancelledError:
            await self.hang_up("given up")
            raise
        if self._ended is not None:
            raise NotReached.of_reason(self._ended.reason, rang=self.ringing.is_set())
        try:
            self._begin_sound()
        except ChannelError:
            await self.hang_up("no sound")
            raise

    async def over(self) -> LineEnded:
        """Wait for the end of the line."""
        await self._over.wait()
        assert self._ended is not None
        return self._ended

    async def hold(self, on: bool = True) -> None:
        """Put the other end on hold by signalling (its own telephone plays or shows it), or take it back.

        Raises:
            ChannelError: the call is over, or the other end is busy changing the call itself.
        """
        if self._call.is_on_hold == on and self._ended is None:
            return
        change = self._call.hold if on else self._call.resume
        self._agreed.clear()
        for attempt in range(_BUSY_TRIES):
            try:
                await change()
                break
            except baresip.BaresipError as problem:
                if self._ended is not None or attempt == _BUSY_TRIES - 1:
                    raise ChannelError(f"The call cannot be held ({type(problem).__name__}).") from problem
                await asyncio.sleep(_BUSY_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._agreed.wait(), _AGREED_S)

    async def transfer(self, uri: str, timeout_s: float = 60.0) -> None:
        """Have the other end call ``uri`` (REFER); this call is over when it got through.

        Raises:
            NotReached: it did not; the call goes on.
            ChannelError: the call is not up, or is being transferred already.
        """
        checked_address(uri)
        await self._referred(self._call.transfer(uri, timeout=timeout_s))

    async def transfer_to(self, other: SipLine, timeout_s: float = 60.0) -> None:
        """Join the other end with the one of ``other`` (REFER with Replaces); both lines are over then.

        Raises:
            NotReached: it did not work, or their telephone cannot do it; both calls go on.
            ChannelError: a call is not up, or is being transferred already.
        """
        try:
            for line in (self, other):
                await line.hold()
            try:
                await self._referred(self._call.attended_transfer(other._call, timeout=timeout_s))
            except NotReached as problem:
                if problem.status != _PENDING:
                    raise
                await asyncio.sleep(1.0)
                await self._referred(self._call.attended_transfer(other._call, timeout=timeout_s))
        except ChannelError:
            for line in (self, other):
                if line.playing:
                    await line.hold(False)
            raise

    async def _referred(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except baresip.TransferFailed as problem:
            if problem.status is None and self._ended is not None:
                return
            raise NotReached.of_reason(f"{problem.status or ''} {problem.reason}".strip()) from problem
        except (baresip.BaresipError, ValueError) as problem:
            raise ChannelError(f"The call cannot be transferred ({problem}).") from problem

    def _begin_sound(self) -> None:
        try:
            info = self._call.audio.info()
        except baresip.AudioNotActive as problem:
            raise ChannelError("The call has no sound. The caller's SDP names no address to send to.") from problem
        self._rate = info.rx_sample_rate or info.tx_sample_rate or 8000
        self._playout = Playout(self._rate * self._ahead_ms // 1000)
        self._started = time.monotonic()

    def play(self, samples: Samples) -> None:
        """Queue sound; what fits goes to the native queue at once."""
        if self._ended is not None:
            return
        self._playout.give(np.ascontiguousarray(samples, dtype=np.int16))
        self._feed()

    def flush(self) -> int:
        """Drop what has not left."""
        self._observe()
        dropped, native = self._playout.drop(time.monotonic())
        if native:
            self._flush_native()
        return dropped

    def pause(self) -> None:
        """Hold everything back, the native queue included."""
        self._observe()
        if self._playout.pause(time.monotonic()):
            self._flush_native()

    def resume(self) -> None:
        """Go on where it was held back."""
        self._playout.resume()
        self._feed()

    @property
    def played_samples(self) -> int:
        """Samples that have left since the answer."""
        self._observe()
        return self._playout.left

    @property
    def queued_samples(self) -> int:
        """Samples that have not left."""
        self._observe()
        return self._playout.queued

    async def hang_up(self, reason: str = "") -> None:
        """End the call, or refuse it when it has not been answered."""
        if self._ended is not None or self._hanging_up:
            return
        self._hanging_up = True
        try:
            await (self._call.hangup() if self._accepted else self._call.reject())
        except baresip.BaresipError as problem:
            log.info("hang-up of a call that was gone", extra={"sip_call_id": self._details.call_id})
            self._end(LineEnded("us", type(problem).__name__))
        else:
            log.info("hung up: %s", reason or "done", extra={"sip_call_id": self._details.call_id})

    def poll(self, now: float) -> None:
        """Move sound both ways. Called by the server every few milliseconds; ``now`` is the monotonic time."""
        if not self.playing:
            return
        try:
            raw = self._call.audio.read(_READ_BYTES)
            if raw:
                self._hear(np.frombuffer(raw, np.int16))
            self._fill_gap(now)
        except (baresip.AudioRestarted, baresip.AudioNotActive):
            self._fill_gap(now)
        self._feed()

    def engine_died(self) -> None:
        """The native engine is gone, and every call with it."""
        self._end(LineEnded("system", "telephone engine stopped"))

    # --- inside ----------------------------------------------------------------------------------------------------

    def _hear(self, samples: Samples) -> None:
        self._push(Frame(samples, self._clock))
        self._clock += int(samples.size)

    def _fill_gap(self, now: float) -> None:
        """Keep the clock within ``_GAP_S`` of real time when nothing arrives."""
        assert self._started is not None
        missing = int((now - self._started - _GAP_S) * self._rate) - self._clock
        if missing >= self._rate // 50:
            self.silence_filled_samples += missing
            self._hear(np.zeros(missing, np.int16))

    def _feed(self) -> None:
        if not self.playing:
            return
        self._observe()
        count = self._playout.due()
        if count == 0:
            return
        samples = self._playout.take(count)
        accepted = 0
        with contextlib.suppress(baresip.AudioRestarted, baresip.AudioNotActive):
            accepted = self._call.audio.write(samples.tobytes()) // 2
        self._playout.offered(samples, accepted)

    def _observe(self) -> None:
        """Bring the account up to date; notice when a re-INVITE (hold, moved media) has replaced the streams."""
        if not self.playing:
            return
        audio = self._call.audio
        try:
            stats = audio.stats()
        except baresip.AudioNotActive:
            return
        epoch = audio._bound_epoch
        if epoch != self._epoch:
            if self._epoch is not None:
                self.audio_restarts += 1
                self._playout.restarted()
            self._epoch = epoch
        self._playout.observe(stats.tx_buffered // 2, stats.tx_flushed_bytes // 2, time.monotonic())

    def _flush_native(self) -> None:
        with contextlib.suppress(baresip.AudioRestarted, baresip.AudioNotActive):
            self._call.audio.flush_tx()

    def _on_event(self, event: StackEvent) -> None:
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS:
                self.ringing.set()
            case Event.CALL_REMOTE_SDP:
                self._agreed.set()
            case Event.CALL_ESTABLISHED:
                self._established.set()
            case Event.CALL_DTMF_START if event.text:
                self._key(event.text[0])
            case Event.CALL_DTMF_END:
                self._key_released = (self._key_down, time.monotonic())
            case Event.CALL_CLOSED:
                text = event.text or ""
                ours = self._hanging_up or text == _TRANSFERRED
                by: Literal["caller", "us", "system"] = "us" if ours else "caller"
                text = "transferred" if text == _TRANSFERRED else text
                self._end(LineEnded("system" if "rtp stream" in text.lower() else by, text))
            case _:
                pass

    def _key(self, digit: str) -> None:
        """Report a key when it goes down; a start packet that overtook its end packet is not a second press."""
        released, at = self._key_released
        if digit == released and time.monotonic() - at < _REPEATED_KEY_S:
            return
        self._key_down = digit
        self._push(Dtmf(digit.upper(), self._clock))

    def _end(self, ended: LineEnded) -> None:
        if self._ended is None:
            self._observe()
            self._ended = ended
            self._push(ended)
            self._established.set()
            self._over.set()
