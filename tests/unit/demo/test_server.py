"""The demo back end over HTTP: the webhook, the pages, the reset, what it keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.demo_backend import demo_backend
from voicebot.actions import ActionClient
from voicebot.demo import create_app
from voicebot.domain import EN, CallAction, ConversationId, TenantId
from voicebot.errors import BackendError

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    with demo_backend() as url:
        yield url


def client_of(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://demo.test")


def slots_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.json()["responses"] == []
    return {event["name"]: event["value"] for event in answer.json()["events"] if event["event"] == "slot"}


async def act(http: httpx.AsyncClient, name: str, sender: str = "s", text: str = "", **slots: Any) -> dict[str, Any]:
    tracker = {"sender_id": sender, "slots": {"tenant": "shop", **slots}, "latest_message": {"text": text}}
    return slots_of(await http.post("/webhook", json={"next_action": name, "sender_id": sender, "tracker": tracker}))


async def test_the_real_server_answers_the_real_client(running: str) -> None:
    client = ActionClient(running, 10.0)

    async def run(action: str, **slots: str) -> dict[str, Any]:
        done = await client.run(
            CallAction(action, dict(slots)), conversation=ConversationId("c-9"), tenant=TenantId("shop"), language=EN
        )
        return dict(done.slots)

    try:
        order = {"order_number": "A20481137", "phone_last4": "1111"}
        assert (await run("action_get_order", **order))["outcome"] == "not_found"
        assert (await run("action_verify_light", **order))["verification"] == "light"
        assert (await run("action_get_order", **order))["order_status"] == "shipped"
        with pytest.raises(BackendError, match="HTTP status 404"):
            await run("action_nobody_wrote")
    finally:
        await client.close()


async def test_pages_show_what_actions_did_and_reset_forgets_it() -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        slots = {"order_number": "A20481137", "phone_last4": "1111", "delivery_date": "2026-11-25"}
        await act(http, "action_verify_light", **slots)
        assert (await act(http, "action_reschedule", **slots))["outcome"] == "ok"
        assert (await http.get("/shop/orders/A20481137")).json()["eta"] == "2026-11-25"
        await http.post("/reset")
        assert (await http.get("/shop/orders/A20481137")).json()["eta"] == "2026-11-19"
        assert (await act(http, "action_get_order", **slots))["outcome"] == "not_found"
        assert len((await http.get("/telecom/accounts")).json()) == 4
        assert (await http.get("/telecom/visits/410033905")).json()["status"] == "missed"


@pytest.mark.parametrize("path", ["/shop/orders/A00000000", "/shop/secrets", "/nobody/orders", "/telecom/orders"])
async def test_unknown_pages_say_what_there_is(path: str) -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"]


async def test_health_and_actions() -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        assert (await http.get("/health")).json() == {"status": "ok"}
        names = {row["name"] for row in (await http.get("/actions")).json()}
    assert {"action_get_order", "action_bar_sim", "action_identify_caller", "action_book_callback"} <= names


@pytest.mark.parametrize(
    ("tenant", "action"), [("shop", "action_bar_sim"), ("telecom", "action_get_order"), ("", "action_get_order")]
)
async def test_one_company_cannot_run_the_others_actions(tenant: str, action: str) -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        answer = await http.post("/webhook", json={"next_action": action, "tracker": {"slots": {"tenant": tenant}}})
    assert answer.status_code == 404
    assert answer.json()["action_name"] == action


async def test_proof_at_one_company_is_worth_nothing_at_the_other() -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        await act(http, "action_verify_light", order_number="A20481137", phone_last4="1111")
        seen = await act(http, "action_get_balance", tenant="telecom", account_number="410027781")
    assert seen["outcome"] == "not_found"


async def test_dates_are_those_of_the_companys_day() -> None:
    """At 16:00 UTC it is already tomorrow in Japan and still today in Britain."""
    async with client_of(create_app(now=lambda: datetime(2026, 11, 18, 16, 0, tzinfo=UTC))) as http:
        assert (await http.get("/shop/orders/A20481137")).json()["eta"] == "2026-11-20"
        assert (await http.get("/telecom/visits/410027781")).json()["date"] == "2026-11-19"


async def test_changes_outlive_a_restart_when_a_file_is_given(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    async with client_of(create_app(state_file=file, now=lambda: NOW)) as http:
        assert (await act(http, "action_book_callback", callback_number="0312345678"))["ticket"] == "T-5521"
    async with client_of(create_app(state_file=file, now=lambda: NOW)) as http:
        assert [row["ticket"] for row in (await http.get("/shop/callbacks")).json()] == ["T-5521"]
        assert (await act(http, "action_book_callback", callback_number="0399999999"))["ticket"] == "T-5522"
    assert json.loads(file.read_text("utf-8"))["reference"] == 5523


async def test_one_wish_gives_one_callback() -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        first = await act(http, "action_book_callback", callback_number="0312345678", callback_time="today")
        second = await act(http, "action_book_callback", callback_number="0312345678", callback_time="tomorrow")
        (row,) = (await http.get("/shop/callbacks")).json()
    assert first["ticket"] == second["ticket"] == row["ticket"]
    assert row["time"] == "tomorrow"
    async with client_of(create_app(now=lambda: NOW)) as http:
        assert (await act(http, "action_book_callback"))["outcome"] == "no_number"


class TestIdentity:
    async def test_the_number_shown_greets_and_opens_nothing(self) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            known = await act(http, "action_identify_caller", caller_number="+81 90-0000-3333")
            assert known["outcome"] == "unknown"
            known = await act(http, "action_identify_caller", caller_number="0300003333")
            assert (known["outcome"], known["member_number"], known["slow_pace"]) == ("known", "3003359", True)
            known = await act(http, "action_identify_caller", tenant="telecom", caller_number="+447700900789")
            assert (known["account_number"], known["vulnerable"]) == ("410040112", True)
            assert "postcode" not in known
            assert (await act(http, "action_get_refund", order_number="A55660018"))["outcome"] == "not_found"

    @pytest.mark.parametrize("digits", ["", "1", "111", "2222", "11111", "abcd"])
    async def test_wrong_digits_prove_nothing(self, digits: str) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            seen = await act(http, "action_verify_light", order_number="A20481137", phone_last4=digits)
            assert seen == {"outcome": "mismatch", "verification": "failed"}
            assert (await act(http, "action_get_order", order_number="A20481137"))["outcome"] == "not_found"

    async def test_three_wrong_tries_lock_even_the_right_digits_out(self) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            for _ in range(3):
                await act(http, "action_verify_light", order_number="A20481137", phone_last4="9999")
            seen = await act(http, "action_verify_light", order_number="A20481137", phone_last4="1111")
            assert seen["outcome"] == "locked"
            other = await act(http, "action_verify_light", "another", order_number="A20481137", phone_last4="1111")
            assert other["outcome"] == "ok"

    async def test_a_code_works_once_and_is_only_in_the_outbox(self) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            sent = await act(http, "action_send_code", member_number="3001187")
            (message,) = (await http.get("/outbox", params={"to": "09000001111"})).json()
            assert message["body"] not in json.dumps(sent)
            wrong = "000000" if message["body"] != "000000" else "111111"
            assert (await act(http, "action_check_code", one_time_code=wrong))["outcome"] == "mismatch"
            right = await act(http, "action_check_code", one_time_code=message["body"])
            assert (right["outcome"], right["verification"]) == ("ok", "strong")
            assert (await act(http, "action_check_code", one_time_code=message["body"]))["outcome"] == "expired"

    async def test_a_code_is_void_after_ten_minutes(self) -> None:
        clock = [NOW]
        async with client_of(create_app(now=lambda: clock[0])) as http:
            await act(http, "action_send_code", member_number="3001187")
            (message,) = (await http.get("/outbox")).json()
            clock[0] = NOW + timedelta(minutes=11)
            assert (await act(http, "action_check_code", one_time_code=message["body"]))["outcome"] == "expired"

    async def test_light_proof_does_not_send_a_link_for_changing_details(self) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            await act(http, "action_verify_light", member_number="3001187", phone_last4="1111")
            seen = await act(http, "action_send_update_link", member_number="3001187", account_field="phone")
            assert seen["outcome"] == "not_found"
            assert (await http.get("/outbox")).json() == []


class TestCards:
    @pytest.mark.parametrize("number", ["", "4111", "4111111111111112", "abcd", "9" * 25])
    async def test_a_mistyped_number_is_no_card(self, number: str) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            seen = await act(http, "action_capture_token", card_number=number)
            assert seen == {"outcome": "invalid", "card_number": None}

    async def test_only_a_token_is_kept(self, tmp_path: Path) -> None:
        file = tmp_path / "state.json"
        async with client_of(create_app(state_file=file, now=lambda: NOW)) as http:
            seen = await act(http, "action_capture_token", card_number="4111 1111 1111 1111")
            assert seen["card_number"] is None
            assert seen["card_token"].startswith("tok_")
            assert (await http.get("/shop/payments")).json()[0]["last4"] == "1111"
        assert "41111111" not in file.read_text("utf-8")

    async def test_a_token_is_charged_once(self) -> None:
        async with client_of(create_app(now=lambda: NOW)) as http:
            await act(http, "action_verify_light", member_number="3001187", phone_last4="1111")
            token = (await act(http, "action_capture_token", card_number="4111111111111111"))["card_token"]
            buy = {
                "member_number": "3001187",
                "product": "kettle",
                "quantity": 1,
                "pay_by": "card",
                "card_token": token,
            }
            assert (await act(http, "action_create_order", **buy))["outcome"] == "ok"
            assert (await act(http, "action_create_order", **buy))["outcome"] == "not_paid"


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ({"product": "kettle", "quantity": 1, "pay_by": "store"}, "6600 JPY"),
        ({"product": "filter", "quantity": 1, "pay_by": "store"}, "3850 JPY"),
        ({"product": "filter", "quantity": "1", "pay_by": "cod"}, "4180 JPY"),
        ({"product": "101", "quantity": 2, "pay_by": "cod"}, "39930 JPY"),
        ({"product": "rice_cooker", "model": "KR15", "pay_by": "card"}, "12800 JPY"),
    ],
)
async def test_totals_hold_delivery_and_fees(slots: dict[str, Any], expected: str) -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        assert (await act(http, "action_quote_order", **slots))["amount"] == expected


@pytest.mark.parametrize(
    ("quantity", "name"), [("0", "too_many"), ("21", "too_many"), ("x", "too_many"), ("13", "no_stock")]
)
async def test_quantities_that_cannot_be_sold(quantity: str, name: str) -> None:
    async with client_of(create_app(now=lambda: NOW)) as http:
        assert (await act(http, "action_quote_order", product="rice_cooker", quantity=quantity))["outcome"] == name


async def test_junk_slots_never_break_an_action() -> None:
    """Whatever a flow hands over, the answer is an outcome and not a server error."""
    async with client_of(create_app(now=lambda: NOW)) as http:
        names = [row["name"] for row in (await http.get("/actions")).json()]
        for tenant in ("shop", "telecom"):
            for junk in (None, "", "???", 3, True, [], {}):
                slots = dict.fromkeys(_ALL_SLOTS, junk) | {"tenant": tenant}
                for name in names:
                    body = {"next_action": name, "sender_id": "j", "tracker": {"sender_id": "j", "slots": slots}}
                    answer = await http.post("/webhook", json=body)
                    assert answer.status_code in (200, 404), (name, junk)
                    if answer.status_code == 200:
                        assert slots_of(answer)["outcome"]


_ALL_SLOTS = (
    "order_number member_number account_number phone_number phone_last4 account_postcode postcode new_postcode service "
    "delivery_date time_window date_tries product model quantity pay_by return_reason opened resolution damage_kind "
    "pickup_date change_kind months receipt_name account_field card_number card_token amount plan direction move_date "
    "visit_date visit_window free_date country guide guide_step guide_topic symptom error_code language caller_number "
    "callback_number one_time_code part_words sms_number complaint_summary"
).split()
