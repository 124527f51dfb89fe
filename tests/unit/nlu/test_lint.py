from pathlib import Path

from voicebot.nlu.lint import THIN, Finding, Severity, lint


def _intent(name: str, lines: list[str]) -> str:
    return f"- intent: {name}\n  examples: |\n" + "".join(f"    - {line}\n" for line in lines)


def _write(root: Path, owner: str, language: str, body: str, name: str = "nlu.yml") -> Path:
    folder = root / owner / language
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("nlu:\n" + body, "utf-8")
    return folder / name


def _codes(findings: list[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def _many(word: str) -> list[str]:
    return [f"{word} {'abcdefghijklmnop'[i]}{'ponmlkjihgfedcba'[i]}" for i in range(THIN)]


def test_clean_data_has_no_finding(tmp_path: Path) -> None:
    _write(tmp_path, "shop", "en", _intent("order", _many("order")) + _intent("back", _many("return")))
    assert lint([tmp_path]) == []


def test_a_line_under_two_intents_is_an_error_naming_both_places(tmp_path: Path) -> None:
    core = _write(tmp_path, "core", "en", _intent("greet", [*_many("hello"), "Good morning!"]))
    shop = _write(tmp_path, "shop", "en", _intent("order", [*_many("order"), "um good morning"]))
    conflict = [finding for finding in lint([tmp_path]) if finding.code == "conflict"]
    assert len(conflict) == 1
    assert (conflict[0].file, conflict[0].line, conflict[0].severity) == (shop, 4 + THIN, Severity.ERROR)
    assert f"{core}:{4 + THIN}" in conflict[0].message
    assert "greet" in conflict[0].message


def test_two_companies_may_use_the_same_line_for_different_intents(tmp_path: Path) -> None:
    _write(tmp_path, "shop", "en", _intent("order", [*_many("order"), "stop it"]))
    _write(tmp_path, "telecom", "en", _intent("leave", [*_many("leave"), "stop it"]))
    assert lint([tmp_path]) == []


def test_duplicates_and_near_duplicates(tmp_path: Path) -> None:
    lines = ["where is A20481137", "where is [A31120094](order_number)", "um track it", "track it", "Track it."]
    file = _write(tmp_path, "shop", "en", _intent("order", [*_many("order"), *lines]))
    found = {(finding.line, finding.code, finding.severity) for finding in lint([file])}
    first = 4 + THIN
    assert (first + 3, "near_duplicate", Severity.INFO) in found
    assert (first + 4, "duplicate", Severity.WARNING) in found or (first + 4, "near_duplicate", Severity.INFO) in found


def test_lines_of_two_intents_that_differ_in_values_only(tmp_path: Path) -> None:
    body = _intent("order", [*_many("order"), "about order 12"]) + _intent("bill", [*_many("bill"), "about order 34"])
    _write(tmp_path, "shop", "en", body)
    finding = next(finding for finding in lint([tmp_path]) if finding.code == "near_conflict")
    assert finding.severity is Severity.WARNING
    assert "order" in finding.message


def test_thin_intents_and_language_gaps(tmp_path: Path) -> None:
    _write(tmp_path, "shop", "en", _intent("order", _many("order")) + _intent("back", ["send it back"]))
    _write(tmp_path, "shop", "ja", _intent("order", _many("注文")))
    found = {finding.code: finding for finding in lint([tmp_path])}
    assert found["thin_intent"].severity is Severity.WARNING
    assert "has 1 line in 'en'" in found["thin_intent"].message
    assert found["language_gap"].severity is Severity.ERROR
    assert "'back' has no line in 'ja'" in found["language_gap"].message


def test_unknown_entities_are_named_with_the_nearest_known(tmp_path: Path) -> None:
    _write(tmp_path, "shop", "en", _intent("order", [*_many("order"), "my [kettle](prodct)"]))
    assert "unknown_entity" not in _codes(lint([tmp_path]))
    finding = next(f for f in lint([tmp_path], entities=frozenset({"product", "date"})) if f.code == "unknown_entity")
    assert finding.mend == "Did you mean 'product'?"
    assert finding.line == 4 + THIN


def test_broken_lines_bad_regexes_and_leaks(tmp_path: Path) -> None:
    body = _intent("order", [*_many("order"), "a [b(c)"]) + "- regex: code\n  examples: |\n    - A[0-9\n"
    _write(tmp_path, "shop", "en", body)
    _write(tmp_path, "shop", "en", _intent("order", ["Order AP?"]), "test_nlu.yml")
    found = {finding.code: finding for finding in lint([tmp_path])}
    assert {"broken", "bad_regex", "leak"} <= set(found)
    assert found["broken"].line == 4 + THIN
    assert found["leak"].file.name == "test_nlu.yml"
    assert all(finding.mend for finding in found.values())


def test_findings_are_sorted_and_the_same_each_time(tmp_path: Path) -> None:
    for owner in ("core", "shop", "telecom"):
        _write(tmp_path, owner, "en", _intent(f"i_{owner}", ["one", "One!", "two 1", "two 2"]))
    found = lint([tmp_path])
    assert found == lint([tmp_path])
    assert [(str(f.file), f.line or 0) for f in found] == sorted((str(f.file), f.line or 0) for f in found)
    assert str(found[0]).startswith(f"{found[0].file}:{found[0].line}: ")


def test_lines_that_mean_the_same_under_two_intents(tmp_path: Path, encoders, cache) -> None:
    body = _intent("order", ["where is my parcel now"]) + _intent("track", ["where's my parcel right now"])
    _write(tmp_path, "shop", "en", body + _intent("joke", ["tell me a joke about cats"]))

    def embed(texts):
        return cache.embed(encoders[0], texts)

    meant = [finding for finding in lint([tmp_path], embed=embed) if finding.code == "near_meaning"]
    assert len(meant) == 1
    assert "'order'" in meant[0].message
    assert "near_meaning" not in _codes(lint([tmp_path]))
