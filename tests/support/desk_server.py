"""A desk for tests of its pages: speaks the console's frames, keeps a log, and does what a test tells it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fastapi import WebSocket
from pydantic import BaseModel
from starlette.websockets import WebSocketDisconnect

from tests.support.desk_script import (
    NAMES,
    agent,
    bot_part,
    breaks,
    dispositions,
    headline,
    now,
    pick,
    queues,
    replies,
)
from tests.support.waiting import eventually
from voicebot.domain import ContactState, Language, Presence, TenantId
from voicebot.people import Person, Role, SignedIn
from voicebot.web.desk import frames
from voicebot.web.desk.views import AgentView, ContactView, HeadlineView, PersonView, TaskView

SECRET = "the-secret-of-the-session"
Medium = Literal["voice", "chat"]


class _Sessions:
    """One session, until it is ended."""

    def __init__(self, who: SignedIn) -> None:
        self.who, self.living = who, True

    async def resume(self, secret: str, _address: str) -> SignedIn | None:
        return self.who if self.living and secret == SECRET else None


class ScriptedFloor:
    """One agent's desk. ``received`` holds every frame of the page, ``posted`` every request that changes something."""

    def __init__(self, lang: str = "ja", roles: tuple[Role, ...] = (Role.AGENT,)) -> None:
        self.lang = lang
        person = Person("S01", TenantId("shop"), "s01", NAMES["S01"], frozenset(roles), Language(lang))
        expires = datetime.now(UTC) + timedelta(hours=8)
        self.sessions = _Sessions(SignedIn(person, "csrf-of-the-session", "s-1", expires))
        self.me = agent("S01", "break", language=lang, since=now())
        self.contacts: dict[str, ContactView] = {}
        self.logs: dict[str, list[frames.Logged]] = {}
        self.sockets: list[WebSocket] = []
        self.received: list[dict[str, Any]] = []
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.tasks: dict[str, TaskView] = {}
        self.agents = [agent("S02"), agent("S04", busy=True, load={"voice": 1}), agent("S06", "break", reason="lunch")]
        self.deaf = False
        """Take messages and acknowledge none, as a line that dies."""
        self.refuse_assist = False
        """Take no feedback on cards."""
        self.answer: Callable[[str], Awaitable[str]] | None = None
        """Answers an SDP offer; without it calls cannot be joined."""

    # --- what a test tells it to do -----------------------------------------------------------------------------------

    async def push(self, frame: BaseModel) -> None:
        await self._to_all(frame.model_dump_json())

    async def push_json(self, frame: dict[str, Any]) -> None:
        await self._to_all(json.dumps(frame))

    async def _to_all(self, text: str) -> None:
        """A page that has just gone misses it, and nobody else does."""
        for one in [*self.sockets]:
            with suppress(WebSocketDisconnect, RuntimeError):
                await one.send_text(text)

    async def offer(self, medium: Medium = "chat", lease_s: float = 45, who: str | None = None) -> str:
        """Offer a customer who talked to the bot; the contact's id."""
        await eventually(self._connected)
        number = len(self.contacts) + 1
        id, conversation = f"ho-c-{number}-1", f"c-{number}"
        said = headline(self.lang, medium) | ({"who": who} if who else {})
        self.contacts[id] = ContactView(
            id=id,
            tenant="shop",
            conversation=conversation,
            channel="voice" if medium == "voice" else "web_chat",
            medium=medium,
            language="ja",
            queue="q_general",
            queue_label=pick(self.lang, "ご注文・返品", "Orders and returns"),
            state="offered",
            reason="customer_asked",
            priority=5,
            enqueued_at=now() - timedelta(seconds=73),
            waited_s=73,
            packet=f"/api/desk/contacts/{id}/packet",
            agent="S01",
            headline=HeadlineView.model_validate(said),
            lease_until=now() + timedelta(seconds=lease_s),
            version=2,
        )
        self.logs[conversation] = []
        for event in bot_part(medium):
            self._write(conversation, event)
        await self._ring(id)
        return id

    async def goes_and_comes_back(self, id: str) -> None:
        """The contact is queued again and offered here once more, as when a called back customer was busy."""
        gone = self.contacts[id]
        await self.change(id, mine=False, state="queued", agent=None)
        lease = now() + timedelta(seconds=45)
        again = {"state": ContactState.OFFERED, "version": gone.version + 2, "lease_until": lease}
        self.contacts[id] = gone.model_copy(update=again)
        await self._ring(id)

    async def withdraw(self, id: str, why: Literal["timed_out", "withdrawn"] = "withdrawn") -> None:
        del self.contacts[id]
        await self.push(frames.OfferOver(contact=id, why=why))

    async def customer_says(self, id: str, text: str) -> None:
        event = {
            "type": "Heard",
            "utterance": f"u{now().timestamp()}",
            "text": text,
            "language": "ja",
            "source": "text",
        }
        await self.happens(id, event)

    async def happens(self, id: str, event: dict[str, Any]) -> None:
        await self.push(self._write(self.contacts[id].conversation, event))

    async def customer_types(self, id: str) -> None:
        await self.push(frames.Typing(contact=id, conversation=self.contacts[id].conversation, who="customer"))

    async def customer_reads(self, id: str) -> None:
        conversation = self.contacts[id].conversation
        seq = self.logs[conversation][-1].seq
        await self.push(frames.ReadNews(contact=id, conversation=conversation, who="customer", seq=seq))

    async def change(self, id: str, *, mine: bool = True, **fields: Any) -> None:
        before = self.contacts[id]
        if "state" in fields:
            fields["state"] = ContactState(fields["state"])
        contact = before.model_copy(update={"version": before.version + 1, **fields})
        self.contacts[id] = contact
        if not mine:
            del self.contacts[id]
        await self.push(frames.ContactNews(contact=contact, mine=mine))

    async def invite(self, medium: Medium = "chat") -> str:
        """A colleague asks for advice."""
        id = await self._foreign(medium)
        contact = self.contacts.pop(id)
        await self.push(
            frames.Invite(
                contact=id,
                conversation=contact.conversation,
                medium=medium,
                by="S02",
                by_name=NAMES["S02"],
                note=pick(self.lang, "返金の前倒しは可能でしょうか", "Can this refund be brought forward?"),
                invite="signed",
                expires_at=now() + timedelta(minutes=5),
                packet=contact.packet,
            )
        )
        return id

    async def drop(self, code: int = 1012) -> None:
        """The line breaks."""
        for one in [*self.sockets]:
            with suppress(WebSocketDisconnect, RuntimeError):
                await one.close(code)

    def texts_said(self) -> list[str]:
        """What the agent said, once each."""
        return [
            one.event["text"]  # type: ignore[misc]
            for log in self.logs.values()
            for one in log
            if one.event["type"] == "AgentSaid"
        ]

    # --- what pages ask -----------------------------------------------------------------------------------------------

    async def take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "hello":
                frames.CLIENT_FRAME.validate_python(frame)
                await self._welcome(frame.get("seen", {}), whole=frame.get("takes_contacts", True))
            case "heartbeat":
                await self.push(frames.Beat(server_time=now()))
            case "presence":
                reason = frame["reason"]
                self.me = self.me.model_copy(
                    update={"presence": Presence(frame["state"]), "reason": reason, "since": now()}
                )
                await self.push(frames.AgentNews(agent=self.me, me=True))
            case "accept":
                await self._accept(frame["contact"])
            case "decline":
                del self.contacts[frame["contact"]]
                await self.push(frames.OfferOver(contact=frame["contact"], why="declined"))
            case "say":
                await self._say(frame)
            case "watch":
                await self._history(frame["conversation"], frame["after_seq"])

    async def _say(self, frame: dict[str, Any]) -> None:
        if self.deaf:
            return
        conversation = self.contacts[frame["contact"]].conversation
        known = [one for one in self.logs[conversation] if one.event.get("utterance") == frame["id"]]
        if not known:
            said = {"agent": "S01", "name": NAMES["S01"], "language": "ja", "source": "text", "private": False}
            event = {"type": "AgentSaid", "utterance": frame["id"], "text": frame["text"], **said}
            known = [self._write(conversation, event)]
            await self.push(known[0])
        await self.push(frames.Ack(id=frame["id"], seq=known[0].seq))

    async def _accept(self, id: str) -> None:
        if id not in self.contacts:
            await self.push(frames.Trouble(code="conflict", message="gone", contact=id))
            return
        voice = self.contacts[id].medium == "voice"
        await self.push(frames.OfferOver(contact=id, why="accepted"))
        state = "accepted" if voice else "active"
        await self.change(id, state=state, lease_until=None, accepted_at=now(), active_at=None if voice else now())
        await self._history(self.contacts[id].conversation, 0)
        await self.happens(id, {"type": "ContactChanged", "handoff": id, "change": "accepted", "agent": "S01"})

    async def _history(self, conversation: str, after: int) -> None:
        log = self.logs[conversation]
        for one in log:
            if one.seq > after:
                await self.push(one)
        await self.push(frames.CaughtUp(conversation=conversation, seq=log[-1].seq))

    async def _welcome(self, seen: dict[str, int], *, whole: bool) -> None:
        who = self.sessions.who.person
        await self.push(
            frames.State(
                person=PersonView(
                    id=who.id, name=who.name, tenant="shop", roles=[str(role) for role in who.roles], language=self.lang
                ),
                me=self.me,
                contacts=[*self.contacts.values()] if whole else [],
                queues=queues(self.lang),
                team=[self.me, *self.agents],
                breaks=breaks(self.lang),
                dispositions=dispositions(self.lang),
                replies=replies(filled=False),
                tasks=[*self.tasks.values()],
                server_time=now(),
            )
        )
        for contact in self.contacts.values() if whole else ():
            if contact.state == "offered":
                await self._ring(contact.id)
            else:
                await self._history(contact.conversation, seen.get(contact.conversation, 0))

    async def _ring(self, id: str) -> None:
        contact = self.contacts[id]
        assert contact.headline is not None
        await self.push(
            frames.Offer(
                contact=contact,
                headline=contact.headline,
                lease_until=contact.lease_until,
                packet=contact.packet,
                server_time=now(),
            )
        )

    async def _foreign(self, medium: Medium) -> str:
        await eventually(self._connected)
        id = f"ho-c-{len(self.logs) + 1}-1"
        conversation = id[3:-2]
        self.contacts[id] = ContactView(
            id=id,
            tenant="shop",
            conversation=conversation,
            channel="web_chat",
            medium=medium,
            language="ja",
            queue="q_general",
            queue_label="q",
            state="active",
            reason="customer_asked",
            priority=5,
            enqueued_at=now(),
            waited_s=1,
            packet=f"/api/desk/contacts/{id}/packet",
            version=3,
        )
        self.logs[conversation] = []
        for event in bot_part(medium):
            self._write(conversation, event)
        return id

    def _write(self, conversation: str, event: dict[str, Any]) -> frames.Logged:
        log = self.logs[conversation]
        one = frames.Logged(conversation=conversation, seq=len(log) + 1, at=now(), event=event)
        log.append(one)
        return one

    async def _connected(self) -> bool:
        return bool(self.sockets) and any(frame["type"] == "hello" for frame in self.received)

    def changed_agent(self, id: str, **fields: Any) -> AgentView:
        place = next(number for number, one in enumerate(self.agents) if one.id == id)
        self.agents[place] = self.agents[place].model_copy(update=fields)
        return self.agents[place]
