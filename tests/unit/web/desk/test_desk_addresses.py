"""The console's addresses: contacts, calls, leaders, tasks, customers, and who may use them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk_console import SDP, Console, World, world
from tests.support.waiting import eventually
from voicebot.domain import EN, AgentSaid, Channel, ConversationId, NoteWritten
from voicebot.web.signed_in import CSRF_HEADER


@pytest.fixture
async def floor(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made


def conversation_of(contact: str) -> ConversationId:
    return ConversationId(contact.removeprefix("ho-").removesuffix("-1"))


async def talking(floor: World, console: Console, channel: Channel = Channel.WEB_CHAT) -> str:
    """A contact this console leads; on the phone its headset is connected."""
    contact = await floor.customer(channel)
    await console.hear("offer", contact__id=contact)
    assert (await console.post(f"contacts/{contact}/accept")).status_code == 200
    if channel is Channel.VOICE:
        answer = await console.post(f"contacts/{contact}/media", {"sdp": SDP})
        assert "answer" in answer.json()["sdp"], answer.text
    await console.hear("contact", contact__id=contact, contact__state="active")
    return contact


async def ok(console: Console, path: str, body: Any = None) -> Any:
    answer = await console.post(path, body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def test_every_address_is_closed_to_whoever_is_not_signed_in(floor: World) -> None:
    contact = await floor.customer()
    paths = floor.server.server.config.app.openapi()["paths"]  # type: ignore[union-attr]
    tried = 0
    async with floor.browser() as nobody:
        for headers in ({}, {"Cookie": "voicebot_session=forged"}, {"Authorization": "Bearer visitor-token"}):
            for path, methods in paths.items():
                if path.startswith("/api/desk"):
                    for method in methods:
                        address = path.format(contact=contact, conversation="c-1", agent="S01", task="t", number="090")
                        answer = await nobody.request(method, address, headers=headers, json={})
                        assert answer.status_code == 401, (method, path, answer.text)
                        assert answer.headers["content-type"] == "application/problem+json"
                        tried += 1
    assert tried > 100


async def test_a_visitors_chat_token_opens_nothing(floor: World) -> None:
    parts = floor.server.ports.chat
    session = await parts.join(floor.server.ports.companies[0].tenant, EN, None, 0)
    async with floor.browser() as visitor:
        for headers in (
            {"Authorization": f"Bearer {session.token}"},
            {"Cookie": f"voicebot_session={session.token}"},
        ):
            for path in ("contacts", "floor", "tasks", "customers/090-0000-1111/history"):
                assert (await visitor.get(f"/api/desk/{path}", headers=headers)).status_code == 401


async def test_a_forged_request_is_refused(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        del console.http.headers[CSRF_HEADER]
        answer = await console.post(f"contacts/{contact}/wrap_up")
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
        console.http.headers[CSRF_HEADER] = "forged"
        assert (await console.post(f"contacts/{contact}/wrap_up")).status_code == 403


async def test_other_companies_contacts_look_as_if_they_were_not_there(floor: World) -> None:
    async with floor.console("S01", presence="available") as mine, floor.browser("HL1") as other:
        contact = await talking(floor, mine)
        for method, path in (
            ("GET", f"contacts/{contact}"), ("GET", f"contacts/{contact}/packet"),
            ("GET", f"contacts/{contact}/events"), ("GET", f"contacts/{contact}/suggestion"),
            ("POST", f"contacts/{contact}/accept"),
            ("POST", f"contacts/{contact}/wrap_up"), ("POST", f"contacts/{contact}/note"),
            ("POST", f"conversations/{conversation_of(contact)}/take_over"),
            ("POST", f"conversations/{conversation_of(contact)}/listen"), ("PATCH", "agents/S01"),
            ("GET", "floor?tenant=shop"), ("GET", "contacts?tenant=shop"), ("GET", "contacts/ho-nothing"),
        ):  # fmt: skip
            body = {"text": "x"} if path.endswith("note") else {}
            answer = await other.request(method, f"/api/desk/{path}", json=body)
            assert answer.status_code == 404, (path, answer.text)


async def test_agents_read_their_own_contacts_and_leaders_all(floor: World) -> None:
    async with floor.console("S01", presence="available") as mine, floor.browser("S02") as colleague:
        contact = await talking(floor, mine)
        assert (await colleague.get(f"/api/desk/contacts/{contact}/packet")).json()["code"] == "not_yours"
        assert (await colleague.get("/api/desk/contacts")).json() == {"contacts": []}
        assert (await colleague.get("/api/desk/contacts?mine=false")).status_code == 403
        assert (await colleague.get("/api/desk/floor")).status_code == 403
        async with floor.browser("L01") as leader:
            listed = (await leader.get("/api/desk/contacts?mine=false")).json()["contacts"]
            assert [(one["id"], one["agent_name"]) for one in listed] == [(contact, "佐伯 みなみ")]
            assert (await leader.get(f"/api/desk/contacts/{contact}/packet")).json()["handoff_id"] == contact
            log = (await leader.get(f"/api/desk/contacts/{contact}/events?limit=2")).json()
            assert [one["event"]["type"] for one in log["events"]] == ["Started", "Heard"]
            assert log["next_after_seq"] == 2


async def test_markup_of_a_customer_comes_through_as_text(floor: World) -> None:
    markup = "<script>alert(1)</script>担当者をお願いします"
    async with floor.console("S01", presence="available") as console:
        contact = await floor.customer(said=(markup,))
        await console.hear("offer", contact__id=contact)
        await ok(console, f"contacts/{contact}/accept")
        heard = await console.hear("event", event__type="Heard")
        assert heard["event"]["text"] == markup
        answer = await console.http.get(f"/api/desk/contacts/{contact}/packet")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert markup in [one["text"] for one in answer.json()["transcript"]]


async def test_a_disposition_is_required_and_of_the_companys_list(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        await ok(console, f"contacts/{contact}/wrap_up")
        assert (await console.post(f"contacts/{contact}/close", {})).status_code == 422
        refused = await console.post(f"contacts/{contact}/close", {"code": "invented"})
        assert "order_answered" in refused.json()["detail"]
        await ok(console, f"contacts/{contact}/note", {"text": "次回は在庫を先に確認"})
        await ok(console, f"contacts/{contact}/close", {"code": "order_answered", "resolved": True, "note": "済み"})
        assert (await console.post(f"contacts/{contact}/close", {"code": "order_answered"})).status_code == 409
        notes = [one.event for one in await floor.store.events(conversation_of(contact))]
        assert [one.text for one in notes if isinstance(one, NoteWritten)] == ["次回は在庫を先に確認", "済み"]


async def test_canned_answers_name_the_agent_and_the_brand(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        replies = (await console.http.get(f"/api/desk/contacts/{contact}/replies")).json()["replies"]
        greeting = next(one for one in replies if one["id"] == "greeting")
        assert "佐伯 みなみ" in greeting["text"] and "{" not in greeting["text"]
        assert greeting["missing"] == []
        assert next(one for one in replies if one["id"] == "order_status")["missing"] == ["order_number"]


async def test_a_chat_is_transferred_and_given_back(floor: World) -> None:
    async with floor.console("S01", presence="available") as one:
        contact = await talking(floor, one)
        assert (await one.post(f"contacts/{contact}/transfer", {})).status_code == 422
        assert (await one.post(f"contacts/{contact}/transfer", {"queue": "q_none"})).status_code == 404
        assert (await one.post(f"contacts/{contact}/transfer", {"agent": "H01"})).status_code == 404
        assert (await one.post(f"contacts/{contact}/transfer", {"sip": "sip:pbx@127.0.0.1"})).status_code == 409
        assert (await ok(one, f"contacts/{contact}/transfer", {"agent": "S02", "note": "続きを"}))["state"] == "queued"
        await one.hear("contact", contact__id=contact, mine=False)
        async with floor.console("S02", presence="available") as two:
            await two.hear("offer", contact__id=contact)
            await ok(two, f"contacts/{contact}/accept")
            assert (await ok(two, f"contacts/{contact}/return"))["outcome"] == "returned"
    assert (await floor.store.conversation(conversation_of(contact))).owner == "bot"


async def test_a_call_is_held_muted_paused_and_hung_up(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console, Channel.VOICE)
        call = floor.call(contact)
        assert call.roles() == {"S01": "lead"}
        assert (await ok(console, f"contacts/{contact}/hold", {"on": True}))["on_hold"]
        assert (await ok(console, f"contacts/{contact}/mute", {"on": True}))["parties"][0]["muted"]
        await ok(console, f"contacts/{contact}/pause", {"on": True})
        assert (await ok(console, f"contacts/{contact}/hang_up"))["state"] == "wrapup"
        assert call.asked == [("pause", True), ("hang_up",)]


async def test_a_call_is_transferred_to_an_outside_address(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console, Channel.VOICE)
        bad = await console.post(f"contacts/{contact}/transfer", {"sip": "http://example.com"})
        assert bad.status_code == 422
        moved = await ok(console, f"contacts/{contact}/transfer", {"sip": "sip:queue@pbx.example"})
        assert moved["state"] == "wrapup"
        kind, uri, headers = floor.call(contact).asked[0]
        assert (kind, uri, headers["X-Voicebot-Handoff"]) == ("refer", "sip:queue@pbx.example", contact)


async def test_a_colleague_is_asked_joins_and_leads_from_then_on(floor: World) -> None:
    async with floor.console("S01", presence="available") as one, floor.console("S02") as two:
        contact = await talking(floor, one, Channel.VOICE)
        call = floor.call(contact)
        assert (await one.post(f"contacts/{contact}/complete_transfer")).json()["code"] == "nobody_there"
        assert (await ok(one, f"contacts/{contact}/consult", {"agent": "S02", "note": "型番"}))["on_hold"]
        invite = await two.hear("invite", contact=contact)
        assert (invite["by"], invite["note"]) == ("S01", "型番")
        packet = await two.http.get(invite["packet"])
        assert packet.json()["handoff_id"] == contact
        refused = await two.post(f"contacts/{contact}/media", {"sdp": SDP, "role": "expert"})
        assert refused.json()["code"] == "invite_over"
        stolen = {"sdp": SDP, "role": "expert", "invite": invite["invite"]}
        async with floor.browser("L01") as other:
            answer = await other.post(f"/api/desk/contacts/{contact}/media", json=stolen)
            assert answer.status_code == 403
        await ok(two, f"contacts/{contact}/media", stolen)
        await eventually(lambda: _roles(floor, contact, {"S01": "lead", "S02": "expert"}))
        assert not (await ok(one, f"contacts/{contact}/conference"))["on_hold"]
        await ok(two, f"contacts/{contact}/mute", {"on": True})
        assert (await ok(one, f"contacts/{contact}/complete_transfer"))["agent"] == "S02"
        assert call.roles() == {"S02": "lead"}
        await two.hear("contact", contact__id=contact, contact__state="active", mine=True)
        await one.hear("contact", contact__id=contact, mine=False)


async def _roles(floor: World, contact: str, wanted: dict[str, str]) -> bool:
    return floor.call(contact).roles() == wanted


async def test_an_outside_expert_is_rung_and_a_phone_nobody_answers_is_told(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console, Channel.VOICE)
        await ok(console, f"contacts/{contact}/consult", {"sip": "sip:expert@pbx.example"})
        await eventually(lambda: _roles(floor, contact, {"S01": "lead", "outside": "expert"}))
        assert (await ok(console, f"contacts/{contact}/consult/end"))["on_hold"] is False
        assert floor.call(contact).roles() == {"S01": "lead"}
        floor.phones.refusing = True
        await ok(console, f"contacts/{contact}/consult", {"sip": "sip:expert@pbx.example"})
        assert (await console.hear("error", contact=contact))["code"] == "phone_not_reached"


async def test_an_agent_with_a_sip_phone_is_rung_when_they_accept(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        changed = await console.http.patch("/api/desk/agents/S01", json={"endpoint": "sip:s01@127.0.0.1"})
        assert changed.json()["endpoint"] == "sip:s01@127.0.0.1"
        contact = await floor.customer(Channel.VOICE)
        await console.hear("offer", contact__id=contact)
        await ok(console, f"contacts/{contact}/accept")
        await console.hear("contact", contact__id=contact, contact__state="active")
        assert floor.phones.rung == ["sip:s01@127.0.0.1"]
        assert floor.call(contact).roles() == {"S01": "lead"}


async def test_a_leader_listens_whispers_joins_and_takes_over(floor: World) -> None:
    async with floor.console("S01", presence="available") as agent, floor.console("L01") as leader:
        contact = await talking(floor, agent, Channel.VOICE)
        conversation = conversation_of(contact)
        assert (await agent.post(f"conversations/{conversation}/listen", {"sdp": SDP})).status_code == 403
        assert (await leader.post(f"conversations/{conversation}/whisper", {})).json()["code"] == "sdp_needed"
        answer = await ok(leader, f"conversations/{conversation}/listen", {"sdp": SDP})
        assert answer["role"] == "listener" and "answer" in answer["sdp"]
        await eventually(lambda: _roles(floor, contact, {"S01": "lead", "L01": "listener"}))
        await ok(leader, f"conversations/{conversation}/whisper", {})
        assert floor.call(contact).roles()["L01"] == "whisperer"
        await ok(leader, f"conversations/{conversation}/join", {})
        assert floor.call(contact).roles()["L01"] == "speaker"
        taken = await ok(leader, f"conversations/{conversation}/take_over")
        assert taken["contact"]["agent"] == "L01"
        assert floor.call(contact).roles() == {"L01": "lead"}
        await agent.hear("contact", contact__id=contact, mine=False)
        audited = [row.line.what for row in await floor.people.audit.read(None, every=True)]
        assert {"listened_in", "took_over"} <= set(audited)


async def test_a_leader_whispers_and_joins_in_a_chat(floor: World) -> None:
    async with floor.console("S01", presence="available") as agent, floor.console("L01") as leader:
        contact = await talking(floor, agent)
        conversation = conversation_of(contact)
        await ok(leader, f"conversations/{conversation}/whisper", {"text": "返金できます"})
        await ok(leader, f"conversations/{conversation}/join", {"text": "三雲でございます"})
        said = [one.event for one in await floor.store.events(conversation) if isinstance(one.event, AgentSaid)]
        assert [(one.text, one.private, one.agent) for one in said] == [
            ("返金できます", True, "L01"),
            ("三雲でございます", False, "L01"),
        ]
        refused = await leader.post(f"conversations/{conversation}/listen", {"text": "x"})
        assert refused.json()["code"] == "only_listening"


async def test_skills_and_capacity_change_at_once_and_are_audited(floor: World) -> None:
    async with floor.console("S01") as agent, floor.browser("L01") as leader:
        await agent.hear("state")
        body = {"skills": {"orders": 5, "lang:ja": 5}, "capacity": {"chat": 1}}
        assert (await agent.http.patch("/api/desk/agents/S01", json=body)).status_code == 403
        changed = (await leader.patch("/api/desk/agents/S01", json=body)).json()
        assert changed["skills"] == {"orders": 5, "lang:ja": 5}
        assert changed["capacity"]["chat"] == 1
        await agent.hear("agent", agent__id="S01", me=True, agent__capacity__chat=1)
        assert (await leader.patch("/api/desk/agents/S01", json={"skills": {"orders": 9}})).status_code == 422
    rows = await floor.people.audit.read(None, every=True)
    line = next(row.line for row in rows if row.line.what == "agent_changed")
    assert (line.who, line.on, line.detail) == ("L01", "S01", {"fields": ["skills", "capacity"]})


async def test_the_floor_shows_everything_and_what_to_look_at(floor: World) -> None:
    async with floor.console("S01", presence="available") as agent, floor.browser("L01") as leader:
        contact = await talking(floor, agent)
        waiting = await floor.customer()
        seen = (await leader.get("/api/desk/floor")).json()
        assert {one["id"] for one in seen["contacts"]} == {contact, waiting}
        assert next(one for one in seen["agents"] if one["id"] == "S01")["load"]["chat"] == 1
        assert any(one["waiting"] == 1 for one in seen["queues"])


async def test_staffing_agrees_with_the_tables(floor: World) -> None:
    async with floor.browser("L01") as leader, floor.browser("S01") as agent:
        wanted = {"calls": 100, "aht_s": 180, "max_occupancy": 1}
        assert (await agent.post("/api/desk/staffing", json=wanted)).status_code == 403
        table = (await leader.post("/api/desk/staffing", json=wanted)).json()
        assert (table["erlangs"], table["needed"], table["model"]) == (10.0, 14, "erlang_c")
        fourteen = next(row for row in table["rows"] if row["agents"] == 14)
        assert round(fourteen["service_level"], 4) == 0.8884 and round(fourteen["asa_s"], 2) == 7.84
        assert next(row for row in table["rows"] if row["agents"] == 10)["asa_s"] is None


async def test_tasks_are_promised_given_away_and_finished(floor: World) -> None:
    async with floor.console("S01", presence="available") as mine, floor.console("S02") as colleague:
        contact = await talking(floor, mine)
        due = "2026-11-19T01:00:00Z"
        made = await ok(mine, "tasks", {"text": "在庫を確認", "due_at": due, "contact": contact})
        assert (made["owner"], made["state"], made["overdue"]) == ("S01", "open", False)
        await mine.hear("task", task__id=made["id"])
        assert (await mine.post("tasks", {"text": "x", "due_at": due, "owner": "S02"})).status_code == 403
        assert (await colleague.http.get("/api/desk/tasks")).json()["tasks"] == []
        path = f"/api/desk/tasks/{made['id']}"
        assert (await colleague.http.patch(path, json={"state": "done"})).status_code == 403
        async with floor.browser("HL1") as other:
            assert (await other.patch(path, json={"state": "done"})).status_code == 404
        async with floor.browser("L01") as leader:
            assert (await leader.patch(path, json={"owner": "H01"})).status_code == 404
            assert (await leader.patch(path, json={"owner": "S02"})).json()["owner_name"] == "堂本 亮"
        await colleague.hear("task", task__id=made["id"])
        done = await colleague.http.patch(path, json={"state": "done", "outcome": "連絡済み"})
        assert (done.json()["state"], done.json()["outcome"]) == ("done", "連絡済み")
        assert (await colleague.http.patch(path, json={"state": "done"})).status_code == 409


async def test_a_customers_history_is_found_by_number_and_every_look_audited(floor: World) -> None:
    async with floor.browser("S01") as agent, floor.browser("H01") as other:
        known = (await agent.get("/api/desk/customers/090-0000-1111/history")).json()
        assert known["known"] and known["interactions"][0]["summary"] == "返品の受付"
        assert not (await other.get("/api/desk/customers/090-0000-1111/history")).json()["known"]
        assert (await agent.get("/api/desk/customers/robert/history")).status_code == 422
    rows = await floor.people.audit.read(None, every=True)
    read = [row.line for row in rows if row.line.what == "history_read"]
    assert len(read) == 2 and "090" not in json.dumps([line.detail for line in read] + [line.on for line in read])


class Capitals:
    name = "capitals"

    async def translate(self, text: str, source: str, target: str) -> str:
        return text.upper()


async def test_translation_is_there_when_a_translator_is_connected(tmp_path: Path) -> None:
    wanted = {"text": "hello", "source": "en", "target": "ja"}
    (tmp_path / "one").mkdir()
    async with world(tmp_path / "one") as floor, floor.browser("S01") as agent:
        answer = await agent.post("/api/desk/translate", json=wanted)
        assert (answer.status_code, answer.json()["code"]) == (501, "no_translator")
    (tmp_path / "two").mkdir()
    async with world(tmp_path / "two", translator=Capitals()) as floor, floor.browser("S01") as agent:
        assert (await agent.post("/api/desk/translate", json=wanted)).json() == {"text": "HELLO", "by": "capitals"}


async def test_files_are_off_and_large_bodies_are_refused(floor: World) -> None:
    async with floor.console("S01", presence="available") as console:
        contact = await talking(floor, console)
        answer = await console.http.post(f"/api/desk/contacts/{contact}/files", content=b"\x89PNG")
        assert (answer.status_code, answer.json()["code"]) == (403, "files_off")
        answer = await console.http.post(f"/api/desk/contacts/{contact}/files", content=b"x" * 400_000)
        assert answer.status_code == 413


async def test_the_description_is_complete(floor: World) -> None:
    async with floor.browser() as client:
        document = (await client.get("/openapi.json")).json()
    operations = [
        one for path, methods in document["paths"].items() if path.startswith("/api/desk") for one in methods.values()
    ]
    assert len(operations) >= 40
    for one in operations:
        assert one["summary"] and one["description"] and one["operationId"].startswith("desk_")
        assert "application/json" in json.dumps(one["responses"]["401"])
    assert not [path for path in document["paths"] if path.startswith("/api/node")]
