"""Every flow of Harbourline in both languages, from the request to what it changes at the back end."""

from __future__ import annotations

import pytest

from tests.support.walk import Walk
from voicebot.domain import Channel, FaqScore, HandoffReason, SetRecording

BOTH = pytest.mark.parametrize("lang", ["ja", "en"])
YES = {"ja": "はい", "en": "yes please"}
NO = {"ja": "いいえ", "en": "no"}
ALISON = ("410027781", "0123")
HIROSHI = ("410033905", "0456")
WILFRED = ("410040112", "0789")
MEGAN = ("410051190", "0321")


def account(who: tuple[str, str], **more: str) -> dict[str, str]:
    return {"utter_ask_account_number": who[0], "utter_auth_ask_phone4": who[1], **more}


def strong(who: tuple[str, str], **more: str) -> dict[str, str]:
    return {"utter_ask_account_number": who[0], "utter_auth_ask_code": "{code}", **more}


@BOTH
def test_a_known_outage_is_told_and_a_notice_given_after_a_yes(lang: str) -> None:
    words = "インターネットがつながらない" if lang == "ja" else "my broadband is down"
    asks = {"utter_ask_postcode": "SE15 3QF", "utter_ask_want_outage_notice": YES[lang]}
    asks |= {"utter_ask_notice_number": "07700900123", "utter_confirm_slot": YES[lang]}
    walk = Walk("telecom", lang, asks).start("report_outage", words)
    assert walk.said("utter_outage_known")
    assert walk.said("utter_outage_notice_done")
    assert "action_test_line" not in dict(walk.actions)
    assert walk.state.table("telecom", "tickets")[-1]["number"] == "07700900123"


def test_declining_the_notice_ends_the_flow() -> None:
    asks = {"utter_ask_postcode": "SE15 3QF", "utter_ask_want_outage_notice": "I'm good"}
    walk = Walk("telecom", "en", asks).start("report_outage", "no internet")
    assert walk.asked[-1] == "utter_anything_else"
    assert walk.state.table("telecom", "tickets") == []


def test_a_faulty_line_leads_to_an_engineer_and_a_good_one_to_the_hub() -> None:
    asks = account(HIROSHI, utter_ask_postcode="BS3 1AB")
    walk = Walk("telecom", "en", asks).start("report_outage", "my broadband is down")
    assert walk.said("utter_outage_fault")
    assert walk.said("utter_visit_missed")
    asks = account(WILFRED, utter_ask_postcode="LS6 2QT")
    walk = Walk("telecom", "en", asks).start("report_outage", "my broadband is down")
    assert walk.said("utter_outage_line_ok")
    assert walk.asked[-1] == "utter_ask_light_colour"


@pytest.mark.parametrize("broken", [frozenset(), frozenset({"action_test_line"})])
def test_a_vulnerable_customer_without_service_comes_first(broken: frozenset[str]) -> None:
    walk = Walk("telecom", "en", account(WILFRED, utter_ask_postcode="LS6 2QT"), broken=broken)
    line = walk.state.find("telecom", "accounts", account_number=WILFRED[0])
    assert line is not None
    line["line"] = "fault"
    walk.start("report_outage", "my landline is dead")
    assert walk.handoff is not None
    assert (walk.handoff.skills, walk.handoff.priority) == (("network",), 1)
    assert ("utter_outage_urgent" in walk.asked) is (not broken)
    assert (walk.handoff.reason is HandoffReason.BACKEND_ERROR) is bool(broken)


@BOTH
def test_a_mobile_without_an_outage_goes_to_a_person(lang: str) -> None:
    words = "携帯が使えない" if lang == "ja" else "my mobile has no signal"
    walk = Walk("telecom", lang, {"utter_ask_postcode": "M4 1AB"}).start("report_outage", words)
    assert walk.said("utter_outage_none")
    assert walk.handoff is not None


