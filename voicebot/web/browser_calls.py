"""Calls from web pages: each is held like a telephone call, with its words shown beside the sound."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing

from voicebot.channels.line import CallDetails, Frame
from voicebot.channels.webrtc import WebRtcLine, WebRtcServer, WebRtcSettings, parse_ice
from voicebot.clock import Clock
from voicebot.conversation.call import Call, VoiceServices
from voicebot.conversation.chat import line_of
from voicebot.conversation.mouth import new_id
from voicebot.domain import ConversationId, Ended, Json, Language, Recorded, TenantId
from voicebot.errors import ChannelError, StoreError
from voicebot.settings import Settings, split_address

_log = logging.getLogger("voicebot.webrtc")

LONGEST_CHECK_S = 90.0
_CHECK_REPORT_S = 1.0
_PAGE = 500


def webrtc_settings(settings: Settings) -> WebRtcSettings:
    """Where browsers reach us: where pages are served from, unless addresses are given. Raises SettingsError."""
    host, _ = split_address(settings.http)
    loopback = host in ("127.0.0.1", "::1", "[::1]", "localhost")
    low, _, high = settings.webrtc_ports.partition("-")
    return WebRtcSettings(
        hosts=settings.webrtc_hosts or (("127.0.0.1",) if loopback else ()),
        ice=parse_ice(settings.webrtc_ice.get_secret_value()),
        udp_ports=(int(low), int(high)) if settings.webrtc_ports else None,
        max_peers=2 * settings.max_calls,
    )


class BrowserCalls:
    """Takes offers of pages; owns the tasks that hold the calls."""

    def __init__(
        self, server: WebRtcServer, clock: Clock, parts: Callable[[], VoiceServices], missing: Callable[[], str]
    ) -> None:
        self._server, self._clock, self._parts, self._missing = server, clock, parts, missing
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._ready: VoiceServices | None = None

    @property
    def ice(self) -> Sequence[Mapping[str, Json]]:
        """STUN and TURN servers for browsers."""
        return [server.for_browser() for server in self._server.settings.ice]

    @property
    def unavailable(self) -> str:
        """Why no call can be taken now, in words of an operator; empty when one can."""
        return "shutting down" if self._draining else self._missing()

    @property
    def count(self) -> int:
        """Browsers that are calling."""
        return self._server.calls

    async def call(self, tenant: TenantId, language: Language, sdp: str) -> str:
        """Answer a visitor's offer; the call goes on by itself.

        Raises:
            ChannelError: the offer is no good, or all lines are taken.
        """
        details = CallDetails(None, f"web-{tenant}", call_id=new_id("w-"), transport="webrtc")
        line, answer = await self._server.answer(sdp, details)
        self._start(self._hold(line, tenant, language), "browser call")
        return answer

    async def check(self, sdp: str) -> str:
        """Answer an offer with a line that echoes, for the page that finds out what is broken.

        Raises:
            ChannelError: the offer is no good, or all lines are taken.
        """
        details = CallDetails(None, "web-check", call_id=new_id("w-"), transport="webrtc")
        line, answer = await self._server.answer(sdp, details)
        self._start(self._echo(line), "browser check")
        return answer

    async def drain(self, within_s: float) -> None:
        """Take no more calls; those that go on may finish for so long, then they are ended."""
        self._draining = True
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=within_s)
        await self.close()

    async def close(self) -> None:
        """End every call and wait until its log is closed."""
        self._draining = True
        await self._server.close()
        tasks = tuple(self._tasks)
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=10)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _start(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s failed: %s", task.get_name(), type(error).__name__, exc_info=error)

    def _services(self) -> VoiceServices:
        if self._ready is None:
            self._ready = self._parts()
        return self._ready

    async def _hold(self, line: WebRtcLine, tenant: TenantId, language: Language) -> None:
        captions: asyncio.Task[None] | None = None
        try:
            call = Call(self._services(), line, tenant, language)
            captions = asyncio.create_task(self._caption(call, line, language), name="captions")
            await call.hold()
        except StoreError as error:
            _log.error("a browser call was not taken: %s", error)
        finally:
            if captions is not None:
                captions.cancel()
                await asyncio.gather(captions, return_exceptions=True)
            await line.hang_up("over")

    async def _caption(self, call: Call, line: WebRtcLine, language: Language) -> None:
        """Show what is said, from the log, so that the page says what the log says."""
        await line.wanted.wait()
        conversation = call.conversation
        line.tell({"type": "conversation", "conversation": conversation})
        store, seen = self._services().services.store, 0
        async with aclosing(store.subscribe(conversation)) as following:
            for recorded in await store.events(conversation, after_seq=0, limit=_PAGE):
                seen = recorded.seq
                _show(line, recorded, language, conversation)
            async for recorded in following:
                if recorded.seq > seen:
                    seen = recorded.seq
                    _show(line, recorded, language, conversation)
                if isinstance(recorded.event, Ended):
                    return

    async def _echo(self, line: WebRtcLine) -> None:
        """Send back what comes, and tell how it came, until the page leaves or it has been long enough."""
        try:
            async with asyncio.timeout(LONGEST_CHECK_S):
                await line.answer()
                told_s = self._clock.monotonic()
                async for event in line.frames():
                    if isinstance(event, Frame):
                        line.play(event.samples)
                    if self._clock.monotonic() - told_s >= _CHECK_REPORT_S:
                        told_s = self._clock.monotonic()
                        line.tell({"type": "check", **line.stats()})
        except (TimeoutError, ChannelError) as over:
            _log.info("a browser check is over: %s", type(over).__name__)
        finally:
            await line.hang_up("check over")


def _show(line: WebRtcLine, recorded: Recorded, language: Language, conversation: ConversationId) -> None:
    shown = line_of(recorded, language)
    if shown is not None:
        line.caption(
            {
                "from": shown.sender.value,
                "kind": shown.kind.value,
                "text": shown.text,
                "lang": shown.language,
                "seq": shown.seq,
                "at": shown.at.isoformat(),
                "final": True,
                "conversation": conversation,
            }
        )
