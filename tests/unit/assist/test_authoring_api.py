"""Cards and scripts edited over HTTP, on a real store with the real content: who may, what is refused, what is kept."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.authoring import PRICE, ROOT, SHOP, TELECOM, Site, authoring_site, talked
from voicebot.assist.authoring import card_sets, script_sets
from voicebot.assist.content import load_assist
from voicebot.assist.workbench import Workbench
from voicebot.clock import SystemClock
from voicebot.store.assist import AssistVersions
from voicebot.web.signed_in import CSRF_HEADER


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    made = Workbench(ROOT)
    yield made
    made.close()


@pytest.fixture
async def site(tmp_path: Path, bench: Workbench) -> AsyncIterator[Site]:
    async with authoring_site(tmp_path, bench) as made:
        yield made


async def draft(browser: httpx.AsyncClient, tenant: str = "shop") -> dict[str, Any]:
    answer = await browser.get(f"/api/assist/{tenant}/drafts")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def item(view: dict[str, Any], kind: str, id: str) -> dict[str, Any]:
    return copy.deepcopy(next(one["item"] for one in view["items"][kind] if one["id"] == id))


async def put(browser: httpx.AsyncClient, kind: str, id: str, held: Any, revision: int = 0) -> httpx.Response:
    return await browser.put(f"/api/assist/shop/drafts/{kind}/{id}", json={"revision": revision, "item": held})


async def publish(browser: httpx.AsyncClient, revision: int, note: str = "tried it") -> httpx.Response:
    return await browser.post("/api/assist/shop/drafts/publish", json={"revision": revision, "note": note})


async def retitled(browser: httpx.AsyncClient, title: str, card: str = PRICE) -> int:
    view = await draft(browser)
    held = item(view, "cards", card)
    held["en"]["title"] = title
    answer = await put(browser, "cards", card, held, view["revision"])
    assert answer.status_code == 200 and answer.json()["troubles"] == [], answer.text
    revision: int = answer.json()["revision"]
    return revision


@pytest.mark.parametrize(("login", "status"), [("leader", 200), ("trainer", 200), ("agent", 403), ("auditor", 403)])
async def test_leaders_and_trainers_may_agents_may_not(site: Site, login: str, status: int) -> None:
    browser = await site.browser(login)
    for path in ("drafts", "versions", "drafts/differences", "drafts/export/cards.yml"):
        assert (await browser.get(f"/api/assist/shop/{path}")).status_code == status
    answer = await browser.post("/api/assist/shop/preview", json={"cards": [PRICE]})
    assert answer.status_code == status
    if status == 403:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_another_companys_draft_is_not_there(site: Site) -> None:
    stranger = await site.browser("stranger")
    for method, path, body in (
        ("GET", "drafts", None),
        ("GET", "versions", None),
        ("PUT", f"drafts/cards/{PRICE}", {"revision": 0, "item": None}),
        ("POST", "drafts/publish", {"revision": 1}),
        ("POST", "preview", {"cards": [PRICE]}),
        ("POST", "versions/files-now/live", {"live": "x"}),
    ):
        answer = await stranger.request(method, f"/api/assist/shop/{path}", json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await stranger.get("/api/assist/nobody/drafts")).status_code == 404


async def test_without_proof_against_forged_requests_nothing_is_kept(site: Site) -> None:
    browser = await site.browser("leader")
    del browser.headers[CSRF_HEADER]
    assert (await put(browser, "cards", PRICE, None)).status_code == 403
    assert (await draft(browser))["revision"] == 0


async def test_a_draft_is_its_authors_own_and_shows_what_is_new_changed_and_gone(site: Site) -> None:
    leader, second = await site.browser("leader"), await site.browser("second")
    revision = await retitled(leader, "Too dear")
    fresh = {**item(await draft(leader), "cards", PRICE), "id": "card_fresh"}
    fresh["when"] = {"phrases": {"ja": ["まったく新しいきっかけ"], "en": ["quite another trigger"]}}
    revision = (await put(leader, "cards", "card_fresh", fresh, revision)).json()["revision"]
    revision = (await put(leader, "cards", "card_damaged_apology", None, revision)).json()["revision"]
    view = await draft(leader)
    states = {one["id"]: one["state"] for one in view["items"]["cards"]}
    assert (states[PRICE], states["card_fresh"], states["card_damaged_apology"]) == ("changed", "new", "gone")
    assert (view["revision"], view["troubles"], view["outdated"]) == (revision, [], False)
    assert (await draft(second))["revision"] == 0
    answer = await leader.post(f"/api/assist/shop/drafts/cards/{PRICE}/restore", json={"revision": revision})
    assert answer.json()["state"] == "live"
    assert (await leader.delete("/api/assist/shop/drafts")).status_code == 204
    assert {one["state"] for one in (await draft(leader))["items"]["cards"]} == {"live"}


async def test_mistakes_name_the_card_the_step_and_the_field_in_both_languages(site: Site) -> None:
    browser = await site.browser("trainer")
    view = await draft(browser)
    card = item(view, "cards", PRICE)
    card["cooldown_s"] = 1
    answer = await browser.post("/api/assist/shop/drafts/check", json={"kind": "cards", "id": PRICE, "item": card})
    (trouble,) = answer.json()["troubles"]
    assert (trouble["kind"], trouble["id"], trouble["field"]) == ("card", PRICE, "cooldown_s")
    assert trouble["mend"] == {"en": "Write a number from 30 to 3600.", "ja": "30から3600までの数にしてください。"}
    script = item(view, "scripts", "shop_order")
    del script["steps"][1]["metadata"]["label"]["ja"]
    answer = await put(browser, "scripts", "shop_order", script)
    (trouble,) = answer.json()["troubles"]
    assert (trouble["kind"], trouble["id"], trouble["step"]) == ("script", "shop_order", script["steps"][1]["id"])
    assert "日本語" in trouble["problem"]["ja"]
    refused = await publish(browser, 1)
    assert (refused.status_code, refused.json()["code"]) == (422, "mistakes")
    assert refused.json()["troubles"] == [trouble]
    assert (await browser.get("/api/assist/shop/versions")).json()["live"] == view["live"]


async def test_publishing_makes_a_version_that_live_conversations_read(site: Site) -> None:
    browser = await site.browser("leader")
    before = (await draft(browser))["live"]
    answer = await publish(browser, await retitled(browser, "Too dear"), "clearer")
    assert answer.status_code == 200, answer.text
    live = answer.json()["live"]
    view = await draft(browser)
    assert (view["live"], view["base"], view["revision"]) == (live, live, 0)
    listed = (await browser.get("/api/assist/shop/versions")).json()["versions"]
    assert [(one["author"], one["note"], one["live"]) for one in listed if one["version"] == live] == [
        ("leader", "clearer", True)
    ]
    body = await AssistVersions(site.store, SystemClock()).body(SHOP, live)
    cards = card_sets(ROOT / "flows")(SHOP, body)
    assert (cards.version, cards.cards[PRICE].text["en"].title) == (live, "Too dear")
    assert script_sets(ROOT / "flows")(SHOP, body).version == live
    compared = await browser.get("/api/assist/shop/versions/compare", params={"before": before, "after": live})
    (found,) = compared.json()["differences"]
    assert (found["kind"], found["id"], found["field"], found["after"]) == ("card", PRICE, "en.title", "Too dear")
    (line,) = [row for row in await site.people.audit.read(SHOP) if row.line.what == "assist_published"]
    assert (line.line.who, line.line.on, line.line.detail["before"]) == ("leader", live, "files")


async def test_who_publishes_second_is_told_what_changed_and_may_go_on_from_there(site: Site) -> None:
    leader, second = await site.browser("leader"), await site.browser("second")
    first = await retitled(leader, "First")
    other = await retitled(second, "Second", "card_repair_cost")
    live = (await publish(leader, first)).json()["live"]
    refused = await publish(second, other)
    told = refused.json()
    assert (refused.status_code, told["code"], told["live"]) == (409, "overtaken", live)
    assert told["by"] == {"id": "leader", "name": "Leader"} and told["detail"].startswith("Leader changed")
    assert refused.headers["content-type"] == "application/problem+json"
    assert [(one["id"], one["after"]) for one in told["differences"]] == [(PRICE, "First")]
    assert (await draft(second))["outdated"] is True
    assert (await second.post("/api/assist/shop/drafts/rebase", json={"revision": other})).status_code == 200
    view = await draft(second)
    assert item(view, "cards", PRICE)["en"]["title"] == "First"
    assert (await publish(second, view["revision"])).status_code == 200
    view = await draft(leader)
    titles = [item(view, "cards", id)["en"]["title"] for id in (PRICE, "card_repair_cost")]
    assert titles == ["First", "Second"]


async def test_of_two_who_publish_at_the_same_moment_one_is_told_who_the_other_is(site: Site) -> None:
    browsers = {login: await site.browser(login) for login in ("leader", "second")}
    revisions = [await retitled(browser, login) for login, browser in browsers.items()]
    answers = await asyncio.gather(
        *(publish(browser, revision) for browser, revision in zip(browsers.values(), revisions, strict=True))
    )
    by_status = {answer.status_code: login for login, answer in zip(browsers, answers, strict=True)}
    assert set(by_status) == {200, 409}
    (refused,) = (answer.json() for answer in answers if answer.status_code == 409)
    assert refused["by"] == {"id": by_status[200], "name": by_status[200].title()}
    assert [one["after"] for one in refused["differences"]] == [by_status[200]]
    assert (await draft(browsers[by_status[409]]))["live"] == refused["live"]


async def test_rolling_back_moves_to_an_earlier_version_and_to_the_files(site: Site) -> None:
    browser = await site.browser("leader")
    files = (await draft(browser))["live"]
    one = (await publish(browser, await retitled(browser, "One"))).json()["live"]
    two = (await publish(browser, await retitled(browser, "Two"))).json()["live"]
    back = {"live": two, "note": "worse"}
    assert (await browser.post(f"/api/assist/shop/versions/{one}/live", json=back)).json() == {"live": one}
    stale = await browser.post(f"/api/assist/shop/versions/{files}/live", json=back)
    assert (stale.status_code, stale.json()["live"]) == (409, one)
    assert stale.json()["by"] == {"id": "leader", "name": "Leader"}
    answer = await browser.post(f"/api/assist/shop/versions/{files}/live", json={"live": one})
    assert answer.json() == {"live": files}
    assert await AssistVersions(site.store, SystemClock()).live(SHOP) is None
    assert (await browser.post("/api/assist/shop/versions/nothing/live", json={"live": files})).status_code == 404
    assert item(await draft(browser), "cards", PRICE)["en"]["title"] not in ("One", "Two")


async def test_what_is_exported_is_the_file_and_can_be_taken_in_again(site: Site, tmp_path: Path) -> None:
    browser = await site.browser("leader")
    await retitled(browser, "Too dear")
    text = (await browser.get("/api/assist/shop/drafts/export/cards.yml")).text
    flows = tmp_path / "flows"
    for folder in ("core", "shop"):
        (flows / folder).mkdir(parents=True)
        for file in (ROOT / "flows" / folder).iterdir():
            (flows / folder / file.name).symlink_to(file)
    (flows / "shop" / "cards.yml").unlink()
    (flows / "shop" / "cards.yml").write_text(text)
    assert load_assist(flows, SHOP).cards[PRICE].text["en"].title == "Too dear"
    changed = text.replace("Too dear", "From a file")
    second = await site.browser("second")
    answer = await second.post("/api/assist/shop/drafts/import", json={"revision": 0, "what": "cards", "yaml": changed})
    assert answer.json() == {"troubles": []}
    view = await draft(second)
    assert [one["id"] for one in view["items"]["cards"] if one["state"] != "live"] == [PRICE]
    scripts = (await second.get("/api/assist/shop/drafts/export/scripts.yml")).text
    answer = await second.post(
        "/api/assist/shop/drafts/import", json={"revision": 1, "what": "scripts", "yaml": scripts}
    )
    assert answer.json() == {"troubles": []}
    assert {one["state"] for one in (await draft(second))["items"]["scripts"]} == {"live"}


_BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text", ["cards: [", "- a\n- b\n", _BOMB, "a: " + "[" * 3000], ids=["broken", "list", "bomb", "deep"]
)
async def test_files_that_are_none_are_refused(site: Site, text: str) -> None:
    browser = await site.browser("leader")
    answer = await browser.post("/api/assist/shop/drafts/import", json={"revision": 0, "what": "cards", "yaml": text})
    assert answer.status_code == 422, answer.text
    assert (await draft(browser))["revision"] == 0


async def test_items_have_limits(site: Site) -> None:
    browser = await site.browser("leader")
    deep: dict[str, Any] = {}
    for _ in range(30):
        deep = {"a": deep}
    card = item(await draft(browser), "cards", PRICE)
    for held, status in (
        ({**card, "en": {"title": "x" * 70_000}}, 413),
        ({**card, "when": deep}, 413),
        ({**card, "id": "card_other"}, 422),
        ({**card, "en": {"title": "x" * 300_000}}, 413),
    ):
        assert (await put(browser, "cards", PRICE, held)).status_code == status
    assert (await put(browser, "cards", "../etc", card)).status_code in (404, 422)
    assert (await put(browser, "brand", "words", {})).status_code == 422
    assert (await publish(browser, 1, "x" * 501)).status_code == 422


async def test_another_window_of_the_same_author_is_not_overwritten(site: Site) -> None:
    browser = await site.browser("leader")
    await retitled(browser, "Here")
    card = item(await draft(browser), "cards", PRICE)
    answer = await put(browser, "cards", PRICE, {**card, "priority": 2}, 0)
    assert (answer.status_code, answer.json()["code"]) == (409, "draft_moved")


# --- preview ----------------------------------------------------------------------------------------------------------


async def previewed(browser: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    answer = await browser.post("/api/assist/shop/preview", json={"cards": [PRICE], **wanted})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_a_preview_names_every_place_with_restraint_and_what_was_live(site: Site) -> None:
    await talked(site.store, "one")
    await talked(site.store, "elsewhere", TELECOM)
    lines = await previewed(await site.browser("leader"))
    assert [line["type"] for line in lines] == ["begin", "score", "talk", "end"]
    assert (lines[0]["talks"], lines[-1]["why"]) == (1, "done")
    first, again = lines[2]["places"]
    assert (first["text"], first["party"], first["shown"]) == ("ちょっと高いですね。", "customer", True)
    assert first["before"] == [["agent", "お待たせいたしました。"]]
    assert first["live"] == [[PRICE, "used"]]
    assert (again["shown"], again["live"]) == (False, [])  # the cooldown holds it back
    score = lines[1]["cards"][PRICE]
    assert score["before"] == score["after"] and score["after"]["right"] > 0


async def test_the_card_in_the_form_is_tried_before_it_is_saved(site: Site) -> None:
    await talked(site.store, "one", words="虹色の象が三頭ほしいです。")
    browser = await site.browser("trainer")
    card = item(await draft(browser), "cards", PRICE)
    assert [line["places"] for line in await previewed(browser) if line["type"] == "talk"] == [[]]
    card["when"]["phrases"]["ja"].append("虹色の象")
    lines = await previewed(browser, item=card)
    assert [place["shown"] for place in lines[2]["places"]] == [True, False]
    card["cooldown_s"] = 1
    assert (await previewed(browser, item=card))[-1]["type"] == "problem"
    assert (await draft(browser))["revision"] == 0


async def test_a_preview_looks_at_no_more_than_was_asked_for(site: Site) -> None:
    for at in range(4):
        await talked(site.store, f"talk-{at}")
    lines = await previewed(await site.browser("leader"), talks=3)
    assert [line["done"] for line in lines if line["type"] == "talk"] == [1, 2, 3]
    assert (await previewed(await site.browser("leader"), since="2026-11-03T00:00:00Z"))[0]["talks"] == 0
