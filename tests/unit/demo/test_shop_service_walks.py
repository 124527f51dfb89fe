"""Asanagi's repairs, sales, subscriptions and answers in both languages, from the request to what it changes."""

from __future__ import annotations

import pytest

from tests.support.walk import Walk, backend
from voicebot.domain import FaqScore, HandoffReason

BOTH = pytest.mark.parametrize("lang", ["ja", "en"])
YES = {"ja": "はい", "en": "yes please"}
NO = {"ja": "いいえ", "en": "no"}
LIGHT = {"utter_ask_order_number": "A20481137", "utter_auth_ask_phone4": "1111"}


def order(number: str, last4: str, **more: str) -> dict[str, str]:
    return {"utter_ask_order_number": number, "utter_auth_ask_phone4": last4, **more}


def member(number: str, last4: str, **more: str) -> dict[str, str]:
    return {"utter_ask_member_number": number, "utter_auth_ask_phone4": last4, **more}


@BOTH
def test_checks_are_walked_until_it_works(lang: str) -> None:
    words = "炊飯器の電源が入らない" if lang == "ja" else "my rice cooker won't turn on"
    done = "できました" if lang == "ja" else "done"
    asks = {"utter_ask_symptom": words, "utter_ask_error_code": "ない" if lang == "ja" else "none"}
    asks |= {"utter_trouble_step": done, "utter_ask_fixed": YES[lang]}
    walk = Walk("shop", lang, asks).start("troubleshoot_appliance", words)
    assert walk.said("utter_trouble_safety")
    assert walk.asked.count("utter_trouble_step") == 1
    assert walk.said("utter_trouble_fixed")


@BOTH
def test_checks_that_do_not_help_lead_to_a_repair(lang: str) -> None:
    words = "空気清浄機にH07と出ました" if lang == "ja" else "my air purifier says H07"
    cannot = "できない" if lang == "ja" else "I can't"
    asks = {"utter_ask_symptom": words, "utter_ask_error_code": "H07", "utter_trouble_step": cannot}
    walk = Walk("shop", lang, asks).start("troubleshoot_appliance", words)
    assert walk.asked.count("utter_trouble_step") == 2
    assert walk.asked[-1] == "utter_ask_member_number"


def test_an_unknown_fault_goes_to_a_technician() -> None:
    asks = {"utter_ask_symptom": "it smells of fish", "utter_ask_error_code": "none"}
    walk = Walk("shop", "en", asks).start("troubleshoot_appliance", "my kettle smells of fish")
    assert walk.said("utter_trouble_unknown")
    assert walk.handoff is not None


@BOTH
def test_a_repair_asks_for_the_member_number_first_and_books_a_pick_up(lang: str) -> None:
    day = "明後日" if lang == "ja" else "the day after tomorrow"
    asks = member("3001187", "1111", utter_ask_pickup_date=day, utter_confirm_repair=YES[lang])
    asks["utter_ask_product"] = "ロボット掃除機" if lang == "ja" else "the robot vacuum"
    walk = Walk("shop", lang, asks).start("request_repair", "修理を頼みたい" if lang == "ja" else "book a repair")
    assert walk.asked[0] == "utter_ask_member_number"
    assert walk.said("utter_repair_free")
    booked = walk.state.table("shop", "repairs")[-1]
    assert (booked["member"], booked["item"], booked["pickup_date"]) == ("3001187", "S2", "2026-11-20")


def test_a_repair_out_of_warranty_names_its_price() -> None:
    asks = member("3002240", "2222", utter_ask_product="kettle", utter_ask_pickup_date="tomorrow")
    walk = Walk("shop", "en", asks | {"utter_confirm_repair": "no"}).start("request_repair", "-")
    assert "3300 JPY" in walk.said("utter_repair_estimate")
    assert len(walk.state.table("shop", "repairs")) == 1


def test_news_of_a_repair_under_way() -> None:
    walk = Walk("shop", "en", member("3004476", "4444", utter_ask_new_repair="no thanks")).start("request_repair", "-")
    assert "S-2044" in walk.said("utter_repair_in_progress")
    assert walk.asked[-1] == "utter_anything_else"


def purchase(lang: str, pay_by: str) -> dict[str, str]:
    asks = member("3001187", "1111", utter_ask_quantity="2", utter_ask_pay_by=pay_by)
    return asks | {"utter_ask_product_order": "ケトル" if lang == "ja" else "a kettle"}


