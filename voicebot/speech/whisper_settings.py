"""How Whisper is asked. Every number was chosen by ``bench/speech``; its results file says on what evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from voicebot.speech.gates import GateSettings

PROMPTS = {
    "en": "Yep. No. An agent, please. My order, a return, a refund, the 14th of March, postcode M4 7TR.",
    "ja": "返品、注文、キャンセル、解約、担当者、二十日。はい。うん。いいえ。",
}
"""Words of any contact centre. The company's own words (hints) are put before them."""

DIGIT_PROMPTS = {
    "en": "My number is A57302946, double 0, double 5. 8888.",
    "ja": "エーの5739の0264です。ろくろくろくろく、6666です。はちさんごーきゅう、8359です。",
}
"""Shows the recogniser that spoken digits are to be written as figures, in groups and with repeats."""

SINGLE_DIGIT_PROMPTS = {"ja": "A-5-7-3-0-2-9-4-6。0-0-6-3。8-8-8-8。"}
"""For a second reading that may use single digits only, in the languages where it finds what the first misses."""


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """Decoding settings.

    ``window_s``: encoder window for a turn, ``partial_window_s`` for a rough text, ``redo_window_s`` for a second try;
    ``slack_s``: silence the window holds at least after the speech; ``lead_ms``/``tail_ms``: silence put around the
    voiced part, ``keep_ms``: how much of the sound around it is kept; ``beams``: beam width by language (``*`` for
    others); ``prompts``/``digit_prompts``/``single_digit_prompts``: text the recogniser is told came before;
    ``hurried_beam``: beam width while callers queue;
    ``switch_from``: probability from which another language than the expected one is taken for spoken;
    ``compared``: languages in which a number is read with and without its example and the surer reading wins.
    """

    window_s: float = 20.0
    partial_window_s: float = 15.0
    redo_window_s: float = 30.0
    slack_s: float = 2.0
    lead_ms: float = 200.0
    tail_ms: float = 300.0
    keep_ms: float = 250.0
    alternatives: int = 4
    hurried_beam: int = 2
    beams: Mapping[str, int] = field(default_factory=lambda: {"*": 5})
    prompts: Mapping[str, str] = field(default_factory=lambda: dict(PROMPTS))
    digit_prompts: Mapping[str, str] = field(default_factory=lambda: dict(DIGIT_PROMPTS))
    single_digit_prompts: Mapping[str, str] = field(default_factory=lambda: dict(SINGLE_DIGIT_PROMPTS))
    compared: tuple[str, ...] = ("en",)
    languages: tuple[str, ...] = ("ja", "en")
    switch_from: float = 0.85
    gate: GateSettings = field(default_factory=GateSettings)

    def beam(self, language: str, partial: bool) -> int:
        """Beam width; a rough text is greedy."""
        return 1 if partial else self.beams.get(language, self.beams.get("*", 5))

    def prompt(self, language: str, digits: bool, hints: str = "") -> str:
        """What comes before, as far as the recogniser is concerned. Hints help with words, not with digits."""
        if digits:
            return self.digit_prompts.get(language, "")
        return " ".join(part for part in (hints.strip(), self.prompts.get(language, "")) if part)

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
        values["compared"] = tuple(values["compared"])
        values["gate"] = GateSettings(**values["gate"])
        return cls(**values)
