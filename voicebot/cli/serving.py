"""``voicebot serve``: answer at once, be ready when warm, drain before leaving."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable

from voicebot.clock import SystemClock
from voicebot.domain import TenantId
from voicebot.errors import ContentError, SettingsError, VoicebotError
from voicebot.memory import settle
from voicebot.nlu.corpus import is_stale
from voicebot.redaction import redact
from voicebot.settings import Settings, split_address
from voicebot.speech import Registry
from voicebot.store import SqlStore
from voicebot.web.app import build
from voicebot.web.chat_links import unheard
from voicebot.web.product import Product
from voicebot.web.serving import Server, server_config
from voicebot.web.tokens import ApiTokens

_log = logging.getLogger("voicebot")


async def serve(settings: Settings, on_ready: Callable[[Product], None] | None = None) -> None:
    """Run until SIGTERM or Ctrl-C.

    Raises:
        SettingsError: an address is taken.
        ModelError: a model is missing or wrong.
    """
    logging.basicConfig(
        level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    host, port = split_address(settings.http)
    _must_be_free(host, port)
    if told := unheard(settings, SystemClock()):
        _log.warning("%s", told)
    async with build(settings) as product:
        product.loading |= {"understanding", "speech"} | ({"the telephone"} if settings.sip else set())
        app = product.app()

        async def farewell() -> None:
            async with asyncio.TaskGroup() as draining:
                if product.sip is not None:
                    draining.create_task(product.sip.drain(settings.drain_s))
                if product.browser is not None:
                    draining.create_task(product.browser.drain(settings.drain_s))
            if product.sip is not None:
                await product.sip.close()
            await app.state.chats.drain()

        server = Server(
            server_config(
                app,
                host,
                port,
                log_level="warning",
                drain_s=round(settings.drain_s) + 5,
                proxies=settings.trusted_proxies,
            ),
            farewell,
        )
        web = asyncio.create_task(server.serve())
        work = asyncio.create_task(_warm(product, on_ready))
        lag = asyncio.create_task(product.telemetry.watch_loop())
        try:
            await asyncio.wait({web, work}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                _reraise(work)
            await web
        finally:
            server.should_exit = True
            for task in (work, lag):
                task.cancel()
            await asyncio.gather(web, work, lag, return_exceptions=True)
            if product.sip is not None:
                await product.sip.close()


def _reraise(work: asyncio.Task[None]) -> None:
    """Of several things that failed while loading, the first says enough."""
    try:
        work.result()
    except BaseExceptionGroup as problems:
        raise problems.exceptions[0] from None


async def _warm(product: Product, on_ready: Callable[[Product], None] | None) -> None:
    async with asyncio.TaskGroup() as loading:
        loading.create_task(_warm_text(product))
        loading.create_task(product.warm_voice())
    if product.settings.sip:
        await product.open_telephone()
    _log.info("ready")
    if on_ready is not None:
        on_ready(product)
    await asyncio.gather(_follow_models(product), _settled(product))


async def _settled(product: Product) -> None:
    """What makes the first conversations quicker; nothing is loaded after it."""
    settle()
    await asyncio.gather(_prerender(product), _warm_assist(product))
    settle()


async def _warm_text(product: Product) -> None:
    await ensure_trained(product.settings)
    await product.warm_text()


async def _warm_assist(product: Product) -> None:
    if product.warm_assist is not None:
        try:
            await product.warm_assist()
        except VoicebotError as error:
            _log.warning("the agents' assist gets ready when it is first needed: %s", error)


async def _prerender(product: Product) -> None:
    if product.settings.prerender:
        try:
            await product.prerender()
        except VoicebotError as error:
            _log.warning("fixed prompts are not rendered ahead: %s", error)


async def _follow_models(product: Product) -> None:
    """Take over what ``voicebot train`` and ``voicebot rollback`` release while we serve; SIGHUP asks at once."""
    asked = asyncio.Event()
    with contextlib.suppress(NotImplementedError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
    while True:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), 2.0)
        asked.clear()
        try:
            for tenant, model in (await product.understanding.refresh()).items():
                _log.info("%s now understands with model %s", tenant, model)
        except VoicebotError as error:
            _log.error("a new model was not taken over: %s", error)


async def ensure_trained(settings: Settings) -> None:
    """Train companies that have no model, or one of other data, in a process of its own.

    Raises:
        SettingsError: training failed; its own words are on standard error.
    """
    data, models, flows = (settings.content / name for name in ("nlu_data", "models/nlu", "flows"))
    with contextlib.suppress(ContentError):  # what is wrong with the data is told by the training itself
        if not await asyncio.to_thread(
            lambda: any(is_stale(tenant, data, models, flows) for tenant in settings.tenants)
        ):
            return
    command = [sys.executable, "-m", "voicebot.cli", "train", "--if-stale", "--only", "understanding"]
    training = await asyncio.create_subprocess_exec(*command, stdout=sys.stderr.fileno())
    try:
        code = await training.wait()
    finally:
        if training.returncode is None:
            training.terminate()
            await training.wait()
    if code != 0:
        raise SettingsError("The training data cannot be trained; see above. 'voicebot lint' names every problem.")


async def issue_token(settings: Settings, tenant: str | None, role: str) -> str:
    """A new API token in the store of these settings."""
    store = await SqlStore.open(settings.store_url, lambda text: redact(text).text)
    try:
        return await ApiTokens(store, SystemClock()).issue(None if tenant is None else TenantId(tenant), role)
    finally:
        await store.close()


def registry(settings: Settings) -> Registry:
    """The speech models of these settings."""
    return Registry(settings.data / "speech" / "models", own_dir=settings.models_dir)


def _must_be_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"VOICEBOT_HTTP {host}:{port} cannot be used: {error.strerror}. Stop what listens there or set another."
            ) from None
