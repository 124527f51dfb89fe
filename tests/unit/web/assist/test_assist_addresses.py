"""The assist at the console and by address: words so far, cards, what agents do with them, corrections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.assist_versions import goes_live
from tests.support.desk import TELECOM
from tests.support.desk_console import Console, Midday, World, world
from tests.unit.assist.live_talk import CARDS, quiet_company
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.assist.model import CardSet
from voicebot.domain import EN, ConversationId, Heard, Json, Party, Source, TenantId, UtteranceId
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.store.overheard import Overheard, to_notice, topic
from voicebot.web.assist import AssistParts, Companion, KnowledgeEntry, router
from voicebot.web.assist_parts import LiveAssist
from voicebot.web.desk import DeskParts

FILES = replace(quiet_company().cards, tenant=TELECOM)
RIVAL = "I can get a better deal with another company"


class Shelf:
    """Knowledge with one entry."""

    ENTRY = KnowledgeEntry("faq/fees", "What does leaving cost?", "Nothing after a year.", "FAQ 12", EN, 0.9)

    async def search(self, tenant: TenantId, text: str, language: str, limit: int = 5) -> list[KnowledgeEntry]:
        return [self.ENTRY] if "leav" in text and tenant == TELECOM else []

    async def entry(self, tenant: TenantId, entry: str, language: str) -> KnowledgeEntry:
        assert entry == self.ENTRY.entry
        return self.ENTRY


class WithKnowledge(LiveAssist):
    __slots__ = ()

    def routers(self, console: DeskParts) -> Any:
        return (router(AssistParts(console, self.desk, self.store, self.clock, Shelf())),)


def _read(tenant: TenantId, body: Json) -> CardSet:
    return replace(CARDS, tenant=tenant, version="v2")


def _assist(store: SqlStore, clock: Midday, kind: type[LiveAssist] = LiveAssist) -> LiveAssist:
    versions = AssistVersions(store, clock)
    desk = AssistDesk(store, Editions({TELECOM: FILES}, versions, _read), versions, clock)
    return kind(desk, Companion(desk, clock), store, clock)


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, assist=_assist) as made:
        yield made


def conversation_of(contact: str) -> ConversationId:
    return ConversationId(contact.removeprefix("ho-").removesuffix("-1"))


async def talking(floor: World, console: Console) -> str:
    """A chat of the telecom company that this console leads."""
    contact = await floor.customer(tenant=TELECOM, language=EN, skills=("network",))
    await console.hear("offer", contact__id=contact)
    await console.tell(type="accept", contact=contact)
    await console.hear("contact", contact__id=contact, contact__state="active")
    return contact


async def hears(floor: World, contact: str, text: str, name: str) -> None:
    event = Heard(utterance=UtteranceId(name), text=text, language=EN, source=Source.TEXT)
    await floor.store.append(conversation_of(contact), [event], floor.clock.now())


async def card_up(floor: World, console: Console, contact: str) -> dict[str, Any]:
    """The card about a rival is on the screen: its event."""
    number = 0
    while not any(frame.get("event", {}).get("type") == "CardShown" for frame in console.frames):
        number += 1
        await hears(floor, contact, f"{RIVAL}, number {number}", f"u-r{number}")
        await console.hear("event", event__utterance=f"u-r{number}")
    shown = await console.hear("event", event__type="CardShown")
    return dict(shown["event"])


async def events_of(floor: World, contact: str, kind: str) -> list[Any]:
    log = await floor.store.events(conversation_of(contact))
    return [one.event for one in log if type(one.event).__name__ == kind]


def path(contact: str, rest: str) -> str:
    return f"/api/assist/contacts/{contact}/{rest}"


async def test_words_of_a_chat_bring_a_card_to_the_console_and_using_it_takes_it_off(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        shown = await card_up(floor, console, contact)
        assert (shown["card"], shown["agent"], shown["reason"], shown["place"]) == (
            "rival",
            "H01",
            "phrase",
            "prominent",
        )
        content = (await console.http.get(f"/api/assist/telecom/content?version={shown['version']}")).json()
        (card,) = [one for one in content["cards"] if one["id"] == "rival"]
        assert card["text"]["en"]["talk"] == "Of course."
        body = {"how": "used", "why": ""}
        for _ in range(2):
            assert (await console.http.post(path(contact, "cards/rival"), json=body)).status_code == 204
        ended = await console.hear("event", event__type="CardEnded")
        assert (ended["event"]["card"], ended["event"]["how"]) == ("rival", "used")
        assert len(await events_of(floor, contact, "CardEnded")) == 1


async def test_every_way_of_judging_is_noted_once_and_reasons_are_masked(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        await card_up(floor, console, contact)
        for how, why in (("copied", ""), ("useful", ""), ("copied", ""), ("dismissed", "card 4111 1111 1111 1111")):
            answer = await console.http.post(path(contact, "cards/rival"), json={"how": how, "why": why})
            assert answer.status_code == 204
        ended = await events_of(floor, contact, "CardEnded")
        assert [one.how for one in ended] == ["copied", "useful", "dismissed"]
        assert "4111" not in ended[-1].why
        assert (await console.http.post(path(contact, "cards/price"), json={"how": "used"})).status_code == 404
        assert (await console.http.post(path(contact, "cards/rival"), json={"how": "loved"})).status_code == 422


async def test_an_agent_asks_for_a_card(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        assert (await console.http.post(path(contact, "ask"), json={"card": "price"})).status_code == 204
        shown = await console.hear("event", event__type="CardShown")
        assert (shown["event"]["card"], shown["event"]["reason"]) == ("price", "asked")
        refused = await console.http.post(path(contact, "ask"), json={"card": "nonsense"})
        assert (refused.status_code, refused.json()["code"]) == (404, "no_card")


async def test_only_whoever_leads_the_contact_may(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        await card_up(floor, console, contact)
        async with floor.browser("HL1") as leader, floor.browser("S02") as stranger, floor.browser() as nobody:
            for client, refusals in ((leader, {403, 409}), (stranger, {404}), (nobody, {401})):
                for rest, body in (
                    ("cards/rival", {"how": "used"}),
                    ("ask", {"card": "price"}),
                    ("corrections", {"utterance": "u0", "text": "x"}),
                ):
                    assert (await client.post(path(contact, rest), json=body)).status_code in refusals
            assert (await stranger.get("/api/assist/telecom/content")).status_code == 404
            assert (await leader.get("/api/assist/telecom/content")).status_code == 200
            assert (await nobody.get("/api/assist/telecom/content")).status_code == 401
        del console.http.headers["X-CSRF-Token"]
        assert (await console.http.post(path(contact, "ask"), json={"card": "price"})).status_code == 403
        assert await events_of(floor, contact, "CardEnded") == []


async def test_cards_have_a_tag_and_a_version_is_for_good(floor: World) -> None:
    async with floor.browser("H01") as client:
        first = await client.get("/api/assist/telecom/content")
        assert first.headers["etag"] == f'"{FILES.version}"' and "no-cache" in first.headers["cache-control"]
        again = await client.get("/api/assist/telecom/content", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        named = await client.get(f"/api/assist/telecom/content?version={FILES.version}")
        assert "immutable" in named.headers["cache-control"] and named.json() == first.json()
        assert (await client.get("/api/assist/telecom/content?version=none")).status_code == 404
        versions = AssistVersions(floor.store, floor.clock)
        await versions.save(TELECOM, "v2", {"cards": []}, "T01")
        await goes_live(floor.store, floor.clock, TELECOM, "v2")
        assert (await client.get("/api/assist/telecom/content")).json()["version"] == "v2"


async def test_a_correction_is_seen_by_everybody_who_follows(floor: World) -> None:
    async with floor.console("H01", presence="available") as console, floor.console("HL1") as leader:
        contact = await talking(floor, console)
        await leader.tell(type="watch", conversation=conversation_of(contact))
        await hears(floor, contact, "my monkey is gone", "u-m")
        await console.hear("event", event__utterance="u-m")
        body = {"utterance": "u-m", "text": "my money is gone, card 4111 1111 1111 1111"}
        for _ in range(2):
            assert (await console.http.post(path(contact, "corrections"), json=body)).status_code == 204
        for one in (console, leader):
            mended = (await one.hear("event", event__type="TranscriptCorrected"))["event"]
            assert mended["text"].startswith("my money is gone") and "4111" not in mended["text"]
            assert mended["agent"] == "H01"
        body["text"] = "my monkey is gone"
        assert (await console.http.post(path(contact, "corrections"), json=body)).status_code == 204
        assert len(await events_of(floor, contact, "TranscriptCorrected")) == 2
        unknown = await console.http.post(path(contact, "corrections"), json={"utterance": "u-x", "text": "x"})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "no_utterance")


async def test_words_so_far_reach_the_console_and_not_after_they_are_written(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        conversation = conversation_of(contact)
        await console.hear("caught_up", conversation=conversation)

        async def says(text: str, name: str) -> None:
            one = Overheard(moment="said", party=Party.CUSTOMER, utterance=UtteranceId(name), language=EN, text=text)
            await floor.store.announce(topic(conversation), to_notice(one))

        await says("so what I", "u-1")
        frame = await console.hear("partial", utterance="u-1")
        assert (frame["party"], frame["text"], frame["moment"]) == ("customer", "so what I", "said")
        await says("", "u-1")
        assert (await console.hear("partial", moment="ended"))["utterance"] == "u-1"
        await hears(floor, contact, "so what I want", "u-2")
        await console.hear("event", event__utterance="u-2")
        await says("so what I", "u-2")
        await says("and then", "u-3")
        await console.hear("partial", utterance="u-3")
        assert not [one for one in console.frames if one["type"] == "partial" and one["utterance"] == "u-2"]


async def test_an_installation_without_knowledge_says_so(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        answer = await console.http.get(path(contact, "search?q=leaving"))
        assert (answer.status_code, answer.json()["code"]) == (503, "no_knowledge")


async def test_knowledge_is_searched_with_its_source_and_noted(tmp_path: Path) -> None:
    async with (
        world(tmp_path, assist=lambda store, clock: _assist(store, clock, WithKnowledge)) as floor,
        floor.console("H01", presence="available") as console,
    ):
        contact = await talking(floor, console)
        (found,) = (await console.http.get(path(contact, "search?q=leaving"))).json()["entries"]
        assert (found["entry"], found["source"]) == ("faq/fees", "FAQ 12")
        shown = (await console.hear("event", event__type="KnowledgeShown"))["event"]
        assert (shown["entry"], shown["asked"], shown["agent"]) == ("faq/fees", True, "H01")
        assert (await console.http.get(path(contact, "knowledge/faq/fees"))).json()["text"] == "Nothing after a year."
        assert (await console.http.get(path(contact, "search?q=kettle"))).json() == {"entries": []}
        assert (await console.http.get(path(contact, "search?q="))).status_code == 422


async def test_cards_end_with_the_talk(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        await card_up(floor, console, contact)
        assert (await console.post(f"contacts/{contact}/wrap_up")).status_code == 200
        await console.hear("contact", contact__id=contact, contact__state="wrapup")
        judged = await console.http.post(path(contact, "cards/rival"), json={"how": "useful"})
        assert judged.status_code == 204
        shown = len(await events_of(floor, contact, "CardShown"))
        await hears(floor, contact, "it is too expensive", "u-late")
        await console.hear("event", event__utterance="u-late")
        assert len(await events_of(floor, contact, "CardShown")) == shown
