"""``voicebot account`` as an operator types it."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from voicebot.cli.main import app
from voicebot.errors import NotFound, PeopleError


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOICEBOT_DATA", str(tmp_path))
    monkeypatch.delenv("VOICEBOT_STORE", raising=False)
    return tmp_path


def account(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["account", *words], input=typed, env={"COLUMNS": "200"})


def test_an_account_from_its_first_day_to_its_last(data: Path) -> None:
    made = account("add", "sato", "--name", "佐藤 美咲", "--tenant", "shop", "--id", "S01", "--roles", "agent,leader")
    assert made.exit_code == 0, made.output
    word = re.search(r"Password, shown this once: (\S+)", made.output)
    assert word is not None
    assert "must change password" in account("list").output
    assert "agent, leader" in account("list", "--tenant", "shop").output
    assert "sato" not in account("list", "--tenant", "telecom").output
    assert "roles: manager." in account("roles", "SATO", "manager").output
    assert "is disabled" in account("disable", "sato").output
    assert "disabled" in account("list").output
    assert "is enabled" in account("enable", "sato").output
    assert word[1] not in account("password", "sato").output
    assert account("password", "sato", "--ask", typed="kawa no nagare\n").exit_code == 0
    shown = account("audit").output
    assert [line.split()[3] for line in shown.splitlines()] == [
        "account_added",
        "account_changed",
        "account_changed",
        "account_changed",
        "password_reset",
        "password_reset",
    ]
    proof = account("audit", "--verify")
    assert proof.exit_code == 0
    end = proof.output.splitlines()[-1]
    assert account("audit", "--end", end).exit_code == 0
    with sqlite3.connect(data / "voicebot.db") as database:
        database.execute("DROP TRIGGER audit_no_update")
        database.execute("UPDATE audit SET who = 'nobody' WHERE seq = 2")
    database.close()
    broken = account("audit", "--verify")
    assert broken.exit_code == 1
    assert "line 2" in broken.output


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("disable", "nobody"), NotFound),
        (("add", "x", "--name", "X", "--roles", "boss"), PeopleError),
        (("add", "x", "--name", "X", "--tenant", "nowhere"), PeopleError),
        (("add", "x y", "--name", "X"), PeopleError),
        (("audit", "--end", "12"), PeopleError),
    ],
)
def test_what_cannot_be_done_is_told(words: tuple[str, ...], error: type[Exception]) -> None:
    told = account(*words)
    assert told.exit_code == 1
    assert isinstance(told.exception, error)
