# ruff: noqa: E501 - word lists and patterns read better on one line

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from voicebot.domain import EN, JA
from voicebot.errors import ContentError
from voicebot.nlu.entities import ClosedValues

PRODUCTS = """炊飯器がまだ届かない=rice_cooker|炊飯ジャーの件=rice_cooker|お釜が割れてた=rice_cooker|かまど日和のね、ふたのね=rice_cooker|すいはんきです=rice_cooker|ロボット掃除機の注文=robot_vacuum|掃除機=robot_vacuum|お掃除ロボが=robot_vacuum|ルンバみたいなやつ、掃除ロボット=robot_vacuum
加湿器から煙=humidifier|カシツキ=humidifier|空気清浄機=air_purifier|くうきせいじょうき=air_purifier|空気清浄器=air_purifier|ケトル=kettle|けとるの取っ手=kettle|電気ケトル=kettle|湯沸かし器=kettle|ドライヤー=hair_dryer|どらいやー=hair_dryer|ﾄﾞﾗｲﾔｰ=hair_dryer|除湿機=dehumidifier|フィルター=filter|交換フィルター=filter|ポットが=kettle
where's my rice cooker=rice_cooker|rice cookers=rice_cooker|the Rice-Cooker=rice_cooker|my robot vacuum's stuck=robot_vacuum|robo vac=robot_vacuum|the hoover=robot_vacuum|vacuum cleaner=robot_vacuum|humidifier=humidifier|two humidifiers please=humidifier|air purifier=air_purifier|air cleaner=air_purifier|purifiers=air_purifier
the kettle=kettle|electric kettles=kettle|hair dryer=hair_dryer|hairdryer=hair_dryer|hair drier=hair_dryer|dehumidifier=dehumidifier|filters=filter|the filter=filter|rice machine=rice_cooker|KETTLE=kettle|the kettle's lid=kettle""".replace(
    "\n", "|"
).split("|")


@pytest.mark.parametrize("line", PRODUCTS)
def test_product(value, line: str) -> None:
    text, product = line.split("=")
    assert value("product", text) == product


@pytest.mark.parametrize(
    "text", ["kettledrum", "packed", "しずくが落ちた", "price", "a robot answered", "掃除をした", "ソルト味"]
)
def test_no_product(value, text: str) -> None:
    assert value("product", text) is None


