"""What connects the product to other systems, by the settings: customer records, notices, an outside desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from voicebot.clock import Clock
from voicebot.crm import Crm, EmbeddedCrm, HttpCrm
from voicebot.desk.outside import AcdRemote, InboxRemote, OutsideDesk, PbxQueueRemote, Remote
from voicebot.desk.packet import PacketContent
from voicebot.domain import HandoffRequest, TenantId
from voicebot.errors import SettingsError
from voicebot.flows import TenantFlows
from voicebot.settings import Settings
from voicebot.store import SqlStore
from voicebot.web.keeping import Keeping
from voicebot.web.notices import Notices
from voicebot.web.records import Records
from voicebot.webhooks import Webhooks

_EMBEDDED = "embedded"
_LEAST_SECRET = 16


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that speaks with other systems; ``keeping`` and ``notices`` and ``hooks`` have to be run."""

    records: Records
    hooks: Webhooks
    keeping: Keeping
    notices: Notices

    @property
    def runners(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """What runs as long as the product does."""
        return self.keeping.run, self.notices.run, self.hooks.run


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
    return Outside(Records(far or own), hooks, Keeping(store, own, packets, clock, far), Notices(store, hooks, clock))


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
