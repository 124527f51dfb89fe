"""Asanagi's orders and returns in both languages, from the request to what it changes at the back end."""

from __future__ import annotations

import pytest

from tests.support.walk import Walk
from voicebot.domain import HandoffReason

BOTH = pytest.mark.parametrize("lang", ["ja", "en"])
YES = {"ja": "はい", "en": "yes please"}
NO = {"ja": "いいえ", "en": "no"}
LIGHT = {"utter_ask_order_number": "A20481137", "utter_auth_ask_phone4": "1111"}


def order(number: str, last4: str, **more: str) -> dict[str, str]:
    return {"utter_ask_order_number": number, "utter_auth_ask_phone4": last4, **more}


def member(number: str, last4: str, **more: str) -> dict[str, str]:
    return {"utter_ask_member_number": number, "utter_auth_ask_phone4": last4, **more}


@BOTH
@pytest.mark.parametrize(
    ("number", "last4", "response"),
    [
        ("A20481137", "1111", "utter_order_shipped"),
        ("A90001126", "1111", "utter_order_today"),
        ("A31120094", "2222", "utter_order_preparing"),
        ("A70093312", "4444", "utter_order_delayed"),
        ("A70081120", "5555", "utter_order_cancelled"),
        ("A55660018", "3333", "utter_order_returned"),
    ],
)
def test_order_status_is_told(lang: str, number: str, last4: str, response: str) -> None:
    walk = Walk("shop", lang, order(number, last4)).start("order_status", "荷物" if lang == "ja" else "my parcel")
    assert walk.said(response)
    assert walk.asked[-1] == "utter_anything_else"
    assert walk.handoff is None


@BOTH
def test_a_lost_order_goes_to_the_order_desk(lang: str) -> None:
    walk = Walk("shop", lang, order("A81234567", "2222")).start("order_status", "-")
    assert walk.said("utter_order_lost")
    assert walk.handoff is not None
    assert walk.handoff.skills == ("orders",)


@BOTH
def test_a_delivered_parcel_that_is_not_there_is_searched_after_a_yes(lang: str) -> None:
    ask = order("A80017745", "1111", utter_ask_want_search=YES[lang])
    assert Walk("shop", lang, ask).start("order_status", "-").handoff is not None
    ask["utter_ask_want_search"] = NO[lang]
    walk = Walk("shop", lang, ask).start("order_status", "-")
    assert walk.handoff is None
    assert walk.asked[-1] == "utter_anything_else"


def test_an_unknown_order_and_a_dead_back_end_go_to_a_person() -> None:
    walk = Walk("shop", "en", order("A99999999", "1111")).start("order_status", "-")
    assert walk.said("utter_order_not_found")
    assert walk.handoff is not None
    walk = Walk("shop", "en", LIGHT, broken=frozenset({"action_get_order"})).start("order_status", "-")
    assert walk.said("utter_error_backend")
    assert walk.handoff is not None
    assert walk.handoff.reason is HandoffReason.BACKEND_ERROR


def test_proof_for_one_order_does_not_open_another() -> None:
    walk = Walk("shop", "en", LIGHT).start("order_status", "-")
    walk.answers = order("A31120094", "1111")
    walk.start("order_status", "and order A31120094")
    assert walk.outcome("action_get_order") == "not_found"
    assert "utter_order_preparing" not in walk.asked


@BOTH
def test_a_delivery_is_moved_after_exactly_one_question(lang: str) -> None:
    words = (
        "配達を二十五日の午前中に変えてください"
        if lang == "ja"
        else "change delivery to the twenty fifth in the morning"
    )
    walk = Walk("shop", lang, LIGHT | {"utter_confirm_change_delivery": YES[lang]}).start("change_delivery", words)
    assert [key for key in walk.asked if key.startswith("utter_confirm")] == ["utter_confirm_change_delivery"]
    question = walk.said("utter_confirm_change_delivery")
    assert "A20481137" in question
    assert "2026-11-25" in question
    assert "morning" in question
    moved = walk.state.find("shop", "orders", order_number="A20481137")
    assert moved is not None
    assert (moved["eta"], moved["time_window"]) == ("2026-11-25", "morning")


