"""Yes, no, or neither clearly: read from the words alone, so that a model can never agree to anything for a customer.

Explicit words win; 「いいです」, 「大丈夫です」, "I'm good" are ambiguous, and so is a yes with a condition or a no that goes
on to agree. None means the words are no answer at all.
"""

# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import re

from voicebot.domain import JA, Answer, Language
from voicebot.spelled import fold

_FILLERS_EN = re.compile(
    r"^(?:(?:um+|uh(?! huh| uh)|uhm|er+m?|oh|ah|well|so|hmm+|mm|like|look|sorry|hi|hello|and|okay so|actually)[ ,.]+)+"
)
_YES_EN = re.compile(
    r"^(?:yes+|yeah+|yea|yep|yup|ya|yah|aye|uh[ -]?huh|m+[ -]?h+m+|mhm|mm yeah|sure(?: thing)?|correct|right|exactly|absolutely|definitely|"
    r"certainly|of course|indeed|affirmative|totally|perfect|spot on|okay|ok|okey dokey|please do|go (?:ahead|on|for it)|do it|"
    r"sounds (?:good|great|right)|(?:that'?s|that is|it'?s|it is|this is|yes it'?s|you'?re|all) (?:absolutely |quite |all )?(?:right|correct|the one|true|spot on|exactly it|mine|my number|it exactly)|"
    r"by all means|happy (?:to|with that)|"
    r"let'?s do (?:it|that)|that works|works for me|why not|you got it|you bet|confirmed?|i'?d (?:like|love) (?:that|to(?=$| please))|very well|fire away|no problem go ahead|proceed|good to go)(?![a-z'])"
)
_NO_EN = re.compile(
    r"^(?:no+(?! (?:signal|internet|power|light|broadband|english|tv|telly|sound|service|dial|hot))|nope|nah+|na|naw|negative|never|nuh[ -]uh|uh[ -]uh|mm[ -]mm|(?:absolutely|definitely|certainly|of course|probably|please do|i'?d rather|"
    r"i think|i (?:do|did|have|would|am|can)|it (?:is|has|does|was|did)|that(?:'s| is| was)|they (?:are|do|have)|we (?:do|did|have)) not|not (?:really|yet|now|today|at all|that|quite|right|correct|the|this|true|exactly|any|"
    r"a chance|for me|my|i|me|us|mine|necessary|needed|going)|(?:that|it|this)(?: is|'s)? ?(?:isn'?t|wasn'?t|not) (?:it|right|correct|true|mine|what i said)|"
    r"leave it(?! in)|forget (?:it|that)|cancel that|"
    r"(?:that'?s|that is|it'?s|it is|you'?re|all)? ?(?:completely |totally |all )?(?:wrong|incorrect|false|mistaken)|that'?s (?:all|everything)|nothing(?: else| more)?|none|all done|i'?m done|i'?d rather not|rather not|wrong|incorrect|i disagree|"
    r"not$)(?![a-z'])"
)
_SHORT_YES_EN = re.compile(
    r"^(?:please|i (?:do|did|have|would|am|can|will|agree|confirm)|we (?:do|did|have)|it (?:is|has|does|did|was)|they (?:are|do|have))(?![a-z'])"
)
_SHORT_NO_EN = re.compile(
    r"^(?:i (?:don'?t|haven'?t|didn'?t|wouldn'?t|won'?t|can'?t|ain'?t)|we (?:don'?t|haven'?t|didn'?t)|(?:please )?don'?t|(?:please )?do not|stop|"
    r"(?:it|that|this) isn'?t|it (?:hasn'?t|doesn'?t|wasn'?t|didn'?t))(?![a-z'])"
)
_POLITE_REST = re.compile(
    r"(?:[ ,.]*(?:thanks?|thank you|please|actually|sorry|i'?m afraid|cheers|love|mate|yet|now|today|at all|think so|want (?:it|that|to|this|them|any)|do (?:it|that)|"
    r"like (?:it|that)|agree|confirm(?: that)?|it|that|so|any ?more|indeed|very much|a lot|need (?:it|that|any(?:thing)?)|have (?:it|one|any)|go ahead|place (?:it|that)|cancel (?:it|that)))*[ ,.]*"
)
_EITHER_EN = re.compile(
    r"^(?:i'?m|i am|we'?re|you'?re) (?:fine|good|ok|okay|all ?right|all set|happy|not sure|not certain|unsure)|^(?:it'?s|that'?s|that is|it is|that'?ll be|should be|all) (?:all )?(?:fine|good|ok|okay|all ?right|great|cool|no bother)"
    r"|^(?:fine|good(?! (?:morning|afternoon|evening|day))|all ?right|alright|cool|great|lovely|nice|okay then|ok then|right then|whatever\S*|don'?t (?:worry|mind|know|care|bother)|do(?:es)?n'?t matter|never ?mind|no (?:problem|worries|bother|matter)|"
    r"maybe|perhaps|possibly|probably|i (?:think|guess|suppose|believe|reckon)(?: so)?(?! (?:i|we|my|there|they))|i don'?t (?:mind|know|care|think so)(?! (?:my|what|how|where|who|why|if|the))|not sure|could be|might be|depends|it depends|if you (?:like|want|must)|up to you|that'?s it|kind of|sort of|more or less|i'?ll think|let me think|not necessarily|not wrong exactly)(?![a-z])"
)
_TWICE_NO_EN = re.compile(
    r"(?:not|isn'?t|n'?t|nothing|never) (?:be |at all |a )?(?:wrong|incorrect|mistaken|false|a mistake|disagree\w*|object\w*|say no|an? (?:issue|error))|no (?:objections?|mistake|complaints)"
)
_CONDITION_EN = re.compile(
    r"(?<![a-z])(?:but|except|however|although|unless|only if|if you|if it|as long as|apart from|not until|wait|hang on|hold on|first (?:i|can|tell))(?![a-z])"
)
_HARMLESS_NO_EN = re.compile(
    r"no (?:problem|worries|bother|thanks? to)|not a problem|don'?t worry|can'?t wait|why not|nothing wrong|no mistake|no doubt|no question|isn'?t it|doesn'?t it|haven'?t i|don'?t you|didn'?t i|no objections?|if you don'?t mind"
)
_HAS_NO_EN = re.compile(
    r"(?<![a-z])(?:no|nope|not|never|wrong|incorrect|don'?t|doesn'?t|isn'?t|didn'?t|haven'?t|won'?t|wasn'?t)(?![a-z])"
)
_AGREES_EN = re.compile(
    r"(?<![a-z])(?:yes|yeah|yep|go ahead|do it|that'?s (?:right|correct|fine|it)|it'?s (?:right|correct|fine)|correct)(?![a-z])"
)

