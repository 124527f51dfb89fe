"""Webhook subscriptions and the notices that could not be delivered, for those who may change settings.

Annotations are evaluated here, because the dependencies are made by calls.
"""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from voicebot.domain import TenantId
from voicebot.errors import SettingsError
from voicebot.people import Capability, SignedIn
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import able, must_be_able
from voicebot.webhooks import KINDS, Delivery, Webhook, Webhooks

Operator = Annotated[SignedIn, Depends(able(Capability.EDIT_SETTINGS))]
Tenant = Annotated[str, Query(description="company id", examples=["shop"])]
_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "Nobody is signed in"},
    403: {"model": ProblemDocument, "description": "Not allowed"},
    404: {"model": ProblemDocument, "description": "No such webhook or notice"},
    422: {"model": ProblemDocument, "description": "The subscription cannot work"},
}


class WebhookNew(BaseModel):
    """A subscription. Without a secret one is made; it is shown once, in the answer."""

    tenant: str
    url: str = Field(max_length=500, examples=["https://crm.example/voicebot"])
    kinds: list[str] = Field(default=[], description=f"of {', '.join(KINDS)}; empty: all of them")
    secret: str | None = Field(None, min_length=16, max_length=200)


class WebhookShown(BaseModel):
    """A subscription as it stands; ``secret`` only right after it was made."""

    id: str
    tenant: str
    url: str
    kinds: list[str]
    enabled: bool
    secret: str | None = None


class DeliveryShown(BaseModel):
    """One notice that is waiting or was given up."""

    id: str
    webhook: str
    kind: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    answer: str


def router(hooks: Webhooks) -> APIRouter:
    """Everything under ``/api/webhooks``."""
    routes = APIRouter(prefix="/api/webhooks", tags=["webhooks"], responses=_ERRORS)

    @routes.get("", summary="Who is told of what")
    async def listed(who: Operator, tenant: Tenant) -> list[WebhookShown]:
        """A company's subscriptions, oldest first."""
        must_be_able(who, Capability.EDIT_SETTINGS, TenantId(tenant))
        return [_shown(hook) for hook in await hooks.listed(TenantId(tenant))]

    @routes.post("", summary="Subscribe an address", status_code=201)
    async def add(who: Operator, wanted: WebhookNew) -> WebhookShown:
        """Notices are signed with the secret: header ``X-Voicebot-Signature``, HMAC-SHA256 over time and body."""
        must_be_able(who, Capability.EDIT_SETTINGS, TenantId(wanted.tenant))
        secret = wanted.secret or secrets.token_urlsafe(32)
        try:
            hook = await hooks.add(TenantId(wanted.tenant), wanted.url, secret, wanted.kinds)
        except SettingsError as error:
            raise Problem(422, "webhook", str(error)) from None
        return _shown(hook).model_copy(update={"secret": secret})

    @routes.delete("/{webhook}", summary="Unsubscribe", status_code=204)
    async def remove(who: Operator, webhook: str, tenant: Tenant) -> None:
        """What was not delivered yet is dropped."""
        must_be_able(who, Capability.EDIT_SETTINGS, TenantId(tenant))
        await hooks.remove(TenantId(tenant), webhook)

    @routes.get("/dead", summary="Notices that were given up")
    async def dead(who: Operator, tenant: Tenant) -> list[DeliveryShown]:
        """Latest first."""
        must_be_able(who, Capability.EDIT_SETTINGS, TenantId(tenant))
        return [_delivery(one) for one in await hooks.dead(TenantId(tenant))]

    @routes.get("/pending", summary="Notices that wait for their next try")
    async def pending(who: Operator, tenant: Tenant) -> list[DeliveryShown]:
        """Latest first."""
        must_be_able(who, Capability.EDIT_SETTINGS, TenantId(tenant))
        return [_delivery(one) for one in await hooks.pending(TenantId(tenant))]

    @routes.post("/dead/{delivery}/again", summary="Try a notice once more", status_code=204)
    async def again(who: Operator, delivery: str, tenant: Tenant) -> None:
        """From its first try on."""
        must_be_able(who, Capability.EDIT_SETTINGS, TenantId(tenant))
        await hooks.again(TenantId(tenant), delivery)

    return routes


def _shown(hook: Webhook) -> WebhookShown:
    return WebhookShown(id=hook.id, tenant=hook.tenant, url=hook.url, kinds=list(hook.kinds), enabled=hook.enabled)


def _delivery(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        id=one.id,
        webhook=one.webhook,
        kind=one.kind,
        state=one.state,
        attempts=one.attempts,
        created_at=one.created_at,
        next_at=one.next_at,
        answer=one.answer,
    )
