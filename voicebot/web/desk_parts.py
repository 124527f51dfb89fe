"""The parts of the product as the console asks for them, made from content, settings and store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import select

from voicebot.channels.line import CallDetails, VoiceLine
from voicebot.channels.webrtc import WebRtcServer
from voicebot.clock import Clock
from voicebot.conversation.live import LiveCalls
from voicebot.desk import Contact, DeskContent, EmbeddedDesk, Medium, load_desk
from voicebot.desk.company import Resolved
from voicebot.desk.content import FILE
from voicebot.desk.packet import OFFER_PATIENCE_S, PacketContent, PacketSource
from voicebot.desk.staffing import Staffed, agents_needed, staffed
from voicebot.domain import ContactState, HandoffId, Language, TenantId
from voicebot.errors import BadMessage, Conflict, NotFound
from voicebot.flows import TenantFlows
from voicebot.people import People
from voicebot.settings import Settings
from voicebot.store import SqlStore, event_to_json
from voicebot.store.desk_tables import desk_nodes
from voicebot.web.desk import DeskParts
from voicebot.web.desk.bodies import StaffingRow, StaffingTable, StaffingWanted
from voicebot.web.desk.ports import Accompanying, DeskCompany, DeskPorts, DeskSettings, Disposition, Reply
from voicebot.web.dialling import Telephones
from voicebot.web.records import Records

_log = logging.getLogger(__name__)
_ALIVE = timedelta(seconds=15)
_AROUND = 5
_SETTLING = 20
_RESOLVED = {Resolved.YES: True, Resolved.NO: False, Resolved.UNKNOWN: None}


def node_of(settings: Settings) -> str:
    """Where other processes reach this one."""
    return settings.node_url.rstrip("/") or f"http://{settings.http}"


def desk_contents(flows: Path, content: Mapping[TenantId, TenantFlows]) -> dict[TenantId, DeskContent]:
    """The desks of the companies that have one. Raises ContentError."""
    return {tenant: load_desk(flows, tenant) for tenant in content if (flows / tenant / FILE).is_file()}


def with_desks(
    content: Mapping[TenantId, TenantFlows], contents: Mapping[TenantId, DeskContent]
) -> dict[TenantId, TenantFlows]:
    """Companies' flows with what their desks decide: how often somebody who waits hears of it."""
    return {
        tenant: replace(flows, policy=replace(flows.policy, comfort_ms=round(desk.times.comfort_s * 1000)))
        if (desk := contents.get(tenant)) is not None
        else flows
        for tenant, flows in content.items()
    }


def company_desk(flows: TenantFlows, content: DeskContent) -> DeskCompany:
    """What the console shows of a company's desk content."""
    return DeskCompany(
        tenant=content.tenant,
        languages=content.languages,
        brand={Language(language): name for language, name in flows.tenant.brand.items()},
        queues={queue.id: queue.label for queue in content.queues.values()},
        breaks={choice.code: choice.label for choice in content.breaks},
        dispositions=tuple(
            Disposition(code.code, code.label, _RESOLVED[code.resolved]) for code in content.dispositions
        ),
        replies=tuple(Reply(reply.key, reply.text) for reply in content.replies),
        wrapup_s=dict.fromkeys(Medium, content.times.wrapup_s),
    )


def staffing(wanted: StaffingWanted) -> StaffingTable:
    """The rows around the fewest agents that meet the target. Raises BadMessage when nobody could."""
    interval_s = wanted.interval_min * 60
    try:
        best = agents_needed(
            wanted.calls,
            wanted.aht_s,
            wanted.target,
            wanted.target_s,
            interval_s,
            patience_s=wanted.patience_s,
            shrinkage=wanted.shrinkage,
            max_occupancy=wanted.max_occupancy,
        )
    except ValueError as error:
        raise BadMessage(f"This cannot be staffed: {error}.") from None
    around = range(max(1, best.agents - _AROUND), best.agents + _AROUND + 1)
    rows = [
        staffed(wanted.calls, wanted.aht_s, interval_s, agents, wanted.target_s, wanted.patience_s) for agents in around
    ]
    return StaffingTable(
        erlangs=best.load_erlangs,
        needed=best.agents,
        rostered=best.rostered,
        model="erlang_c" if wanted.patience_s is None else "erlang_a",
        rows=[_row(row, wanted) for row in rows],
    )


