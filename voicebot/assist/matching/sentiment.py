"""How upset somebody's words are, from the words alone: never from the voice.

Each word of a small list weighs; a denied one does not count ("not angry"). -1 is very upset, 0 neutral, 1 pleased.
"""

from __future__ import annotations

from collections.abc import Mapping

from voicebot.assist.matching.phrases import PhraseIndex
from voicebot.assist.matching.words import Line
from voicebot.domain import EN, JA, Language

FRUSTRATED = "express_frustration"
_AT_LEAST_UPSET, _SURE = -0.6, 0.6
_WORDS: Mapping[Language, Mapping[float, tuple[str, ...]]] = {
    JA: {
        -0.7: (
            "ふざけるな", "ふざけてる", "いい加減にして", "頭にくる", "許せない", "最悪", "最低", "腹が立つ",
            "「怒ってい」", "「怒ってる」", "「怒ってます」",
            "ひどすぎる", "話にならない", "馬鹿にしてる", "なめてる", "うんざり", "信じられない",
            "どうなってるんですか",
            "詐欺みたい", "二度と使わない", "誠意がない", "何回言えば", "何度言わせる",
        ),
        -0.4: (
            "ひどい", "納得いかない", "納得できない", "おかしい", "がっかり", "困る", "不愉快", "失礼", "イライラ",
            "迷惑",
            "残念", "不満", "対応が悪い", "たらい回し", "冗談じゃない", "あり得ない", "いつまで待たせる",
            "待たされる",
            "何度も電話",
        ),
        0.5: ("ありがとう", "助かる", "嬉しい", "安心する", "良かった", "丁寧", "感謝"),
    },
    EN: {
        -0.7: (
            "disgraceful", "appalling", "ridiculous", "furious", "outrageous", "unacceptable", "disgusting", "fed up",
            "sick of", "sick and tired", "a joke", "absolute joke", "never again", "worst", "livid", "pathetic",
            "shambles",
            "had enough", "no one listens", "nobody listens", "how many times", "rip off", "useless", "fuming",
        ),
        -0.4: (
            "terrible", "awful", "annoyed", "annoying", "angry", "upset", "frustrated", "frustrating", "disappointed",
            "poor service", "not good enough", "not happy", "unhappy", "let down", "passed around", "waste of time",
            "horrible", "rude", "not acceptable", "gone on long enough", "keep calling", "cut off again",
        ),
        0.5: ("thank you", "thanks", "brilliant", "lovely", "great", "perfect", "appreciate", "helpful", "wonderful"),
    },
}  # fmt: skip


class Mood:
    """The word list of one language, ready for lines."""

    def __init__(self, language: Language) -> None:
        weights = _WORDS.get(language, {})
        phrases = {f"{weight} {text}": (text,) for weight, texts in weights.items() for text in texts}
        self._index = PhraseIndex(phrases, language)

    def of(self, said: Line, intent: str = "", confidence: float = 0.0) -> float:
        """-1 to 1; words that the understanding is sure are frustrated count as upset."""
        weights = [float(match.owner.split(" ", 1)[0]) for match in self._index.find(said)]
        bad = sum(weight for weight in weights if weight < 0)
        total = max(-1.0, min(1.0, bad if bad else sum(weights)))
        return min(total, _AT_LEAST_UPSET) if intent == FRUSTRATED and confidence >= _SURE else total