@BOTH
@pytest.mark.parametrize(("intent", "topic"), [("slow_internet", "wifi"), ("router_help", "router")])
def test_guides_are_walked(lang: str, intent: str, topic: str) -> None:
    asks = {"utter_ask_where_slow": "どこでも遅いです" if lang == "ja" else "everywhere in the house"}
    asks |= {"utter_ask_light_colour": "赤" if lang == "ja" else "red"}
    asks |= {"utter_trouble_step": "できました" if lang == "ja" else "done"}
    asks |= {"utter_ask_fixed": "まだです" if lang == "ja" else "still not working"}
    walk = Walk("telecom", lang, asks).start(intent, "-")
    assert walk.asked.count("utter_trouble_step") == 3
    assert walk.said("utter_trouble_to_person")
    assert ("utter_trouble_safety" in walk.asked) is (topic == "router")
    asks["utter_ask_fixed"] = "直りました" if lang == "ja" else "it works now"
    walk = Walk("telecom", lang, asks).start(intent, "-")
    assert walk.said("utter_trouble_fixed")
    assert walk.handoff is None


@BOTH
def test_a_bill_that_changed_is_explained(lang: str) -> None:
    walk = Walk("telecom", lang, account(ALISON, utter_ask_want_billing_person=NO[lang])).start("billing_question", "-")
    text = walk.said("utter_bill_explained")
    assert "46.50 GBP" in text
    assert "36.50 GBP" in text
    assert ("延滞料" if lang == "ja" else "missed-payment fee") in text
    assert walk.handoff is None
    assert Walk("telecom", lang, account(HIROSHI)).start("billing_question", "-").said("utter_bill_same")


def test_an_unknown_account_goes_to_a_person() -> None:
    walk = Walk("telecom", "en", account(("999999999", "0123"))).start("billing_question", "-")
    assert walk.said("utter_account_not_found")
    assert walk.handoff is not None


def test_a_bill_is_paid_by_keypad_with_the_recording_off() -> None:
    asks = account(ALISON, utter_confirm_payment="yes", utter_payment_pause="#4111111111111111")
    asks |= {"utter_confirm_slot": "yes"}
    walk = Walk("telecom", "en", asks, channel=Channel.VOICE)
    seen: list[bool] = []
    effect = walk._effect
    walk._effect = lambda e: (seen.append(e.on) if isinstance(e, SetRecording) else None, effect(e))[1]  # type: ignore[method-assign,func-returns-value]
    walk.start("pay_bill", "I want to pay forty two pounds")
    assert seen == [False, True]
    assert "42.00 GBP" in walk.said("utter_confirm_payment")
    assert "4.50 GBP" in walk.said("utter_payment_done")
    (payment,) = walk.state.table("telecom", "payments")
    assert payment["status"] == "charged"
    assert "4111" not in str(walk.state.data)
    assert "4111111111111111" not in str(walk.talk.to_json())


def test_a_refused_card_goes_to_a_person_with_the_recording_back_on() -> None:
    asks = account(
        ALISON, utter_confirm_payment="yes", utter_payment_pause="#4000000000000002", utter_confirm_slot="yes"
    )
    walk = Walk("telecom", "en", asks, channel=Channel.VOICE).start("pay_bill", "pay forty two pounds")
    assert walk.said("utter_payment_declined")
    assert walk.talk.recording
    account_row = walk.state.find("telecom", "accounts", account_number=ALISON[0])
    assert account_row is not None
    assert account_row["bill"]["balance"] == 46.50


@BOTH
def test_too_much_and_nothing_to_pay(lang: str) -> None:
    asks = account(ALISON, utter_ask_amount="100ポンド" if lang == "ja" else "a hundred pounds")
    walk = Walk("telecom", lang, asks)
    walk.answers = {key: value for key, value in asks.items() if key != "utter_ask_amount"}
    walk.start("pay_bill", "-")
    walk.hear(asks["utter_ask_amount"])
    assert "46.50 GBP" in walk.said("utter_payment_too_much")
    assert walk.asked[-1] == "utter_ask_amount"
    assert Walk("telecom", lang, account(HIROSHI)).start("pay_bill", "-").said("utter_nothing_due")


