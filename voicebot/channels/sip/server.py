"""The telephone: listens for SIP, registers at PBXs, hands every call to whoever leads conversations.

Signalling and packet pacing are native (baresip). Python only moves sound in and out, every ``_POLL_S``, for all
calls in one task.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import baresip
from baresip.events import Event, StackEvent

from voicebot.channels.line import CallDetails, VoiceLine
from voicebot.channels.sip.addresses import user_of
from voicebot.channels.sip.certificate import write_self_signed
from voicebot.channels.sip.free import check_free
from voicebot.channels.sip.line import SipLine
from voicebot.channels.sip.reaching import NotReached, Outcome, checked_address, checked_header, host_of, transport_of
from voicebot.channels.sip.settings import SipAccount, SipSettings, Transport
from voicebot.errors import ChannelError, SettingsError

log = logging.getLogger("voicebot.sip")

OnCall = Callable[[VoiceLine], Awaitable[None]]

_POLL_S = 0.01
_PING_S = 5.0
_CATCH_ALL = "voicebot"
_SOUND_NICE = -10
_LEGS_A_CALL = 2
"""A caller and the person of the desk who talks to them."""


@dataclass(frozen=True, slots=True)
class SipHealth:
    """How the telephone is. ``alive`` false: the process has to be restarted, the engine cannot be."""

    alive: bool
    calls: int
    draining: bool
    registrations: dict[str, bool] = field(default_factory=dict)


class SipServer:
    """One listening address; several DIDs, transports and PBX registrations. One live server per process."""

    def __init__(self, settings: SipSettings, on_call: OnCall) -> None:
        self.settings = settings
        self.on_call = on_call
        self._engine: Any = None
        self._lines: dict[int, SipLine] = {}
        self._agents: dict[int, tuple[str, Transport, str]] = {}
        self._numbers: dict[tuple[str, Transport], Any] = {}
        self._accounts: dict[str, Any] = {}
        self._early: deque[StackEvent] = deque(maxlen=256)
        self._registrations: dict[str, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._work = asyncio.Event()
        self._alive = False
        self._draining = False
        self._folder: Path | None = None

    async def start(self) -> None:
        """Listen, and begin to register. A PBX that is away is tried again and again by the engine.

        Raises:
            SettingsError: the address cannot be listened on, or an account cannot be written for the engine.
        """
        settings = self.settings
        host = None if settings.any_host else settings.host
        await check_free(settings)
        certificate = await asyncio.to_thread(self._certificate)
        self._engine = baresip.Runtime(native_log_level="warning")
        self._engine.on_dead = self._on_dead
        try:
            await self._engine.start(
                baresip.Config(
                    net_interface=host,
                    max_concurrent_calls=settings.max_calls * _LEGS_A_CALL,
                    rtp_timeout=settings.rtp_timeout_s,
                    expose_headers=("To", *settings.headers),
                    native_log_level="warning",
                    extra_config_text=settings.engine_text(certificate),
                )
            )
            self._prefer_sound()
            self._engine.subscribe(self._on_event)
            for transport in settings.transports:
                for did in settings.dids or (_CATCH_ALL,):
                    await self._listen(did, transport, catch_all=not settings.dids)
            for account in settings.accounts:
                await self._register(account)
        except (baresip.BaresipError, ValueError) as problem:
            await self.close()
            raise SettingsError(
                f"The telephone cannot start on {settings.host}:{settings.port}: {problem}"
            ) from problem
        self._alive = True
        self._spawn(self._poll(), "sip poll")
        self._spawn(self._watch(), "sip watch")
        log.info("telephone listens on %s:%d (%s)", settings.host, settings.port, ", ".join(settings.transports))

    async def dial(
        self,
        uri: str,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 30.0,
        *,
        shown: str | None = None,
        account: str = "",
        on_ringing: Callable[[], None] | None = None,
    ) -> SipLine:
        """Call somebody; returns when they have answered and can be talked to. Cancelling it stops the ringing.

        ``uri`` may be a bare number, which is dialled at ``account``, or at the only account there is. ``shown`` is the
        number they see: one of our DIDs, or any by the grace of the trunk (P-Asserted-Identity). ``account`` names a
        registration as :class:`SipHealth` does; without it the account of the address's domain is used, or none.

        Raises:
            NotReached: ``outcome`` says why.
            ChannelError: the telephone is not running, or the other side cannot be talked to.
        """
        if not self._alive or self._draining:
            raise ChannelError("The telephone takes no calls now.")
        uri = checked_address(self._address(uri, account))
        sent = dict(checked_header(name, value) for name, value in (headers or {}).items())
        agent, name = self._caller_for(uri, shown, account)
        did, transport, _ = self._agents[agent.handle]
        if shown and shown != did:
            sent.setdefault("P-Asserted-Identity", f"<sip:{checked_header('P', shown)[1]}@{host_of(uri)}>")
        try:
            call = await agent.dial(uri, sent)
        except (baresip.BaresipError, ValueError) as problem:
            raise NotReached(Outcome.UNREACHABLE, detail=type(problem).__name__) from problem
        details = CallDetails(user_of(uri), shown or did, call.call_id or "", transport, name, sent)
        line = SipLine(call, details, self.settings.ahead_ms, dialled=True)
        self._lines[call.handle] = line
        self._work.set()
        self._spawn(self._until_over(call.handle, line, on_ringing), f"dialled {call.handle}")
        for event in tuple(self._early):
            call._on_stack_event(event)
        await line.reached(timeout_s)
        return line

    async def drain(self, timeout_s: float | None = None) -> bool:
        """Refuse new calls (486) and wait for the live ones. False when ``timeout_s`` passed first."""
        self._draining = True
        if not self._alive:
            return not self._lines
        try:
            await asyncio.wait_for(self._engine.drain(), timeout_s)
        except TimeoutError:
            return False
        except baresip.BaresipError as problem:
            log.error("draining failed: %s", problem)
            return False
        return True

    async def close(self) -> None:
        """Hang up every call, unregister, stop the engine. May be called at any time, and twice."""
        lines = list(self._lines.values())
        await asyncio.gather(*(line.hang_up("server stops") for line in lines))
        tasks, self._tasks = self._tasks, set()
        leading = {task for task in tasks if task.get_name().startswith("call ")}
        if leading:
            await asyncio.wait(leading, timeout=2.0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        engine, self._engine = self._engine, None
        self._alive = False
        if engine is not None:
            await engine.close()
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, True)
            self._folder = None

    @property
    def health(self) -> SipHealth:
        """Alive, how many calls, which registrations stand."""
        return SipHealth(self._alive, len(self._lines), self._draining, dict(self._registrations))

    @property
    def lines(self) -> tuple[SipLine, ...]:
        """The live calls."""
        return tuple(self._lines.values())

    def _address(self, uri: str, account: str) -> str:
        """A bare number as an address of the trunk that carries it; anything else as it is."""
        name = account or (next(iter(self._accounts)) if len(self._accounts) == 1 else "")
        return uri if ":" in uri or not name else f"sip:{uri}@{name.rpartition('@')[2]}"

    def _caller_for(self, uri: str, shown: str | None, account: str) -> tuple[Any, str]:
        """Who calls: the account asked for, that of the domain, or one of our numbers on a fitting transport."""
        host = host_of(uri)
        names = [account] if account else [name for name in self._accounts if name.rpartition("@")[2].lower() == host]
        for name in names:
            if name not in self._accounts:
                raise NotReached(Outcome.FAILED, detail="there is no such account")
            return self._accounts[name], name
        transport = transport_of(uri) or ("udp" if "udp" in self.settings.transports else self.settings.transports[0])
        fitting = [agent for (did, way), agent in self._numbers.items() if way == transport and did == shown]
        fitting += [agent for (_, way), agent in self._numbers.items() if way == transport]
        if not fitting:
            raise NotReached(Outcome.UNREACHABLE, detail=f"we do not speak SIP over {transport}")
        return fitting[0], ""

    async def _until_over(self, handle: int, line: SipLine, on_ringing: Callable[[], None] | None) -> None:
        """Keep a dialled line until its end."""
        try:
            if on_ringing is not None:
                ends = asyncio.ensure_future(line.over())
                rings = asyncio.ensure_future(line.ringing.wait())
                await asyncio.wait({ends, rings}, return_when=asyncio.FIRST_COMPLETED)
                if line.ended is None:
                    on_ringing()
                for waiting in (ends, rings):
                    waiting.cancel()
            await line.over()
        finally:
            self._lines.pop(handle, None)

    # --- starting --------------------------------------------------------------------------------------------------

    def _certificate(self) -> Path | None:
        settings = self.settings
        tls = "tls" in settings.transports or any(account.transport == "tls" for account in settings.accounts)
        if settings.certificate is not None or not tls:
            return settings.certificate
        self._folder = Path(tempfile.mkdtemp(prefix="voicebot-sip-"))
        log.warning("SIP over TLS uses a self-signed certificate made just now; set a certificate file for real use")
        return write_self_signed(self._folder / "sip.pem", "localhost" if settings.any_host else settings.host)

    def _prefer_sound(self) -> None:
        """Let packets go before recognition and synthesis when processors are short.

        The engine's own thread starts those that send and receive, and they inherit its priority. An operator who
        gives the process no right to raise it should lower that of the speech workers instead.
        """
        thread = self._engine._thread
        try:
            os.setpriority(os.PRIO_PROCESS, thread.native_id, _SOUND_NICE)
        except (OSError, AttributeError) as problem:
            log.info("sound runs at ordinary priority (%s)", problem)

    def _parameters(self, *, catch_all: bool) -> tuple[str, ...]:
        """Account parameters. An empty codec list for video keeps the engine from sending re-INVITEs."""
        encryption = {"off": (), "optional": ("mediaenc=srtp",), "required": ("mediaenc=srtp-mand",)}
        return ("video_codecs=", *(("catchall=yes",) if catch_all else ()), *encryption[self.settings.srtp])

    async def _listen(self, did: str, transport: Transport, *, catch_all: bool) -> None:
        """Answer ``did``. An agent answers on its own transport only."""
        host = "localhost" if self.settings.any_host else self.settings.host
        account = baresip.Account(
            user=did,
            domain=f"{f'[{host}]' if ':' in host else host}:{self.settings.port}",
            password="",
            reg_interval=0,
            transport=transport,
            audio_codecs=self.settings.codecs,
            extra_params=self._parameters(catch_all=catch_all),
        )
        agent = await baresip.UserAgent.create(self._engine, account, transfer_policy="reject")
        self._agents[agent.handle] = ("" if catch_all else did, transport, "")
        self._numbers[did, transport] = agent
        agent.on_incoming(self._take)

    async def _register(self, account: SipAccount) -> None:
        agent = await baresip.UserAgent.create(
            self._engine,
            baresip.Account(
                user=account.user,
                domain=account.domain,
                password=account.password,
                registrar=account.registrar,
                reg_interval=account.expires_s,
                transport=account.transport,
                audio_codecs=self.settings.codecs,
                auth_user=account.auth_user,
                extra_params=self._parameters(catch_all=False),
            ),
            transfer_policy="reject",
        )
        self._agents[agent.handle] = ("", account.transport, account.name)
        self._accounts[account.name] = agent
        self._registrations[account.name] = False
        agent.on_incoming(self._take)
        self._spawn(self._first_registration(agent, account.name), f"register {account.name}")

    async def _first_registration(self, agent: Any, name: str) -> None:
        """Later refreshes and repeated tries are the engine's; their outcome arrives as events."""
        try:
            await agent.register()
        except baresip.BaresipError as problem:
            log.error("registration of %s failed: %s. It is tried again.", name, problem)

    # --- running ---------------------------------------------------------------------------------------------------

    def _on_event(self, event: StackEvent) -> None:
        if event.call not in self._lines:
            self._early.append(event)
        name = self._agents.get(event.ua, ("", "udp", ""))[2]
        if name and event.event in (Event.REGISTER_OK, Event.REGISTER_FAIL):
            self._registrations[name] = event.event is Event.REGISTER_OK

    def _take(self, call: Any) -> None:
        taken = sum(line.ended is None and not line.dialled for line in self._lines.values())
        if taken >= self.settings.max_calls:
            self._spawn(_refuse(call), "refuse a call")
            return
        did, transport, account = self._agents.get(call._ua_handle, ("", "udp", ""))
        headers = {name: value for name, value in call.headers.items() if name != "To"}
        details = CallDetails(
            caller=user_of(call.peer),
            called=did or user_of(call.headers.get("To")) or "",
            call_id=call.call_id or "",
            transport=transport,
            account=account,
            headers=headers,
        )
        line = SipLine(call, details, self.settings.ahead_ms)
        self._lines[call.handle] = line
        self._work.set()
        self._spawn(self._lead(call.handle, line), f"call {call.handle}")

    async def _lead(self, handle: int, line: SipLine) -> None:
        """One call from ringing to its end. A fault in it ends this call and no other."""
        try:
            await self.on_call(line)
        except ChannelError as problem:
            log.info("call not taken: %s", problem, extra={"sip_call_id": line.details.call_id})
        except Exception:
            log.exception("a call was led into an error", extra={"sip_call_id": line.details.call_id})
        finally:
            try:
                await line.hang_up("conversation over")
            finally:
                self._lines.pop(handle, None)

    async def _poll(self) -> None:
        due = time.monotonic()
        while True:
            if not self._lines:
                self._work.clear()
                await self._work.wait()
                due = time.monotonic()
            now = time.monotonic()
            for line in tuple(self._lines.values()):
                try:
                    line.poll(now)
                except Exception:
                    log.exception("sound of a call stopped", extra={"sip_call_id": line.details.call_id})
                    line.engine_died()
            due = max(due + _POLL_S, now)
            await asyncio.sleep(due - now)

    async def _watch(self) -> None:
        """Ask the engine regularly for a sign of life; one that does not answer takes no calls."""
        while True:
            await asyncio.sleep(_PING_S)
            try:
                await self._engine.set_native_log_level("warning")
            except baresip.RuntimeDead:
                return
            except baresip.BaresipError as problem:
                if self._alive:
                    log.critical("the telephone engine does not answer: %s", problem)
                self._alive = False
            else:
                self._alive = True

    def _on_dead(self) -> None:
        self._alive = False
        log.critical("the telephone engine has died; restart the process")
        for line in tuple(self._lines.values()):
            line.engine_died()

    def _spawn(self, work: Any, name: str) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _refuse(call: Any) -> None:
    """486: no room for another caller."""
    with contextlib.suppress(baresip.BaresipError):
        await call.reject()