_FILLERS_JA = re.compile(
    r"^(?:(?:えー?っ?と|ええと|えと|あの[うー]?|あー+|あっ?|えー+|お+(?=[、。])|まあ|まぁ|ま(?=[、])|そのー?|じゃあ?|では|でも(?=[、]大)|うーん|んー+|んと|それじゃあ?|もしもし)[、。…!\s]*)+"
)
_YES_JA = re.compile(
    r"^(?:はい+(?!って|った|る|り|れ|ら|ろ|け|せん|たー)|はーい|ええ+(?!と|っと)|うん+(?!ざり|てん|よう|そう)|うむ|そう(?:です|だ|そう|なんです|いうこと|である)|さよう|その(?:通り|とおり)|"
    r"合って(?:い)?(?:ます|る)|あって(?:い)?ます(?!か)|間違いな|間違い(?:は)?(?:あり|ござい)ません|まちがいな|相違(?:あり|ござい)?(?:ません|ない)|もちろん|勿論|お願い(?!し?ません)|おねがい|よろしく|宜しく|どうぞ|"
    r"おっけー|おーけー|ok|いえす|いぇす|それで(?:お願い|進め|頼|いって|よろしく)|進めて|すすめて|正解|ばっちり|ぜひ|是非|構いません|かまいません|やって(?:ください|もらえ|おいて)|確定して|賛成|ご名答|おう(?=$|[、。])|ん(?=$|[、。]))"
)
_NO_JA = re.compile(
    r"^(?:いい?え+(?!す$|[ぁ-ん]*まで)|いや+(?!が|ほん|し|らし|ま(?!だ))|やだ|嫌(?!い|が)|ううん|違(?!反|和|う(?:人|商品|物|もの|やつ|色|サイズ|型))|ちが[いうっ]|だめ|駄目|のー(?=$|[、。])|やめ|止めて|しないで|結構(?=じゃ)|"
    r"そう(?:じゃ|では)(?:な|あり)|そんな(?:こと|の)(?:は)?な|ありません|ないです|無いです|(?:ない|無い|なし|無し)(?=$|[、。です])|まだ(?:です|だ|な|$|[、。])|いら(?:ない|ん(?=$|[、。])|ねえ)|いりません|要りません|要らない|必要(?:ない|ありません|なし)|不要|"
    r"遠慮|お断り|断り|断る|特に(?:は)?(?:な|あり|ござ)|(?:もう)?(?:以上|これだけ|それだけ)(?:です|で|だ)|(?:他|ほか)(?:に|には)?(?:は)?(?:な|あり|ござ)|間違って|まちがって|間違い(?:です|だ)|間違え|合って(?:い)?(?:ない|ません)|しません|しなくて|やりません|取り消さないで|キャンセルしないで|きゃんせるしないで|(?:もう|やっぱり?)(?:いらない|いりません|やめ)|not|ばつ)"
)
_EITHER_JA = re.compile(
    r"^(?:いい(?:です|よ|かな|ね|っす|や|$|[、。])|良い(?:です|よ|$)|よい(?:です|$)|大丈夫|だいじょうぶ|結構|けっこう|それで(?:いい|良い|結構|大丈夫)|もう(?:いい|結構|大丈夫|けっこう)|平気|問題(?:は)?(?:な|あり|ござ)|(?:たぶん|多分|おそらく|恐らく|きっと)|"
    r"どちらでも|どっちでも|なんでも(?!う)|何でも(?!う)|まかせ|任せ|お任せ|かも|そうかも|そうですね|そうだね|分か(?:り|ん|ら|った)|わか(?:り|ん|ら|った)|承知|了解|はあ|はぁ|ふーん|へえ|なるほど|別に|べつに|やっぱり?(?:いい|大丈夫|結構)|微妙|考え|検討|とりあえず|一応)"
)
_CONDITION_JA = re.compile(
    r"(?:でも|ただ[、し]|ただ(?=[^いで])|けど[、も]|けれど|だけど(?!$)|ですが[、]|んですが|が、|ちょっと待|待って|その前に|もし)"
)
_DENIES_JA = re.compile(
    r"違(?:い|う|っ)(?!ません)|ちが(?:い|う|っ)(?!ません)|(?<!間違い)(?<!問題)(?<!間違いは)(?<!問題は)(?<!相違)(?<!しか)(?:ありません|ないです|ございません)|しないで|やめて|いりません|まだです|そうじゃな|そうではな|しません|だめ"
)
_YES_AGAIN_JA = re.compile(r"(?:^|[、。])(?:はい|そうです|そうそう|合って|その通り|お願いし)")
_NO_AFTER_YES_JA = re.compile(r"(?:^|[、。])(?:いや|いえ|いいえ|やっぱ)")
_DECLINING_JA = re.compile(r"結構|けっこう|大丈夫|だいじょうぶ|もういい|平気")
_LONG_JA, _LONG_EN = 26, 10
_TWICE_NO_JA = re.compile(
    r"違わな|違い(?:は)?(?:ありません|ませ|ない)|ちがいません|間違(?:って|え)(?:い)?(?:ない|ません)|間違い(?:は)?(?:ない|ありません|ございません|な(?:し|いです))|まちがいない|相違(?:ない|ありません|ございません)"
)


