"""The visitor's door: ``/ws/chat/{tenant}`` carries the frames of :mod:`voicebot.channels.chat`.

A connection is a reader and a writer around one :class:`~voicebot.web.ports.ChatSession`. Whatever one of them meets
ends this connection at most; the conversation stays in the store and is taken up again with the resume token.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from voicebot.channels.chat import (
    Ack,
    Bye,
    ClientFrame,
    Close,
    FrameError,
    Hello,
    Message,
    Restarting,
    ServerFrame,
    Trouble,
    VisitorRead,
    VisitorTyping,
    Welcome,
    encode_frame,
    parse_frame,
)
from voicebot.channels.rate import TokenBucket
from voicebot.errors import Conflict, Forbidden, VoicebotError
from voicebot.web.ports import ChatSession, Company, Ports, WebSettings
from voicebot.web.sockets import OpenChats

_log = logging.getLogger(__name__)
_FRAME_BURST, _FRAMES_PER_S = 60.0, 20.0


def router(ports: Ports, chats: OpenChats) -> APIRouter:
    """The chat socket of every company."""
    routes = APIRouter()

    @routes.websocket("/ws/chat/{tenant}")
    async def chat(websocket: WebSocket, tenant: str, lang: str | None = None) -> None:
        connection = _Connection(websocket, ports, chats)
        await connection.serve(tenant, lang)

    return routes


def origin_allowed(origin: str | None, host: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether a browser page of ``origin`` may open a chat: our own pages always, others when listed.

    Clients that send no Origin are no browsers; nothing is won by refusing them.
    """
    if origin is None or "*" in allowed or origin in allowed:
        return True
    return host is not None and urlsplit(origin).netloc.lower() == host.lower()


class _Closed(Exception):
    """This connection is to end, with this code."""

    def __init__(self, code: int) -> None:
        self.code = code


