"""Phrases are found whatever their form, and not where they are denied."""

import pytest

from voicebot.assist.matching.phrases import PhraseIndex, line, one_apart
from voicebot.domain import EN, JA

JAPANESE = {
    "price": ("高い", "予算オーバー", "安くなる"),
    "late": ("届かない",),
    "died": ("=亡くなる",),
    "twice": ("2回引き落とされる",),
    "upset": ("納得いかない",),
    "amends": ("補償",),
    "cancel": ("高い...解約",),
    "threat": ("「死ね」",),
}
ENGLISH = {
    "price": ("too expensive", "can't justify"),
    "died": ("passed away",),
    "visit": ("nobody turned up",),
    "keep": ("can't ... paying",),
    "amends": ("compensation",),
    "twice": ("charged twice",),
    "broken": ("broken",),
}


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("思ったより値段が高くて、ちょっと予算がオーバーなんですよね。", {"price"}),
        ("たかいなあ", {"price"}),
        ("高かったです", {"price"}),
        ("高くないですか", {"price"}),
        ("安くなりませんか", {"price"}),
        ("全然高くないです", set()),
        ("高いわけではないんですが", set()),
        ("残高いくらですか", set()),
        ("荷物がまだ届いておりません", {"late"}),
        ("もう届きました", set()),
        ("主人が先月亡くなりまして", {"died"}),
        ("洗剤がなくなったので", set()),
        ("２回も引き落とされていたんです", {"twice"}),
        ("ちょっと納得がいきません", {"upset"}),
        ("保証してもらえますか", {"amends"}),
        ("高いので解約したいです", {"price", "cancel"}),
        ("死ねばいいのに、じゃなくて死ね", {"threat"}),
        ("階段で死ぬかと思いました", set()),
    ],
)
def test_japanese(text: str, owners: set[str]) -> None:
    index = PhraseIndex(JAPANESE, JA)
    assert {match.owner for match in index.find(line(text, JA))} == owners


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("That's really too expensive for me", {"price"}),
        ("It's not too expensive", set()),
        ("I don't think it's too expensive", set()),
        ("Isn't that a bit too expensive?", {"price"}),
        ("I can't believe it's too expensive", {"price"}),
        ("I just couldn't justify it", {"price"}),
        ("My husband passed away last month", {"died"}),
        ("Nobody turned up", {"visit"}),
        ("I can't keep paying this", {"keep"}),
        ("what about compansation", {"amends"}),
        ("you've charged me twice", {"twice"}),
        ("nothing is broken", set()),
        ("it came broken", {"broken"}),
    ],
)
def test_english(text: str, owners: set[str]) -> None:
    index = PhraseIndex(ENGLISH, EN)
    assert {match.owner for match in index.find(line(text, EN))} == owners


def test_unfinished_japanese_waits_for_a_denial() -> None:
    index = PhraseIndex(JAPANESE, JA)
    assert not index.find(line("ちょっと高い", JA), more_may_come=True)
    assert index.find(line("ちょっと高いですね", JA), more_may_come=True)


def test_vetoes_count_where_they_are_denied() -> None:
    index = PhraseIndex({"quiet": ("repair",)}, EN, even_denied=True)
    assert index.find(line("not a repair", EN))


def test_a_longer_phrase_is_found_when_a_sound_is_wrong() -> None:
    index = PhraseIndex({"late": ("配達予定日を過ぎている",)}, JA)
    assert [match.strength for match in index.find(line("はいたつよてえびをすぎている", JA))] == [0.75]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [("compens", "compans", True), ("charg", "chargd", True), ("engin", "enigin", True), ("abcd", "badc", False)],
)
def test_one_apart(one: str, other: str, near: bool) -> None:
    assert one_apart(one, other) is near
