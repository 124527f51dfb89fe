"""The scripted desk on a real server, with our pages, headers, session cookie and proof against forged requests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from fastapi import Depends, FastAPI, Request, Response, WebSocket
from playwright.async_api import Browser, Page, expect
from starlette.websockets import WebSocketDisconnect

from tests.support.browser import new_page
from tests.support.desk_assist import assist_routes
from tests.support.desk_script import now, packet, pick, queues, replies
from tests.support.desk_server import SECRET, ScriptedFloor
from voicebot.domain import TenantId
from voicebot.web import analysis_pages, authoring_pages, desk_pages, pages, problems
from voicebot.web.desk import bodies
from voicebot.web.desk.views import TaskView
from voicebot.web.headers import SecurityHeaders
from voicebot.web.people_views import SessionView
from voicebot.web.problems import Problem
from voicebot.web.serving import Server, server_config
from voicebot.web.signed_in import COOKIE, signed_in, socket_signed_in


class _People:
    def __init__(self, floor: ScriptedFloor) -> None:
        self.sessions = floor.sessions


def scripted_app(floor: ScriptedFloor, origins: tuple[str, ...] = ()) -> FastAPI:
    """The pages as the product serves them, and this desk behind them."""
    app = FastAPI()
    app.state.people, app.state.tokens = _People(floor), None
    problems.install(app)
    for part in (desk_pages.router(origins), analysis_pages.router(), authoring_pages.router((TenantId("shop"),))):
        app.include_router(part)
    app.mount("/static", pages.static_files(), name="static")
    app.add_middleware(SecurityHeaders, frame_origins=origins, desk_origins=origins)
    who = [Depends(signed_in())]

    @app.get("/login")
    async def login() -> Response:
        return Response("<!doctype html><title>Login</title><h1>Login</h1>", media_type="text/html")

    @app.get("/api/session", dependencies=who)
    async def session() -> SessionView:
        return SessionView.of(floor.sessions.who)

    @app.delete("/api/session", dependencies=who, status_code=204)
    async def sign_out() -> None:
        floor.sessions.living = False

    @app.websocket("/ws/desk")
    async def console(websocket: WebSocket) -> None:
        if await socket_signed_in(websocket) is None:
            return
        await websocket.accept()
        floor.sockets.append(websocket)
        try:
            while True:
                frame = await websocket.receive_json()
                floor.received.append(frame)
                await floor.take(frame)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            floor.sockets.remove(websocket)

    app.include_router(assist_routes(floor), dependencies=who)

    @app.get("/api/desk/contacts/{id}", dependencies=who)
    async def one_contact(id: str) -> Any:
        if id not in floor.contacts:
            raise Problem(404, "not_found", "There is no such contact.")
        return floor.contacts[id]

    @app.get("/api/desk/contacts/{id}/packet", dependencies=who)
    async def read_packet(id: str, language: str = "ja") -> dict[str, Any]:
        contact = floor.contacts.get(id)
        medium = contact.medium if contact is not None else "chat"
        told = packet(language, id, id[3:-2], medium)
        if contact is not None and contact.headline is not None:
            told["headline"] = contact.headline.model_dump()
        return told

    @app.get("/api/desk/contacts/{id}/replies", dependencies=who)
    async def canned(id: str) -> bodies.Replies:
        return bodies.Replies(replies=replies(filled=True))

    @app.get("/api/desk/contacts/{id}/suggestion", dependencies=who)
    async def suggestion(id: str) -> bodies.Suggestion:
        label = pick(floor.lang, "返金を確認・督促", "Refund chased")
        return bodies.Suggestion(code="refund_chased", label=label, resolved=False, because=["attempt:refunds.get:ok"])

    @app.get("/api/desk/customers/{number}/history", dependencies=who)
    async def history(number: str) -> bodies.History:
        earlier = [
            bodies.Interaction(at=now() - timedelta(days=3), channel="voice", summary="返品の受付", resolved=True),
            bodies.Interaction(at=now() - timedelta(days=40), channel="web_chat", summary="配送日の変更"),
        ]
        return bodies.History(known=True, interactions=earlier)

    @app.post("/api/desk/contacts/{id}/{verb:path}", dependencies=who)
    async def command(id: str, verb: str, request: Request) -> Any:
        body = await request.json()
        floor.posted.append((f"{id}/{verb}", body))
        return await _obey(floor, id, verb, body)

    @app.post("/api/desk/tasks", dependencies=who)
    async def add_task(body: bodies.TaskNew) -> TaskView:
        task = TaskView(
            id=f"t-{len(floor.tasks) + 1}",
            tenant="shop",
            kind=body.kind,
            text=body.text,
            owner=body.owner or "S01",
            due_at=body.due_at,
            state="open",
            overdue=False,
            contact=body.contact,
            created_at=now(),
        )
        floor.tasks[task.id] = task
        return task

    @app.patch("/api/desk/tasks/{id}", dependencies=who)
    async def change_task(id: str, body: bodies.TaskChange) -> TaskView:
        done = floor.tasks.pop(id).model_copy(update={"state": body.state, "done_at": now()})
        return done

    @app.get("/api/desk/floor", dependencies=who)
    async def see_floor() -> bodies.Floor:
        alerts = [
            bodies.FloorAlert(kind="long_wait", queue="q_tech", detail="412"),
            bodies.FloorAlert(kind="no_answer", agent="S06"),
        ]
        return bodies.Floor(
            server_time=now(),
            agents=[floor.me, *floor.agents],
            contacts=[*floor.contacts.values()],
            queues=queues(floor.lang),
            alerts=alerts,
        )

    @app.patch("/api/desk/agents/{id}", dependencies=who)
    async def change_agent(id: str, body: bodies.AgentChange) -> Any:
        floor.posted.append((f"agents/{id}", body.model_dump(exclude_none=True)))
        return floor.changed_agent(id, **body.model_dump(exclude_none=True))

    @app.post("/api/desk/conversations/{conversation}/{verb}", dependencies=who)
    async def supervise(conversation: str, verb: str, body: bodies.Supervise) -> bodies.Supervised:
        floor.posted.append((f"conversations/{conversation}/{verb}", body.model_dump(exclude_none=True)))
        return bodies.Supervised(conversation=conversation, role="whisperer" if verb == "whisper" else "speaker")

    @app.post("/api/desk/staffing", dependencies=who)
    async def staffing(body: bodies.StaffingWanted) -> bodies.StaffingTable:
        floor.posted.append(("staffing", body.model_dump()))
        rows = [
            bodies.StaffingRow(agents=12, service_level=0.64, asa_s=40.4, waits=0.45, occupancy=0.83, meets=False),
            bodies.StaffingRow(agents=14, service_level=0.89, asa_s=7.8, waits=0.17, occupancy=0.71, meets=True),
        ]
        return bodies.StaffingTable(erlangs=10, needed=14, rostered=20, model="erlang_c", rows=rows)

    return app


async def _obey(floor: ScriptedFloor, id: str, verb: str, body: dict[str, Any]) -> Any:
    match verb:
        case "wrap_up" | "hang_up":
            until = now() + timedelta(seconds=90)
            await floor.change(id, state="wrapup", wrapup_at=now(), wrapup_until=until)
            return floor.contacts[id]
        case "active":
            await floor.change(id, state="active", active_at=now())
            return floor.contacts[id]
        case "close":
            bodies.Close.model_validate(body)
            await floor.change(id, mine=False, state="closed", closed_at=now())
        case "transfer" | "return":
            contact = floor.contacts[id]
            await floor.change(id, mine=False, state="queued")
            return contact
        case "note":
            await floor.happens(id, {"type": "NoteWritten", "agent": "S01", "text": body["text"]})
        case "hold":
            await floor.happens(id, {"type": "HoldChanged", "on": body["on"]})
            return bodies.Parties(conversation=floor.contacts[id].conversation, parties=[], on_hold=body["on"])
        case "media" if floor.answer is not None:
            answered: Awaitable[str] = floor.answer(body["sdp"])
            return {"sdp": await answered, "conversation": floor.contacts[id].conversation, "role": body["role"]}
        case "media":
            raise Problem(503, "no_line", "The call is over.")
    return None


@asynccontextmanager
async def desk_serving(floor: ScriptedFloor, origins: tuple[str, ...] = (), port: int = 0) -> AsyncIterator[str]:
    """Serve until the block ends; the address."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    bound.listen()
    number = bound.getsockname()[1]

    async def goodbye() -> None:
        await floor.drop()

    config = server_config(scripted_app(floor, origins), "127.0.0.1", number, log_level="error", drain_s=2)
    server = Server(config, goodbye)
    task = asyncio.create_task(server._serve([bound]))
    try:
        yield f"http://127.0.0.1:{number}"
    finally:
        server.should_exit = True
        await task
        bound.close()


async def sign_in(page: Page, address: str) -> None:
    """The cookie of the one session."""
    await page.context.add_cookies([{"name": COOKIE, "value": SECRET, "url": address}])


async def open_desk(browser: Browser, address: str, floor: ScriptedFloor, path: str = "/desk", **options: Any) -> Page:
    """The console of the scripted agent, connected."""
    page = await new_page(browser, lang=floor.lang, **options)
    await sign_in(page, address)
    await page.goto(address + path)
    if path.startswith("/desk") and "/" not in path.removeprefix("/desk"):
        await expect(page.locator(".presence").first).to_be_attached()
    return page
