"""How Whisper is asked. Every number was chosen by ``bench/speech``; its results file says on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from voicebot.speech.gates import GateSettings


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """Decoding settings.

    ``window_s``: encoder window for a turn, ``partial_window_s`` for a rough text, ``redo_window_s`` for a second try;
    ``lead_ms``/``tail_ms``: silence put around the voiced part; ``beams``: beam width by language (``*`` for others);
    ``prompts``/``digit_prompts``: text the recogniser is told came before, by language.
    """

    window_s: float = 20.0
    partial_window_s: float = 15.0
    redo_window_s: float = 30.0
    slack_s: float = 2.0
    lead_ms: float = 200.0
    tail_ms: float = 300.0
    keep_ms: float = 250.0
    alternatives: int = 4
    beams: Mapping[str, int] = field(default_factory=lambda: {"*": 5})
    prompts: Mapping[str, str] = field(default_factory=dict)
    digit_prompts: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("ja", "en")
    gate: GateSettings = field(default_factory=GateSettings)

    def beam(self, language: str, partial: bool) -> int:
        """Beam width; a rough text is greedy."""
        return 1 if partial else self.beams.get(language, self.beams.get("*", 5))

    def prompt(self, language: str, digits: bool) -> str:
        """What comes before, as far as the recogniser is concerned."""
        chosen = self.digit_prompts if digits else self.prompts
        return chosen.get(language, "")

    def max_new_tokens(self, voiced_ms: float) -> int:
        """A cap on the length of the text: generous for the fastest speaker, short enough to stop a loop early."""
        return min(200, 14 + int(14.0 * voiced_ms / 1000.0))

    def to_config(self) -> dict[str, Any]:
        """As JSON values, for the worker."""
        return asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> WhisperSettings:
        """The reverse of :meth:`to_config`."""
        values = dict(config)
        values["languages"] = tuple(values["languages"])
        values["gate"] = GateSettings(**values["gate"])
        return cls(**values)