def answer_of(text: str, language: Language) -> Answer | None:
    """What ``text`` answers to a yes/no question; None if it is no answer. Either language is understood in both."""
    folded = fold(text.strip())
    words = folded.text.strip(" 　\"'")
    if not words:
        return None
    readers = (_japanese, _english) if language == JA or not words.isascii() else (_english, _japanese)
    for read in readers:
        answer = read(folded.kana if read is _japanese else words)
        if answer is not None:
            return answer
    return None


def _english(text: str) -> Answer | None:
    text = re.sub(r"[!]+", "", re.sub(r"\s+", " ", text)).strip(" ,.")
    question = text.endswith("?") and not text.startswith(("yes", "no"))
    text = _FILLERS_EN.sub("", text).strip(" ,.?") or text.strip(" ,.?")
    long = len(text.split()) > _LONG_EN
    if _TWICE_NO_EN.search(text) and not long:
        return Answer.AMBIGUOUS if _CONDITION_EN.search(text) else Answer.YES
    either, no, yes = _EITHER_EN.match(text), _NO_EN.match(text), _YES_EN.match(text)
    short_no, short_yes = _SHORT_NO_EN.match(text), _SHORT_YES_EN.match(text)
    if not no and not either and short_no and _POLITE_REST.fullmatch(text, short_no.end()):
        return None if question else Answer.NO
    if not yes and not no and short_yes and _POLITE_REST.fullmatch(text, short_yes.end()):
        return None if question else Answer.YES
    if either and not (yes and yes.end() > either.end()) and not (no and no.end() > either.end()):
        return None if long or question else Answer.AMBIGUOUS
    explicit = re.match(r"(?:yes|yeah|yep|yup|no|nope|nah|correct|right)(?![a-z'])", text) is not None
    if long and not explicit:
        return None
    if no and not (yes and yes.end() > no.end()):
        rest = text[no.end() :]
        return Answer.AMBIGUOUS if _AGREES_EN.search(rest) and not re.search(r"not|n'?t", rest) else Answer.NO
    if yes:
        if question and not explicit:
            return None
        rest = _HARMLESS_NO_EN.sub("", text[yes.end() :])
        if re.match(r",? ?(?:no|nope|nah)(?![a-z])", rest):
            return Answer.NO if re.search(r"wrong|not|n't|incorrect|thank", rest) else Answer.AMBIGUOUS
        return Answer.AMBIGUOUS if _CONDITION_EN.search(rest) or _HAS_NO_EN.search(rest) else Answer.YES
    return None