@BOTH
def test_help_with_paying_goes_straight_to_care(lang: str) -> None:
    walk = Walk("telecom", lang, {}).start("payment_arrangement", "-")
    assert walk.handoff is not None
    assert walk.handoff.skills == ("care",)


@BOTH
def test_usage(lang: str) -> None:
    assert "3.2" in Walk("telecom", lang, account(ALISON)).start("check_usage", "-").said("utter_usage_say")
    assert Walk("telecom", lang, account(HIROSHI)).start("check_usage", "-").said("utter_usage_unlimited")
    assert Walk("telecom", lang, account(WILFRED)).start("check_usage", "-").said("utter_no_mobile")


@BOTH
def test_a_plan_changes_after_its_terms_and_a_yes(lang: str) -> None:
    asks = strong(
        ALISON, utter_ask_plan="光500" if lang == "ja" else "fibre five hundred", utter_confirm_plan=YES[lang]
    )
    walk = Walk("telecom", lang, asks).start("change_plan", "-")
    assert "39.00 GBP" in walk.said("utter_plan_terms")
    row = walk.state.find("telecom", "accounts", account_number=ALISON[0])
    assert row is not None
    assert row["plan"] == "fibre_500"
    asks["utter_confirm_plan"] = "いいです" if lang == "ja" else "I'm good"
    walk = Walk("telecom", lang, asks).start("change_plan", "-")
    assert "action_change_plan" not in dict(walk.actions)


def test_the_same_plan_is_not_sold_again() -> None:
    asks = strong(ALISON, utter_ask_plan="fibre one hundred")
    assert Walk("telecom", "en", asks).start("change_plan", "-").said("utter_plan_same")


@BOTH
def test_coverage_is_told_before_sales(lang: str) -> None:
    words = "インターネットを申し込みたい" if lang == "ja" else "I'd like to get broadband"
    walk = Walk("telecom", lang, {"utter_ask_postcode": "M4 1AB"}).start("new_service", words)
    assert "900" in walk.said("utter_coverage_ok")
    assert walk.handoff is not None
    walk = Walk("telecom", lang, {"utter_ask_postcode": "ZE1 0AA"}).start("new_service", words)
    assert walk.said("utter_coverage_none")
    assert walk.handoff is None


@BOTH
def test_leaving_costs_are_told_and_a_fee_of_nothing_is_not_called_a_fee(lang: str) -> None:
    walk = Walk("telecom", lang, strong(ALISON)).start(
        "cancel_service", "解約したい" if lang == "ja" else "I'm leaving"
    )
    assert "96.00 GBP" in walk.said("utter_exit_terms")
    assert walk.handoff is not None
    assert walk.handoff.skills == ("retention",)
    walk = Walk("telecom", lang, account(HIROSHI)).start("contract_end", "-")
    assert "0.00" not in walk.said("utter_exit_free")
    assert walk.handoff is None


@BOTH
def test_a_bereavement_meets_a_person(lang: str) -> None:
    words = "父が亡くなりまして解約を" if lang == "ja" else "my dad died and I need to close his account"
    walk = Walk("telecom", lang, {}).start("cancel_service", words)
    assert walk.said("utter_bereavement")
    assert walk.handoff is not None


@BOTH
def test_a_number_leaves_with_a_code_or_comes_by_a_page(lang: str) -> None:
    out = "他社へ移したい" if lang == "ja" else "I'm taking it away to another network"
    asks = strong(ALISON, utter_ask_port_direction=out, utter_confirm_port_out=YES[lang])
    walk = Walk("telecom", lang, asks).start("port_number", "-")
    assert walk.said("utter_port_done")
    pac = next(m["body"] for m in walk.state.data["outbox"] if m["kind"] == "pac")
    assert pac not in "".join(walk.texts)
    into = "そちらに移したい" if lang == "ja" else "I'm bringing it to you"
    walk = Walk("telecom", lang, strong(ALISON, utter_ask_port_direction=into)).start("port_number", "-")
    assert walk.said("utter_port_in_done")


