"""Administration of accounts, and the audit log.

Annotations are evaluated here, because the dependencies are made by calls.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from voicebot.domain import Language, TenantId
from voicebot.people import Capability, Person, Role, SignedIn, Wanted
from voicebot.web.people_views import AuditView, PersonView
from voicebot.web.problems import Problem, ProblemDocument
from voicebot.web.signed_in import able, must_be_able, people_of

Administrator = Annotated[SignedIn, Depends(able(Capability.EDIT_ACCOUNTS))]
Auditor = Annotated[SignedIn, Depends(able(Capability.READ_AUDIT))]
Tenant = Annotated[str | None, Query(description="company id; of the installation's people when absent or empty")]
_ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ProblemDocument, "description": "Nobody is signed in"},
    403: {"model": ProblemDocument, "description": "Not allowed to this account, or not there"},
    404: {"model": ProblemDocument, "description": "No such account"},
}


class AccountNew(BaseModel):
    """An account to be made; ``id`` is the agent's id for people who take contacts, made up when absent."""

    login: str = Field(max_length=100, examples=["sato"])
    name: str = Field(max_length=100, examples=["佐藤 美咲"])
    tenant: str | None = Field(None, description="company id; null for the installation")
    roles: list[Role] = Field(min_length=1)
    language: str = Field("en", pattern="^[a-z]{2,3}$")
    id: str = Field("", pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$|^$")
    grants: list[str] = Field(default=[], description="other companies whose customers they serve")


class AccountChange(BaseModel):
    """What is to be changed; what is absent stays."""

    name: str | None = Field(None, max_length=100)
    roles: list[Role] | None = Field(None, min_length=1)
    language: str | None = Field(None, pattern="^[a-z]{2,3}$")
    disabled: bool | None = None
    grants: list[str] | None = None


class PasswordGiven(BaseModel):
    """How a person gets a new password. ``link``: they choose it themselves; otherwise one is generated."""

    link: bool = True


class PasswordShown(BaseModel):
    """Shown this once. Exactly one is set: a password that must be changed at once, or the path of a link."""

    password: str | None = None
    link: str | None = Field(default=None, description="path on this server; works once, for a day")


class AccountList(BaseModel):
    """Accounts by login."""

    accounts: list[PersonView]


class AccountAdded(PasswordShown):
    """A new account and the link by which its owner chooses a password."""

    account: PersonView


class AuditList(BaseModel):
    """Lines, latest first; ``next_before`` asks for the older ones."""

    lines: list[AuditView]
    next_before: int | None = None


def router(tenants: tuple[TenantId, ...], left: Callable[[str, None], Awaitable[None]] | None = None) -> APIRouter:
    """``/api/accounts`` and ``/api/audit``; accounts belong to one of ``tenants`` or to the installation.

    ``left(account, None)`` is awaited when every session of an account has been ended.
    """
    routes = APIRouter(prefix="/api", tags=["people"], responses=_ERRORS)

    def known(tenant: str | None) -> TenantId | None:
        if tenant and tenant not in tenants:
            raise Problem(422, "unknown_company", "There is no such company here. Check the id.")
        return TenantId(tenant) if tenant else None

    async def theirs(request: Request, account: str, who: SignedIn) -> Person:
        """The account, if it is in reach; one of another company looks as if it did not exist. Raises NotFound."""
        person = await people_of(request).accounts.get(account)
        must_be_able(who, Capability.EDIT_ACCOUNTS, person.tenant)
        return person

    @routes.get("/accounts", summary="Accounts in reach", operation_id="accounts")
    async def accounts(request: Request, who: Administrator, tenant: Tenant = None) -> AccountList:
        """Of one's own company; people of the installation see everybody, or one company with ``tenant``."""
        people = people_of(request)
        if who.person.tenant is None and tenant is None:
            found = await people.accounts.list(None, every=True)
        else:
            wanted = known(tenant) if tenant is not None else who.person.tenant
            must_be_able(who, Capability.EDIT_ACCOUNTS, wanted)
            found = await people.accounts.list(wanted)
        return AccountList(accounts=[PersonView.of(person) for person in found])

    @routes.post("/accounts", summary="Add an account", operation_id="add_account", status_code=201)
    async def add(request: Request, given: AccountNew, who: Administrator) -> AccountAdded:
        """The person chooses a password by the link, which works once."""
        people = people_of(request)
        wanted = Wanted(
            login=given.login,
            name=given.name,
            tenant=known(given.tenant if given.tenant is not None else who.person.tenant),
            roles=frozenset(given.roles),
            language=Language(given.language),
            id=given.id,
            grants=tuple(sorted({one for one in map(known, given.grants) if one is not None})),
        )
        person = await people.accounts.add(wanted, who)
        link = await people.accounts.make_link(person.id, who)
        return AccountAdded(account=PersonView.of(person), link=f"/login?link={link}")

    @routes.get("/accounts/{account}", summary="One account", operation_id="account")
    async def one(request: Request, account: str, who: Administrator) -> PersonView:
        """Who somebody is and what they may do."""
        return PersonView.of(await theirs(request, account, who))

    @routes.patch("/accounts/{account}", summary="Change an account", operation_id="change_account")
    async def change(request: Request, account: str, given: AccountChange, who: Administrator) -> PersonView:
        """A disabled account is signed out everywhere at once, open consoles included."""
        await theirs(request, account, who)
        grants = None if given.grants is None else {one for one in map(known, given.grants) if one is not None}
        changed = await people_of(request).accounts.change(
            account,
            who,
            name=given.name,
            roles=given.roles,
            language=None if given.language is None else Language(given.language),
            disabled=given.disabled,
            grants=grants,
        )
        if given.disabled and left is not None:
            await left(account, None)
        return PersonView.of(changed)

    @routes.post("/accounts/{account}/password", summary="Give a new password", operation_id="reset_password")
    async def password(request: Request, account: str, given: PasswordGiven, who: Administrator) -> PasswordShown:
        """By a link, or generated and to be changed at the first sign-in; neither can be read again."""
        await theirs(request, account, who)
        people = people_of(request).accounts
        if given.link:
            return PasswordShown(link=f"/login?link={await people.make_link(account, who)}")
        return PasswordShown(password=await people.set_password(account, None, who))

    @routes.delete(
        "/accounts/{account}/sessions", summary="Sign somebody out", operation_id="end_sessions", status_code=204
    )
    async def cut_off(request: Request, account: str, who: Administrator) -> None:
        """Ends every session of an account."""
        await theirs(request, account, who)
        await people_of(request).accounts.sign_out_everywhere(account, who)
        if left is not None:
            await left(account, None)

    @routes.get("/audit", summary="The audit log", operation_id="audit")
    async def audit(
        request: Request,
        who: Auditor,
        tenant: Tenant = None,
        before: Annotated[int | None, Query(ge=1, description="only earlier lines")] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> AuditList:
        """One company's lines; people of the installation read everything, or one company with ``tenant``."""
        every = who.person.tenant is None and tenant is None
        wanted = known(tenant) if tenant is not None else who.person.tenant
        must_be_able(who, Capability.READ_AUDIT, wanted)
        found = await people_of(request).audit.read(wanted, every=every, before_seq=before, limit=limit)
        return AuditList(
            lines=[AuditView.of(row) for row in found], next_before=found[-1].seq if len(found) == limit else None
        )

    return routes
