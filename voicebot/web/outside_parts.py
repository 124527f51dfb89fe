"""What connects the product to other systems, by the settings: customer records, notices, an outside desk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from voicebot.clock import Clock
from voicebot.crm import Crm, EmbeddedCrm, HttpCrm
from voicebot.desk.model import Contact
from voicebot.desk.outside import AcdRemote, InboxRemote, OutsideDesk, PbxQueueRemote, Remote
from voicebot.desk.packet import READING_PATIENCE_S, PacketContent, PacketSource
from voicebot.domain import HandoffId, HandoffRequest, Language, TenantId
from voicebot.errors import NotFound, SettingsError
from voicebot.flows import TenantFlows
from voicebot.settings import Settings
from voicebot.store import SqlStore
from voicebot.web import outside_desk, subscriptions
from voicebot.web.keeping import Keeping
from voicebot.web.loose_ends import LooseEnds
from voicebot.web.notices import Notices
from voicebot.web.outside_desk import OutsidePorts, packets_router
from voicebot.web.ports import TokenChecker
from voicebot.web.records import Records
from voicebot.webhooks import Webhooks

_log = logging.getLogger(__name__)

_EMBEDDED = "embedded"
_LEAST_SECRET = 16


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that speaks with other systems, and what closes and keeps contacts; ``runners`` have to be run."""

    records: Records
    hooks: Webhooks
    ends: LooseEnds
    keeping: Keeping
    notices: Notices

    @property
    def runners(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What runs as long as the product does."""
        return self.ends.run, self.keeping.run, self.notices.run, self.hooks.run


def outside_of(
    settings: Settings,
    store: SqlStore,
    clock: Clock,
    content: Mapping[TenantId, TenantFlows],
    packets: Mapping[TenantId, PacketContent],
    stack: AsyncExitStack,
) -> Outside:
    """Build it; ``stack`` gets what has to be closed.

    Raises:
        SettingsError: an address without its secret.
    """
    own = EmbeddedCrm(store, clock, {tenant: flows.tenant.country for tenant, flows in content.items()})
    far: Crm | None = None
    if settings.crm:
        secret = settings.crm_secret.get_secret_value()
        if len(secret) < _LEAST_SECRET:
            raise SettingsError(f"VOICEBOT_CRM needs VOICEBOT_CRM_SECRET of at least {_LEAST_SECRET} characters.")
        crm = HttpCrm(settings.crm, secret, clock)
        stack.push_async_callback(crm.close)
        far = crm
    hooks = Webhooks(store, clock)
    stack.push_async_callback(hooks.close)
    return Outside(
        Records(far or own),
        hooks,
        LooseEnds(store, clock),
        Keeping(store, own, packets, clock, far),
        Notices(store, hooks, clock),
    )


def outside_desk_of(
    settings: Settings,
    store: SqlStore,
    clock: Clock,
    packet: Callable[[HandoffRequest], Awaitable[Mapping[str, Any]]],
) -> OutsideDesk | None:
    """The desk of another maker that VOICEBOT_DESK names; None for our own.

    Raises:
        SettingsError: the setting names no desk we know, or its secret is missing.
    """
    wanted = settings.desk
    if wanted == _EMBEDDED:
        return None
    kind, _, address = wanted.partition("+")
    secret = settings.desk_secret.get_secret_value()
    remote: Remote
    if wanted.startswith(("sip:", "sips:")):
        remote = PbxQueueRemote(wanted)
    elif len(secret) < _LEAST_SECRET:
        raise SettingsError(f"VOICEBOT_DESK needs VOICEBOT_DESK_SECRET of at least {_LEAST_SECRET} characters.")
    elif wanted.startswith(("http://", "https://")):
        remote = AcdRemote(wanted, secret, clock)
    elif kind == "inbox" and address.startswith(("http://", "https://")):
        remote = InboxRemote(
            address, settings.desk_inbox, settings.desk_account, settings.desk_token.get_secret_value()
        )
    else:
        raise SettingsError(
            f"VOICEBOT_DESK is {wanted!r}. Use embedded, https://... of an ACD, inbox+https://... or sip:queue@pbx."
        )
    return OutsideDesk(store, remote, packet, clock)


@dataclass(frozen=True, slots=True)
class RouterBase:
    """What those addresses stand on. ``find``: a contact of our own desk; it raises NotFound."""

    settings: Settings
    clock: Clock
    language: Language
    find: Callable[[HandoffId], Awaitable[Contact]]


def outside_routers(
    outside: Outside, desk: OutsideDesk | None, source: PacketSource, tokens: TokenChecker, base: RouterBase
) -> tuple[APIRouter, ...]:
    """The addresses other systems use."""

    async def packet(contact: HandoffId) -> tuple[TenantId, Mapping[str, Any]]:
        try:
            found = await base.find(contact)
        except NotFound:
            if desk is None:
                raise
            found = await desk.contact(contact)
        return found.tenant, (await source.packet(found, base.language, patience_s=READING_PATIENCE_S)).body

    routers = [subscriptions.router(outside.hooks), packets_router(packet, tokens)]
    if desk is not None:
        secret = base.settings.desk_secret.get_secret_value()
        routers.append(outside_desk.router(OutsidePorts(desk, secret, base.clock)))
    return tuple(routers)


@asynccontextmanager
async def running(runners: Sequence[Callable[[], Awaitable[None]]]) -> AsyncIterator[None]:
    """Everything that runs beside requests, until the block ends. One that breaks is named in the log."""
    tasks = [asyncio.create_task(_watched(run), name=getattr(run, "__qualname__", "runner")) for run in runners]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _watched(run: Callable[[], Awaitable[None]]) -> None:
    try:
        await run()
    except Exception as error:
        _log.error("%s stopped: %s", getattr(run, "__qualname__", "a runner"), type(error).__name__, exc_info=error)
        raise


def first_language(content: Mapping[TenantId, TenantFlows]) -> Language:
    """The language of packets that nobody in particular asks for: the first company's."""
    return next(iter(content.values())).tenant.default_language
