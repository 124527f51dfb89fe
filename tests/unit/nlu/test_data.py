import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.domain import JA, Language
from voicebot.errors import ContentError
from voicebot.nlu.annotations import BrokenMark, Mark, read_marks
from voicebot.nlu.data import read_file, read_tenant

RASA_DEMOS = Path(__file__).resolve().parents[4] / "shared" / "datasets" / "rasa_demos"


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "nlu.yml"
    file.write_text(text, "utf-8")
    return file


def test_every_form_of_mark_is_read() -> None:
    text, marks = read_marks(
        'from [Bristol](city:bristol) to [Leeds]{"entity": "city", "value": "leeds", "role": "to", "group": "1"} '
        'by [tram](line) or [bus][{"entity": "line"}, {"entity": "vehicle", "value": "coach"}]'
    )
    assert text == "from Bristol to Leeds by tram or bus"
    assert [(text[m.start : m.end], m.entity, m.value, m.role, m.group) for m in marks] == [
        ("Bristol", "city", "bristol", None, None),
        ("Leeds", "city", "leeds", "to", "1"),
        ("tram", "line", "tram", None, None),
        ("bus", "line", "bus", None, None),
        ("bus", "vehicle", "coach", None, None),
    ]


def test_escaped_and_harmless_brackets_are_text() -> None:
    assert read_marks(r"it says \[error\](E3) and [sic] (really)") == ("it says [error](E3) and [sic] (really)", ())


@pytest.mark.parametrize(
    "line",
    ["my [kettle(product)", "my kettle](product)", "my [](product)", 'a [b]{"entity": }', 'a [b]{"value": "c"}',
     "a [b](two words)", "a [b](product", 'a [b]{"entity": "c"'],
)  # fmt: skip
def test_a_broken_mark_says_how_to_mend_it(line: str) -> None:
    with pytest.raises(BrokenMark) as caught:
        read_marks(line)
    assert caught.value.mend


def test_block_and_list_form_terms_and_unknown_keys(tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        """version: "3.1"
pipeline: whatever
nlu:
# a comment
- intent: order_status
  metadata: {owner: me}
  examples: |
    - where is it

    - where is [A20481137](order_number)
- intent: faq/hours
  examples:
  - text: |
      when are you open
    metadata: {sentiment: neutral}
  - text: "open on sundays?"
  - closing time
- synonym: kettle
  examples: |
    - water boiler
- regex: order_number
  examples: |
    - A[0-9]{8}
- lookup: product
  examples: |
    - kettle
""",
    )
    data = read_file(file, JA)
    assert data.problems == ()
    assert [(e.intent, e.text, e.line) for e in data.examples] == [
        ("order_status", "where is it", 8),
        ("order_status", "where is A20481137", 10),
        ("faq/hours", "when are you open", 14),
        ("faq/hours", "open on sundays?", 16),
        ("faq/hours", "closing time", 17),
    ]
    assert data.examples[1].marks == (Mark(9, 18, "order_number", "A20481137"),)
    assert [(t.kind, t.name, t.text, t.line) for t in data.terms] == [
        ("synonym", "kettle", "water boiler", 20),
        ("regex", "order_number", "A[0-9]{8}", 23),
        ("lookup", "product", "kettle", 26),
    ]
    assert {e.language for e in data.examples} == {JA}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("nlu:\n- intent: a\n  examples: |\n    - b\n   bad: [\n", 5, "YAML"),
        ("- intent: a\n", 1, "mapping"),
        ("nlu: five\n", 1, "list"),
        ("nlu:\n- intents: a\n", 2, "neither"),
        ("nlu:\n- intent: a\n", 2, "no examples"),
        ("nlu:\n- intent: a\n  examples: |\n    - ok\n    forgot the dash\n", 5, "begin with"),
        ("nlu:\n- intent: a\n  examples: |\n    - a [b(c)\n", 4, "closed"),
        ("nlu: []\nnlu: []\n", 2, "twice"),
        ("nlu:\n- intent:\n  examples: |\n    - a\n", 2, "no name"),
        ("nlu:\n- intent: a\n  examples:\n  - metadata: {}\n", 4, "no text"),
    ],
)
def test_what_is_broken_is_named_with_line_and_mend(tmp_path: Path, text: str, line: int, word: str) -> None:
    problems = read_file(_file(tmp_path, text)).problems
    assert len(problems) == 1
    assert problems[0].line == line
    assert word in problems[0].problem
    assert problems[0].mend
    with pytest.raises(ContentError):
        read_file(_file(tmp_path, text)).checked()


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    assert "cannot be read" in read_file(tmp_path / "none.yml").problems[0].problem
    latin = tmp_path / "latin.yml"
    latin.write_bytes("nlu:\n- intent: caf\xe9\n".encode("latin-1"))
    assert "UTF-8" in read_file(latin).problems[0].problem


