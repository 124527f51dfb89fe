"""Calls that another process holds, and requests between processes that are not what they seem."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.desk_console import SDP, ScriptedCall, world
from tests.support.waiting import eventually
from voicebot.domain import AgentId, Channel, ConversationId, HandoffId
from voicebot.sim.clock import VirtualClock
from voicebot.web.desk.commands import Look
from voicebot.web.desk.invites import GOOD_FOR, Invitations
from voicebot.web.desk.nodes import WINDOW_S, Signer, address_of
from voicebot.web.problems import Problem

PATH = address_of(ConversationId("c-1"))
BODY = Look().model_dump_json().encode()


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


async def test_a_signed_request_is_taken_once() -> None:
    clock = VirtualClock()
    sender, receiver = Signer(b"shared", clock), Signer(b"shared", clock)
    headers = lower(sender.headers("POST", PATH, BODY))
    receiver.check("POST", PATH, BODY, headers)
    with pytest.raises(Problem) as again:
        receiver.check("POST", PATH, BODY, headers)
    assert (again.value.status, again.value.code) == (401, "replayed")
    receiver.check("POST", PATH, BODY, lower(sender.headers("POST", PATH, BODY)))


async def test_what_was_changed_on_the_way_or_kept_back_is_refused() -> None:
    clock = VirtualClock()
    sender, receiver = Signer(b"shared", clock), Signer(b"shared", clock)
    headers = lower(sender.headers("POST", PATH, BODY))
    for method, path, body in (("PUT", PATH, BODY), ("POST", PATH + "x", BODY), ("POST", PATH, BODY + b" ")):
        with pytest.raises(Problem, match="VOICEBOT_SECRET"):
            receiver.check(method, path, body, headers)
    for name in headers:
        with pytest.raises(Problem):
            receiver.check("POST", PATH, BODY, {**headers, name: headers[name] + "1"})
        with pytest.raises(Problem):
            receiver.check("POST", PATH, BODY, {key: value for key, value in headers.items() if key != name})
    with pytest.raises(Problem, match="VOICEBOT_SECRET"):
        Signer(b"another", clock).check("POST", PATH, BODY, headers)
    await clock.advance(WINDOW_S + 1)
    with pytest.raises(Problem) as late:
        receiver.check("POST", PATH, BODY, headers)
    assert late.value.code == "stale_request"


async def test_an_invitation_is_good_for_one_person_and_a_while() -> None:
    clock = VirtualClock()
    invitations = Invitations(b"secret", clock)
    asked = AgentId("S02")
    word = invitations.make(HandoffId("ho-1"), asked)
    read = invitations.read(word, asked)
    assert read is not None and read.contact == "ho-1"
    assert invitations.read(word, AgentId("S03")) is None
    assert Invitations(b"other", clock).read(word, asked) is None
    for broken in (None, "", ".", "a.b", word[:-2], word + "AA", "é.é"):
        assert invitations.read(broken, asked) is None
    await clock.advance(GOOD_FOR.total_seconds() + 1)
    assert invitations.read(word, asked) is None


async def test_a_call_another_process_holds_is_led_from_here(tmp_path: Path) -> None:
    async with (
        world(tmp_path) as far,
        world(tmp_path, clock=far.clock) as near,
        near.console("S01", presence="available") as one,
    ):
        contact = await near.customer(Channel.VOICE, node=far.server.http)
        call = ScriptedCall((await near.desk.contact(contact)).conversation)
        far.live.add(call)

        async def alive() -> bool:
            return far.server.http in await near.parts.ports.nodes()

        async def led() -> bool:
            return call.roles() == {"S01": "lead"}

        await eventually(alive)
        await one.hear("offer", contact__id=contact)
        assert (await one.post(f"contacts/{contact}/accept")).status_code == 200
        answer = await one.post(f"contacts/{contact}/media", {"sdp": SDP})
        assert "answer" in answer.json()["sdp"], answer.text
        await eventually(led)
        assert (await one.post(f"contacts/{contact}/hold", {"on": True})).json()["on_hold"]
        assert call.on_hold
        far.live.remove(call.conversation)
        gone = await one.post(f"contacts/{contact}/hold", {"on": False})
        assert (gone.status_code, gone.json()["detail"]) == (404, "This call is over.")


async def test_processes_that_share_no_secret_say_so(tmp_path: Path) -> None:
    async with world(tmp_path, secret=b"one") as far, httpx.AsyncClient() as client:
        signer = Signer(b"another", far.clock)
        answer = await client.post(far.server.http + PATH, content=BODY, headers=signer.headers("POST", PATH, BODY))
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
        unsigned = await client.post(far.server.http + PATH, content=BODY)
        assert unsigned.status_code == 401
        signer = Signer(b"one", far.clock)
        strange = b'{"do": "dance"}'
        answer = await client.post(
            far.server.http + PATH, content=strange, headers=signer.headers("POST", PATH, strange)
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_command")
        answer = await client.post(far.server.http + PATH, content=BODY, headers=signer.headers("POST", PATH, BODY))
        assert answer.status_code == 404