def _row(row: Staffed, wanted: StaffingWanted) -> StaffingRow:
    return StaffingRow(
        agents=row.agents,
        service_level=row.service_level,
        asa_s=None if row.mean_wait_s == inf else row.mean_wait_s,
        waits=row.must_wait,
        occupancy=row.occupancy,
        abandoned=row.abandoned if wanted.patience_s is not None else None,
        meets=row.service_level >= wanted.target and row.occupancy <= wanted.max_occupancy,
    )


class Headsets:
    """Agents' browsers as voice lines."""

    def __init__(self, server: WebRtcServer) -> None:
        self._server = server

    async def answer(self, sdp: str, details: CallDetails) -> tuple[VoiceLine, str]:
        """See :meth:`voicebot.web.desk.live.Headset.answer`."""
        return await self._server.answer(sdp, details)


class Nodes:
    """The processes that share this store and are alive."""

    def __init__(self, store: SqlStore, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def __call__(self) -> Sequence[str]:
        """Their addresses, this one's included."""
        query = select(desk_nodes.c.id).where(desk_nodes.c.heartbeat_at > self._clock.now() - _ALIVE)
        async with self._store.reading() as connection:
            return [str(row.id) for row in await connection.execute(query)]


class HandoffPackets:
    """Packets as the schema has them."""

    def __init__(self, source: PacketSource) -> None:
        self._source = source

    async def packet(
        self, contact: Contact, agent_language: Language, *, patience_s: float = OFFER_PATIENCE_S
    ) -> Mapping[str, Any]:
        """See :meth:`voicebot.desk.packet.PacketSource.packet`."""
        return (await self._source.packet(contact, agent_language, patience_s=patience_s)).body


@dataclass(frozen=True, slots=True)
class DeskBase:
    """What the console stands on, as the composition root has it."""

    settings: Settings
    secret: bytes
    store: SqlStore
    clock: Clock
    desk: EmbeddedDesk
    people: People
    content: Mapping[TenantId, TenantFlows]
    contents: Mapping[TenantId, DeskContent]
    packets: Mapping[TenantId, PacketContent]
    records: Records
    live: LiveCalls
    browsers: WebRtcServer
    telephones: Telephones
    registry: CollectorRegistry
    assist: Accompanying | None = None


def desk_parts(base: DeskBase) -> DeskParts:
    """The console's server side on the real parts."""
    return DeskParts(
        DeskPorts(
            desk=base.desk,
            log=base.store,
            audit=base.people.audit,
            packets=HandoffPackets(PacketSource(base.store, base.packets, base.clock, base.records)),
            calls=base.live,
            headset=Headsets(base.browsers),
            dialler=base.telephones,
            customers=base.records,
            companies={tenant: company_desk(base.content[tenant], one) for tenant, one in base.contents.items()},
            nodes=Nodes(base.store, base.clock),
            encode_event=event_to_json,
            clock=base.clock,
            registry=base.registry,
            settings=DeskSettings(node=node_of(base.settings), secret=base.secret),
            staffing=staffing,
            assist=base.assist,
        )
    )


async def customer_left(desk: EmbeddedDesk, contact: HandoffId) -> None:
    """The customer of a callback hung up: the agent who has it goes on to wrap-up."""
    try:
        found = await desk.contact(contact)
        for _ in range(_SETTLING):
            if found.state is not ContactState.ACCEPTED:
                break
            await asyncio.sleep(0.1)  # hung up at once: that they answered is still being written
            found = await desk.contact(contact)
        if found.agent is not None:
            await desk.wrap_up(contact, found.agent)
    except (Conflict, NotFound):
        _log.info("contact %s was over before its customer left", contact)


@asynccontextmanager
async def routing(desk: EmbeddedDesk) -> AsyncIterator[None]:
    """The desk's clockwork runs until the block ends."""
    task = asyncio.create_task(desk.run(), name="desk")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
