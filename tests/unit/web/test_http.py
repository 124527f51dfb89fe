from __future__ import annotations

import hashlib
import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.web import EchoMessages, FixedParser, Switch, make_ports
from voicebot.errors import BackendError, ModelError
from voicebot.web.api import create_app
from voicebot.web.headers import content_security_policy
from voicebot.web.limits import DISCARD_BYTES
from voicebot.web.pages import STATIC
from voicebot.web.ports import Ports, WebSettings

HOOK = "/t/shop/webhooks/rest/webhook"


def is_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:voicebot:problem:{code}")
    assert body["title"] and body["detail"]


async def test_the_rest_channel_has_rasas_shape(web: httpx.AsyncClient, ports: Ports) -> None:
    said = {"sender": "v1", "message": " どこ ", "metadata": {"language": "ja", "more": [1]}}
    answer = await web.post(HOOK, json=said)
    assert answer.status_code == 200
    assert answer.json() == [
        {"recipient_id": "v1", "text": "2 characters"},
        {"recipient_id": "v1", "text": "Is that right?", "buttons": [{"title": "Yes", "payload": "yes"}]},
    ]
    await web.post("/webhooks/rest/webhook", json={"sender": "v2", "message": "hello"})
    await web.post("/t/telecom/webhooks/rest/webhook", json={"sender": "v3", "message": "hi", "metadata": None})
    assert isinstance(ports.messages, EchoMessages)
    assert ports.messages.seen == [
        ("shop", "v1", "どこ", "ja"),
        ("shop", "v2", "hello", None),
        ("telecom", "v3", "hi", None),
    ]


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "text/plain; charset=utf-8"])
async def test_the_content_type_does_not_matter_as_with_rasa(web: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await web.post(HOOK, content=b'{"sender": "v", "message": "hello"}', headers=headers)
    assert answer.status_code == 200
    assert answer.json()[0]["text"] == "5 characters"


async def test_parse_has_rasas_shape(web: httpx.AsyncClient) -> None:
    answer = await web.post("/t/telecom/model/parse", json={"text": "where is A20481137", "language": "en-GB"})
    body = answer.json()
    assert body["text"] == "where is A20481137"
    assert body["intent"] == {"name": "order_status", "confidence": 0.91}
    assert body["intent_ranking"][1] == {"name": "cancel_order", "confidence": 0.05}
    found = body["entities"][0]
    assert (found["entity"], found["value"], found["start"], found["end"]) == ("order_number", "A20481137", 9, 18)
    assert body["text_tokens"] == [[0, 5], [6, 8], [9, 18]]
    assert (body["language"], body["in_scope"], body["model"]) == ("en", 0.8, "telecom-7")
    assert (await web.post("/model/parse", json={"text": "x"})).json()["model"] == "shop-7"


async def test_version_and_status(web: httpx.AsyncClient) -> None:
    assert set((await web.get("/version")).json()) == {"version", "minimum_compatible_version"}
    assert (await web.get("/status")).json() == {
        "model_file": "shop-7",
        "model_id": "shop-7",
        "num_active_training_jobs": 0,
    }
    assert (await web.get("/t/telecom/status")).json()["model_id"] == "telecom-7"
    assert (await web.get("/webhooks/rest/")).json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/t/nosuch/webhooks/rest/webhook", "/t/nosuch/model/parse"])
async def test_an_unknown_company_is_not_found_and_none_are_named(web: httpx.AsyncClient, path: str) -> None:
    answer = await web.post(path, json={"sender": "v", "message": "m", "text": "t"})
    is_problem(answer, 404, "unknown_company")
    assert "shop" not in answer.text and "telecom" not in answer.text


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"sender": "v", "message": }', b"[" * 50_000])
async def test_malformed_json_is_400(web: httpx.AsyncClient, body: bytes) -> None:
    answer = await web.post(HOOK, content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    if body:
        assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"sender": "", "message": "x"},
        {"sender": "v"},
        {"sender": "v", "message": ""},
        {"sender": "v", "message": " \u0000 "},
        {"sender": "v", "message": 7},
        {"sender": "v" * 201, "message": "x"},
        {"sender": "v", "message": "4111 1111 1111 1111 " * 1000},
        {"sender": "v", "message": "x", "metadata": {"language": "4111 1111 1111 1111"}},
        {"sender": "v", "message": "x", "metadata": {"language": "xx"}},
    ],
)
async def test_wrong_fields_are_422_and_not_repeated(web: httpx.AsyncClient, body: object) -> None:
    answer = await web.post(HOOK, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "4111" not in answer.text


async def test_a_declared_large_body_is_refused_and_an_endless_one_given_up(ports: Ports) -> None:
    read = 0

    async def receive() -> dict[str, object]:
        nonlocal read
        read += 1_000_000
        return {"type": "http.request", "body": b"x" * 1_000_000, "more_body": True}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": HOOK,
        "raw_path": HOOK.encode(),
        "query_string": b"",
        "headers": [(b"content-length", b"10485760"), (b"content-type", b"application/json")],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("test", 80),
        "client": ("127.0.0.1", 1),
        "root_path": "",
    }
    await create_app(ports)(scope, receive, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 413
    assert read <= DISCARD_BYTES + 1_000_000


async def test_a_streamed_large_body_is_refused_although_no_length_was_told(web: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"x" * 1024

    answer = await web.post(HOOK, content=chunks(), headers={"content-type": "application/json"})
    is_problem(answer, 413, "body_too_large")


async def test_our_errors_keep_their_status(
    ports: Ports, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise ModelError("models/nlu/shop is missing. Run: voicebot train shop")

    async def backend(*_: object) -> None:
        raise BackendError("the action server does not answer")

    monkeypatch.setattr(FixedParser, "parse", fails)
    monkeypatch.setattr(EchoMessages, "exchange", backend)
    is_problem(await web.post("/model/parse", json={"text": "x"}), 503, "model_error")
    is_problem(await web.post(HOOK, json={"sender": "v", "message": "x"}), 502, "backend_error")


async def test_a_fault_of_ours_tells_nothing_of_the_customer(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(self: object, tenant: str, text: str, language: str) -> None:
        raise RuntimeError(f"cannot handle {text}")

    monkeypatch.setattr(FixedParser, "parse", fails)
    answer = await web.post("/model/parse", json={"text": "4111 1111 1111 1111"})
    is_problem(answer, 500, "internal")
    assert "4111" not in answer.text


async def test_events_need_a_token(web: httpx.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic c2hvcA=="}):
        answer = await web.get("/api/conversations/c1/events", headers=headers)
        is_problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_events_are_read_in_order_and_in_pages(web: httpx.AsyncClient) -> None:
    token = {"Authorization": "Bearer shop-token"}
    body = (await web.get("/api/conversations/c1/events", headers=token)).json()
    assert body["conversation"] == "c1"
    assert [event["seq"] for event in body["events"]] == [1, 2, 3]
    assert body["events"][0] == {"seq": 1, "at": "2026-01-05T12:00:00Z", "type": "NoticeGiven", "notice": "n1"}
    assert body["next_after_seq"] is None
    body = (await web.get("/api/conversations/c1/events?limit=2", headers=token)).json()
    assert body["next_after_seq"] == 2
    body = (await web.get("/api/conversations/c1/events?limit=2&after_seq=2", headers=token)).json()
    assert [event["seq"] for event in body["events"]] == [3]
    assert body["next_after_seq"] is None


async def test_a_token_of_one_company_does_not_open_another(web: httpx.AsyncClient) -> None:
    token = {"Authorization": "Bearer shop-token"}
    for path in ("/api/conversations/t1/events", "/api/conversations/t1", "/api/conversations/nosuch/events"):
        is_problem(await web.get(path, headers=token), 404, "not_found")
    is_problem(await web.get("/api/conversations?tenant=telecom", headers=token), 403, "other_company")
    every = {"Authorization": "Bearer all-token"}
    assert (await web.get("/api/conversations/t1/events", headers=every)).status_code == 200
    listed = (await web.get("/api/conversations?tenant=telecom", headers=every)).json()
    assert [row["id"] for row in listed["conversations"]] == ["t1"]
    assert listed["next_before"] is None


async def test_health(web: httpx.AsyncClient, ports: Ports) -> None:
    assert (await web.get("/livez")).status_code == 200
    assert (await web.get("/readyz")).json() == {"ready": True, "reasons": [], "notes": []}
    assert isinstance(ports.readiness, Switch)
    ports.readiness.why.append("speech models are loading")
    answer = await web.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["speech models are loading"])
    assert "voicebot_chat_connections 0.0" in (await web.get("/metrics")).text


@pytest.mark.parametrize(
    "path", ["/", "/chat/shop?lang=ja", "/chat/nosuch", "/livez", "/nosuch", "/t/shop/model/parse"]
)
async def test_every_answer_has_the_security_headers(web: httpx.AsyncClient, path: str) -> None:
    headers = (await web.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_frame_ancestors_follow_the_settings() -> None:
    assert content_security_policy(()).endswith("frame-ancestors 'self'")
    assert content_security_policy(("https://a.example",)).endswith("frame-ancestors 'self' https://a.example")
    assert content_security_policy(("*",)).endswith("frame-ancestors *")


async def test_pages_are_in_the_language_asked_for_and_have_nothing_inline(web: httpx.AsyncClient) -> None:
    page = (await web.get("/chat/shop?lang=ja")).text
    assert '<html lang="ja">' in page and "あさなぎ" in page
    assert '<html lang="en">' in (await web.get("/chat/shop?lang=en")).text
    assert '<html lang="ja">' in (await web.get("/chat/shop?lang=fr")).text
    accept = {"accept-language": "fr;q=0.9, en-GB;q=0.8, ja;q=0.1"}
    assert '<html lang="en">' in (await web.get("/chat/shop", headers=accept)).text
    front = (await web.get("/?lang=en")).text
    for text in (page, front):
        assert "<style" not in text and "style=" not in text and "onclick" not in text
        assert "<script>" not in text and "http://" not in text and "https://" not in text


async def test_an_unknown_company_is_a_page_for_people(web: httpx.AsyncClient) -> None:
    answer = await web.get("/chat/nosuch?lang=en")
    assert answer.status_code == 404
    assert "could not find" in answer.text and "shop" not in answer.text


async def test_the_widget_may_be_loaded_from_other_sites(web: httpx.AsyncClient) -> None:
    for path in ("/widget.js", "/static/texts/ja.json", "/widget/shop.json?lang=ja", "/static/chat/chat.js"):
        answer = await web.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == "*"
    assert (await web.get("/widget/shop.json?lang=en")).json() == {
        "tenant": "shop", "brand": "Asanagi", "language": "en", "languages": ["ja", "en"],
    }  # fmt: skip
    is_problem(await web.get("/widget/nosuch.json"), 404, "unknown_company")
    assert "access-control-allow-origin" not in (await web.get("/livez")).headers


async def test_companies_are_listed_only_when_wanted() -> None:
    hidden = make_ports(WebSettings(list_companies=False))
    transport = httpx.ASGITransport(create_app(hidden))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert "/chat/shop" not in (await client.get("/")).text


async def test_openapi_is_complete(web: httpx.AsyncClient) -> None:
    document = (await web.get("/openapi.json")).json()
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len({op["operationId"] for op in operations}) == len(operations)
    for operation in operations:
        assert operation.get("summary") and operation.get("description"), operation["operationId"]
    assert document["components"]["schemas"]["WebhookMessage"]["examples"]
    assert document["components"]["securitySchemes"]
    for path, methods in document["paths"].items():
        if path.startswith("/api/") and not path.startswith("/api/call/"):
            assert all("401" in op["responses"] for op in methods.values())


def test_vendored_libraries_are_the_ones_named() -> None:
    vendor = STATIC / "vendor"
    notes = (vendor / "README.md").read_text()
    for file in vendor.glob("*.js"):
        assert f"`{file.name}`" in notes
        assert hashlib.sha256(file.read_bytes()).hexdigest() in notes
        assert (vendor / f"{file.stem}.LICENSE").is_file()


def test_both_languages_have_the_same_texts() -> None:
    ja, en = (json.loads((STATIC / "texts" / f"{tag}.json").read_text()) for tag in ("ja", "en"))
    assert ja.keys() == en.keys()
    holders = [re.compile(r"\{\w+\}").findall(texts[key]) for key in ja for texts in (ja, en)]
    assert holders[::2] == holders[1::2]
    assert all(ja.values()) and all(en.values())


def test_every_text_the_widget_asks_for_is_there() -> None:
    known = json.loads((STATIC / "texts" / "en.json").read_text())
    source = "".join(file.read_text() for file in (STATIC / "chat").glob("*.js"))
    asked = set(re.findall(r"\btexts\??\.([a-z_]+)\b", source)) - {"get", "set", "ok", "js", "then"}
    assert len(asked) > 30
    assert asked <= known.keys()