@BOTH
@pytest.mark.parametrize(
    ("ja", "en", "code"), [("代引きで", "cash on delivery", "cod"), ("後払いで", "pay later", "later")]
)
def test_an_order_is_placed_after_its_terms(lang: str, ja: str, en: str, code: str) -> None:
    asks = purchase(lang, ja if lang == "ja" else en) | {"utter_confirm_order_final": YES[lang]}
    walk = Walk("shop", lang, asks).start("place_order", "注文したい" if lang == "ja" else "I'd like to order")
    total = 13200 + (330 if code == "cod" else 0)
    assert f"{total} JPY" in walk.said("utter_order_terms")
    placed = walk.state.table("shop", "orders")[-1]
    assert (placed["item"], placed["quantity"], placed["amount"], placed["pay_by"]) == ("K1", 2, total, code)
    assert placed["order_number"] in walk.said("utter_order_done")


@BOTH
def test_a_loose_answer_never_places_an_order(lang: str) -> None:
    loose = "いいです" if lang == "ja" else "I'm good"
    asks = purchase(lang, "コンビニ" if lang == "ja" else "convenience store") | {"utter_confirm_order_final": loose}
    before = len(backend().table("shop", "orders"))
    walk = Walk("shop", lang, asks).start("place_order", "-")
    assert "utter_ambiguous_check" in walk.asked
    assert len(walk.state.table("shop", "orders")) == before


def test_an_order_above_the_limit_cannot_be_paid_later() -> None:
    asks = purchase("en", "pay later") | {"utter_ask_product_order": "a robot vacuum"}
    walk = Walk("shop", "en", asks)
    walk.answers = {key: text for key, text in asks.items() if key != "utter_ask_pay_by"}
    walk.start("place_order", "-")
    walk.hear("pay later")
    walk.hear("1111")
    assert "55000 JPY" in walk.said("utter_pay_later_limit")
    assert walk.asked[-1] == "utter_ask_pay_by"


def test_something_out_of_stock_can_be_waited_for() -> None:
    asks = purchase("en", "card") | {"utter_ask_product_order": "dehumidifier", "utter_ask_want_restock_notice": "yes"}
    walk = Walk("shop", "en", asks).start("place_order", "-")
    assert walk.said("utter_restock_notice_done")
    assert walk.state.table("shop", "tickets")[-1]["item"] == "DH2"


def test_a_card_is_paid_on_a_page_in_chat() -> None:
    asks = purchase("en", "card") | {"utter_confirm_order_final": "yes"}
    walk = Walk("shop", "en", asks).start("place_order", "-")
    assert "https://" in walk.said("utter_payment_chat_link")
    placed = walk.state.table("shop", "orders")[-1]
    assert (placed["pay_by"], placed["paid"]) == ("card", False)


@BOTH
@pytest.mark.parametrize(
    ("kind", "key", "value", "after"),
    [
        (("次回をお休み", "skip it"), "skip", "", ("next", "2026-12-27")),
        (("間隔を変えたい", "how often"), "interval", "2", ("every_months", 2)),
        (("数量を変えたい", "the quantity"), "quantity", "3", ("quantity", 3)),
    ],
)
def test_subscription_changes(
    lang: str, kind: tuple[str, str], key: str, value: str, after: tuple[str, object]
) -> None:
    asks = member("3004476", "4444", utter_ask_subscription_change=kind[lang == "en"])
    asks |= {"utter_ask_months": value, "utter_ask_subscription_quantity": value}
    asks[f"utter_confirm_subscription_{key}"] = YES[lang]
    walk = Walk("shop", lang, asks).start("subscription_change", "-")
    assert walk.said("utter_subscription_change_done")
    row = walk.state.find("shop", "subscriptions", member="3004476")
    assert row is not None
    assert row[after[0]] == after[1]


def test_a_change_after_the_cut_off_goes_to_a_person() -> None:
    asks = member("3005581", "5555", utter_ask_subscription_change="skip it")
    walk = Walk("shop", "en", asks).start("subscription_change", "-")
    assert walk.said("utter_subscription_deadline")
    assert walk.handoff is not None


@BOTH
def test_a_subscription_is_cancelled_after_one_question(lang: str) -> None:
    asks = member("3004476", "4444", utter_confirm_subscription_cancel=YES[lang])
    walk = Walk("shop", lang, asks).start("subscription_cancel", "-")
    assert walk.asked.count("utter_confirm_subscription_cancel") == 1
    row = walk.state.find("shop", "subscriptions", member="3004476")
    assert row is not None
    assert row["status"] == "cancelled"


