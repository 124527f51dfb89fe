import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.nlu.conftest import write_company
from voicebot.domain import EN, JA
from voicebot.errors import ContentError, ModelError
from voicebot.nlu import releases
from voicebot.nlu.corpus import is_stale, read_corpus
from voicebot.nlu.encoders import EmbeddingCache
from voicebot.nlu.model import FILES, Model
from voicebot.nlu.text import normalise
from voicebot.nlu.train import build, train


def _ask(model: Model, encoders, text: str, language=EN):
    plain = normalise(text)
    dense = model.joined(tuple(encoder.encode(plain) for encoder in encoders))
    scores = model.score(plain, dense, language)
    return scores, scores.faq


@pytest.fixture(scope="module")
def model(company: Path, encoders) -> Model:
    return Model.load(
        releases.folder_of(company / "models", "shop", releases.current(company / "models", "shop")), encoders
    )


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("has my order been shipped yet", EN, "order_status"),
        ("i would like to send it back", EN, "return_product"),
        ("can I talk to a real human being", EN, "request_human"),
        ("who has to pay for postage", EN, "ask_faq"),
        ("荷物はいつ届くのでしょうか", JA, "order_status"),
        ("商品を返品したいのですが", JA, "return_product"),
        ("人間のオペレーターと話したい", JA, "request_human"),
    ],
)
def test_unseen_lines_are_understood(model: Model, encoders, text: str, language: str, intent: str) -> None:
    scores, _ = _ask(model, encoders, text, language)
    assert scores.ranking[0].name == intent
    assert scores.in_scope > 0.02
    confidences = [score.confidence for score in scores.ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert 0 < sum(confidences) <= 1.001


@pytest.mark.parametrize("text", ["what's the football score", "how tall is the Eiffel tower", "富士山の高さは"])
def test_what_is_out_of_scope_scores_low(model: Model, encoders, text: str) -> None:
    scores, _ = _ask(model, encoders, text, JA if text[0] > "z" else EN)
    assert scores.ranking[0].name == "out_of_scope" or scores.in_scope < 0.1


@pytest.mark.parametrize(
    ("text", "entry"), [("what does delivery cost", "shipping_fee"), ("until when are you open", "hours"),
                        ("送料はかかりますか", "shipping_fee"), ("ポイントはいつまで使えますか", "points")],
)  # fmt: skip
def test_faq_finds_the_entry_above_the_border(model: Model, encoders, text: str, entry: str) -> None:
    found = _ask(model, encoders, text)[1]
    assert found[0].id == entry
    assert found[0].score >= 0.5
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


@pytest.mark.parametrize("text", ["put me through to a person", "返品したいです", "tell me a joke"])
def test_faq_refuses_what_it_does_not_hold(model: Model, encoders, text: str) -> None:
    assert _ask(model, encoders, text)[1][0].score < 0.5


def test_the_same_data_gives_the_same_bytes(company: Path, encoders, cache_file: Path, tmp_path: Path) -> None:
    first = releases.folder_of(company / "models", "shop", releases.current(company / "models", "shop"))
    corpus = read_corpus("shop", company / "nlu_data", company / "flows")
    with EmbeddingCache(None) as cold:
        again = releases.save(build(corpus, encoders, cold), tmp_path, "shop")
    assert again.name == first.name
    for name in FILES:
        assert (again / name).read_bytes() == (first / name).read_bytes(), name
    manifests = [json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (first, again)]
    for manifest in manifests:
        manifest.pop("created")
    assert manifests[0] == manifests[1]


def test_manifest_says_what_it_was_made_of(company: Path, encoders, model: Model) -> None:
    manifest = model.manifest
    assert manifest["languages"] == {"en": 42, "ja": 42}
    assert {row["name"]: row["identity"] for row in manifest["encoders"]} == {e.name: e.identity for e in encoders}
    assert manifest["intents"]["affirm"] == {"en": 6, "ja": 6}
    assert 0.3 < manifest["scores"]["accuracy"] <= 1
    assert manifest["scores"]["out_of_scope_auroc"] > 0.6
    assert not list((company / "models").rglob("*.pkl"))


def test_stale_follows_content_not_comments(tmp_path: Path, encoders, cache_file: Path) -> None:
    write_company(tmp_path)
    places = (tmp_path / "nlu_data", tmp_path / "models", tmp_path / "flows", encoders)
    assert is_stale("shop", *places)
    train("shop", places[0], places[1], flows_dir=places[2], cache_file=cache_file, encoders=encoders)
    assert not is_stale("shop", *places)
    file = places[0] / "shop" / "en" / "nlu.yml"
    file.write_text("# a note\n" + file.read_text("utf-8"), "utf-8")
    assert not is_stale("shop", *places)
    write_company(tmp_path, "    - no new thing\n")
    assert is_stale("shop", *places)


def test_training_again_fits_nothing_when_the_version_is_there(company: Path, encoders, cache_file: Path) -> None:
    said: list[str] = []
    train(
        "shop",
        company / "nlu_data",
        company / "models",
        flows_dir=company / "flows",
        cache_file=cache_file,
        encoders=encoders,
        progress=lambda what, done, total: said.append(what),
    )
    assert said == []


def test_broken_or_missing_data_names_the_place(tmp_path: Path, encoders) -> None:
    with pytest.raises(ContentError, match="two"):
        train("shop", tmp_path, tmp_path / "models", encoders=encoders)
    folder = tmp_path / "shop" / "en"
    folder.mkdir(parents=True)
    (folder / "nlu.yml").write_text("nlu:\n- intent: a\n  examples: |\n    - [b(c)\n", "utf-8")
    with pytest.raises(ContentError) as caught:
        train("shop", tmp_path, tmp_path / "models", encoders=encoders)
    assert caught.value.line == 4


def test_two_intents_with_one_line_each_can_be_trained(tmp_path: Path, encoders, cache_file: Path) -> None:
    folder = tmp_path / "shop" / "en"
    folder.mkdir(parents=True)
    body = "nlu:\n- intent: a\n  examples: |\n    - buy a kettle\n- intent: b\n  examples: |\n    - good night\n"
    (folder / "nlu.yml").write_text(body, "utf-8")
    made = train("shop", tmp_path, tmp_path / "models", cache_file=cache_file, encoders=encoders)
    model = Model.load(made, encoders)
    assert _ask(model, encoders, "buy the kettle")[0].ranking[0].name == "a"
    assert _ask(model, encoders, "good night to you")[0].ranking[0].name == "b"
    assert _ask(model, encoders, "kettle")[1] == ()


@pytest.mark.parametrize("name", ["heads.npz", "vectorizer.json"])
def test_a_changed_file_is_refused_with_both_hashes(company: Path, tmp_path: Path, model: Model, name: str) -> None:
    model.save(tmp_path / "copy")
    with (tmp_path / "copy" / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=r"sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}"):
        Model.load(tmp_path / "copy")


def test_another_encoder_is_refused(company: Path, model: Model, tmp_path: Path) -> None:
    class Other:
        name, dim, identity = "use", 512, "0" * 64

        def encode(self, text: str) -> np.ndarray:
            return np.zeros(512, np.float32)

    model.save(tmp_path / "copy")
    with pytest.raises(ModelError, match="another encoder use"):
        Model.load(tmp_path / "copy", (Other(),))


def test_a_language_without_lines_is_served_by_the_embeddings_alone(tmp_path: Path, encoders, cache_file: Path) -> None:
    write_company(tmp_path)
    (tmp_path / "nlu_data" / "shop" / "ja" / "nlu.yml").unlink()
    model = Model.load(
        train("shop", tmp_path / "nlu_data", tmp_path / "models", cache_file=cache_file, encoders=encoders)
    )
    assert _ask(model, encoders, "返品したいです", JA)[0].ranking[0].name == "return_product"
    assert _ask(model, encoders, "人と話したいです", JA)[0].ranking[0].name == "request_human"
