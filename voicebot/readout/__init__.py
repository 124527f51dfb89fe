"""How values are written on a screen and said aloud, in Japanese and English.

A value has a kind (the entity it came from) and a canonical form; :class:`Readout` gives both renderings. What is
said is worded so that the voices read it right: numbers that identify something digit by digit and in groups, Japanese
days of the month in kana where two sound alike.
"""

from voicebot.readout.readout import Readout
from voicebot.readout.wording import normalise_for_voice

__all__ = ["Readout", "normalise_for_voice"]
