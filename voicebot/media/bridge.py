"""The bridge: a customer and the people who talk to them, each on a line of any rate, mixed every 20 ms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import numpy as np

from voicebot.audio import Samples, StreamResampler
from voicebot.channels.line import Frame, LineEnded, LineEvent, VoiceLine
from voicebot.clock import Clock
from voicebot.media.jitter import JitterBuffer
from voicebot.media.mixer import FRAME_MS, FRAME_SAMPLES, RATE, Mixer
from voicebot.media.music import HoldMusic
from voicebot.media.outlet import Outlet
from voicebot.media.roles import Role

_log = logging.getLogger(__name__)

_LONGEST_STALL_S = 0.1
"""A delay up to this long is made up for frame by frame; after a longer one the bridge goes on from now."""
_SILENCE: Samples = np.zeros(FRAME_SAMPLES, np.int16)
_SILENCE.flags.writeable = False

OnSound = Callable[[str, Role, Samples, int], None]
OnLeft = Callable[[str, str], None]
OnHeard = Callable[[Samples, int], None]


@dataclass(slots=True)
class _Party:
    """One who is on the bridge."""

    line: VoiceLine | None
    outlet: Outlet | None
    inlet: StreamResampler
    buffer: JitterBuffer = field(default_factory=JitterBuffer)
    reader: asyncio.Task[None] | None = None


class Bridge:
    """Lines joined together. All methods belong to one event loop.

    ``on_sound(name, role, samples, at_ms)`` gets each party's frame at 16 kHz, silence included, with the time of its
    first sample; ``on_heard(samples, at_ms)`` what people say to the customer, silence while they wait;
    ``on_left(name, reason)`` is told when a party's line has ended, which is then removed. They must not block.
    Times count from ``epoch_s`` of the clock (default: when the bridge is made).
    """

    def __init__(
        self,
        clock: Clock,
        music: HoldMusic | None = None,
        *,
        epoch_s: float | None = None,
        on_sound: OnSound | None = None,
        on_left: OnLeft | None = None,
        on_heard: OnHeard | None = None,
    ) -> None:
        self._clock, self._music = clock, music
        self._epoch_s = clock.monotonic() if epoch_s is None else epoch_s
        self.on_sound, self.on_left, self.on_heard = on_sound, on_left, on_heard
        self._mixer = Mixer()
        self._parties: dict[str, _Party] = {}
        self._running: asyncio.Task[None] | None = None
        self._over: set[asyncio.Task[None]] = set()
        self.stalls = 0

    @property
    def roles(self) -> dict[str, Role]:
        """The parties by name."""
        return dict(self._mixer.roles)

    @property
    def on_hold(self) -> bool:
        """The customer is on hold."""
        return self._mixer.on_hold

    @property
    def waiting(self) -> bool:
        """The customer hears music: on hold, or nobody is there to talk to them."""
        return self._mixer.waiting

    @property
    def now_ms(self) -> int:
        """Milliseconds since the epoch."""
        return round((self._clock.monotonic() - self._epoch_s) * 1000)

    def join(
        self, name: str, line: VoiceLine | None, role: Role, *, fed: bool = False, rate: int = RATE, open: bool = True
    ) -> None:
        """Let a party in. ``line`` has been answered; its frames are read here unless they are ``fed``.

        Without a line the party is only heard, at ``rate``. ``open`` False: nothing is played to it until
        :meth:`play_to`. A name that is taken is replaced, its line left alone.
        """
        self.leave(name)
        outlet = None if line is None else Outlet(line)
        if outlet is not None:
            outlet.open = open
        party = _Party(line, outlet, StreamResampler(rate if line is None else line.rate, RATE))
        self._parties[name] = party
        self._mixer.join(name, role)
        if line is not None and not fed:
            party.reader = self._helper(self._read(name, line.frames()), f"bridge reads {role}")
        if self._running is None:
            self._running = self._helper(self._run(), "bridge")

    def feed(self, name: str, samples: Samples) -> None:
        """Sound of a party at its line's rate; ignored when there is no such party."""
        party = self._parties.get(name)
        if party is not None:
            party.buffer.put(party.inlet.feed(samples))

    def leave(self, name: str) -> None:
        """Let a party go. Its line stays as it is; ``on_left`` is not told."""
        party = self._parties.pop(name, None)
        self._mixer.leave(name)
        if party is None:
            return
        if party.reader is not None and party.reader is not asyncio.current_task():
            party.reader.cancel()
        if party.outlet is not None:
            party.outlet.open = False

    def hold(self, on: bool) -> None:
        """Cut the customer off: music for them, and nobody hears them."""
        self._mixer.on_hold = on

    def mute(self, name: str, on: bool) -> None:
        """Nobody hears this party."""
        self._mixer.mute(name, on)

    def role(self, name: str, role: Role) -> None:
        """Give a party another role; ignored when there is no such party."""
        if name in self._parties:
            self._mixer.join(name, role)

    def play_to(self, name: str, on: bool) -> None:
        """Whether the bridge speaks on this party's line; off drops what has not left it."""
        party = self._parties.get(name)
        if party is not None and party.outlet is not None:
            party.outlet.reopen() if on else party.outlet.shut()

    async def close(self) -> None:
        """Stop. The lines stay as they are."""
        for name in tuple(self._parties):
            self.leave(name)
        if self._running is not None:
            self._running.cancel()
        mine = self._over - {asyncio.current_task()}
        await asyncio.gather(*mine, return_exceptions=True)
        self._running = None

    # --- time ---------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        due_s = self._clock.monotonic()
        while True:
            due_s += FRAME_MS / 1000
            late_s = self._clock.monotonic() - due_s
            if late_s > _LONGEST_STALL_S:
                self.stalls += 1
                due_s += late_s
            await self._clock.sleep(max(0.0, due_s - self._clock.monotonic()))
            self._tick(round((due_s - self._epoch_s) * 1000) - FRAME_MS)

    def _tick(self, at_ms: int) -> None:
        taken = {name: party.buffer.take() for name, party in self._parties.items()}
        sounds = {name: sound for name, sound in taken.items() if sound is not None}
        music = self._music.take(FRAME_SAMPLES) if self._music is not None and self._mixer.wants_music else _SILENCE
        roles, muted = self._mixer.roles, self._mixer.muted
        heard = self._mixer.mix(sounds, music)
        for name, frame in heard.items():
            outlet = self._parties[name].outlet
            if outlet is not None:
                outlet.push(frame)
        if self.on_sound is not None:
            for name, role in roles.items():
                self.on_sound(name, role, _SILENCE if name in muted else sounds.get(name, _SILENCE), at_ms)
        if self.on_heard is not None:
            customer = next((name for name, role in roles.items() if role is Role.CUSTOMER), None)
            if customer is not None:
                self.on_heard(_SILENCE if self._mixer.waiting else heard[customer], at_ms)

    # --- lines --------------------------------------------------------------------------------------------------------

    async def _read(self, name: str, events: AsyncIterator[LineEvent]) -> None:
        reason = "the line broke"
        try:
            async for event in events:
                match event:
                    case Frame():
                        self.feed(name, event.samples)
                    case LineEnded():
                        reason = event.reason or event.by
                        break
                    case _:
                        pass
        except Exception as error:
            _log.error("a line on a bridge broke: %s", type(error).__name__, exc_info=error)
        self.leave(name)
        if self.on_left is not None:
            self.on_left(name, reason)

    def _helper(self, work: object, name: str) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work, name=name)  # type: ignore[arg-type]
        self._over.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._over.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s stopped: %s", task.get_name(), type(error).__name__, exc_info=error)