def test_a_broken_line_does_not_hide_the_others(tmp_path: Path) -> None:
    data = read_file(_file(tmp_path, "nlu:\n- intent: a\n  examples: |\n    - one\n    - [x(y)\n    - two\n"))
    assert [e.text for e in data.examples] == ["one", "two"]
    assert len(data.problems) == 1


def test_core_and_tenant_are_merged_and_held_out_lines_kept_apart(tmp_path: Path) -> None:
    for owner, name, line in (("core", "nlu.yml", "hi"), ("shop", "nlu.yml", "buy"), ("shop", "test_nlu.yml", "test")):
        folder = tmp_path / owner / "en"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"nlu:\n- intent: {owner}\n  examples: |\n    - {line}\n", "utf-8")
    assert [e.text for e in read_tenant(tmp_path, "shop").examples] == ["hi", "buy"]
    assert [e.text for e in read_tenant(tmp_path, "shop", held_out=True).examples] == ["test"]
    assert [e.text for e in read_tenant(tmp_path, "telecom").examples] == ["hi"]


@pytest.mark.skipif(not RASA_DEMOS.exists(), reason="the Rasa demos are not beside this checkout")
@pytest.mark.parametrize(
    ("file", "intents", "examples"),
    [("financial-demo/data/nlu/nlu.yml", 17, 578), ("helpdesk-assistant/data/nlu.yml", 14, 452)],
)
def test_real_rasa_projects_load(file: str, intents: int, examples: int) -> None:
    data = read_file(RASA_DEMOS / file).checked()
    assert (len(data.intents), len(data.examples)) == (intents, examples)
    lines = (RASA_DEMOS / file).read_text("utf-8").splitlines()
    assert all(e.source in lines[e.line - 1] for e in data.examples)
    assert all(e.text[m.start : m.end] for e in data.examples for m in e.marks)


_WORDS = st.text("abc えお注文?!、'(){}:#&*é", min_size=1, max_size=12).filter(
    lambda s: s.strip() and not s.strip().startswith("-") and not set("[]") & set(s)
)
_INTENT = st.tuples(
    st.sampled_from(["block", "list", "mapping"]),
    st.lists(st.tuples(_WORDS, st.integers(0, 2), st.booleans()), min_size=1, max_size=4),
    st.booleans(),
)


@given(st.lists(_INTENT, min_size=1, max_size=4))
def test_any_mixture_keeps_text_and_place(tmp_path_factory: pytest.TempPathFactory, intents: list) -> None:
    lines, expected = ["nlu:"], []
    for number, (form, examples, comment) in enumerate(intents):
        lines += ["# between"] * comment + [f"- intent: intent_{number}"]
        lines.append("  examples: |" if form == "block" else "  examples:")
        for word, blanks, marked in examples:
            word = " ".join(word.split())
            source = f"[{word}](name) x" if marked and not set("()") & set(word) else word
            if form == "block":
                lines += [""] * blanks + [f"    - {source}"]
            elif form == "list":
                lines += ["  # item"] * blanks + [f"  - {json.dumps(source, ensure_ascii=False)}"]
            else:
                lines += ["  # item"] * blanks + [f"  - text: {json.dumps(source, ensure_ascii=False)}"]
            expected.append((f"intent_{number}", source, len(lines)))
    file = tmp_path_factory.mktemp("mixture") / "nlu.yml"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    data = read_file(file, Language("en"))
    assert data.problems == ()
    assert [(e.intent, e.source, e.line) for e in data.examples] == expected
    assert all(e.text == e.source.replace("[", "").replace("](name)", "") for e in data.examples)