@BOTH
def test_a_move_is_booked(lang: str) -> None:
    when = "12月1日" if lang == "ja" else "the first of December"
    asks = account(ALISON, utter_ask_new_postcode="BS3 1AB", utter_ask_move_date=when, utter_confirm_move=YES[lang])
    walk = Walk("telecom", lang, asks).start("moving_house", "-")
    (move,) = walk.state.table("telecom", "moves")
    assert (move["postcode"], move["date"]) == ("BS3 1AB", "2026-12-01")
    assert move["ticket"] in walk.said("utter_move_done")


@BOTH
def test_a_lost_phone_is_blocked_by_number_and_postcode(lang: str) -> None:
    asks = {"utter_ask_lost_number": "07700900123", "utter_confirm_slot": YES[lang]}
    asks |= {
        "utter_ask_account_postcode": "SE15 3QF",
        "utter_confirm_bar": YES[lang],
        "utter_ask_want_new_sim": YES[lang],
    }
    walk = Walk("telecom", lang, asks).start(
        "lost_stolen_phone", "携帯をなくした" if lang == "ja" else "I lost my phone"
    )
    assert "utter_auth_ask_phone4" not in walk.asked
    assert "0123" in walk.said("utter_bar_done")
    assert walk.said("utter_sim_ordered")
    row = walk.state.find("telecom", "accounts", account_number=ALISON[0])
    assert row is not None
    assert row["mobiles"][0]["status"] == "barred"


def test_the_number_alone_blocks_nothing() -> None:
    asks = {"utter_ask_lost_number": "07700900123", "utter_confirm_slot": "yes", "utter_confirm_bar": "yes"}
    asks["utter_ask_account_postcode"] = "BS3 1AB"
    walk = Walk("telecom", "en", asks).start("lost_stolen_phone", "I lost my phone")
    assert walk.handoff is not None
    assert walk.handoff.reason is HandoffReason.AUTH_FAILED
    row = walk.state.find("telecom", "accounts", account_number=ALISON[0])
    assert row is not None
    assert row["mobiles"][0]["status"] == "active"


@BOTH
@pytest.mark.parametrize(
    ("number", "response"),
    [("07700900461", "utter_sim_done"), ("07700900462", "utter_sim_pending"), ("07700900456", "utter_sim_already")],
)
def test_sims_are_activated(lang: str, number: str, response: str) -> None:
    asks = {"utter_ask_mobile_number": number, "utter_confirm_slot": YES[lang], "utter_ask_account_postcode": "BS3 1AB"}
    assert Walk("telecom", lang, asks).start("sim_activation", "-").said(response)


@BOTH
def test_roaming_prices(lang: str) -> None:
    words = "スペインに行きます" if lang == "ja" else "I'm going to Spain"
    assert "2.00 GBP" in Walk("telecom", lang, {}).start("roaming", words).said("utter_roaming_europe")
    asks = {"utter_ask_country": "日本です" if lang == "ja" else "Japan"}
    assert "6.00 GBP" in Walk("telecom", lang, asks).start("roaming", "-").said("utter_roaming_priced")
    asks = {"utter_ask_country": "ネパール" if lang == "ja" else "Nepal"}
    assert Walk("telecom", lang, asks).start("roaming", "-").handoff is not None


