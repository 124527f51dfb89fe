"""Heads learnt from lines: what they make of words they have not seen, and what is kept of them on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicebot.assist.fitting import fit, rows_of
from voicebot.assist.lines import CardLines, Lines
from voicebot.assist.matching.heads_file import load, save
from voicebot.assist.matching.learnt import Learnt
from voicebot.assist.model import Card, CardKind, CardSet, CardText, Speaker, Triggers
from voicebot.domain import EN, JA, TenantId
from voicebot.errors import ModelError
from voicebot.nlu.encoders import EmbeddingCache, Float32, standard_encoders
from voicebot.nlu.text import normalise

LATE = {
    EN: (
        "where on earth is my parcel", "it should have come on Monday and it is Thursday", "still nothing at the door",
        "the tracking has not moved for five days", "you promised it for the weekend and it never turned up",
        "I have waited in all day for the van",
    ),
    JA: (
        "荷物がまだ来ないんです", "月曜に着くはずがもう木曜です", "追跡がずっと動いていません",
        "一日中待っていたのに配達がありません", "先週届く約束でしたよね", "いつになったら届くんですか",
    ),
}  # fmt: skip
DEAR = {
    EN: (
        "that is more than I can spend", "the shop in town has it for less", "my budget does not stretch to that",
        "could you bring the price down a little", "it costs too much for what it is", "that is a lot for a kettle",
    ),
    JA: (
        "予算より高いんですよね", "よその店のほうが安かったです", "もう少し安くなりませんか",
        "その値段だと手が出ません",
        "性能の割に高い気がします", "年金暮らしにはきつい金額です",
    ),
}  # fmt: skip
QUIET = {
    EN: ("yes please", "my postcode is ten ten", "what colours does it come in", "thank you, goodbye", "one moment"),
    JA: (
        "はい、お願いします",
        "色は何がありますか",
        "ありがとうございました",
        "少々お待ちください",
        "住所は変わっていません",
    ),
}
NAMED = {EN: [("track", "where is my order"), ("opening", "when do you open")], JA: [("opening", "何時からですか")]}


def _card(name: str, speaker: Speaker = Speaker.CUSTOMER, intents: tuple[str, ...] = ()) -> Card:
    text = {language: CardText(name, talk=name) for language in (JA, EN)}
    return Card(name, CardKind.SCRIPT, Triggers(intents=intents), text, speaker)


def _cards(*cards: Card) -> CardSet:
    return CardSet(TenantId("shop"), "v1", {card.id: card for card in cards}, {}, {})


CARDS = _cards(_card("late", intents=("track",)), _card("dear"), _card("promise", Speaker.AGENT))
LINES = Lines(
    {"late": CardLines(LATE, {EN: ("late shifts suit me", "it came yesterday, thanks")}), "dear": CardLines(DEAR)},
    {Speaker.CUSTOMER: QUIET, Speaker.AGENT: QUIET},
    NAMED,
)


class Encoders:
    """The real encoders in this process, vectors kept."""

    def __init__(self, folder: Path) -> None:
        self.all, self.file = standard_encoders(), folder / "vectors.db"

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        with EmbeddingCache(self.file) as cache:
            return cache.embed_all(self.all, [normalise(text) for text in texts])


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> Encoders:
    return Encoders(tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def file(encoders: Encoders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("heads") / "shop" / "one.npz"
    fit(CARDS, LINES, made, encoders.file, encoders.all)
    return made


UNSEEN = [
    ("I was told Friday and the package is nowhere to be seen", EN, "late"),
    ("注文した品が約束の日を過ぎても届きません", JA, "late"),
    ("there is no way I am paying that much", EN, "dear"),
    ("ちょっと高すぎて買えないです", JA, "dear"),
]


@pytest.mark.parametrize(("text", "language", "card"), UNSEEN)
async def test_unseen_words_are_likeliest_for_their_card(
    file: Path, encoders: Encoders, text: str, language: str, card: str
) -> None:
    scores = await Learnt(load(file), encoders).scores(text, EN if language == EN else JA, Speaker.CUSTOMER)
    assert max(scores, key=lambda name: scores[name]) == card
    quiet = await Learnt(load(file), encoders).scores("the blue one, please", EN, Speaker.CUSTOMER)
    assert scores[card] > 0.9 > max(quiet.values())


async def test_a_long_turn_is_as_likely_as_its_likeliest_sentence(file: Path, encoders: Encoders) -> None:
    learnt = Learnt(load(file), encoders)
    alone = "The tracking has not moved for days and nothing came."
    long = f"Hello, this is Mrs Brown from number seven, how are you today? {alone}"
    scores = [(await learnt.scores(text, EN, Speaker.CUSTOMER))["late"] for text in (long, alone)]
    assert scores[0] >= scores[1] - 1e-6


async def test_a_party_that_no_card_listens_to_has_no_scores(file: Path, encoders: Encoders) -> None:
    assert await Learnt(load(file), encoders).scores("where is my parcel", EN, Speaker.AGENT) == {}


def test_what_is_learnt_from() -> None:
    rows = rows_of(CARDS, LINES, Speaker.CUSTOMER)
    own = {row.text: row.card for row in rows}
    assert own["where on earth is my parcel"] == "late" and own["late shifts suit me"] == "" and own["yes please"] == ""
    assert own["when do you open"] == ""
    assert "where is my order" not in own  # a card names its intent: nobody knows whether the card is due
    assert rows_of(CARDS, LINES, Speaker.AGENT) == []
    assert len({(row.text, row.language) for row in rows}) == len(rows)


def test_the_same_lines_give_the_same_heads(file: Path, encoders: Encoders, tmp_path: Path) -> None:
    fit(CARDS, LINES, tmp_path / "again.npz", encoders.file, encoders.all)
    one, again = load(file)[Speaker.CUSTOMER], load(tmp_path / "again.npz")[Speaker.CUSTOMER]
    assert one.cards == again.cards and one.bias == again.bias
    np.testing.assert_array_equal(one.dual, again.dual)


def test_a_file_that_is_written_again_says_the_same(file: Path, tmp_path: Path) -> None:
    heads = load(file)
    save(tmp_path / "copy.npz", heads)
    copy = load(tmp_path / "copy.npz")[Speaker.CUSTOMER]
    kept = heads[Speaker.CUSTOMER]
    parts = [np.ones((1, 384), np.float32), np.ones((1, 512), np.float32)]
    np.testing.assert_array_equal(copy.of(["no parcel"], EN, parts), kept.of(["no parcel"], EN, parts))


def test_only_the_newest_files_are_kept(file: Path, tmp_path: Path) -> None:
    heads = load(file)
    for number in range(5):
        save(tmp_path / f"{number}.npz", heads)
        os.utime(tmp_path / f"{number}.npz", (number, number))
    save(tmp_path / "last.npz", heads)
    assert {one.name for one in tmp_path.iterdir()} == {"last.npz", "4.npz", "3.npz"}


@pytest.mark.parametrize("content", [b"", b"no model", None])
def test_a_broken_file_says_what_to_do(file: Path, tmp_path: Path, content: bytes | None) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(file.read_bytes()[:2000] if content is None else content)
    with pytest.raises(ModelError, match=r"broken\.npz.*Delete the file and run 'voicebot train'"):
        load(broken)


def test_turns_of_passages_are_learnt_for_every_card_they_call_for() -> None:
    said = [("it is late and it is dear", ("dear", "late")), ("lovely weather", ()), ("not taught", ("other",))]
    rows = {
        row.text: row for row in rows_of(CARDS, replace(LINES, talks={Speaker.CUSTOMER: {EN: said}}), Speaker.CUSTOMER)
    }
    both, quiet = rows["it is late and it is dear"], rows["lovely weather"]
    assert (both.card, both.also, quiet.card) == ("dear", ("late",), "")
    assert rows["not taught"].card == "", "a card without lines is not learnt from passages alone"


async def test_a_request_that_sounds_like_a_card_does_not_speak_against_it(tmp_path: Path, encoders: Encoders) -> None:
    asked = [("other", text) for text in ("my parcel still has not come", "the parcel is days late", "still no parcel")]
    text, found = "the parcel has still not come", list[float]()
    for requests in ({}, {EN: asked}):
        file = tmp_path / f"{len(requests)}.npz"
        fit(CARDS, replace(LINES, requests=requests), file, encoders.file, encoders.all)
        found.append((await Learnt(load(file), encoders).scores(text, EN, Speaker.CUSTOMER))["late"])
    assert found[1] > 0.9 and found[1] > found[0] - 0.05
