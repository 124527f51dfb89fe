"""The talk analysis in a real browser on a real store: what leaders, trainers and agents see, hear and take out."""

from __future__ import annotations

import asyncio
import csv
import io
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.e2e.web.test_accessible import axe_finds_nothing
from tests.support.browser import new_page
from tests.support.serve import Running, serving
from tests.support.talk_logs import SHOP, STEPS, Told, rebuttals, write
from tests.support.web import make_ports
from voicebot.assist.analysis import Codes, Company, Reader, RecordedSound
from voicebot.assist.analysis.elsewhere import read_elsewhere
from voicebot.clock import SystemClock
from voicebot.domain import EN, JA, ConversationId, Party, TenantId
from voicebot.people import Passwords, People, Role, Wanted
from voicebot.store import Recordings, SqlStore
from voicebot.web import analysis_pages
from voicebot.web.assist import analysis
from voicebot.web.assist.analysis_looks import Analysed, AnalysisParts
from voicebot.web.signed_in import COOKIE, CSRF_HEADER

pytestmark = pytest.mark.asyncio(loop_scope="module")
WORD = "umi no mieru machi"
PEOPLE = {
    "leader": Role.LEADER,
    "manager": Role.MANAGER,
    "trainer": Role.TRAINER,
    "auditor": Role.AUDITOR,
    "S01": Role.AGENT,
}
SAID = [
    ("agent", 0, 50_000, "Let me explain the monthly discount"),
    ("customer", 51_000, 53_000, "=cmd|' /C calc'!A0"),
    ("agent", 65_000, 68_000, "Shall I go on?"),
]


@dataclass(frozen=True, slots=True)
class Office:
    """A running server and its accounts."""

    running: Running
    people: People

    async def secret(self, login: str) -> str:
        """A session of somebody."""
        async with self.client() as http:
            answer = await http.post("/api/session", json={"login": login, "password": WORD})
            assert answer.status_code == 200, answer.text
            return str(http.cookies[COOKIE])

    def client(self, secret: str = "") -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.running.http, timeout=30, cookies={COOKIE: secret} if secret else None)

    async def page(self, browser: Browser, login: str, lang: str, width: int = 1200, *, dark: bool = False) -> Page:
        page = await new_page(browser, lang=lang, width=width, dark=dark)
        await page.context.add_cookies([{"name": COOKIE, "value": await self.secret(login), "url": self.running.http}])
        await page.add_init_script(f"localStorage.setItem('voicebot.desk.language', '{lang}')")
        await page.goto(f"{self.running.http}/assist/analysis?lang={lang}")
        await expect(page.locator(".tile").first).to_be_visible()
        return page