@pytest.mark.parametrize(
    ("name", "text", "expected", "tenant"),
    [
        ("damage_kind", "取っ手が割れてます", "broken", "shop"), ("damage_kind", "箱がへこんでた", "broken", "shop"), ("damage_kind", "違う商品が届いた", "wrong_item", "shop"), ("damage_kind", "色が違うんです", "wrong_item", "shop"),
        ("damage_kind", "部品が足りないです", "missing", "shop"), ("damage_kind", "入ってなかったんです", "missing", "shop"), ("damage_kind", "ひび割れてたんですよ", "broken", "shop"), ("damage_kind", "傷がついてます", "broken", "shop"),
        ("damage_kind", "it's cracked", "broken", "shop"), ("damage_kind", "the lid is dented", "broken", "shop"), ("damage_kind", "you sent the wrong item", "wrong_item", "shop"), ("damage_kind", "not what I ordered", "wrong_item", "shop"), ("damage_kind", "a part is missing", "missing", "shop"),
        ("resolution", "交換してください", "exchange", "shop"), ("resolution", "新しいのが欲しい", "exchange", "shop"), ("resolution", "返金で", "refund", "shop"), ("resolution", "お金を返してほしい", "refund", "shop"),
        ("resolution", "a replacement please", "exchange", "shop"), ("resolution", "swap it", "exchange", "shop"), ("resolution", "my money back", "refund", "shop"), ("resolution", "I'd like it refunded", "refund", "shop"),
        ("payment_method", "クレジットで", "card", "shop"), ("payment_method", "代引きで", "cod", "shop"), ("payment_method", "コンビニで払います", "store", "shop"), ("payment_method", "後払いがいい", "later", "shop"),
        ("payment_method", "by card", "card", "shop"), ("payment_method", "cash on delivery", "cod", "shop"), ("payment_method", "convenience store", "store", "shop"), ("payment_method", "pay later", "later", "shop"),
        ("subscription_change_kind", "来月は休みたい", "skip", "shop"), ("subscription_change_kind", "一回飛ばして", "skip", "shop"), ("subscription_change_kind", "スキップで", "skip", "shop"), ("subscription_change_kind", "二か月ごとに", "interval", "shop"), ("subscription_change_kind", "隔月にしたい", "interval", "shop"), ("subscription_change_kind", "二個に増やして", "quantity", "shop"), ("subscription_change_kind", "再開したい", "resume", "shop"),
        ("subscription_change_kind", "skip next month", "skip", "shop"), ("subscription_change_kind", "pausing it", "skip", "shop"), ("subscription_change_kind", "every other month", "interval", "shop"), ("subscription_change_kind", "fewer please", "quantity", "shop"), ("subscription_change_kind", "restart it", "resume", "shop"),
        ("account_field", "住所を変えたい", "address", "shop"), ("account_field", "電話番号です", "phone", "shop"), ("account_field", "メールアドレス", "email", "shop"), ("account_field", "パスワードを忘れた", "password", "shop"), ("account_field", "名字が変わった", "name", "shop"), ("account_field", "引き落としの口座", "bank", "shop"),
        ("account_field", "my address", "address", "telecom"), ("account_field", "phone number", "phone", "telecom"), ("account_field", "email address", "email", "telecom"), ("account_field", "surname", "name", "telecom"), ("account_field", "direct debit", "bank", "telecom"),
        ("service", "インターネットがつながらない", "broadband", "telecom"), ("service", "ワイファイが", "broadband", "telecom"), ("service", "スマホが圏外", "mobile", "telecom"), ("service", "シムだけ", "mobile", "telecom"), ("service", "テレビが映らない", "tv", "telecom"), ("service", "固定電話", "landline", "telecom"),
        ("service", "my internet's down", "broadband", "telecom"), ("service", "the telly", "tv", "telecom"), ("service", "phone line's dead", "landline", "telecom"), ("service", "my sim", "mobile", "telecom"), ("service", "wi-fi", "broadband", "telecom"),
        ("device", "ルーターのランプ", "router", "telecom"), ("device", "新しいハブ", "router", "telecom"), ("device", "中継器はどこに", "extender", "telecom"), ("device", "the hub", "router", "telecom"), ("device", "my wifi booster", "extender", "telecom"),
        ("plan", "光五百に乗り換えたい", "fibre_500", "telecom"), ("plan", "光100", "fibre_100", "telecom"), ("plan", "十ギガのプラン", "sim_10", "telecom"), ("plan", "無制限", "sim_unlimited", "telecom"), ("plan", "ベーシック", "basics", "telecom"), ("plan", "fibre five hundred", "fibre_500", "telecom"), ("plan", "Fibre 100", "fibre_100", "telecom"), ("plan", "unlimited", "sim_unlimited", "telecom"), ("plan", "ten gig", "sim_10", "telecom"), ("plan", "add sport", "sport", "telecom"),
        ("port_direction", "前の会社からそちらに移したい", "in", "telecom"), ("port_direction", "他社へ移ります", "out", "telecom"), ("port_direction", "I'm leaving", "out", "telecom"), ("port_direction", "bringing my number", "in", "telecom"), ("port_direction", "I want my PAC code", "out", "telecom"),
        ("colour", "赤く点滅", "red", "telecom"), ("colour", "オレンジです", "orange", "telecom"), ("colour", "緑", "green", "telecom"), ("colour", "消えてます", "none", "telecom"), ("colour", "it's red", "red", "telecom"), ("colour", "amber", "orange", "telecom"), ("colour", "no light at all", "none", "telecom"),
        ("symptom", "電源が入らないんです", "no_power", "shop"), ("symptom", "水が漏れてきます", "leaking", "shop"), ("symptom", "充電台に戻らない", "not_docking", "shop"), ("symptom", "it won't turn on", "no_power", "shop"), ("symptom", "it's leaking", "leaking", "shop"), ("symptom", "it keeps going round in circles", "not_docking", "shop"),
        ("country", "スペインでデータを使うと", "ES", "telecom"), ("country", "今トルコにいる", "TR", "telecom"), ("country", "アメリカから", "US", "telecom"), ("country", "来週日本に帰る", "JP", "telecom"), ("country", "in Spain", "ES", "telecom"), ("country", "I'm in Turkey", "TR", "telecom"), ("country", "to South Korea", "KR", "telecom"), ("country", "ring home from America", "US", "telecom"), ("country", "Northern Ireland", "GB", "telecom"), ("country", "the Czech Republic", "CZ", "telecom"),
    ],
)  # fmt: skip
def test_lists(find, name: str, text: str, expected: str, tenant: str) -> None:
    assert expected in {entity.value for entity in find(text, name, tenant=tenant) if entity.name == name}


@pytest.mark.parametrize(
    ("name", "text", "asked", "unasked"),
    [
        ("damage_kind", "it's just wrong", "wrong_item", None),
        ("service", "電話です", "landline", None),
        ("plan", "the cheapest", "basics", None),
        ("colour", "off", "none", None),
        ("device", "the box", "router", None),
    ],
)
def test_weak_words_count_only_when_asked_for(value, name: str, text: str, asked: str, unasked: str | None) -> None:
    tenant = "shop" if name == "damage_kind" else "telecom"
    assert value(name, text, name, tenant=tenant) == asked
    assert value(name, text, tenant=tenant) == unasked


