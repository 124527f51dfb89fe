"""Other ways to read an utterance: without the slip it opens with, and as the recogniser's second thoughts.

Pure. Over a telephone "um hi, where is my order" arrives as "And I, where is my order": the opening means nothing and
drowns the rest. A reading leaves words out or is another hypothesis; it never adds a word. The utterance as a whole
comes first and stays unless it is unsure and a reading of the same request is surer. Measured in bench/nlu/RESULTS.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from voicebot.nlu.data import OUT_OF_SCOPE
from voicebot.nlu.model import Scores
from voicebot.nlu.text import is_japanese, normalise

_BREAK = re.compile(r"(?<!\d)[.,](?!\d)|[。、．，!?！？…;\n]+|[.,](?=\s)")
_MOST = 4
_SLIP_WORDS, _SLIP_CHARS = 3, 5
"""A first clause of at most so many words (Japanese: characters) may be a slip."""
_DROPPED_WORDS = 2
_LEAST_WORDS, _LEAST_CHARS = 3, 5
"""What is left must hold at least this much."""
_UNSURE, _STRANGE = 0.5, 0.02
"""Readings are tried below this confidence or this in-scope percentile of the whole."""
_SURE = 0.55
_SMALL_TALK = frozenset(("greet", "affirm", "deny", "ambiguous_ok", "goodbye", OUT_OF_SCOPE))


def readings(text: str, alternatives: Sequence[str] = (), *, spoken: bool = False) -> tuple[str, ...]:
    """Normalised texts without repeats, at most four: the whole, the whole without its opening, ``alternatives``.

    The opening is a short first clause, or, of ``spoken`` text that was written without one, its first two words.
    """
    whole = normalise(text)
    clauses = [clause for piece in _BREAK.split(text) if (clause := normalise(piece))]
    others: list[str] = []
    if len(clauses) > 1 and _size(clauses[0]) <= (_SLIP_CHARS if is_japanese(clauses[0]) else _SLIP_WORDS):
        others.append(" ".join(clauses[1:]))
    elif len(clauses) == 1 and spoken and not is_japanese(whole):
        others.append(" ".join(whole.split()[_DROPPED_WORDS:]))
    others += [normalise(other) for other in alternatives]
    kept = [r for r in others if _size(r) >= (_LEAST_CHARS if is_japanese(r) else _LEAST_WORDS)]
    return tuple(dict.fromkeys((whole, *kept)))[:_MOST]


def unsure(whole: Scores) -> bool:
    """True when other readings are worth the time."""
    return whole.ranking[0].confidence < _UNSURE or whole.in_scope < _STRANGE


def better(whole: Scores, others: Sequence[Scores]) -> int | None:
    """Which of ``others`` to take in place of the whole; None keeps it.

    It must be surer, more in scope, and one of the whole's own first two intents: leaving words out makes an unclear
    request clear and never makes another one of it. "No", "hello" and the like never stand for a longer utterance.
    """
    best: int | None = None
    held = whole
    allowed = {score.name for score in whole.ranking[:2]} - _SMALL_TALK
    for place, scores in enumerate(others):
        top = scores.ranking[0]
        surer = top.confidence >= max(_SURE, held.ranking[0].confidence) and scores.in_scope > held.in_scope
        if surer and top.name in allowed:
            best, held = place, scores
    return best


def _size(plain: str) -> int:
    return len(plain.replace(" ", "")) if is_japanese(plain) else len(plain.split())
