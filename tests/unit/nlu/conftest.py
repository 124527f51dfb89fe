"""A small company with real encoders: enough lines to train on, few enough to train in a second."""

from pathlib import Path

import pytest

from voicebot.nlu.encoders import EmbeddingCache, Encoder, standard_encoders
from voicebot.nlu.train import train

LINES = {
    "en": {
        "order_status": ["where is my order", "has my parcel been sent", "when will it arrive", "track my delivery",
                         "my [kettle](product) has not come", "is it on its way yet"],
        "return_product": ["I want to return something", "send this back please", "can I return the kettle",
                           "how do I send it back", "I'd like a refund for what I bought", "take this item back"],
        "request_human": ["agent", "can I speak to a person", "put me through to someone", "I want a human",
                          "let me talk to an adviser", "real person please"],
        "affirm": ["yes", "yes please", "that's right", "correct", "yeah", "sure"],
        "deny": ["no", "no thanks", "that's wrong", "nope", "not that one", "no it isn't"],
        "ask_faq": ["who pays the postage", "how much is delivery", "what are your opening hours",
                    "when are you open", "is shipping free", "what does postage cost"],
        "out_of_scope": ["what's the weather", "tell me a joke", "who won the football", "book me a taxi",
                         "what is the capital of Peru", "sing me a song"],
    },
    "ja": {
        "order_status": ["注文した商品はどこですか", "荷物が届きません", "いつ届きますか", "配送状況を知りたい",
                         "[ケトル](product)がまだ来ません", "もう発送されましたか"],
        "return_product": ["返品したいです", "商品を返したい", "返品の手続きを教えて", "送り返したいのですが",
                           "買ったものを返金してほしい", "これ返せますか"],
        "request_human": ["担当者", "人と話したい", "オペレーターをお願いします", "係の人に代わって",
                          "人間につないで", "担当の方と話せますか"],
        "affirm": ["はい", "はいお願いします", "そうです", "合ってます", "ええ", "うん"],
        "deny": ["いいえ", "いいえ違います", "ちがいます", "いや", "そうじゃない", "違う"],
        "ask_faq": ["送料は誰が払うの", "送料はいくらですか", "営業時間を教えて", "何時まで開いてますか",
                    "送料無料になりますか", "配送料はかかりますか"],
        "out_of_scope": ["今日の天気は", "面白い話をして", "野球の結果を教えて", "タクシーを呼んで",
                         "ペルーの首都はどこ", "歌を歌って"],
    },
}  # fmt: skip
FAQ = {
    "en": {
        "shipping_fee": ["how much is delivery", "who pays the postage", "is delivery free"],
        "hours": ["what are your opening hours", "when are you open", "are you open at weekends"],
        "points": ["how do points work", "when do points expire", "how many points do I have to collect"],
    },
    "ja": {
        "shipping_fee": ["送料はいくらですか", "送料は誰が払いますか", "送料無料ですか"],
        "hours": ["営業時間は何時までですか", "何時に開きますか", "土日も営業していますか"],
        "points": ["ポイントの仕組みは", "ポイントの有効期限は", "ポイントは何点から使えますか"],
    },
}


def write_company(root: Path, more: str = "") -> None:
    """Write nlu_data/ and flows/ of the company ``shop``."""
    for language, intents in LINES.items():
        body = 'version: "3.1"\nnlu:\n'
        for intent, lines in intents.items():
            body += f"- intent: {intent}\n  examples: |\n" + "".join(f"    - {line}\n" for line in lines)
        folder = root / "nlu_data" / "shop" / language
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nlu.yml").write_text(body + (more if language == "en" else ""), "utf-8")
        entries = "".join(f"- {{id: {name}, q: {asked}, a: answer}}\n" for name, asked in FAQ[language].items())
        flows = root / "flows" / "shop" / language
        flows.mkdir(parents=True, exist_ok=True)
        (flows / "faq.yml").write_text("faq:\n" + entries, "utf-8")


@pytest.fixture(scope="session")
def encoders() -> tuple[Encoder, ...]:
    return standard_encoders()


@pytest.fixture(scope="session")
def cache_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embeddings") / "cache.db"


@pytest.fixture
def cache(cache_file: Path):
    with EmbeddingCache(cache_file) as opened:
        yield opened


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, encoders, cache_file: Path) -> Path:
    """Root with nlu_data/, flows/ and a trained, live model under models/."""
    root = tmp_path_factory.mktemp("company")
    write_company(root)
    train(
        "shop", root / "nlu_data", root / "models", flows_dir=root / "flows", cache_file=cache_file, encoders=encoders
    )
    return root