@pytest.mark.parametrize(
    ("text", "wanted", "rejected"),
    [
        ("not the kettle the rice cooker", "rice_cooker", "kettle"), ("炊飯器じゃなくて加湿器", "humidifier", "rice_cooker"), ("ケトルじゃなくて炊飯器のほうです", "rice_cooker", "kettle"), ("加湿器ではなく空気清浄機です", "air_purifier", "humidifier"),
        ("the kettle, sorry, the hair dryer", "hair_dryer", "kettle"), ("it's the kettle not the rice cooker", "kettle", "rice_cooker"), ("I mean the vacuum instead of the kettle", "robot_vacuum", "kettle"), ("ケトルは違います、ドライヤーです", "hair_dryer", "kettle"),
        ("炊飯器、あ、いや、加湿器です", "humidifier", "rice_cooker"), ("炊飯器、すみません、加湿器でした", "humidifier", "rice_cooker"), ("it isn't the kettle it's the humidifier", "humidifier", "kettle"), ("the kettle, no, the humidifier", "humidifier", "kettle"),
    ],
)  # fmt: skip
def test_corrected_product(find, text: str, wanted: str, rejected: str) -> None:
    found = {entity.value: entity.negated for entity in find(text) if entity.name == "product"}
    assert found == {wanted: False, rejected: True}


@pytest.mark.parametrize(
    "text", ["炊飯器と加湿器です", "the kettle and the rice cooker", "炊飯器じゃないですか", "why not the kettle"]
)
def test_no_correction(find, text: str) -> None:
    assert not any(entity.negated for entity in find(text))


def test_every_phrase_finds_its_value(closed, find) -> None:
    """Each phrase of every list, said alone to the question it answers, is found."""
    for tenant in ("shop", "telecom"):
        for path in (Path("flows") / "core" / "entities.yml", Path("flows") / tenant / "entities.yml"):
            content = yaml.safe_load((Path(__file__).parents[3] / path).read_text(encoding="utf-8"))
            for name, values in content["closed_values"].items():
                for expected, entry in values.items():
                    for phrase in [*entry.get("ja", ()), *entry.get("en", ())]:
                        found = {
                            entity.value for entity in find(str(phrase), name, tenant=tenant) if entity.name == name
                        }
                        assert str(expected) in found, (name, expected, phrase, found)


def test_the_drafts_values_are_all_kept(closed) -> None:
    names = set(closed["shop"].names()) | set(closed["telecom"].names())
    assert names >= {
        "product",
        "damage_kind",
        "resolution",
        "payment_method",
        "subscription_change_kind",
        "account_field",
        "service",
        "device",
        "plan",
        "port_direction",
        "colour",
        "country",
        "symptom",
    }
    assert closed["shop"].values("payment_method") == ("card", "cod", "store", "later")
    assert closed["shop"].label("product", "rice_cooker", JA) == "炊飯器"
    assert closed["shop"].label("product", "rice_cooker", EN) == "rice cooker"
    assert closed["telecom"].label("country", "ES", JA) == "スペイン"
    assert closed["shop"].label("product", "toaster", EN) is None


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("closed_values: [", 2, "not valid YAML"),
        ("other: 1\n", 1, "closed_values"),
        ("closed_values:\n  product:\n    kettle: {ja: ケトル}\n", 3, "no phrases"),
        ("closed_values:\n  product:\n    kettle: {en: [off, [x]]}\n", 3, "not a list"),
        ("closed_values:\n  product: kettle\n", 2, "no values"),
    ],
)
def test_a_broken_file_names_line_and_mend(tmp_path: Path, content: str, line: int, words: str) -> None:
    (tmp_path / "shop").mkdir()
    path = tmp_path / "shop" / "entities.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ContentError, match=words) as caught:
        ClosedValues.load(tmp_path, "shop")
    assert caught.value.line in (line, line - 1)
    assert caught.value.file == str(path)
    assert caught.value.mend


@pytest.mark.parametrize(
    "text", ["解約したいです", "返品したいので", "食べたいに決まってる", "会いたいから", "ネクタイで", "タイムの料金"]
)
def test_a_short_katakana_name_is_not_found_inside_words(find, text: str) -> None:
    assert not [entity for entity in find(text, tenant="telecom") if entity.name == "country"]


@pytest.mark.parametrize("text", ["タイでスマホを使いたい", "来週タイに行きます", "タイの料金"])
def test_a_short_katakana_name_is_found_on_its_own(find, text: str) -> None:
    assert [entity.value for entity in find(text, tenant="telecom") if entity.name == "country"] == ["TH"]
