"""Knowledge: passages found by questions in other words, silent for small talk; with the real encoders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from voicebot.assist.knowledge import Knowledge, asks, shown
from voicebot.assist.knowledge_files import check_knowledge, load_knowledge
from voicebot.domain import EN, JA, Language
from voicebot.nlu.encoders import EmbeddingCache, Float32, standard_encoders
from voicebot.nlu.text import normalise

FLOWS = Path(__file__).resolve().parents[3] / "flows"


class Encoders:
    """The worker's ``embed``, in this process."""

    def __init__(self) -> None:
        self._encoders = standard_encoders(1)

    async def embed(self, texts: Sequence[str], *, cache_file: Path | None = None) -> list[Float32]:
        with EmbeddingCache(cache_file) as kept:
            return kept.embed_all(self._encoders, [normalise(text) for text in texts])


@cache
def ready(tenant: str) -> Knowledge:
    return asyncio.run(Knowledge.prepared(load_knowledge(FLOWS, tenant), Encoders()))


def found(tenant: str, text: str, language: Language, *, asked: bool = False) -> list[str]:
    knowledge = ready(tenant)
    job = knowledge.search(text, language, 2) if asked else knowledge.unasked(text, language)
    return [one.entry for one in asyncio.run(job)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tenant", "language", "text", "entry"),
    [
        ("shop", EN, "is delivery free?", "faq/shipping_fee"),
        ("shop", EN, "Can I skip the next delivery of my subscription?", "faq/subscription_rules"),
        ("shop", JA, "フィルターは洗えますか", "faq/filter_life"),
        ("shop", JA, "定期便を三か月お休みできますか", "subscriptions/1"),
        ("telecom", EN, "Does the engineer visit cost anything?", "engineer/2"),
        ("telecom", JA, "技術者の訪問は無料ですか", "engineer/2"),
    ],
)
def test_a_question_finds_its_answer_unasked(tenant: str, language: Language, text: str, entry: str) -> None:
    assert found(tenant, text, language) == [entry]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "text"),
    [
        (EN, "How are you today?"),
        (EN, "Can you hear me?"),
        (EN, "What time is it there?"),
        (EN, "Could you hold on a second while I get a pen?"),
        (EN, "I got the free delivery, thanks."),
        (JA, "もしもし、聞こえますか"),
        (JA, "お名前は何とおっしゃいますか"),
        (JA, "今日は寒いですね"),
    ],
)
def test_small_talk_shows_nothing(language: Language, text: str) -> None:
    assert found("shop", text, language) == []


@pytest.mark.slow
def test_the_agents_own_words_need_no_question_and_carry_their_source() -> None:
    assert "returns/2" in found("shop", "refund card days", EN, asked=True)
    assert found("shop", "???", EN, asked=True) == []
    best = asyncio.run(ready("shop").search("money back by bank transfer", EN))[0]
    assert (best.entry, best.source, best.updated) == ("returns/2", "Customer handbook, chapter 4", "2026-09-01")
    event = shown(best, agent="S01", asked=True)
    assert (event.entry, event.source, event.score, event.asked) == (best.entry, best.source, best.score, True)


def test_questions_are_told_from_statements() -> None:
    assert asks("I was wondering how long it takes", EN) and asks("返品できますか", JA) and asks("送料はいくら", JA)
    assert not asks("Thank you, that's all.", EN) and not asks("ありがとうございます。", JA)


def test_documents_name_what_is_wrong_with_them(tmp_path: Path) -> None:
    folder = tmp_path / "flows" / "shop" / "documents" / "en"
    folder.mkdir(parents=True)
    (folder / "a.md").write_text("# No front matter\n\nText.", encoding="utf-8")
    (folder / "b.md").write_text("---\ntitle: B\n---\n\nText.", encoding="utf-8")
    (folder / "c.md").write_text("---\ntitle: C\nsource: S\nupdated: 2026-01-01\n---\n\n", encoding="utf-8")
    told = [str(problem) for problem in check_knowledge(tmp_path / "flows", "shop")]
    assert [one.split("/")[-1].split(":")[0] for one in told] == ["a.md", "b.md", "c.md"]
    assert "front matter" in told[0] and "lacks title, source or updated" in told[1] and "says nothing" in told[2]


@pytest.mark.parametrize("tenant", ["shop", "telecom"])
def test_every_language_has_the_same_documents(tenant: str) -> None:
    passages = load_knowledge(FLOWS, tenant)
    entries = {language: {one.entry for one in passages if one.language == language} for language in (EN, JA)}
    assert entries[EN] == entries[JA] and all(one.source for one in passages)
