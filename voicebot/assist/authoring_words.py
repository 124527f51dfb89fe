"""The validator's sentences in Japanese, for authors' pages. What has no entry is shown as it was written."""

# ruff: noqa: E501 - one sentence a line
from __future__ import annotations

import re

_WORDS: tuple[tuple[str, str], ...] = (
    # cards
    (r"This card has no id\.", "このカードにはIDがありません。"),
    (r"Card (.+?): only a compliance card is mandatory\.", "カード「{0}」:「必ず表示」にできるのは、コンプライアンスのカードだけです。"),
    (r"Card (.+?) has no kind\.", "カード「{0}」の種類が選ばれていません。"),
    (r"The card '(.+?)' stands twice\.", "カード「{0}」が二つあります。"),
    (r"Card (.+?): (.+?) is no bad mood\.", "カード「{0}」:{1}は不満の度合いとして使えません。"),
    (r"Card (.+?): own_speech names no words\.", "カード「{0}」:オペレーターの発話の条件に、言葉が一つもありません。"),
    (r"Card (.+?): nothing says when the words are missing\.", "カード「{0}」:いつまでに言うべきかが決められていません。"),
    (r"Card (.+?) has no wording in '(.+?)'\.", "カード「{0}」に、{lang1}の見出しがありません。"),
    (r"Card (.+?) says nothing in '(.+?)'\.", "カード「{0}」に、{lang1}の言い方も行動もありません。"),
    (r"Card (.+?): there is no (\w+) '(.+?)'\.", "カード「{0}」:{field1}「{2}」は存在しません。"),
    (r"Card (.+?): there is no flow step '(.+?)'\.", "カード「{0}」:フローのステップ「{1}」は存在しません。"),
    (r"Card (.+?): (\w+) is ([-\d.e+]+)\.", "カード「{0}」:{field1}が{2}になっています。"),
    (r"Nothing calls for card (.+?)\.", "カード「{0}」を表示するきっかけが一つもありません。"),
    (r"Card (.+?) has no (\w+) in '(.+?)'\.", "カード「{0}」に、{lang2}の{field1}がありません。"),
    (r"Card (.+?) has (\d+) examples in '(.+?)'\.", "カード「{0}」の{lang2}の例文は{1}件しかありません。"),
    (r"Card (.+?): the phrase '(.+?)' is too short\.", "カード「{0}」:フレーズ「{1}」は短すぎます。"),
    (r"Card (.+?): the phrase '(.+?)' has no word of its own\.", "カード「{0}」:フレーズ「{1}」には、手がかりになる語がありません。"),
    (r"Card (.+?): \{(.+?)\} is no slot and no built-in value\.", "カード「{0}」:{{{1}}}というスロットも組み込みの値もありません。"),
    (r"Card (.+?) says '(.+?)', which the company's voice forbids\.", "カード「{0}」に、使ってはいけない言葉「{1}」があります。"),
    (r"Card (.+?): the phrase '(.+?)' is also '(.+?)' of (.+?)\.", "カード「{0}」のフレーズ「{1}」は、カード「{3}」の「{2}」と重なっています。"),
    (r"Card (.+?): '(.+?)' fires on the everyday sentence '(.+?)'\.", "カード「{0}」:「{1}」は、日常の文「{2}」でも表示されてしまいます。"),
    (r"(.+) does not know the key '(.+?)'\.", "「{1}」という項目は使えません({0})。"),
    # scripts
    (r"Script '(.+?)' has a step that no person can follow\.", "スクリプト「{0}」に、人が行えないステップがあります。"),
    (r"'(.+?)' is no party\.", "「{0}」という話者はありません。"),
    (r"Step '(.+?)' has no label in '(.+?)'\.", "ステップ「{0}」に、{lang1}の名前がありません。"),
    (r"'(.+?)' is no language\.", "「{0}」という言語はありません。"),
    (r"'(.+?)' is started by the unknown intent '(.+?)'\.", "スクリプト「{0}」を始めるインテント「{1}」は存在しません。"),
    (r"The intent '(.+?)' already starts script '(.+?)'\.", "インテント「{0}」は、すでにスクリプト「{1}」を始めます。"),
    (r"'(.+?)' belongs to the unknown flow '(.+?)'\.", "スクリプト「{0}」が属するフロー「{1}」は存在しません。"),
    (r"'(.+?)' requires the undeclared slot '(.+?)'\.", "スクリプト「{0}」が求めるスロット「{1}」は宣言されていません。"),
    (r"Step '(.+?)' gives no words in '(.+?)'\.", "ステップ「{0}」に、{lang1}の言い方がありません。"),
    (r"Nothing said in '(.+?)' can tick the mandatory step '(.+?)'\.", "必須のステップ「{1}」を、{lang0}の発話で完了にする手がかりがありません。"),
    (r"\{(.+?)\} in step '(.+?)' is no slot and no built-in value\.", "ステップ「{1}」の{{{0}}}は、スロットでも組み込みの値でもありません。"),
    (r"Step '(.+?)': the phrase '(.+?)' is too short\.", "ステップ「{0}」:フレーズ「{1}」は短すぎます。"),
    (r"Step '(.+?)': the phrase '(.+?)' has no word of its own\.", "ステップ「{0}」:フレーズ「{1}」には、手がかりになる語がありません。"),
    (r"The answer '(.+?)' of '(.+?)' has no words in '(.+?)'\.", "ステップ「{1}」の答え「{0}」に、{lang2}の言葉がありません。"),
    (r"Step '(.+?)' asks for yes or no and lists answers too\.", "ステップ「{0}」は、はい・いいえの質問なのに答えの一覧もあります。"),
    (r"'(.+?)' must be (?:a text|true or false|a number|a list of texts|a mapping|a list)\.", "「{0}」の値の形が違います。"),
    # mends
    (r"Add `id: card_\.\.\.`\.", "「card_」で始まるIDを付けてください。"),
    (r"Write `kind: compliance`\.", "種類をコンプライアンスにするか、「必ず表示」を外してください。"),
    (r"Add `kind:` with one of .+", "種類を選んでください。"),
    (r"Give it another id or take one away\.", "別のIDにするか、片方を削除してください。"),
    (r"Write a number from -1 to below 0\.", "-1以上0未満の数にしてください。"),
    (r"Add `forbidden:` or `missing:` by language\.", "禁止する言葉か、必ず言う言葉を言語ごとに入れてください。"),
    (r"Add `within_s:` or `before:`\.", "秒数か、それまでに言うべきフローのステップを入れてください。"),
    (r"Add `(ja|en): \{title: \.\.\., talk: \.\.\.\}`\.", "{lang0}の見出しと言い方を入れてください。"),
    (r"Add `talk:` or `do:`\.", "言い方か「すること」を入れてください。"),
    (r"Use one that domain\.yml (?:lists|declares)\.|Use one of domain\.yml\.", "会社のドメインにあるものを使ってください。"),
    (r"Write flow or flow\.step of flows\.yml\.", "「フロー」または「フロー.ステップ」の形で書いてください。"),
    (r"Write a number from ([-\d.]+) to ([-\d.]+)\.", "{0}から{1}までの数にしてください。"),
    (r"Add `when:` with phrases, examples or another trigger\.", "フレーズ、例文、またはほかのきっかけを加えてください。"),
    (r"Add them under `(\w+):`\.", "{field0}に加えてください。"),
    (r"Write at least (\d+) different ones\.", "異なる例文を{0}件以上入れてください。"),
    (r"Add a word that makes it plain\.", "意味がはっきりする語を足してください。"),
    (r"Use a slot of domain\.yml or one of (.+)\.", "会社のスロットか、{0} のいずれかを使ってください。"),
    (r"Word it another way, or take it out of forbidden_words\.", "別の言い方にするか、禁止する言葉の一覧から外してください。"),
    (r"Let one card alone have it\.", "どちらか一つのカードだけに残してください。"),
    (r"Make the phrase longer, or add a `without:` phrase\.", "フレーズを長くするか、除外するフレーズを加えてください。"),
    (r"Use one of (.+)\.", "次のいずれかを使ってください:{0}"),
    (r"Use (.+)\.", "{0} を使ってください。"),
    (r"Add `label: .+", "その言語の名前を入れてください。"),
    (r"Add `say: .+", "その言語の言い方を入れてください。"),
    (r"Add phrases or examples\.", "フレーズか例文を加えてください。"),
    (r"Add phrases\.", "フレーズを加えてください。"),
    (r"Let one script have it\.", "どちらか一つのスクリプトだけに残してください。"),
    (r"Declare it in domain\.yml\.", "会社のドメインで宣言してください。"),
    (r"Mend the name\.", "名前を直してください。"),
    (r"Take one of them out\.", "どちらかを外してください。"),
    (r"Write digits without quotes\.", "数字で入力してください。"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.DOTALL), japanese) for pattern, japanese in _WORDS)
_LANGUAGES = {"ja": "日本語", "en": "英語"}
_FIELDS = {
    "phrases": "フレーズ", "examples": "例文", "intent": "インテント", "slot": "スロット", "attribute": "属性",
    "kind": "種類", "speaker": "話者", "priority": "優先度", "cooldown_s": "再表示までの秒数", "without": "除外するフレーズ",
    "expires_s": "表示する秒数", "silence_s": "沈黙の秒数", "talk_over_ms": "発話の重なり(ミリ秒)",
    "digits_after": "番号の読み上げを示す言葉",
}  # fmt: skip


def in_japanese(problem: str, mend: str) -> tuple[str, str]:
    """Both sentences in Japanese as far as they are known."""
    return _one(problem), _one(mend)


def _one(sentence: str) -> str:
    for pattern, japanese in _COMPILED:
        found = pattern.fullmatch(sentence)
        if found is not None:
            groups = [group or "" for group in found.groups()]
            named = {f"lang{at}": _LANGUAGES.get(text, text) for at, text in enumerate(groups)}
            named |= {f"field{at}": _FIELDS.get(text, text) for at, text in enumerate(groups)}
            return japanese.format(*groups, **named)
    return sentence


__all__ = ["in_japanese"]
