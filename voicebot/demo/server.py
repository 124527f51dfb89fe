"""The demo back end's web face: the action-server webhook, and pages that show what the actions did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from voicebot.demo.call import ActionCall
from voicebot.demo.registry import actions_of
from voicebot.demo.state import TENANTS, DemoState, Record

_SESSION_SLOTS = {"tenant", "language", "caller_number", "channel"}
FLOWS = Path(__file__).resolve().parents[2] / "flows"
_TABLES = {
    "shop": {"orders": "order_number", "members": "member_number", "returns": "ticket", "repairs": "ticket",
             "subscriptions": "member", "catalogue": "item", "tickets": "ticket", "callbacks": "ticket",
             "documents": "order_number", "payments": "token"},
    "telecom": {"accounts": "account_number", "outages": "area", "visits": "account_number", "moves": "ticket",
                "ports": "account_number", "plans": "plan", "tickets": "ticket", "callbacks": "ticket",
                "payments": "token"},
}  # fmt: skip


class LatestMessage(BaseModel):
    """What the customer said last, of which only the words matter here."""

    model_config = ConfigDict(extra="ignore")
    text: str | None = None


class Tracker(BaseModel):
    """The part of Rasa's tracker that the actions read."""

    model_config = ConfigDict(extra="ignore")
    sender_id: str = "default"
    slots: dict[str, Any] = Field(default_factory=dict)
    latest_message: LatestMessage | None = None


class WebhookRequest(BaseModel):
    """A call of an action server, as rasa-sdk defines it."""

    model_config = ConfigDict(extra="ignore")
    next_action: str
    sender_id: str = "default"
    tracker: Tracker


def create_app(
    flows_dir: Path = FLOWS, state_file: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> FastAPI:
    """The service. ``state_file`` keeps changes over a restart; ``now`` gives the present as an aware datetime."""
    app = FastAPI(title="Demo back end", version="1")
    state = DemoState(now, flows_dir, state_file)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/actions")
    async def actions() -> list[dict[str, str]]:
        return [{"name": name} for name in sorted({name for tenant in TENANTS for name in actions_of(tenant)})]

    @app.post("/webhook")
    async def webhook(request: WebhookRequest) -> JSONResponse:
        return _run(state, request)

    @app.post("/reset")
    async def reset() -> dict[str, str]:
        state.reset()
        return {"status": "ok"}

    @app.get("/outbox")
    async def outbox(to: str | None = None) -> list[Record]:
        return [message for message in state.data["outbox"] if to is None or message["to"] == to]

    @app.get("/{tenant}/{table}")
    async def rows(tenant: str, table: str) -> list[Record]:
        _key(tenant, table)
        return state.table(tenant, table)

    @app.get("/{tenant}/{table}/{number}")
    async def row(tenant: str, table: str, number: str) -> Record:
        found = state.find(tenant, table, **{_key(tenant, table): number})
        if found is None:
            raise HTTPException(404, f"{tenant} has no {number!r} among its {table}")
        return found

    return app


def _key(tenant: str, table: str) -> str:
    if tenant not in _TABLES or table not in _TABLES[tenant]:
        known = ", ".join(f"{company}/{name}" for company, tables in _TABLES.items() for name in tables)
        raise HTTPException(404, f"nothing to see at {tenant}/{table}; there is {known}")
    return _TABLES[tenant][table]


def _run(state: DemoState, request: WebhookRequest) -> JSONResponse:
    slots = request.tracker.slots
    tenant = str(slots.get("tenant") or "")
    action = actions_of(tenant).get(request.next_action)
    if action is None:
        error = f"No registered action found for name '{request.next_action}' of company '{tenant}'."
        return JSONResponse({"error": error, "action_name": request.next_action}, status_code=404)
    said = request.tracker.latest_message
    call = ActionCall(
        tenant=tenant,
        sender=request.sender_id,
        state=state,
        language=str(slots.get("language") or "en"),
        text=(said.text or "") if said else "",
        slots=slots,
    )
    result = action(call)
    state.save()
    return JSONResponse({"events": _events(result), "responses": []})


def _events(result: Mapping[str, Any]) -> list[Record]:
    return [
        {"event": "slot", "timestamp": None, "name": name, "value": value}
        for name, value in result.items()
        if name not in _SESSION_SLOTS
    ]
