"""The agents' door: ``/ws/desk`` carries the frames of :mod:`voicebot.web.desk.frames`.

Whatever a connection meets ends this connection at most. When it is gone the agent's contacts stay theirs until the
heartbeat is missed for long enough; a console that comes back in time goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from voicebot.channels.rate import TokenBucket
from voicebot.errors import Conflict, VoicebotError
from voicebot.people import SignedIn
from voicebot.web.desk.console import Console, Replaced
from voicebot.web.desk.consoles import OpenConsoles
from voicebot.web.desk.frames import ClientFrame, DeskClose, Hello, Offer, ServerFrame, Trouble
from voicebot.web.desk.outbox import Outbox
from voicebot.web.desk.parts import DeskParts
from voicebot.web.desk.reading import Unusable, read_frame
from voicebot.web.desk.taking import Taking
from voicebot.web.problems import Problem
from voicebot.web.signed_in import session_over, socket_signed_in

_log = logging.getLogger(__name__)


def router(desk: DeskParts, consoles: OpenConsoles) -> APIRouter:
    """The socket of consoles."""
    routes = APIRouter()

    @routes.websocket("/ws/desk")
    async def console(websocket: WebSocket) -> None:
        signed = await socket_signed_in(websocket)
        if signed is not None:
            await websocket.accept()
            await _Connection(websocket, desk, consoles, signed).serve()

    return routes


class _Closed(Exception):
    """This connection is to end. ``trouble`` is told first."""

    def __init__(self, code: int, trouble: Trouble | None = None) -> None:
        self.code, self.trouble = code, trouble


class _Connection:
    def __init__(self, websocket: WebSocket, desk: DeskParts, consoles: OpenConsoles, signed: SignedIn) -> None:
        self._socket, self._desk, self._consoles, self._signed = websocket, desk, consoles, signed
        self._settings = desk.ports.settings
        self._outbox = Outbox(self._settings.backlog)
        now_s = desk.ports.clock.monotonic()
        self._frames = TokenBucket.full(self._settings.frame_burst, self._settings.frames_per_s, now_s)
        self._strikes = 0

    async def serve(self) -> None:
        """Until it ends, one way or the other."""
        code: int = DeskClose.NORMAL
        self._consoles.add(self._farewell)
        try:
            if self._consoles.draining:
                raise _Closed(DeskClose.RESTARTING)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._converse(group))
                group.create_task(self._write())
                group.create_task(self._watch_session())
                group.create_task(self._watch_speed())
        except* _Closed as ends:
            code = await self._last_words(_first(ends))
        except* Replaced:
            code = await self._last_words(
                _Closed(DeskClose.REPLACED, Trouble(code="replaced", message="Another window has taken over."))
            )
        except* (WebSocketDisconnect, TimeoutError):
            code = DeskClose.TOO_SLOW
        except* Exception as errors:
            _log.error("the console of %s failed: %s", self._signed.person.id, type(_first(errors)).__name__)
            trouble = Trouble(code="internal", message="Something failed on our side. Your contacts are kept.")
            code = await self._last_words(_Closed(DeskClose.FAILED, trouble))
        finally:
            self._consoles.remove(self._farewell)
            await self._close(code)

    async def _converse(self, group: asyncio.TaskGroup) -> None:
        try:
            async with asyncio.timeout(self._settings.hello_s):
                hello = await self._hello()
        except TimeoutError:
            raise _Closed(DeskClose.BAD_CLIENT, Trouble(code="no_hello", message="No hello came.")) from None
        console = Console(self._desk, self._signed, self._outbox, group)
        taking = Taking(self._desk, console, self._outbox)
        async with self._desk.floors.watched_by(console):
            try:
                await console.begin(hello)
            except VoicebotError as error:
                _log.error("a console cannot begin: %s", type(error).__name__)
                trouble = Trouble(code="unavailable", message="The desk does not answer now. Try again in a moment.")
                raise _Closed(DeskClose.FAILED, trouble) from None
            while True:
                frame = await self._next()
                if frame is not None:
                    await self._take(taking, frame)

    async def _hello(self) -> Hello:
        while True:
            match await self._next():
                case Hello() as hello:
                    return hello
                case None:
                    continue
                case _:
                    self._strike(Trouble(code="hello_first", message='Begin with {"type": "hello"}.'))

    async def _take(self, taking: Taking, frame: ClientFrame) -> None:
        id, contact = getattr(frame, "id", None), getattr(frame, "contact", None)
        try:
            await taking.take(frame)
        except Problem as problem:
            self._outbox.push(Trouble(code=problem.code, message=problem.detail, id=id, contact=contact))
        except Conflict as error:
            self._outbox.push(Trouble(code="conflict", message=str(error), id=id, contact=contact))
        except VoicebotError as error:
            _log.error("a frame was not taken: %s", type(error).__name__)
            detail = "That could not be done now. Try again in a moment."
            self._outbox.push(Trouble(code="unavailable", message=detail, id=id, contact=contact, retry_after_ms=2000))

    async def _next(self) -> ClientFrame | None:
        """The next frame; None for one that was refused and answered. Reading slows down for a client that floods."""
        clock = self._desk.ports.clock
        self._frames, wait_s = self._frames.take(clock.monotonic())
        if wait_s > 0:
            await clock.sleep(wait_s)
            self._frames, _ = self._frames.take(clock.monotonic())
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise _Closed(DeskClose.NORMAL)
        raw = received.get("text")
        try:
            return read_frame(raw if raw is not None else received.get("bytes") or b"")
        except Unusable as error:
            self._strike(Trouble(code=error.code, message=error.message, id=error.id))
            return None

    def _strike(self, trouble: Trouble) -> None:
        self._outbox.push(trouble)
        self._strikes += 1
        if self._strikes >= self._settings.strikes:
            detail = "Too many frames that cannot be used. Check your client."
            raise _Closed(DeskClose.BAD_CLIENT, Trouble(code="too_many_errors", message=detail))

    async def _write(self) -> None:
        while True:
            frame = await self._outbox.take()
            await self._send(frame)
            if isinstance(frame, Offer):
                self._consoles.offered(frame, self._desk.ports.clock.now())

    async def _watch_session(self) -> None:
        await session_over(self._socket, self._signed)
        detail = "You are signed out. Sign in again."
        raise _Closed(DeskClose.SIGNED_OUT, Trouble(code="signed_out", message=detail))

    async def _watch_speed(self) -> None:
        await self._outbox.overflowed.wait()
        raise _Closed(DeskClose.TOO_SLOW)

    async def _send(self, frame: ServerFrame) -> None:
        """Send, or give the connection up when the client does not read."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise _Closed(DeskClose.NORMAL)
        async with asyncio.timeout(self._settings.send_s):
            await self._socket.send_text(frame.model_dump_json())

    async def _last_words(self, end: BaseException) -> int:
        assert isinstance(end, _Closed)
        if end.trouble is not None:
            try:
                await self._send(end.trouble)
            except (WebSocketDisconnect, TimeoutError, RuntimeError, _Closed):
                _log.debug("a console left before it was told")
        return end.code

    async def _farewell(self) -> None:
        await self._close(DeskClose.RESTARTING)

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(self._settings.send_s):
                await self._socket.close(code)
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            _log.debug("a console left before the close")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception itself inside a group."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
