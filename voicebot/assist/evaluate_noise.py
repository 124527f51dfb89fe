"""A quick stand-in for a recogniser's mistakes: the kinds Whisper makes on telephone speech, at a chosen rate.

Japanese: a word written in kana, a particle lost, a sound doubled or shortened. English: a small word lost, a letter
wrong, a word cut. No punctuation survives in either. The same text and seed give the same mistakes.
"""

from __future__ import annotations

import random
import zlib

from voicebot.assist.matching import japanese
from voicebot.assist.matching.phrases import line
from voicebot.assist.matching.words import Kind
from voicebot.domain import JA, Language

RATE = 0.1
"""Part of the words with a mistake."""
_MARKS = str.maketrans("", "", '。、．，,.!?！？…「」"')
_LETTERS = "aeiourstlnmdpc"


def noisy(text: str, language: Language, rate: float = RATE) -> str:
    """The text as a recogniser might have heard it."""
    chance = random.Random(zlib.crc32(text.encode()))
    return _japanese(text, chance, rate) if language == JA else _english(text, chance, rate)


def _japanese(text: str, chance: random.Random, rate: float) -> str:
    said = line(text, JA)
    heard: list[str] = []
    for word in said.words:
        if word.tag.startswith("記号"):
            continue
        if chance.random() >= rate:
            heard.append(word.surface)
        elif word.tag.startswith("助詞"):
            continue
        elif word.kind is Kind.CONTENT and any("\u4e00" <= sign <= "\u9fff" for sign in word.surface):
            sounds = [
                sound for sound, place in zip(said.sounds, said.sound_words, strict=True) if said.words[place] is word
            ]
            heard.append(japanese.hiragana("".join(sounds)))
        elif len(word.surface) > 2:
            at = chance.randrange(1, len(word.surface))
            heard.append(word.surface[:at] + word.surface[at + 1 :])
        else:
            heard.append(word.surface)
    return "".join(heard)


def _english(text: str, chance: random.Random, rate: float) -> str:
    heard: list[str] = []
    for word in text.translate(_MARKS).lower().split():
        if chance.random() >= rate:
            heard.append(word)
        elif len(word) <= 3:
            continue
        elif chance.random() < 0.6:
            at = chance.randrange(1, len(word))
            heard.append(word[:at] + chance.choice(_LETTERS) + word[at + 1 :])
        else:
            heard.append(word[:-1])
    return " ".join(heard)