class _Connection:
    def __init__(self, websocket: WebSocket, ports: Ports, chats: OpenChats) -> None:
        self._socket, self._ports, self._chats = websocket, ports, chats
        self._settings: WebSettings = ports.settings
        now_s = asyncio.get_running_loop().time()
        self._messages = TokenBucket.full(self._settings.message_burst, self._settings.messages_per_s, now_s)
        self._frames = TokenBucket.full(_FRAME_BURST, _FRAMES_PER_S, now_s)
        self._strikes = 0

    async def serve(self, tenant: str, lang: str | None) -> None:
        await self._socket.accept()
        code = Close.NORMAL
        self._chats.add(self._farewell)
        try:
            company = self._admit(tenant)
            await self._converse(company, lang)
        except _Closed as end:
            code = end.code
        except FrameError as error:
            self._chats.refused.labels(error.code).inc()
            await self._tell(Trouble(error.code, error.message))
            code = error.close or Close.POLICY
        except (WebSocketDisconnect, TimeoutError):
            code = Close.POLICY
        finally:
            self._chats.remove(self._farewell)
            await self._close(code)

    def _admit(self, tenant: str) -> Company:
        """The company, if this connection is welcome at all."""
        headers = self._socket.headers
        if not origin_allowed(headers.get("origin"), headers.get("host"), self._settings.origins):
            raise FrameError("origin", "This web site may not open a chat. Add its origin to VOICEBOT_ORIGINS.")
        if self._chats.draining:
            raise FrameError("restarting", Restarting().message, close=Close.RESTARTING)
        if self._chats.over:
            raise FrameError("busy", "All chat lines are taken. Try again in a moment.", close=Close.TRY_LATER)
        company = self._ports.company(tenant)
        if company is None:
            raise FrameError("unknown_company", "There is no such company here. Check the address.")
        return company

    async def _converse(self, company: Company, lang: str | None) -> None:
        async with asyncio.timeout(self._settings.hello_s):
            session = await self._welcome(company, lang)
        ended: BaseException | None = None
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._read(session))
                both.create_task(self._write(session))
        # Nothing is raised in these clauses: Python before 3.11.4 would wrap it in a group once more.
        except* _Closed as ends:
            ended = _first(ends)
        except* FrameError as errors:
            ended = ended or _first(errors)
        except* (WebSocketDisconnect, TimeoutError):
            ended = ended or _Closed(Close.POLICY)
        except* Exception as errors:
            _log.error("chat %s failed: %s", session.conversation, type(_first(errors)).__name__)
            ended = FrameError("internal", "Something failed on our side. Your chat is kept.", close=Close.FAILED)
        finally:
            await session.leave()
        if ended is not None:
            raise ended

    async def _welcome(self, company: Company, lang: str | None) -> ChatSession:
        """Wait for hello and open the chat; a token that is no good is said so, and hello may come again."""
        while True:
            match await self._next():
                case Hello() as hello:
                    try:
                        session = await self._ports.chat.join(
                            company.tenant, company.language(lang), hello.token, hello.last_seq
                        )
                    except Forbidden as error:
                        await self._tell(Trouble("token", str(error)))
                        self._strike()
                        continue
                    except VoicebotError as error:
                        _log.error("a chat could not be opened: %s", error)
                        raise FrameError(
                            "unavailable",
                            "The chat cannot be opened now. Try again in a moment.",
                            close=Close.TRY_LATER,
                        ) from None
                    try:
                        await self._send(
                            Welcome(session.conversation, session.token, session.language, session.resumed)
                        )
                    except BaseException:
                        await session.leave()
                        raise
                    return session
                case None:
                    continue
                case _:
                    await self._tell(Trouble("hello_first", 'Begin with {"type": "hello"}.'))
                    self._strike()

    async def _read(self, session: ChatSession) -> None:
        while True:
            match await self._next():
                case Message() as message:
                    await self._take(session, message)
                case Bye():
                    await session.end()
                    raise _Closed(Close.NORMAL)
                case Hello():
                    await self._tell(Trouble("hello_again", "This connection already has a chat. Open another one."))
                    self._strike()
                case VisitorTyping():
                    await session.typing()
                case VisitorRead() as read:
                    await session.read(read.seq)
                case None:
                    pass

    async def _take(self, session: ChatSession, message: Message) -> None:
        self._messages, wait_s = self._messages.take(asyncio.get_running_loop().time())
        if wait_s > 0:
            self._chats.refused.labels("rate_limited").inc()
            detail = "Too many messages at once. This one was not taken; send it again a little later."
            await self._tell(Trouble("rate_limited", detail, message.id, retry_after_ms=int(wait_s * 1000) + 1))
            return
        try:
            seq = await session.send(message.id, message.text)
        except Conflict:
            await self._tell(Trouble("ended", "This chat has ended. Start a new one.", message.id))
        except VoicebotError as error:
            _log.error("a chat message was not taken in %s: %s", session.conversation, type(error).__name__)
            detail = "The message could not be taken. Send it again in a moment."
            await self._tell(Trouble("unavailable", detail, message.id, retry_after_ms=3000))
        else:
            await self._send(Ack(message.id, seq))

    async def _write(self, session: ChatSession) -> None:
        async for event in session.events():
            await self._send(event)
        raise _Closed(Close.NORMAL)

    async def _next(self) -> ClientFrame | None:
        """The next frame; None for one that was refused and answered. Reading slows down for a client that floods."""
        self._frames, wait_s = self._frames.take(asyncio.get_running_loop().time())
        if wait_s > 0:
            await asyncio.sleep(wait_s)
            self._frames, _ = self._frames.take(asyncio.get_running_loop().time())
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code") or Close.NORMAL)
        raw = received.get("text")
        try:
            frame = parse_frame(raw if raw is not None else received.get("bytes") or b"")
        except FrameError as error:
            if error.close is not None:
                raise
            self._chats.refused.labels(error.code).inc()
            await self._tell(Trouble(error.code, error.message, error.id))
            self._strike()
            return None
        self._chats.frames.labels(frame.type).inc()
        return frame

    def _strike(self) -> None:
        self._strikes += 1
        if self._strikes >= self._settings.strikes:
            raise FrameError("too_many_errors", "Too many frames that cannot be used. Check your client.")

    async def _send(self, frame: ServerFrame) -> None:
        """Send, or give the connection up when the client does not read."""
        if self._socket.application_state is not WebSocketState.CONNECTED:
            raise _Closed(Close.NORMAL)
        async with asyncio.timeout(self._settings.send_s):
            await self._socket.send_text(encode_frame(frame))

    async def _tell(self, frame: ServerFrame) -> None:
        """Send something whose loss changes nothing."""
        try:
            await self._send(frame)
        except (WebSocketDisconnect, TimeoutError, _Closed):
            _log.debug("a client left before it was told")

    async def _farewell(self) -> None:
        await self._tell(Restarting())
        await self._close(Close.RESTARTING)

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(self._settings.send_s):
                await self._socket.close(code)
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            _log.debug("a client left before the close")


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first exception itself inside a group."""
    first: BaseException = group
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
