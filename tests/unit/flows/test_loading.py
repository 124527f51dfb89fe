"""Broken files: every mistake at once, each with file, line and mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.talk import ROOT
from voicebot.flows import ContentErrors, load_flows, tenants, validate


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "flows" / "core", tmp_path / "flows" / "core")
    shutil.copytree(ROOT / "tests" / "fixtures" / "flows" / "lamps", tmp_path / "flows" / "lamps")
    return tmp_path / "flows"


def change(root: Path, file: str, old: str, new: str) -> int:
    """Replace a text; the line it begins on."""
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_repositorys_own_content_is_clean():
    assert [str(problem) for problem in validate(ROOT / "flows")] == []
    assert {"shop", "telecom"} <= set(tenants(ROOT / "flows"))


def test_good_content_loads(root: Path):
    content = load_flows(root, "lamps")
    assert content.flow_of("lamp_repair").collects[3].keypad.prefix == "L"
    assert content.flows["lamp_repair"].label("ja") == "修理"
    assert len(content.version) == 12


BROKEN = [
    ("lamps/flows.yml", "    name: the repair\n", "    nme: the repair\n", "does not know the key 'nme'"),
    ("lamps/flows.yml", "then: confirm", "then: confrim", "Step 'confrim' does not exist"),
    ("lamps/flows.yml", "{intent: lamp_repair}", "{intent: lamp_repiar}", "'lamp_repiar', which no domain.yml lists"),
    ("lamps/flows.yml", 'slots.outcome = "ok"', 'slots.outcme = "ok"', "undeclared slot 'outcme'"),
    ("lamps/flows.yml", 'slots.outcome = "ok"', "slots.outcome = ok", "'ok' is no value"),
    ("lamps/flows.yml", 'slots.outcome = "ok"', "slots.outcome ==", "cannot be read"),
    (
        "lamps/flows.yml",
        "skills: [repairs], min_level: 2",
        "skills: [welding], min_level: 2",
        "unknown skill 'welding'",
    ),
    ("lamps/flows.yml", "action: utter_visit_done", "action: utter_visit_dne", "no response 'utter_visit_dne'"),
    (
        "lamps/flows.yml",
        "action: action_book_visit",
        "action: action_bok_visit",
        "'action_bok_visit' is neither built in",
    ),
    (
        "lamps/flows.yml",
        "metadata: {confirmation: explicit}",
        "metadata: {confirmation: offer}",
        "without an explicit yes",
    ),
    (
        "lamps/flows.yml",
        "          - if: slots.confirm_visit\n            then: book\n          - else:\n"
        "              - action: utter_nevermind_ack\n                next: END\n",
        "          - else: book\n",
        "without an explicit yes",
    ),
    ("lamps/flows.yml", "          - if: slots.confirm_visit\n            then: book\n", "", "is never reached"),
    ("lamps/flows.yml", "          - else: to_person\n      - id: confirm", "      - id: confirm", "no `else`"),
    ("lamps/flows.yml", "max_digits: 4", "max_digits: 0", "max_digits must be a whole number"),
    ("lamps/flows.yml", r"'^L\d{4}$'", r"'^L(\d{4}$'", "is not a regular expression"),
    ("lamps/flows.yml", "confirm: readback", "confirm: redback", "'confirm' cannot be 'redback'"),
    ("lamps/flows.yml", "entity: lamp,", "entity: lmp,", "entity 'lmp' is not declared"),
    ("lamps/flows.yml", "collect: visit_day", "collect: visit_dya", "slot 'visit_dya' is not declared"),
    (
        "lamps/flows.yml",
        "              - action: utter_nevermind_ack\n                next: END\n",
        "              - action: utter_nevermind_ack\n",
        "leads nowhere",
    ),
    (
        "lamps/flows.yml",
        "      - action: action_check_visit\n",
        "      - action: action_check_visit\n        collect: lamp\n",
        "exactly one of",
    ),
    ("lamps/domain.yml", "lamp_pay]", "lamp_pay, lamp_rent]", "'lamp_rent' starts no flow"),
    ("lamps/ja/responses.yml", "{visit_day}に伺います。", "伺います。", "other placeholders"),
    ("lamps/en/responses.yml", "{state}", "{stat}", "is no slot and no built-in value"),
    ("lamps/ja/responses.yml", '  utter_state: [{text: "状況は{state}です。"}]\n', "", "no wording in 'ja'"),
    ("lamps/tenant.yml", "flow: lamp_status}", "flow: lamp_stats}", "unknown flow 'lamp_stats'"),
    ("lamps/tenant.yml", 'key: "2"', 'key: "0"', "is no menu key"),
    ("lamps/tenant.yml", "default_language: en", "default_language: fr", "not among the languages"),
    ("lamps/flows.yml", "flows:\n", "flows:\n  bad: [\n", "not YAML"),
    (
        "core/ja/responses.yml",
        '  utter_anything_else:\n    - text: "ほかにご用件はございますか。"\n',
        "",
        "utter_anything_else",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"), BROKEN, ids=[b[3] + " " + str(i) for i, b in enumerate(BROKEN)]
)
def test_each_mistake_names_file_line_and_mend(root: Path, file: str, old: str, new: str, message: str):
    change(root, file, old, new)
    with pytest.raises(ContentErrors) as raised:
        load_flows(root, "lamps")
    hit = [problem for problem in raised.value.problems if message in str(problem)]
    assert hit, str(raised.value)
    assert hit[0].mend
    assert any(problem.line is None or problem.line >= 1 for problem in hit)


def test_line_is_the_authors_line(root: Path):
    line = change(root, "lamps/flows.yml", "    name: the repair\n", "    nme: the repair\n")
    with pytest.raises(ContentErrors) as raised:
        load_flows(root, "lamps")
    assert str(raised.value).startswith(f"flows/lamps/flows.yml:{line}: ")


def test_several_mistakes_are_reported_together(root: Path):
    change(root, "lamps/flows.yml", "confirm: readback", "confirm: redback")
    change(root, "lamps/flows.yml", "then: confirm", "then: confrim")
    change(root, "lamps/tenant.yml", 'key: "2"', 'key: "0"')
    with pytest.raises(ContentErrors) as raised:
        load_flows(root, "lamps")
    assert len(raised.value.problems) >= 3


def test_circle_without_a_question_is_found(root: Path):
    change(
        root,
        "lamps/flows.yml",
        "      - action: action_check_visit\n",
        "      - id: round\n        action: utter_state\n        next: round\n      - action: action_check_visit\n",
    )
    with pytest.raises(ContentErrors, match="circle"):
        load_flows(root, "lamps")


def test_missing_tenant_is_said(root: Path):
    with pytest.raises(ContentErrors, match=r"tenant\.yml: The file is missing"):
        load_flows(root, "nobody")