@BOTH
def test_an_engineer_is_booked_moved_or_was_missed(lang: str) -> None:
    when, part = ("11月25日", "午後") if lang == "ja" else ("the twenty fifth", "afternoon")
    asks = account(WILFRED, utter_ask_visit_date=when, utter_ask_visit_window=part, utter_confirm_visit=YES[lang])
    walk = Walk("telecom", lang, asks).start("engineer_appointment", "-")
    assert walk.said("utter_visit_done")
    row = walk.state.find("telecom", "visits", account_number=WILFRED[0])
    assert row is not None
    assert (row["date"], row["window"]) == ("2026-11-25", "afternoon")
    asks |= account(ALISON, utter_ask_want_visit_change=YES[lang])
    walk = Walk("telecom", lang, asks).start("engineer_appointment", "-")
    assert walk.said("utter_visit_booked")
    rows = [v for v in walk.state.table("telecom", "visits") if v["account_number"] == ALISON[0]]
    assert [(v["date"], v["window"]) for v in rows] == [("2026-11-25", "afternoon")]
    walk = Walk("telecom", lang, account(HIROSHI)).start("engineer_appointment", "-")
    assert walk.said("utter_visit_missed")
    assert "utter_ask_visit_date" not in walk.asked


@BOTH
def test_a_full_day_offers_the_next_free_one(lang: str) -> None:
    when, part = ("明後日", "午前") if lang == "ja" else ("the day after tomorrow", "morning")
    asks = account(WILFRED, utter_ask_visit_date=when, utter_ask_visit_window=part, utter_visit_none_free=YES[lang])
    walk = Walk("telecom", lang, asks).start("engineer_appointment", "-")
    assert "2026-11-21" in walk.said("utter_visit_none_free")
    row = walk.state.find("telecom", "visits", account_number=WILFRED[0])
    assert row is not None
    assert row["date"] == "2026-11-21"


def test_either_part_of_the_day_is_settled_and_evenings_are_not_offered() -> None:
    asks = account(WILFRED, utter_ask_visit_date="the twenty fifth", utter_confirm_visit="yes")
    walk = Walk("telecom", "en", asks | {"utter_ask_visit_window": "either is fine"}).start("engineer_appointment", "-")
    assert "morning" in walk.said("utter_confirm_visit")
    walk = Walk("telecom", "en", asks).start("engineer_appointment", "-")
    walk.hear("in the evening")
    assert walk.said("utter_visit_no_evening")
    assert walk.asked[-1] == "utter_ask_visit_window"


@BOTH
def test_fraud_is_warned_of_and_handed_over(lang: str) -> None:
    words = "知らない請求がありました" if lang == "ja" else "someone phoned me pretending to be you"
    walk = Walk("telecom", lang, {"utter_ask_fraud": words}).start("suspected_fraud", "-")
    assert walk.said("utter_fraud_advice")
    assert walk.handoff is not None
    assert (walk.handoff.skills, walk.handoff.priority) == (("fraud",), 2)


@BOTH
def test_details_change_by_link_after_a_code(lang: str) -> None:
    asks = strong(ALISON, utter_ask_account_field="メール" if lang == "ja" else "my email")
    walk = Walk("telecom", lang, asks).start("update_details", "-")
    assert walk.said("utter_account_update_link")
    assert walk.state.data["outbox"][-1]["kind"] == "update_link"


@BOTH
def test_a_complaint_has_a_reference(lang: str) -> None:
    words = "何度も約束を破られました" if lang == "ja" else "you broke your promise three times"
    walk = Walk("telecom", lang, {"utter_ask_complaint": words}).start("formal_complaint", "-")
    (ticket,) = walk.state.table("telecom", "tickets")
    assert ticket["ticket"] in walk.said("utter_complaint_thanks")
    assert walk.handoff is not None


@BOTH
def test_questions_are_answered_from_the_faq(lang: str) -> None:
    walk = Walk("telecom", lang, {}).start("ask_faq", "-", (FaqScore("lights", 0.9),))
    assert walk.said("utter_faq_answer") == walk.content.faq[walk.talk.language]["lights"].answer
