"""Texts of the analysis and of the authors' page, and who is led to these pages."""

from __future__ import annotations

import json
import re

import pytest

from voicebot.assist.model import CardKind, Speaker
from voicebot.people import Capability, Role, capabilities
from voicebot.web.pages import STATIC

PAGES = ("analysis", "authoring")
_HOLES = re.compile(r"\{\w+\}")


def texts(page: str, language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((STATIC / "texts" / f"{page}.{language}.json").read_text("utf-8"))
    return found


def sources(page: str) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted((STATIC / page).glob("*.js"))}


@pytest.mark.parametrize("page", PAGES)
def test_languages_have_the_same_texts_and_placeholders(page: str) -> None:
    ja, en = texts(page, "ja"), texts(page, "en")
    assert list(ja) == list(en)
    assert [key for key in ja if sorted(_HOLES.findall(ja[key])) != sorted(_HOLES.findall(en[key]))] == []
    assert [key for key in ja if bool(ja[key].strip()) != bool(en[key].strip())] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_script_asks_for_a_text_that_is_missing_and_none_is_left_over(page: str) -> None:
    known = texts(page, "en")
    asked: set[str] = set()
    for source in sources(page).values():
        asked |= set(re.findall(r"(?<![./\w])texts\.(\w+)\b(?![\"(])", source))
        asked |= set(re.findall(r"(?:page|this|work)\.texts\.(\w+)", source))
    assert sorted(asked - known.keys()) == []
    whole = "".join(sources(page).values())
    prefixes = {one for one in re.findall(r"texts\[`(\w+_)\$", whole)}
    assert [one for one in prefixes if not any(key.startswith(one) for key in known)] == []
    unused = [
        key for key in known if not re.search(rf"\b{key}\b", whole) and not any(key.startswith(one) for one in prefixes)
    ]
    assert unused == []


@pytest.mark.parametrize(
    ("prefix", "values"), [("kind_", [one.value for one in CardKind]), ("speaker_", [one.value for one in Speaker])]
)
def test_every_value_of_a_card_has_words(prefix: str, values: list[str]) -> None:
    assert [value for value in values if prefix + value not in texts("authoring", "ja")] == []


@pytest.mark.parametrize(
    ("name", "capability"),
    [
        ("LEADING", Capability.SEE_FLOOR),
        ("LEADING", Capability.STAFFING),
        ("READERS", Capability.READ_REPORTS),
        ("EDITORS", Capability.EDIT_CONTENT),
    ],
)
def test_who_is_led_to_a_page_is_who_may_use_it(name: str, capability: Capability) -> None:
    source = (STATIC / "desk" / "header.js").read_text("utf-8")
    (listed,) = re.findall(rf"export const {name} = (\[[^\]]*\]);", source)
    assert set(json.loads(listed)) == {role.value for role in Role if capability in capabilities([role])}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_has_a_name_in_the_navigation(language: str) -> None:
    source = (STATIC / "desk" / "header.js").read_text("utf-8")
    named = re.findall(r'\["(\w+)", "/[\w/]+", [A-Z]+\]', source)
    assert {"analysis", "authoring", "floor"} <= set(named)
    assert [name for name in named if not texts("desk", language).get(f"page_{name}")] == []
