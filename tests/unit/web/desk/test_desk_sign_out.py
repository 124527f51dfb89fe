"""Signing out ends the work at the desk at once, whether the console's page is open or closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.support.desk_console import WORD, World, socket_of, world
from voicebot.domain import AgentId, ContactState, HandoffId, Presence
from voicebot.people import Role, Wanted
from voicebot.web.desk.frames import DeskClose

S01 = AgentId("S01")


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


async def presence(floor: World) -> Presence:
    return (await floor.desk.agent(S01)).presence


async def test_signed_out_with_the_page_closed_is_offline_at_once(floor: World) -> None:
    async with floor.browser("S01") as client:
        async with socket_of(floor.server, client) as console:
            await console.tell(type="hello", presence="available")
            await console.hear("state")
        assert await presence(floor) is Presence.AVAILABLE, "a page that is closed may come back"
        contact = await floor.customer()
        assert (await client.delete("/api/session")).status_code == 204
        assert await presence(floor) is Presence.OFFLINE
    left = await floor.desk.contact(HandoffId(contact))
    assert (left.state, left.agent) == (ContactState.QUEUED, None), "the offer goes back"


async def test_signed_out_with_the_page_open_stays_out(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        await console.hear("state")
        assert (await console.http.delete("/api/session")).status_code == 204
        assert await presence(floor) is Presence.OFFLINE
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(20):
                while True:
                    await console.tell(type="heartbeat")
                    await asyncio.sleep(0.05)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == DeskClose.SIGNED_OUT
    assert await presence(floor) is Presence.OFFLINE


async def test_a_console_that_still_beats_does_not_bring_back_who_has_signed_out(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        await console.hear("state")
        await floor.desk.sign_out(S01, (await floor.desk.agent(S01)).session)
        before = len(console.frames)
        await console.tell(type="heartbeat")
        await console.hear("beat", after=before)
        assert await presence(floor) is Presence.OFFLINE
        await console.tell(type="presence", state="available", reason="")
        await console.hear("agent", me=True, agent__presence="available")


async def test_another_sign_in_of_the_same_person_leaves_the_console_alone(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        await console.hear("state")
        async with floor.browser("S01") as elsewhere:
            assert (await elsewhere.delete("/api/session")).status_code == 204
        assert await presence(floor) is Presence.AVAILABLE


async def test_a_session_ended_from_elsewhere_is_a_sign_out_too(floor: World) -> None:
    async with floor.console("S01", presence="available") as console, floor.browser("S01") as elsewhere:
        await console.hear("state")
        sessions = (await elsewhere.get("/api/sessions")).json()["sessions"]
        (other,) = [one["id"] for one in sessions if not one["current"]]
        assert (await elsewhere.delete(f"/api/sessions/{other}")).status_code == 204
        assert await presence(floor) is Presence.OFFLINE


async def test_whoever_is_signed_out_by_an_administrator_is_offline_at_once(floor: World) -> None:
    roles = frozenset((Role.ADMIN,))
    await floor.people.accounts.add(Wanted("admin", "Admin", None, roles, password=WORD, must_change=False))
    async with floor.console("S01", presence="available") as console, floor.browser("admin") as admin:
        await console.hear("state")
        assert (await admin.delete("/api/accounts/S01/sessions")).status_code == 204
        assert await presence(floor) is Presence.OFFLINE


async def test_who_takes_no_contacts_signs_out_as_well(floor: World) -> None:
    async with floor.browser("HL1") as client:
        assert (await client.delete("/api/session")).status_code == 204