def _japanese(text: str) -> Answer | None:
    question = bool(re.search(r"(?:か|\?|の\?)[。?]*$", text)) and not re.search(
        r"お願いできますか|もらえますか|いただけますか|もらえる\?", text
    )
    text = re.sub(r"[\s!]+", "", text).strip("「」『』,.。、?")
    stripped = _FILLERS_JA.sub("", text)
    text = stripped or text
    long = len(text) > _LONG_JA
    if _TWICE_NO_JA.search(text) and not long:
        return None if question else Answer.AMBIGUOUS if re.match(r"い[いや]", text) else Answer.YES
    yes, no, either = _YES_JA.match(text), _NO_JA.match(text), _EITHER_JA.match(text)
    explicit = bool(re.match(r"はい|ええ|うん|いいえ|いえ|いや|ううん", text))
    if (long and not explicit) or (question and not (explicit and len(text) > 4)):
        return None
    if no:
        rest = text[no.end() :]
        return (
            Answer.AMBIGUOUS if _YES_AGAIN_JA.search(rest) or re.match(r"(?:そうです|合って|はい)", rest) else Answer.NO
        )
    if either and not yes:
        return Answer.AMBIGUOUS
    if yes:
        rest = text[yes.end() :]
        if _DENIES_JA.search(rest):
            return Answer.NO
        if _CONDITION_JA.search(rest) or _DECLINING_JA.search(rest) or _NO_AFTER_YES_JA.search(rest) or _weak_yes(text):
            return Answer.AMBIGUOUS
        return Answer.YES
    return None


def _weak_yes(text: str) -> bool:
    return bool(re.match(r"そう(?:です|だ)(?:ね|ねえ|か)", text))
