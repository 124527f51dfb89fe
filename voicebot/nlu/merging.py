"""One meaning out of what the model, the answer words and the entity search each found, given what was asked.

Pure. While a question is open, its bare answer is never forced into a business intent: a yes, no or 「いいです」
becomes ``affirm``, ``deny`` or ``ambiguous_ok``, a bare value becomes ``inform``; anything that clearly wants something
else keeps the model's intent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from voicebot.domain import Answer, Entity, Expectation, IntentScore
from voicebot.nlu.text import is_japanese, normalise

INFORM = "inform"
ANSWER_INTENTS = {Answer.YES: "affirm", Answer.NO: "deny", Answer.AMBIGUOUS: "ambiguous_ok"}
_SURE = 0.97
_UNSURE = 0.5
"""Below this the model's intent gives way to an expected value inside a longer sentence."""
_BRIEF_LIMIT, _LONG_LIMIT = 0.85, 0.6
"""A brief (longer) text with an answer in it is just that, unless the model is surer than this of another intent."""

_CARRIER_EN = frozenset(
    """a about actually ah am an and are around at be by call called code correct could customer date day digits er
    for from go going got guess has have hello here hi i i'd i'll i'm i've in is it it's its just last let let's like
    make maybe me mean membership model my name no not number of oh ok okay on one only order account member phone
    please postcode probably reference right said say so sorry sure thank thanks that that'd that'll that's the then
    there these they they're think this those to try um uh want was we we'd we'll we're well were will with would yeah
    yep yes you your""".split()
)
_CARRIER_JA = re.compile(
    r"(?:お?(?:客様|注文|会員|電話|郵便|契約|口座|問い?合わせ|受付|製品|登録)(?:番号)?|番号|型番|名前|日付|下四桁|下4桁|商品|日にち"
    r"|(?:で|を|に)?お願い(?:いた)?し(?:ます|たい(?:です)?)|お願い|(?:だ|か)?と(?:思い?ます|思う|申します|言います|いいます)(?:けど|が)?"
    r"|(?:に|と)なります|でございます|ございます|(?:に|で|を)?(?:して)?(?:ください|下さい|もらえますか|もらえます|ほしい(?:です)?|欲しい(?:です)?)"
    r"|(?:の)?(?:ほう|方)?(?:が|で)(?:いい|良い)(?:です)?|(?:で|に)(?:いい|良い)です|(?:なん|の|ん)?(?:です|だ|でした|だった)(?:けれ?ども?|が|ね|よ|けどね)?"
    r"|(?:て|で)?い?(?:まし)?た(?!い)|(?:て|で)?い?ます|て(?:い)?る|ですね|ですよ|(?:が)?希望|たぶん|多分|確か|たしか|はい|うん|ええ|えっと|えーと|あの|その|じゃあ?|では|それ|これ|こちら|そちら"
    r"|わたし|私|僕|うち|いいえ|いや|違い?ます|違って|違う|じゃなく?て|ではなくて|やっぱり?|すみません|ごめんなさい|ちょっと|あ|え|は|の|が|を|に|で|と|も|ね|よ|な|って|から|まで|ごろ|頃)"
)
_LEFT = re.compile(r"[^\W_]")


def settle(
    ranking: Sequence[IntentScore],
    in_scope: float,
    text: str,
    entities: Sequence[Entity],
    answer: Answer | None,
    expects: Expectation,
) -> tuple[str, float, float]:
    """Intent, confidence and in-scope percentile of the utterance as a whole."""
    top = ranking[0]
    if expects.entities:
        wanted = [entity for entity in entities if entity.name in expects.entities and not entity.negated]
        if wanted and only_values(text, entities):
            return INFORM, _SURE, 1.0
        if wanted and top.confidence < _UNSURE and top.name not in ANSWER_INTENTS.values():
            return INFORM, round(1.0 - top.confidence, 4), max(in_scope, 0.5)
    if expects.answer and answer is not None:
        limit = _BRIEF_LIMIT if _brief(text) else _LONG_LIMIT
        if top.name in ANSWER_INTENTS.values() or top.confidence < limit:
            return ANSWER_INTENTS[answer], _SURE, 1.0
    return top.name, top.confidence, in_scope


def only_values(text: str, entities: Sequence[Entity]) -> bool:
    """True when nothing but values, labels and polite or connecting words was said."""
    kept = list(text)
    for entity in entities:
        start, end = entity.start, entity.end
        if start < 0 and entity.text:
            start = text.find(entity.text)
            end = start + len(entity.text)
        if 0 <= start < end <= len(kept):
            kept[start:end] = " " * (end - start)
    rest = normalise("".join(kept))
    if is_japanese(text):
        rest = _CARRIER_JA.sub("", rest.replace(" ", ""))
    return not any(_LEFT.search(word) and word not in _CARRIER_EN for word in rest.split())


def _brief(text: str) -> bool:
    plain = normalise(text)
    return len(plain.replace(" ", "")) <= 10 if is_japanese(plain) else len(plain.split()) <= 4
