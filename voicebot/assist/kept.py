"""Cards that were called for while another had just been shown: they are offered again when the pause is over. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.assist.engine import GAP_S, Candidate

KEPT_S = GAP_S + 2
"""Longer than the pause between two cards, so that of two that are due in one breath the second comes after it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What still waits, each with the time until which it does, in seconds on any steady clock."""

    waiting: tuple[tuple[float, Candidate], ...] = ()

    def plus(self, found: Sequence[Candidate], now_s: float) -> Kept:
        """With what was just called for; a card that waits already waits anew, for its newest words."""
        fresh = {one.card for one in found}
        left = tuple((until_s, one) for until_s, one in self.waiting if until_s > now_s and one.card not in fresh)
        return Kept((*left, *((now_s + KEPT_S, one) for one in found)))

    def at(self, now_s: float) -> list[Candidate]:
        """What may still be shown now."""
        return [one for until_s, one in self.waiting if now_s < until_s]


__all__ = ["KEPT_S", "Kept"]
