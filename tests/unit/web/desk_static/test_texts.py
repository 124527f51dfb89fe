"""The console's texts: the same in every language, and none missing that a page asks for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from voicebot.desk import DialOutcome
from voicebot.web.pages import STATIC

DESK = STATIC / "desk"
LANGUAGES = ("ja", "en")


def texts(language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "texts" / f"desk.{language}.json").read_text("utf-8"))
    return found


def test_languages_have_the_same_texts_and_placeholders() -> None:
    ja, en = (texts(language) for language in LANGUAGES)
    assert ja.keys() == en.keys()
    assert all(ja.values()) and all(en.values())
    holes = re.compile(r"\{\w+\}")
    assert [key for key in ja if sorted(holes.findall(ja[key])) != sorted(holes.findall(en[key]))] == []


@pytest.mark.parametrize("script", sorted(DESK.glob("*.js")), ids=lambda path: path.name)
def test_no_script_asks_for_a_text_that_is_missing(script: Path) -> None:
    source = script.read_text("utf-8")
    asked = set(re.findall(r"(?<![./\w])texts\.(\w+)\b(?!\()", source)) - {"js"}
    asked |= set(re.findall(r"(?:desk|this|page)\.texts\.(\w+)", source))
    asked |= set(re.findall(r'\btell\("(\w+)"', source))
    assert sorted(asked - texts("en").keys() - {"catch"}) == []


@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("alert_", "emergency vulnerable angry repeat_contact fraud_suspected bereavement slow_speaker "
         "hard_of_hearing no_recording language_mismatch vip long_wait queue_full unstaffed service_level no_answer "
         "task_overdue offer_missed"),
        ("presence_", "offline available break no_answer resting"),
        ("state_", "queued offered accepted active wrapup closed"),
        ("result_", "ok failed not_fixed declined_by_customer timeout not_found"),
        ("sentiment_", "positive neutral negative very_negative unknown"),
        ("verified_", "none light strong failed"),
        ("rung_", " ".join(DialOutcome)),
        ("slots_", "confirmed heard refused missing"),
        ("recording_", "on off_by_request paused_sensitive off"),
        ("method_", "ani_match order_and_phone4 member_and_phone4 one_time_code agent_manual"),
        ("turn_joined_", "lead expert listener whisperer speaker"),
        ("role_", "lead expert listener whisperer speaker"),
        ("offer_", "voice chat callback declined timed_out withdrawn"),
        ("phone_", "insecure denied no_microphone microphone_busy server ice lost far_end"),
        ("call_", "asking connecting talking reconnecting ended failed"),
        ("line_", "connecting waiting offline signed-out replaced refused"),
        ("dialog_", "break transfer consult task headset help skills"),
    ],
)  # fmt: skip
def test_every_value_the_server_may_send_has_words(prefix: str, values: str) -> None:
    assert [value for value in values.split() if prefix + value not in texts("ja")] == []


def test_nothing_but_our_own_files_is_asked_for() -> None:
    for script in DESK.glob("*.js"):
        source = script.read_text("utf-8")
        assert re.findall(r"(?:innerHTML|insertAdjacentHTML|unsafeHTML|document\.write|\beval\()", source) == []
        assert [name for name in re.findall(r'from "([^"]+)"', source) if not name.startswith((".", ".."))] == []
