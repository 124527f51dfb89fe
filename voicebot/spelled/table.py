"""How digits, letters and counting words sound, and how recognisers write them down.

All keys are folded: lower case, katakana as hiragana. Where a word can be something else in ordinary speech it is
marked weak: it counts only next to characters that are sure.
"""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

EN_DIGITS = {
    "zero": "0", "oh": "0", "nought": "0", "naught": "0", "nil": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "fife": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
EN_WEAK_DIGITS = {"to": "2", "too": "2", "for": "4", "fore": "4", "won": "1", "ate": "8", "tree": "3", "sicks": "6"}
EN_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
EN_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
EN_REPEATS = {"double": 2, "dubble": 2, "triple": 3, "treble": 3, "quadruple": 4, "quad": 4}
EN_SCALES = {"hundred": 100, "thousand": 1000}

NATO = {
    "alpha": "A", "alfa": "A", "bravo": "B", "charlie": "C", "delta": "D", "echo": "E", "foxtrot": "F", "golf": "G",
    "hotel": "H", "india": "I", "juliet": "J", "juliett": "J", "kilo": "K", "lima": "L", "mike": "M", "november": "N",
    "oscar": "O", "papa": "P", "quebec": "Q", "romeo": "R", "sierra": "S", "tango": "T", "uniform": "U",
    "victor": "V", "whiskey": "W", "whisky": "W", "x-ray": "X", "xray": "X", "yankee": "Y", "zulu": "Z",
}  # fmt: skip
EN_LETTER_NAMES = {
    "ay": "A", "eh": "A", "hay": "A", "hey": "A", "bee": "B", "cee": "C", "dee": "D", "ee": "E", "eff": "F", "ef": "F",
    "gee": "G", "aitch": "H", "haitch": "H", "jay": "J", "kay": "K", "ell": "L", "el": "L", "em": "M", "en": "N",
    "pee": "P", "cue": "Q", "queue": "Q", "ar": "R", "ess": "S", "es": "S", "tee": "T", "vee": "V",
    "double u": "W", "double-u": "W", "double you": "W", "ex": "X", "wye": "Y", "zed": "Z", "zee": "Z",
}  # fmt: skip
EN_WEAK_LETTERS = {
    "be": "B", "see": "C", "sea": "C", "aye": "I", "eye": "I", "pea": "P", "are": "R", "tea": "T",
    "you": "U", "why": "Y",
}  # fmt: skip

JA_DIGITS = {
    "〇": "0", "○": "0", "◯": "0", "零": "0", "一": "1", "壱": "1", "二": "2", "弐": "2", "三": "3", "参": "3",
    "四": "4", "五": "5", "六": "6", "七": "7", "八": "8", "九": "9",
}  # fmt: skip
JA_KANA_DIGITS = {
    "ぜろ": "0", "まる": "0", "れい": "0", "いち": "1", "いっ": "1", "にい": "2", "にー": "2", "に": "2", "さん": "3",
    "よん": "4", "よー": "4", "しー": "4", "し": "4", "ごー": "5", "ごお": "5", "ご": "5", "ろく": "6", "ろっ": "6",
    "なな": "7", "ななー": "7", "しち": "7", "はち": "8", "はっ": "8", "きゅう": "9", "きゅー": "9", "くー": "9",
    "く": "9", "わん": "1", "つー": "2", "すりー": "3", "ふぉー": "4", "ふぁいぶ": "5", "しっくす": "6", "せぶん": "7",
    "えいと": "8", "ないん": "9",
}  # fmt: skip
JA_WEAK_KANA = frozenset({"に", "し", "ご", "く", "れい", "いっ", "ろっ", "はっ", "わん", "まる", "さん"})
JA_SCALES = {"十": 10, "拾": 10, "百": 100, "千": 1000, "万": 10_000, "億": 100_000_000}
JA_KANA_SCALES = {
    "じゅう": 10, "じゅー": 10, "じゅっ": 10, "とお": 10, "ひゃく": 100, "びゃく": 100, "ぴゃく": 100, "せん": 1000,
    "ぜん": 1000, "まん": 10_000, "おく": 100_000_000,
}  # fmt: skip
JA_REPEATS = {"だぶる": 2, "とりぷる": 3}
JA_LETTERS = {
    "えー": "A", "えい": "A", "びー": "B", "びい": "B", "しー": "C", "しい": "C", "でぃー": "D", "でー": "D",
    "いー": "E", "いい": "E", "えふ": "F", "じー": "G", "じい": "G", "えいち": "H", "えっち": "H", "えいっち": "H",
    "あい": "I", "じぇー": "J", "じぇい": "J", "けー": "K", "けい": "K", "える": "L", "えむ": "M", "えぬ": "N",
    "おー": "O", "ぴー": "P", "あーる": "R", "えす": "S", "てぃー": "T", "てー": "T", "ゆー": "U",
    "ぶい": "V", "ぶいー": "V", "だぶりゅー": "W", "だぶる": "W", "えっくす": "X", "わい": "Y", "ぜっと": "Z",
}  # fmt: skip
JA_WEAK_LETTERS = {"英": "A", "絵": "A", "営": "A", "永": "A", "ええ": "A", "良": "E", "いいー": "E"}

FILLERS_EN = ("um", "umm", "uh", "uhm", "er", "erm", "then", "dash", "hyphen", "comma", "space", "stroke", "slash")
FILLERS_JA = ("えーっと", "えーと", "えっと", "ええっと", "ええと", "あのー", "あの", "はいふん", "すぺーす", "まいなす",
              "んー", "うーん", "ですね", "ね", "の", "で")  # fmt: skip