@BOTH
def test_no_means_no_change(lang: str) -> None:
    words = "日曜に変えて" if lang == "ja" else "deliver on Sunday"
    time = "どちらでもいいです" if lang == "ja" else "no preference"
    asks = LIGHT | {"utter_ask_time_window": time, "utter_confirm_change_delivery": NO[lang]}
    walk = Walk("shop", lang, asks).start("change_delivery", words)
    assert walk.said("utter_confirm_change_delivery")
    assert "action_reschedule" not in dict(walk.actions)
    unmoved = walk.state.find("shop", "orders", order_number="A20481137")
    assert unmoved is not None
    assert unmoved["eta"] == "2026-11-19"


def test_an_impossible_day_is_asked_again_once_then_a_person_helps() -> None:
    asks = LIGHT | {"utter_ask_time_window": "no preference", "utter_ask_delivery_date": "yesterday"}
    walk = Walk("shop", "en", asks).start("change_delivery", "deliver it yesterday")
    assert walk.asked.count("utter_date_not_possible") == 1
    assert walk.said("utter_no_date")
    assert walk.handoff is not None


@BOTH
def test_another_address_is_entered_by_link_not_said(lang: str) -> None:
    words = "届け先を会社にしてほしい" if lang == "ja" else "send it to my office rather than home"
    walk = Walk("shop", lang, order("A31120094", "2222")).start("change_delivery", words)
    assert walk.said("utter_address_link_sent")
    assert "utter_ask_delivery_date" not in walk.asked
    (message,) = walk.state.data["outbox"]
    assert (message["to"], message["kind"]) == ("09000002222", "address_link")


@BOTH
def test_a_parcel_locker_is_ordered_after_a_yes(lang: str) -> None:
    words = "宅配ボックスに入れといて" if lang == "ja" else "please leave it in the parcel locker"
    walk = Walk("shop", lang, LIGHT | {"utter_confirm_locker": YES[lang]}).start("change_delivery", words)
    found = walk.state.find("shop", "orders", order_number="A20481137")
    assert found is not None
    assert found["leave_at"] == "locker"


def test_a_parcel_on_the_van_cannot_be_moved() -> None:
    asks = order("A90001126", "1111", utter_ask_time_window="evening")
    walk = Walk("shop", "en", asks).start("change_delivery", "deliver on Friday")
    assert walk.said("utter_change_delivery_too_late")
    assert walk.handoff is not None


@BOTH
def test_an_order_that_has_not_left_is_cancelled(lang: str) -> None:
    asks = order("A31120094", "2222", utter_confirm_cancel_order=YES[lang])
    walk = Walk("shop", lang, asks).start("cancel_order", "-")
    assert "12800 JPY" in walk.said("utter_confirm_cancel_order")
    found = walk.state.find("shop", "orders", order_number="A31120094")
    assert found is not None
    assert found["status"] == "cancelled"
    assert found["refund"]["status"] == "processing"


@BOTH
def test_a_shipped_order_is_not_cancelled_and_not_made_a_return(lang: str) -> None:
    walk = Walk("shop", lang, LIGHT).start("cancel_order", "-")
    assert walk.said("utter_cancel_already_shipped")
    assert walk.asked[-1] == "utter_anything_else"
    assert walk.handoff is None


def test_a_delivered_order_goes_on_as_a_return_with_the_number_kept() -> None:
    walk = Walk("shop", "en", order("A55670021", "3333")).start("cancel_order", "-")
    assert walk.said("utter_cancel_delivered")
    assert walk.asked[-1] == "utter_ask_opened"
    assert walk.asked.count("utter_ask_order_number") == 1


@BOTH
def test_part_of_an_order_goes_to_a_person(lang: str) -> None:
    asks = order("A40020031", "2222", utter_ask_cancel_whole=NO[lang])
    walk = Walk("shop", lang, asks).start("cancel_order", "-")
    assert walk.said("utter_cancel_partial")
    assert walk.handoff is not None


@BOTH
def test_an_unopened_return_costs_postage_and_is_booked(lang: str) -> None:
    asks = order("A55670021", "3333", utter_ask_opened=NO[lang], utter_confirm_return=YES[lang])
    asks["utter_ask_return_reason"] = "思っていたのと違いました" if lang == "ja" else "it is too big for my room"
    walk = Walk("shop", lang, asks).start("return_product", "返品したいです" if lang == "ja" else "I want to return it")
    assert "1100 JPY" in walk.said("utter_confirm_return")
    assert walk.said("utter_return_done")
    (booked,) = walk.state.table("shop", "returns")
    assert booked["order_number"] == "A55670021"
    assert booked["amount"] == 32800 - 1100
    assert booked["ticket"] in walk.said("utter_return_done")


