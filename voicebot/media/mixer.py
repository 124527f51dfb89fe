"""Mix-minus: everybody hears the others they may hear, and never themselves. Pure; 16 kHz, 20 ms frames."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from voicebot.audio import Samples
from voicebot.media.roles import Role, may_hear

RATE = 16000
FRAME_MS = 20
FRAME_SAMPLES = RATE * FRAME_MS // 1000
KNEE = 26000
"""Sums up to here are exact; above, they are bent softly towards full scale instead of being clipped."""
_ROOM = 32767 - KNEE
_RAMP_SAMPLES = RATE * 5 // 1000
_RISE: NDArray[np.float32] = np.concatenate(
    [np.linspace(0.0, 1.0, _RAMP_SAMPLES, dtype=np.float32), np.ones(FRAME_SAMPLES - _RAMP_SAMPLES, np.float32)]
)
_SILENCE: Samples = np.zeros(FRAME_SAMPLES, np.int16)
_SILENCE.flags.writeable = False
_MUSIC = ""
"""The name of the music among those who are heard; no party may be called so."""


class Mixer:
    """Who is on the line, and what each of them hears.

    Whenever somebody begins or ceases to be heard by another, that sound is faded over 5 ms.
    """

    def __init__(self) -> None:
        self._roles: dict[str, Role] = {}
        self._muted: set[str] = set()
        self._heard: dict[str, frozenset[str]] = {}
        self.on_hold = False

    @property
    def roles(self) -> Mapping[str, Role]:
        """The parties by name."""
        return dict(self._roles)

    @property
    def muted(self) -> frozenset[str]:
        """The parties nobody hears now."""
        return frozenset(self._muted)

    @property
    def waiting(self) -> bool:
        """The customer hears music: on hold, or nobody is there to talk to them."""
        return self.on_hold or not any(role.talks for role in self._roles.values())

    @property
    def wants_music(self) -> bool:
        """The next :meth:`mix` needs a frame of music, be it to fade out."""
        customers = (name for name, role in self._roles.items() if role is Role.CUSTOMER)
        return self.waiting or any(_MUSIC in self._heard.get(name, ()) for name in customers)

    def join(self, name: str, role: Role) -> None:
        """Add a party, or give it another role.

        Raises:
            ValueError: the empty name.
        """
        if not name:
            raise ValueError("A party needs a name.")
        self._roles[name] = role

    def leave(self, name: str) -> None:
        """Take a party away; unknown names are ignored."""
        self._roles.pop(name, None)
        self._muted.discard(name)
        self._heard.pop(name, None)

    def mute(self, name: str, on: bool) -> None:
        """Nobody hears this party, or everybody again who may."""
        (self._muted.add if on and name in self._roles else self._muted.discard)(name)

    def audible(self, listener: str) -> frozenset[str]:
        """Who is heard by this party now; the empty name stands for music."""
        role = self._roles[listener]
        heard = {
            name
            for name, other in self._roles.items()
            if name != listener and name not in self._muted and may_hear(role, other, on_hold=self.on_hold)
        }
        if role is Role.CUSTOMER and self.waiting:
            heard.add(_MUSIC)
        return frozenset(heard)

    def mix(self, sounds: Mapping[str, Samples], music: Samples = _SILENCE) -> dict[str, Samples]:
        """One frame of what each party hears. A party that is not in ``sounds`` is silent."""
        given = {**sounds, _MUSIC: music}
        made = {}
        for listener in self._roles:
            audible = self.audible(listener)
            before = self._heard.get(listener, frozenset())
            self._heard[listener] = audible
            made[listener] = _sum(given, audible, before)
        return made


def _sum(sounds: Mapping[str, Samples], audible: frozenset[str], before: frozenset[str]) -> Samples:
    total = np.zeros(FRAME_SAMPLES, np.float32)
    faded = False
    for name in sorted(audible | before):
        sound = sounds.get(name)
        if sound is None:
            continue
        if name in audible and name in before:
            total += sound
        else:
            total += sound * (_RISE if name in audible else 1.0 - _RISE)
            faded = True
    if faded:
        np.rint(total, out=total)
    return bent(total)


def bent(total: NDArray[np.float32]) -> Samples:
    """A sum as int16: exact up to ``KNEE``, above it bent without a corner so that it never clips."""
    over = np.abs(total) > KNEE
    if over.any():
        loud = total[over]
        total[over] = np.sign(loud) * (KNEE + _ROOM * np.tanh((np.abs(loud) - KNEE) / _ROOM))
    return total.astype(np.int16)
