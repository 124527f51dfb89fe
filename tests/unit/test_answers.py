# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import EN, JA, Answer
from voicebot.nlu.answers import answer_of

YES_EN = """yes|yes please|yeah|yeah that's right|yep|yup|correct|that's the one|uh huh|mm-hmm|mhm|yeah go ahead|sure do that
that is correct thank you|absolutely|yes that's my number|right yes|mm yeah spot on|go ahead|please do|do it|of course|sure|okay
ok|exactly|that's right|I do|I have|it is|yes, no problem|that's not wrong|it isn't incorrect|I don't disagree|no objections
yes I can't wait|why not|um yes|oh yeah definitely|Yes.|YES!|yes and could you hurry|I'd like that|please|sounds good|let's do it""".replace(
    "\n", "|"
).split("|")
NO_EN = """no|nope|no that's wrong|no it isn't|not that one|no don't do that|nah|no thank you|that's not right|no I haven't
definitely not|um no not really|no no no|no that's all thanks|not yet|I don't|I haven't|please don't|of course not|absolutely not
wrong|that's wrong|that's incorrect|never|uh-uh|nothing else|that's all|no it's B for bravo not D|no thanks|yeah no that's wrong
it isn't|cancel that|I'd rather not|don't do it|No.|stop""".replace("\n", "|").split("|")
UNSURE_EN = """I'm fine|I'm good|it's okay|that's fine|I'm all right|it's all good|fine fine|I'm okay thanks|okay then|you're all right
whatever's easiest|don't worry about it|yes but can you change the date|yes but not tomorrow|yeah although it's late|maybe|I guess so
I think so|yes unless it costs more|no yes|no that's right|no go ahead|I don't know|not sure|no problem|yes except the time|I don't mind""".replace(
    "\n", "|"
).split("|")
YES_JA = """はい|はい、そうです|ええ、間違いないです|うん、それで合ってる|そうですそうです|はい、お願いします|それでお願いできますか|あ、はい、その通りです
もちろんです|うん、いいよそれで|ええ、ええ|はい、よろしくお願いいたします|合ってます|オッケーです|はいどうぞ進めてください|うん|ええ|お願いします|はいはい
はい、間違いありません|違いません|間違いないです|はい、構いません|かまいません|えっと、はい|それで進めてください|ハイ|はい。|イエス|OKです|そうそう|ぜひお願いします
はい、いいですよ|あー、はいはい、そうです|まちがいない|はい、問題ありません|どうぞ""".replace("\n", "|").split("|")
NO_JA = """いいえ|いや、違います|ううん、ちがう|いえ、そうじゃないです|違いますね|いや、それはしないでください|いえ、まだです|やめてください|だめです
いいえ、ありません|そうではなくて|ちがうちがう|いや、そっちじゃないんですよ|いえ、ありがとうございました|いえ、大丈夫です|いえ、結構です|いや、もういいです
違います|まだです|いりません|はい、違います|はい、ありません|特にないです|以上です|ないです|遠慮しておきます|えっと、いいえ|あ、いや、違うんです|なしで|やっぱりやめます|NO""".replace(
    "\n", "|"
).split("|")
UNSURE_JA = """いいです|大丈夫です|結構です|あ、大丈夫です大丈夫です|それでいいです|もういいです|はい、結構でございます|いいですいいです|あー、大丈夫かな|平気です
問題ないです|えっと、いいですね|けっこうです|はい、でも日にちを変えたいです|はい、大丈夫です|はい、もういいです|多分そうです|いや、合ってます|いいえ、そうです|わかりました
やっぱりいいです|どちらでもいいです|そうですね|たぶん|はい、ただし午前中で""".replace("\n", "|").split("|")
NONE = """where is my parcel|A20481137|I don't want a machine I want a person|I can smell gas|I'd like to cancel my order|hang on who pays the postage
I need to renew my passport|荷物がまだ届かないんですけど|エーの二〇四八一一三七です|返品したいです|その前に、返品って送料かかるの?|加湿器から煙が出て|いちいちいちいち||。|???
十五じゃなくて二十五日です|ハイターを買いました|嫌がらせの電話が来ます|はい?|no signal on my mobile anywhere in town since last night at about eight o'clock and my internet too""".replace(
    "\n", "|"
).split("|")


@pytest.mark.parametrize("text", YES_EN)
def test_english_yes(text: str) -> None:
    assert answer_of(text, EN) is Answer.YES


@pytest.mark.parametrize("text", NO_EN)
def test_english_no(text: str) -> None:
    assert answer_of(text, EN) is Answer.NO


@pytest.mark.parametrize("text", UNSURE_EN)
def test_english_neither_clearly(text: str) -> None:
    assert answer_of(text, EN) is Answer.AMBIGUOUS


@pytest.mark.parametrize("text", YES_JA)
def test_japanese_yes(text: str) -> None:
    assert answer_of(text, JA) is Answer.YES


@pytest.mark.parametrize("text", NO_JA)
def test_japanese_no(text: str) -> None:
    assert answer_of(text, JA) is Answer.NO


@pytest.mark.parametrize("text", UNSURE_JA)
def test_japanese_neither_clearly(text: str) -> None:
    assert answer_of(text, JA) is Answer.AMBIGUOUS


@pytest.mark.parametrize("text", NONE[:-1])
def test_no_answer_at_all(text: str) -> None:
    assert answer_of(text, JA if not text.isascii() else EN) is None


def test_either_language_is_understood_in_both() -> None:
    assert answer_of("yes", JA) is Answer.YES
    assert answer_of("はい", EN) is Answer.YES
    assert answer_of("no thank you", JA) is Answer.NO


@given(st.text(max_size=200), st.sampled_from([EN, JA]))
def test_any_text_has_an_answer_or_none(text: str, language) -> None:
    assert answer_of(text, language) in (None, *Answer)