def told() -> list[Told]:
    """Four hundred talks of the last days: a rebuttal that helps, a script that leaks, one talk worth a listen."""
    now = datetime.now(UTC).replace(microsecond=0)
    made = []
    for at, one in enumerate(rebuttals(5, lift=0.25)):
        lost_at = "offer" if at % 3 == 0 else ""
        steps = STEPS[: STEPS.index(lost_at) + 1] if lost_at else STEPS
        made.append(replace(one, at=now - timedelta(minutes=20 * (at + 1)), steps=steps, lost_at=lost_at))
    return [*made, Told("clip-1", at=now - timedelta(minutes=15), said=SAID, code="customer_kept", intent="easy")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    store = await SqlStore.open(f"sqlite+aiosqlite:///{folder / 'store.db'}", str)
    await write(store, told())
    people = People.on(store, SystemClock(), passwords=Passwords(memory_kib=64, passes=1))
    for login, role in PEOPLE.items():
        wanted = Wanted(login, login, SHOP, frozenset((role,)), id=login, password=WORD, must_change=False, language=EN)
        await people.accounts.add(wanted)
    stranger = Wanted(
        "far", "far", TenantId("telecom"), frozenset((Role.MANAGER,)), id="far", password=WORD, must_change=False
    )
    await people.accounts.add(stranger)
    parts = AnalysisParts(
        Reader(store),
        partial(read_elsewhere, f"sqlite+aiosqlite:///{folder / 'store.db'}"),
        {
            SHOP: Analysed(
                Company(SHOP, Codes(kept=frozenset({"customer_kept"}))),
                {"sale": STEPS},
                {
                    "card:rebuttal": {EN: "Stay with us", JA: "ご継続のご提案"},
                    "script:sale": {EN: "Sale", JA: "ご提案"},
                },
            )
        },
        people.audit,
        SystemClock(),
        RecordedSound(folder / "recordings"),
    )
    record(folder / "recordings")
    routers = (analysis.router(parts), analysis_pages.router())
    async with serving(replace(make_ports(), people=people, more=routers)) as running:
        yield Office(running, people)
    await store.close()


def record(folder: Path) -> None:
    """Two minutes of both parties: the customer silent, the agent loud."""
    for party, level in ((Party.CUSTOMER, 0), (Party.AGENT, 8000)):
        track = Recordings(folder).begin(ConversationId("clip-1"), party, 8000)
        track.write(np.full(8000 * 120, level, np.int16))
        track.close()


async def look(office: Office, login: str, path: str = "", **asked: str) -> httpx.Response:
    async with office.client(await office.secret(login)) as http:
        return await http.get(f"/api/assist/analysis{path}", params=asked)


async def test_leaders_see_agents_and_others_do_not(office: Office) -> None:
    answer = await look(office, "leader", outcome="kept")
    assert answer.status_code == 200, answer.text
    seen = answer.json()
    found = {one["name"]: one for one in seen["findings"] if one["about"] == "card"}
    assert found["rebuttal"]["verdict"] == "found" and found["rebuttal"]["label"] == "Stay with us"
    assert found["idle"]["verdict"] in ("none", "hint")
    assert {one["name"] for one in seen["findings"] if one["about"] == "agent"} >= {"S00", "S06"}
    for login in ("trainer", "auditor"):
        other = (await look(office, login, outcome="kept")).json()
        assert other["agents"] == {} and not any(one["about"] == "agent" for one in other["findings"])
        assert (await look(office, login, agent="S01")).status_code == 403
        assert (await look(office, login, "/talks/clip-1")).status_code == 403
        assert (await look(office, login, "/export.csv")).status_code == 403
    assert (await look(office, "far", tenant="shop")).status_code == 404
    assert (await look(office, "leader", "/export.csv")).status_code == 403
    far = {"since": "2020-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"}
    assert (await look(office, "leader", **far)).status_code == 422


async def test_an_agent_sees_their_own_figures_and_nobody_elses(office: Office) -> None:
    own = (await look(office, "S01", "/mine")).json()
    assert 50 <= own["talks"] <= 60 and own["everybody"]["escalated"]["of"] >= 400
    assert (await look(office, "S01")).status_code == 403
    assert (await look(office, "S01", "/mine", agent="S02")).status_code == 403
    for path in ("/talks", "/talks/clip-1", "/talks/clip-1/sound?from_ms=0&to_ms=1000"):
        assert (await look(office, "S01", path)).status_code in (403, 422)


async def test_clips_are_heard_by_leaders_and_every_hearing_is_written_down(office: Office) -> None:
    (talk,) = (await look(office, "leader", "/talks/clip-1")).json()
    assert talk["sound"] and {"monologue", "silence"} <= {one["kind"] for one in talk["clips"]}
    silence = next(one for one in talk["clips"] if one["kind"] == "silence")
    asked = {"from_ms": str(silence["from_ms"]), "to_ms": str(silence["to_ms"])}
    answer = await look(office, "leader", "/talks/clip-1/sound", **asked)
    with wave.open(io.BytesIO(answer.content)) as heard:
        assert (heard.getnchannels(), heard.getframerate()) == (2, 8000)
        assert abs(heard.getnframes() / 8 - (silence["to_ms"] - silence["from_ms"])) <= 1
        both = np.frombuffer(heard.readframes(100), "<i2").reshape(-1, 2)
    assert not both[:, 0].any() and (both[:, 1] == 8000).all()
    other = (await look(office, "leader", "/talks", outcome="kept")).json()["talks"][1]["conversation"]
    assert (await look(office, "leader", f"/talks/{other}/sound", **asked)).status_code == 404
    assert (await look(office, "leader", "/talks/nowhere")).status_code == 404
    lines = await office.people.audit.read(SHOP)
    acts = [(one.line.who, one.line.what, one.line.on) for one in lines]
    assert ("leader", "coaching_read", "clip-1") in acts and ("leader", "clip_heard", "clip-1") in acts


@pytest.mark.parametrize("table", ["findings", "funnels", "talks"])
async def test_export_is_a_file_for_spreadsheets_that_runs_nothing(office: Office, table: str) -> None:
    answer = await look(office, "manager", "/export.csv", table=table, outcome="kept")
    assert answer.content.startswith(b"\xef\xbb\xbf") and "attachment" in answer.headers["content-disposition"]
    text = answer.content.decode("utf-8-sig")
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) > 4 and {len(row) for row in rows} == {len(rows[0])}
    assert not any(cell.startswith(("=", "+", "@", "\t")) for row in rows for cell in row)
    lines = await office.people.audit.read(SHOP)
    assert ("manager", "analysis_exported") in [(one.line.who, one.line.what) for one in lines]


