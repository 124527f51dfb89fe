"""What people say around the matter: taking leave, and putting something off for later."""

# ruff: noqa: E501 - patterns and word lists read better on one line

from __future__ import annotations

import re
import unicodedata

from voicebot.domain import JA, Language

_BYE = {
    "en": re.compile(
        r"\b(?:good ?bye|bye(?:[- ]bye)?(?! the)|have a (?:good|nice|lovely|great) (?:day|evening|weekend|afternoon|one|rest)"
        r"|thanks? (?:you )?for (?:calling|getting in touch) (?:today|us)|cheerio)\b"
    ),
    "ja": re.compile(
        r"失礼(?:いた|致)?します|さようなら|さよなら|ごめんください|(?:電話|連絡|問い?合わ?せ)(?:を)?"
        r"(?:いただき|くださり|下さり|頂き)?(?:まして)?、?(?:誠に|どうも)?ありがとうございました"
    ),
}
_LATER = {
    "en": re.compile(
        r"\bin (?:a|just a|one) (?:minute|moment|second|sec|bit|tick)\b|\bi'?(?:ll| will) (?:come|get) (?:back )?to\b"
        r"|\b(?:need|have|want) to (?:look|check|find|work|ask|confirm|take you through)\b|\blet me (?:just )?(?:check|look|find|see)\b"
        r"|\bonce i(?:'ve| have)\b|\bshortly\b|\blater on\b|\bbefore we finish\b|\b(?:do not|don'?t|haven'?t) (?:have|got) .{0,40}"
        r"(?:in front of me|to hand|yet|here)\b|\bnot sure (?:yet|what|when|how)\b|\bi'?ll (?:just )?(?:check|look|find|work) "
    ),
    "ja": re.compile(
        r"(?:の|後)(?:ち)?ほど|あとで|後で|(?:確認|計算|調べ)(?:し)?(?:て|た)?(?:から|のち|うえで|上で)|(?:確認|お調べ|計算)(?:が必要|いたします|します|中)"
        r"|(?:まだ|手元に)[^。]{0,12}(?:ません|おりませ|分かり|わかり|出て)|少々お待ち|について[^。]{0,12}(?:説明|案内|お話|お伝え)|(?:これから|今から|順に|次に)[^。]{0,16}(?:説明|案内|お話|お伝え|確認)|これから(?:ご)?(?:説明|案内|お伝え)"
    ),
}

_FIGURE = {
    "en": re.compile(
        r"\d|\b(?:hundred|thousand|pounds?|yen|pence|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)\b"
    ),
    "ja": re.compile(r"\d|[〇一二三四五六七八九十百千万]+(?:円|ポンド|ペンス|千|百|万)"),
}


def figure(text: str, language: Language) -> bool:
    """Whether an amount is told, be it without a unit: "six thousand six hundred"."""
    return _found(_FIGURE, text, language)


_ASKING = {
    "en": re.compile(
        r"^(?:and |so |okay,? |right,? |now,? |well,? |sorry,? )*(?:do|did|does|have|has|had|is your|are you|were you|was your|what|which|when|where"
        r"|who|how|why|would you|could you|can you|may i|can i|could i|shall i)\b[^.]*\?\s*$"
    ),
    "ja": re.compile(r"(?<!よろしいです)(?<!よろしいでしょう)(?<!いかがでしょう)か[。?？]*$"),
}


def asking(text: str, language: Language) -> bool:
    """Whether the words only ask; "that's the S2, right?" and よろしいですか tell what they ask about."""
    return _found(_ASKING, text, language)


def goodbye(text: str, language: Language) -> bool:
    """Whether somebody takes leave with these words."""
    return _found(_BYE, text, language)


def put_off(text: str, language: Language) -> bool:
    """Whether something is only announced, or still to be found out."""
    return _found(_LATER, text, language)


def _found(patterns: dict[str, re.Pattern[str]], text: str, language: Language) -> bool:
    pattern = patterns.get(language)
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    plain = "".join(plain.split()) if language == JA else plain.lower()
    return pattern is not None and pattern.search(plain) is not None
