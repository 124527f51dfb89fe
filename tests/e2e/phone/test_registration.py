"""Registration at a PBX, and calls that come in through it."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.phone.bots import Bot, serving
from tests.e2e.phone.clients import phone, until
from tests.e2e.phone.registrar import Registrar
from voicebot.channels.sip import SipAccount


async def test_accounts_register_with_digest_and_take_calls(tmp_path: Path) -> None:
    bot, pbx = Bot("echo"), Registrar({"line1": "pass word;1", "line2": "second"})
    await pbx.start()
    domain = f"127.0.0.1:{pbx.port}"
    accounts = (SipAccount("line1", domain, "pass word;1"), SipAccount("line2", domain, "wrong"))
    try:
        async with serving(bot, accounts=accounts) as server, phone(tmp_path / "phone") as caller:
            await until(lambda: "line1" in pbx.contacts, "the first registration")
            await until(lambda: "line2" in pbx.refused, "the refusal of a wrong password")
            await until(lambda: server.health.registrations[f"line1@{domain}"], "the outcome in health")
            assert server.health.registrations == {f"line1@{domain}": True, f"line2@{domain}": False}
            assert server.health.alive
            await caller.dial(pbx.contacts["line1"])
            (call,) = bot.calls
            assert call.details.account == f"line1@{domain}"
            await caller.hang_up()
            await until(lambda: call.ended, "the end")
    finally:
        pbx.close()


async def test_a_pbx_that_is_away_does_not_keep_the_telephone_from_starting(tmp_path: Path) -> None:
    bot = Bot("echo")
    account = SipAccount("line1", "127.0.0.1:9", "x")
    async with serving(bot, accounts=(account,)) as server, phone(tmp_path / "phone") as caller:
        assert server.health.registrations == {account.name: False}
        await caller.dial(f"sip:shop-en@127.0.0.1:{server.settings.port}")
        assert bot.calls[0].details.account == ""