@BOTH
def test_a_faulty_opened_item_goes_back_free(lang: str) -> None:
    asks = order("A55670021", "3333", utter_ask_opened=YES[lang], utter_confirm_return_free=YES[lang])
    asks["utter_ask_return_reason"] = "電源が入らなくて" if lang == "ja" else "it won't turn on"
    walk = Walk("shop", lang, asks).start("return_product", "-")
    assert walk.said("utter_return_done")


@pytest.mark.parametrize(
    ("number", "last4", "opened", "response", "person"),
    [
        ("A80017745", "1111", "no", "utter_return_expired", True),
        ("A55670021", "3333", "yes", "utter_return_opened", True),
        ("A20481137", "1111", "no", "utter_return_not_delivered", False),
        ("A55660018", "3333", "no", "utter_return_already", False),
    ],
)
def test_returns_that_cannot_be_booked(number: str, last4: str, opened: str, response: str, person: bool) -> None:
    asks = order(number, last4, utter_ask_opened=opened, utter_ask_return_reason="I changed my mind")
    walk = Walk("shop", "en", asks).start("return_product", "-")
    assert walk.said(response)
    assert (walk.handoff is not None) is person
    assert walk.state.table("shop", "returns") == []


def test_one_customer_has_a_product_to_return_and_a_subscription_to_skip() -> None:
    asks = order("A70095548", "4444", utter_ask_opened="no", utter_ask_return_reason="too big")
    asks |= {"utter_confirm_return": "yes", "utter_ask_member_number": "3004476"}
    asks |= {"utter_ask_subscription_change": "skip the next one", "utter_confirm_subscription_skip": "yes"}
    walk = Walk("shop", "en", asks).start("return_product", "I want to return the rice cooker")
    assert walk.said("utter_return_done")
    walk.start("subscription_change", "skip next month's filters")
    assert walk.said("utter_subscription_change_done")
    assert "utter_auth_ask_phone4" not in walk.asked
    (row,) = [s for s in walk.state.table("shop", "subscriptions") if s["member"] == "3004476"]
    assert row["next"] == "2026-12-27"


@BOTH
def test_a_damaged_item_is_exchanged_or_refunded_in_words_that_fit(lang: str) -> None:
    broken = "壊れています" if lang == "ja" else "it's broken"
    asks = order("A70086655", "5555", utter_ask_damage_kind=broken)
    asks["utter_ask_exchange_or_refund"] = "返金で" if lang == "ja" else "a refund"
    asks["utter_confirm_claim_refund"] = YES[lang]
    walk = Walk("shop", lang, asks).start("wrong_or_damaged_item", "-")
    assert "29800 JPY" in walk.said("utter_claim_refund_done")
    assert "utter_exchange_done" not in walk.asked
    asks = order("A55670021", "3333", utter_ask_damage_kind=broken, utter_confirm_exchange=YES[lang])
    asks["utter_ask_exchange_or_refund"] = "交換してください" if lang == "ja" else "a replacement"
    walk = Walk("shop", lang, asks).start("wrong_or_damaged_item", "-")
    assert walk.said("utter_exchange_done")
    assert walk.asked.count("utter_apology_damaged") == 1


def test_an_exchange_without_stock_goes_to_a_person() -> None:
    asks = order("A70086655", "5555", utter_ask_damage_kind="broken", utter_ask_exchange_or_refund="a replacement")
    walk = Walk("shop", "en", asks).start("wrong_or_damaged_item", "-")
    assert walk.said("utter_exchange_no_stock")
    assert walk.handoff is not None


@pytest.mark.parametrize(
    ("number", "last4", "response", "person"),
    [
        ("A55660018", "3333", "utter_refund_processing", False),
        ("A70081120", "5555", "utter_refund_sent", False),
        ("A55650107", "3333", "utter_refund_overdue", True),
        ("A20481137", "1111", "utter_refund_none", True),
    ],
)
def test_refunds(number: str, last4: str, response: str, person: bool) -> None:
    walk = Walk("shop", "en", order(number, last4)).start("refund_status", "-")
    assert walk.said(response)
    assert (walk.handoff is not None) is person