@pytest.mark.parametrize("words", ["母が亡くなったので定期便を止めたい", "my mother passed away, stop her deliveries"])
def test_a_bereavement_meets_a_person_and_no_question(words: str) -> None:
    walk = Walk("shop", "ja" if "母" in words else "en", {}).start("subscription_cancel", words)
    assert walk.said("utter_bereavement")
    assert "utter_ask_member_number" not in walk.asked
    assert walk.handoff is not None


def test_an_agreed_number_of_deliveries_is_explained_by_a_person() -> None:
    asks = member("3002240", "2222", utter_confirm_subscription_cancel="yes")
    walk = Walk("shop", "en", asks).start("subscription_cancel", "-")
    assert walk.said("utter_subscription_min_term")
    assert walk.handoff is not None


@BOTH
def test_a_receipt_is_mailed_in_the_name_wished(lang: str) -> None:
    name = "株式会社みなみ" if lang == "ja" else "Minami Limited"
    asks = order("A80017745", "1111", utter_ask_receipt_name=name, utter_confirm_slot=YES[lang])
    walk = Walk("shop", lang, asks).start("invoice_receipt", "領収書ください" if lang == "ja" else "need a receipt")
    assert walk.said("utter_receipt_done")
    (sent,) = walk.state.table("shop", "documents")
    assert name in sent["name"]


@BOTH
def test_details_change_only_after_a_code_to_the_phone_on_file(lang: str) -> None:
    asks = {"utter_ask_member_number": "3001187", "utter_ask_account_field": "住所" if lang == "ja" else "my address"}
    asks["utter_auth_ask_code"] = "{code}"
    walk = Walk("shop", lang, asks).start("account_update", "-")
    assert walk.said("utter_account_update_link")
    assert "action_verify_light" not in dict(walk.actions)
    kinds = [(m["kind"], m["to"]) for m in walk.state.data["outbox"]]
    assert kinds == [("one_time_code", "09000001111"), ("update_link", "09000001111")]
    assert walk.code not in "".join(walk.texts)


def test_a_wrong_code_changes_nothing() -> None:
    asks = {"utter_ask_member_number": "3001187", "utter_ask_account_field": "address", "utter_auth_ask_code": "000000"}
    walk = Walk("shop", "en", asks).start("account_update", "-")
    assert walk.handoff is not None
    assert walk.handoff.reason is HandoffReason.AUTH_FAILED
    assert [m["kind"] for m in walk.state.data["outbox"]] == ["one_time_code"]


@BOTH
def test_a_complaint_is_written_down_and_handed_over(lang: str) -> None:
    words = "前の担当者の態度がひどかったです" if lang == "ja" else "the last person was very rude to me"
    walk = Walk("shop", lang, {"utter_ask_complaint": words}).start("complaint_service", "-")
    (ticket,) = walk.state.table("shop", "tickets")
    assert ticket["summary"] == words
    assert ticket["ticket"] in walk.said("utter_complaint_thanks")
    assert walk.handoff is not None
    assert walk.handoff.skills == ("complaints",)


@BOTH
def test_a_part_is_found_from_the_words_of_the_request(lang: str) -> None:
    words = "かまど日和のふたのゴムがね" if lang == "ja" else "it's the rubber bit on the lid of the rice cooker"
    asks = {"utter_ask_model": "KR30", "utter_parts_found": NO[lang]}
    walk = Walk("shop", lang, asks).start("order_parts", words)
    assert "880 JPY" in walk.said("utter_parts_found")
    assert "utter_ask_product" not in walk.asked
    assert walk.handoff is None
    asks["utter_parts_found"] = YES[lang]
    assert Walk("shop", lang, asks).start("order_parts", words).handoff is not None


@BOTH
@pytest.mark.parametrize("intent", ["how_to_use", "warranty_inquiry", "payment_method", "ask_faq", "product_inquiry"])
def test_questions_are_answered_from_the_faq(lang: str, intent: str) -> None:
    walk = Walk("shop", lang, {}).start(intent, "-", (FaqScore("warranty_period", 0.9),))
    assert walk.said("utter_faq_answer") == walk.content.faq[walk.talk.language]["warranty_period"].answer
    assert walk.handoff is None


@BOTH
def test_a_price_is_told_from_the_catalogue_when_the_faq_has_none(lang: str) -> None:
    words = "ケトルはいくらですか" if lang == "ja" else "how much is the kettle"
    walk = Walk("shop", lang, {}).start("price_or_discount", words, (FaqScore("points", 0.1),))
    assert "6600 JPY" in walk.said("utter_item_in_stock")
