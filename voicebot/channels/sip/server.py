"""The telephone: listens for SIP, registers at PBXs, hands every call to whoever leads conversations.

Signalling and packet pacing are native (baresip). Python only moves sound in and out, every ``_POLL_S``, for all
calls in one task.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import baresip
from baresip.events import Event, StackEvent

from voicebot.channels.line import CallDetails, VoiceLine
from voicebot.channels.sip.addresses import user_of
from voicebot.channels.sip.certificate import write_self_signed
from voicebot.channels.sip.line import SipLine
from voicebot.channels.sip.settings import SipAccount, SipSettings, Transport
from voicebot.errors import ChannelError, SettingsError

log = logging.getLogger("voicebot.sip")

OnCall = Callable[[VoiceLine], Awaitable[None]]

_POLL_S = 0.01
_PING_S = 5.0
_CATCH_ALL = "voicebot"
_SOUND_NICE = -10


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
        await _check_free(settings)
        certificate = await asyncio.to_thread(self._certificate)
        self._engine = baresip.Runtime(native_log_level="warning")
        self._engine.on_dead = self._on_dead
        try:
            await self._engine.start(
                baresip.Config(
                    net_interface=host,
                    max_concurrent_calls=settings.max_calls,
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
        name = self._agents.get(event.ua, ("", "udp", ""))[2]
        if name and event.event in (Event.REGISTER_OK, Event.REGISTER_FAIL):
            self._registrations[name] = event.event is Event.REGISTER_OK

    def _take(self, call: Any) -> None:
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


async def _check_free(settings: SipSettings) -> None:
    """The engine does not say which address it could not take, so it is tried beforehand.

    Raises:
        SettingsError: another program has the address.
    """
    loop = asyncio.get_running_loop()
    try:
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("0.0.0.0" if settings.any_host else settings.host, settings.port)
        )
    except OSError as problem:
        raise SettingsError(
            f"The telephone cannot listen on {settings.host}:{settings.port} ({problem.strerror}). "
            "Stop the other program or set VOICEBOT_SIP to a free address."
        ) from problem
    transport.close()
