"""``voicebot account``: accounts from the machine the product runs on, and proof that the audit log is whole."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from voicebot.clock import SystemClock
from voicebot.domain import Language, TenantId
from voicebot.errors import NotFound, PeopleError
from voicebot.people import People, Person, Role, Wanted, generated_password
from voicebot.redaction import redact
from voicebot.settings import Settings
from voicebot.store import SqlStore

app = typer.Typer(no_args_is_help=True, help="Accounts of the people who work here, and what they did.")
Login = Annotated[str, typer.Argument(help="The login.")]
Roles = Annotated[str, typer.Option("--roles", "-r", help=f"Of {', '.join(Role)}; several separated by commas.")]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", "-n", help="As colleagues and customers see it.")],
    roles: Roles = Role.AGENT.value,
    tenant: Annotated[str, typer.Option("--tenant", "-t", help="Company id; empty: the installation.")] = "",
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language of their pages.")] = "ja",
    id: Annotated[str, typer.Option("--id", help="Agent's id in desk.yml; made up when absent.")] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Read the password from the terminal or standard input.")] = False,
) -> None:
    """Add an account. Without --ask a password is generated, shown once, and must be changed at the first sign-in."""
    settings = Settings.load()
    company = _company(settings, tenant)
    password = _typed() if ask else generated_password()
    wanted = Wanted(login, name, company, _roles(roles), Language(lang), id=id, password=password, must_change=not ask)

    async def work(people: People) -> None:
        person = await people.accounts.add(wanted)
        print(f"{person.login} ({person.id}) was added.")
        if not ask:
            print(f"Password, shown this once: {password}")

    _run(settings, work)


@app.command(name="list")
def list_accounts(
    tenant: Annotated[str | None, typer.Option("--tenant", "-t", help="Company id; everybody when absent.")] = None,
) -> None:
    """Everybody who has an account."""

    async def work(people: People) -> None:
        found = await people.accounts.list(None if tenant is None else TenantId(tenant), every=tenant is None)
        table = Table("login", "id", "name", "company", "roles", "language", "state")
        for person in found:
            roles = ", ".join(sorted(person.roles))
            state = "disabled" if person.disabled else "must change password" if person.must_change else ""
            table.add_row(person.login, person.id, person.name, person.tenant or "(all)", roles, person.language, state)
        Console().print(table)

    _run(Settings.load(), work)


@app.command()
def disable(login: Login) -> None:
    """Close an account; whoever is signed in with it is cut off at once."""
    _run(Settings.load(), _changing(login, disabled=True))


@app.command()
def enable(login: Login) -> None:
    """Open a disabled account again."""
    _run(Settings.load(), _changing(login, disabled=False))


@app.command()
def roles(login: Login, roles: Annotated[str, typer.Argument(help="The new roles, separated by commas.")]) -> None:
    """Give an account other roles in place of those it has."""
    _run(Settings.load(), _changing(login, roles=_roles(roles)))


@app.command()
def password(
    login: Login,
    ask: Annotated[bool, typer.Option("--ask", help="Read the password from the terminal or standard input.")] = False,
) -> None:
    """Give an account a new password: generated, shown once and to be changed, unless --ask is given."""
    typed = _typed() if ask else None

    async def work(people: People) -> None:
        person = await _person(people, login)
        new = await people.accounts.set_password(person.id, typed, must_change=not ask)
        print(f"{person.login} has a new password and was signed out everywhere.")
        if not ask:
            print(f"Password, shown this once: {new}")

    _run(Settings.load(), work)


@app.command()
def audit(
    verify: Annotated[bool, typer.Option("--verify", help="Compute every hash of the log again.")] = False,
    last: Annotated[int, typer.Option("--last", help="How many lines to show.", min=1, max=1000)] = 50,
    end: Annotated[str, typer.Option("--end", help="NUMBER:HASH noted earlier; the log must still hold it.")] = "",
) -> None:
    """Show the audit log, or prove that no line was changed or taken out. Exit code 1 when the proof fails."""

    async def show(people: People) -> None:
        for row in reversed(await people.audit.read(None, every=True, limit=last)):
            line = row.line
            where = f" from {line.address}" if line.address else ""
            told = "".join(f" {key}={value}" for key, value in line.detail.items())
            company = f" [{line.tenant}]" if line.tenant else ""
            print(
                f"{row.seq} {line.at:%Y-%m-%dT%H:%M:%SZ} {line.who or '-'} {line.what} {line.on}{company}{where}{told}"
            )

    async def prove(people: People) -> None:
        proof = await people.audit.verify(_noted(end))
        if proof.broken_at is not None:
            print(f"The audit log is broken at line {proof.broken_at}: {proof.problem}.", file=sys.stderr)
            raise SystemExit(1)
        print(f"{proof.lines} lines, all as they were written. Note the end, to compare later:")
        print(f"{proof.lines}:{proof.hash}")

    _run(Settings.load(), prove if verify or end else show)


def _noted(end: str) -> tuple[int, str] | None:
    if not end:
        return None
    number, _, noted = end.partition(":")
    if not number.isdigit() or len(noted) != 64:
        raise PeopleError("Give the end as it was printed, NUMBER:HASH.")
    return int(number), noted


def _changing(
    login: str, *, disabled: bool | None = None, roles: frozenset[Role] | None = None
) -> Callable[[People], Awaitable[None]]:
    async def work(people: People) -> None:
        person = await _person(people, login)
        after = await people.accounts.change(person.id, disabled=disabled, roles=roles)
        state = "disabled" if after.disabled else "enabled"
        print(f"{after.login} is {state}; roles: {', '.join(sorted(after.roles))}.")

    return work


async def _person(people: People, login: str) -> Person:
    person = await people.accounts.by_login(login)
    if person is None:
        raise NotFound(f"There is no account with the login {login}. 'voicebot account list' shows them.")
    return person


def _roles(text: str) -> frozenset[Role]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    try:
        return frozenset(Role(word) for word in words) or frozenset((Role.AGENT,))
    except ValueError:
        raise PeopleError(f"Roles are {', '.join(Role)}; several separated by commas.") from None


def _company(settings: Settings, tenant: str) -> TenantId | None:
    if tenant and tenant not in settings.tenants:
        raise PeopleError(f"VOICEBOT_TENANTS does not name {tenant}; it names {', '.join(settings.tenants)}.")
    return TenantId(tenant) if tenant else None


def _typed() -> str:
    return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


@asynccontextmanager
async def _people(settings: Settings) -> AsyncIterator[People]:
    store = await SqlStore.open(settings.store_url, lambda text: redact(text).text)
    try:
        yield People.on(store, SystemClock())
    finally:
        await store.close()


def _run(settings: Settings, work: Callable[[People], Awaitable[None]]) -> None:
    async def run() -> None:
        async with _people(settings) as people:
            await work(people)

    asyncio.run(run())
