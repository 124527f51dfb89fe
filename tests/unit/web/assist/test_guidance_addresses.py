"""Scripts, what is prepared after the call, and proposals by address, on real content and a real console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.desk import TELECOM
from tests.support.desk_console import Console, Midday, World, world
from tests.unit.assist.live_talk import CARDS, quiet_company
from voicebot.assist.after import Code, Company
from voicebot.assist.live import AssistDesk
from voicebot.assist.live_editions import Editions
from voicebot.assist.scripts import guide, load_scripts
from voicebot.domain import (
    EN,
    AgentSaid,
    ConversationId,
    Heard,
    Language,
    ScriptMoved,
    SlotSet,
    SlotStatus,
    Source,
    TenantId,
    UtteranceId,
)
from voicebot.flows import load_flows
from voicebot.nlu.entities import ClosedValues, find_entities
from voicebot.store import SqlStore
from voicebot.store.assist import AssistVersions
from voicebot.store.assist_proposals import FaqProposals
from voicebot.web.assist import AssistParts, Companion
from voicebot.web.assist.guidance import GuidanceParts, guidance_router
from voicebot.web.assist_parts import LiveAssist
from voicebot.web.desk import DeskParts
from voicebot.web.guidance_parts import slots_in_words

FLOWS = Path(__file__).resolve().parents[4] / "flows"
SCRIPTS = load_scripts(FLOWS, TELECOM)
DONE = {"change": "done"}
CLOSED = ClosedValues.load(FLOWS, TELECOM)


def find(text: str, language: Language, today: date) -> Any:
    return find_entities(text, language, today=today, country="GB", closed=CLOSED)


class WithGuidance(LiveAssist):
    __slots__ = ()

    def routers(self, console: DeskParts, guidance: Any = None) -> Any:
        codes = [Code("callback_agreed", {"en": "Callback agreed"}, "no")]
        company = Company(
            ZoneInfo("Europe/London"), codes, find, SCRIPTS, slots=slots_in_words(load_flows(FLOWS, TELECOM))
        )
        parts = AssistParts(console, self.desk, self.store, self.clock)
        proposals = FaqProposals(self.store, self.clock)
        return (guidance_router(GuidanceParts(parts, {TELECOM: company}, proposals)),)


def _assist(store: SqlStore, clock: Midday) -> LiveAssist:
    versions = AssistVersions(store, clock)
    files = replace(quiet_company().cards, tenant=TELECOM)
    ready = guide(SCRIPTS, lambda text, language: find(text, language, date(2026, 6, 1)))
    editions = Editions({TELECOM: files}, versions, lambda tenant, body: CARDS, {TELECOM: ready})
    desk = AssistDesk(store, editions, versions, clock)
    return WithGuidance(desk, Companion(desk, clock), store, clock)


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, assist=_assist) as made:
        yield made


async def talking(floor: World, console: Console) -> str:
    contact = await floor.customer(tenant=TELECOM, language=EN, skills=("network",))
    await console.hear("offer", contact__id=contact)
    await console.tell(type="accept", contact=contact)
    await console.hear("contact", contact__id=contact, contact__state="active")
    return contact


def path(contact: str, rest: str) -> str:
    return f"/api/assist/contacts/{contact}/{rest}"


async def test_a_script_is_begun_ticked_by_hand_and_read_back(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        before = (await console.http.get(path(contact, "scripts"))).json()
        scripts = {one["id"]: one for one in before["scripts"]}
        assert before["running"] is None and before["version"] == SCRIPTS.version
        steps = {one["id"]: one for one in scripts["telecom_cancel"]["steps"]}
        assert steps["identity"]["text"]["ja"]["label"] == "お客様が本人確認に答える"
        assert (steps["stays"]["branch"], steps["stays"]["depends"]) == (True, "decision")
        assert not steps["exit_fee"]["branch"] and steps["exit_fee"]["mandatory"]
        identity = path(contact, "scripts/telecom_cancel/steps/identity")
        assert (await console.http.post(identity, json={"change": "done"})).status_code == 409
        assert (await console.http.post(path(contact, "scripts/telecom_cancel/start"))).status_code == 204
        assert (await console.http.post(path(contact, "scripts/none/start"))).status_code == 404
        assert (await console.http.post(identity, json={"change": "done"})).status_code == 204
        nowhere = path(contact, "scripts/telecom_cancel/steps/none")
        assert (await console.http.post(nowhere, json={"change": "done"})).status_code == 404
        running = (await console.http.get(path(contact, "scripts"))).json()["running"]
        assert running["at"] == {"script": "telecom_cancel", "step": "reason"}
        assert [(one["step"], one["change"], one["by"]) for one in running["marks"]] == [
            ("identity", "done", "clicked")
        ]
        assert {one["agent"] for one in running["marks"]} == {"H01"}
        assert {"script": "telecom_cancel", "step": "exit_fee"} in running["missing"]


async def test_a_colleagues_script_goes_on_and_what_is_left_to_ask_has_words(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        conversation = ConversationId(contact.removeprefix("ho-").removesuffix("-1"))
        of = {"script": "telecom_cancel", "version": SCRIPTS.version, "agent": "H02"}
        begun = ScriptMoved(**of, change="started"), ScriptMoved(**of, change="done", step="last_day", by="heard")
        await floor.store.append(conversation, begun, floor.clock.now())
        assert (await console.http.post(path(contact, "scripts/telecom_cancel/steps/reason"), json=DONE)).is_success
        told = (await console.http.get(path(contact, "scripts"))).json()
        who = {one["step"]: one["agent"] for one in told["running"]["marks"]}
        assert (who["last_day"], who["reason"]) == ("H02", "H01")
        assert told["slots"]["account_number"] == {"ja": "お客様番号", "en": "the account number"}
        cancel = next(one for one in told["scripts"] if one["id"] == "telecom_cancel")
        assert cancel["required"] == ["account_number"]

        async def missing() -> list[str]:
            after: dict[str, list[str]] = (await console.http.get(path(contact, "after"))).json()
            return after["missing_slots"]

        assert await missing() == ["account_number"]
        identity = path(contact, "scripts/telecom_cancel/steps/identity")
        for change, left in (("done", []), ("undone", ["account_number"])):
            assert (await console.http.post(identity, json={"change": change})).is_success
            assert await missing() == left, "who proved who they are has told the number"
        hidden = SlotSet(flow="f", slot="account_number", value="", status=SlotStatus.CONFIRMED, sensitive=True)
        await floor.store.append(conversation, [hidden], floor.clock.now())
        assert await missing() == []


@pytest.mark.parametrize("tenant", ["shop", "telecom"])
def test_every_slot_that_a_script_requires_has_words_in_both_languages(tenant: str) -> None:
    named = slots_in_words(load_flows(FLOWS, tenant))
    required = {slot for one in load_scripts(FLOWS, TenantId(tenant)).scripts.values() for slot in one.required}
    assert {slot: set(named.get(slot, ())) for slot in required} == {slot: {"ja", "en"} for slot in required}


async def test_a_script_that_was_proposed_is_suggested(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)

        async def suggested() -> list[str]:
            scripts = (await console.http.get(path(contact, "scripts"))).json()["scripts"]
            return [one["id"] for one in scripts if one["suggested"]]

        before = await suggested()
        assert "telecom_cancel" not in before
        conversation = ConversationId(contact.removeprefix("ho-").removesuffix("-1"))
        proposed = ScriptMoved(script="telecom_cancel", version=SCRIPTS.version, agent="H01", change="proposed")
        await floor.store.append(conversation, [proposed], floor.clock.now())
        assert set(await suggested()) == {*before, "telecom_cancel"}


async def test_a_script_begun_late_hears_what_was_said_since_the_agent_came(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        conversation = ConversationId(contact.removeprefix("ho-").removesuffix("-1"))
        said = AgentSaid(
            utterance=UtteranceId("u1"), agent="H01", name="Priya", text="May I ask why you're leaving us?",
            language=EN, source=Source.TEXT,
        )  # fmt: skip
        why = Heard(utterance=UtteranceId("u2"), text="It's too expensive.", language=EN, source=Source.TEXT)
        await floor.store.append(conversation, [said, why], floor.clock.now())
        assert (await console.http.post(path(contact, "scripts/telecom_cancel/start"))).status_code == 204
        marks = (await console.http.get(path(contact, "scripts"))).json()["running"]["marks"]
        assert {one["utterance"] for one in marks} & {"u1", "u2"}


async def test_what_is_prepared_and_a_proposal_that_only_editors_decide(floor: World) -> None:
    async with floor.console("H01", presence="available") as console:
        contact = await talking(floor, console)
        conversation = ConversationId(contact.removeprefix("ho-").removesuffix("-1"))
        heard = Heard(utterance=UtteranceId("u1"), text="The hub is red.", language=EN, source=Source.TEXT)
        said = AgentSaid(
            utterance=UtteranceId("u2"), agent="H01", name="Priya", text="I'll call you back within two hours.",
            language=EN, source=Source.TEXT,
        )  # fmt: skip
        await floor.store.append(conversation, [heard, said], floor.clock.now())
        after = (await console.http.get(path(contact, "after"))).json()
        assert after["dispositions"][0]["code"] == "callback_agreed"
        assert [(one["kind"], one["said"]) for one in after["follow_ups"]] == [("callback", True)]
        assert all(one["turns"] for one in after["summary"]) and after["method"] == "template"
        body = {"problem": "Red hub, ring 07700 900123", "solution": "Off for 30 seconds", "turns": [1]}
        made = await console.http.post(path(contact, "proposals"), json=body)
        assert made.status_code == 201 and "900123" not in made.text
        assert (await console.http.get("/api/assist/telecom/proposals")).status_code == 403
    async with floor.console("HL1", presence="available") as manager:
        (one,) = (await manager.http.get("/api/assist/telecom/proposals")).json()["proposals"]
        where = f"/api/assist/telecom/proposals/{one['id']}"
        assert (await manager.http.post(where, json={"state": "accepted"})).status_code == 204
        assert (await manager.http.post(where, json={"state": "accepted"})).status_code == 404
        assert (await manager.http.get("/api/assist/shop/proposals")).status_code in (403, 404)