WAYS = pytest.mark.parametrize(
    ("lang", "width", "dark"), [("ja", 320, False), ("ja", 1200, True), ("en", 320, True), ("en", 1200, False)]
)


@WAYS
async def test_the_page_in_every_state(browser: Browser, office: Office, lang: str, width: int, dark: bool) -> None:
    page = await office.page(browser, "manager", lang, width, dark=dark)
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    await page.locator("select[name=outcome]").select_option("kept")
    await expect(page.locator("button.primary")).to_be_enabled()
    await page.locator("button.primary").press("Enter")
    row = page.locator("table[data-about=card] tr[data-name=rebuttal]")
    await expect(row).to_have_attribute("data-verdict", "found")
    await expect(row).to_contain_text("ご継続のご提案" if lang == "ja" else "Stay with us")
    await expect(page.locator("table[data-script=sale] tr[data-step=offer]")).to_contain_text("34%")
    await expect(page.locator(".hints li[data-kind=leaky_step] a")).to_have_attribute(
        "href", "/assist/edit?script=sale&step=offer"
    )
    await axe_finds_nothing(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.locator("table[data-list=won] tbody button").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk-title")).to_be_focused()
    await expect(page.locator(".clip").first).to_be_visible()
    await axe_finds_nothing(page)
    await page.locator(".play").first.press("Enter")
    await expect(page.locator(".play").first).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.locator("table[data-list=won] tbody button").first).to_be_focused()
    assert heard == []


async def test_sound_that_comes_after_the_talk_was_closed_is_not_played(browser: Browser, office: Office) -> None:
    page = await office.page(browser, "manager", "en")
    asked, late = asyncio.Event(), asyncio.Event()

    async def answer(route: Route) -> None:
        asked.set()
        await late.wait()
        await route.continue_()

    await page.route("**/sound?*", answer)
    talk = page.locator("table[data-list=won] tbody button").first
    await talk.click()
    await page.locator(".play").first.click()
    await asyncio.wait_for(asked.wait(), 30)
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    async with page.expect_response("**/sound?*"):
        late.set()
    await talk.click()
    await expect(page.locator(".play").first).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(("lang", "width"), [("ja", 320), ("en", 1200)])
async def test_the_page_of_an_agent(browser: Browser, office: Office, lang: str, width: int) -> None:
    page = await office.page(browser, "S01", lang, width)
    await expect(page.locator("table.measures")).to_be_visible()
    assert await page.locator("table[data-about], table[data-list], [data-export]").count() == 0
    await axe_finds_nothing(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_export_button_saves_the_table_that_is_shown(browser: Browser, office: Office) -> None:
    page = await office.page(browser, "manager", "en")
    async with page.expect_download() as saving:
        await page.locator("[data-export=funnels]").click()
    saved = await (await saving.value).path()
    assert "sale,offer" in Path(saved).read_text("utf-8-sig")


async def test_who_is_not_signed_in_is_sent_to_the_login_page(browser: Browser, office: Office) -> None:
    async with office.client() as http:
        answer = await http.get("/assist/analysis")
    assert answer.status_code == 303 and "next=%2Fassist%2Fanalysis" in answer.headers["location"]
    assert (await look_without_session(office)).status_code == 401


async def look_without_session(office: Office) -> httpx.Response:
    async with office.client() as http:
        return await http.get("/api/assist/analysis", headers={CSRF_HEADER: "x"})
