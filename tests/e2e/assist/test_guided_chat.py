"""An agent's whole chat on the real server: a script that ticks itself, knowledge unasked, and what comes after."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.desk.talks import Case
from tests.support.agent_browser import WITHIN_MS, Agent, agent
from tests.support.desk_agent import agent as agent_without_browser
from tests.support.product import RunningProduct
from tests.support.visitor import ChatVisitor, visitor

SOON_MS = 12_000


@dataclass(frozen=True)
class Lines:
    """What is said in one language, and what the page calls things."""

    who: str
    person: str
    now: str
    down: str
    rely: str
    nobody: str
    restart: str
    lights: str
    working: str
    fixed: str
    promise: str
    bye: str
    script: str
    outage: str
    works: str
    disposition: str


SAY = {
    "en": Lines(
        who="h03",
        person="agent",
        now="just get me someone",
        down="My internet's down, there's nothing at all since this morning",
        rely="Does anybody at home rely on the line, say for an alarm?",
        nobody="No, none of us do.",
        restart="Please switch the hub off for thirty seconds and on again.",
        lights="What does the red light on the hub mean?",
        working="Is it working now?",
        fixed="It's back on now, that's fixed it.",
        promise="I'll call you back tomorrow to make sure it stays that way.",
        bye="Thanks for getting in touch today, goodbye.",
        script="A fault on the line",
        outage="Tell whether there is a known outage",
        works="Is it working now",
        disposition="Fault fixed",
    ),
    "ja": Lines(
        who="h06",
        person="オペレーター",
        now="すぐに",
        down="朝からインターネットがまったくつながりません。",
        rely="医療機器など、この回線に頼っておられる方はいらっしゃいますか。",
        nobody="いえ、特にいません。",
        restart="ルーターの電源を30秒ほど切って、入れ直してください。",
        lights="ルーターの赤いランプは何ですか？",
        working="直りましたでしょうか。",
        fixed="つながりました、直りました。",
        promise="念のため、明日こちらからお電話いたします。",
        bye="お問い合わせいただきありがとうございました。失礼いたします。",
        script="通信の不具合",
        outage="障害の有無を伝える",
        works="直ったか確かめる",
        disposition="不具合が解消",
    ),
}


async def in_chat(seat: Agent, chat: ChatVisitor, say: Lines) -> None:
    """The word, and at most one question, bring the visitor to the agent."""
    await chat.send(say.person)
    try:
        await seat.offered(SOON_MS)
    except AssertionError:
        await chat.send(say.now)
        await seat.offered()
    await seat.accept()
    await seat.active()
    await chat.kind("joined")


def step(seat: Agent, name: str) -> Locator:
    return seat.page.locator(f"[data-step={name}]")


async def is_done(seat: Agent, name: str, because: str = "") -> None:
    await expect(step(seat, name)).to_have_attribute("data-state", "done", timeout=WITHIN_MS)
    if because:
        await expect(step(seat, name).locator(".because")).to_have_text(because)


async def says(seat: Agent, chat: ChatVisitor, text: str) -> None:
    await seat.reply(text)
    await chat.from_agent(text)


async def knowledge_comes(seat: Agent, chat: ChatVisitor, question: str) -> Locator:
    """The answer with its source; a question that came before the passages were ready is asked again."""
    entry = seat.page.locator("article.entry[data-entry='faq/lights']")
    for _ in range(3):
        await chat.send(question)
        try:
            await expect(entry).to_be_visible(timeout=SOON_MS)
            break
        except AssertionError:
            continue
    await expect(entry).to_contain_text(seat.texts["knowledge_source"])
    await expect(entry).to_contain_text("faq.yml")
    return entry


@pytest.mark.parametrize("lang", ["en", "ja"])
async def test_a_guided_chat_from_the_matter_to_the_wrap_up(desk_product: RunningProduct, lang: str) -> None:
    say, case = SAY[lang], Case(desk_product, "telecom")
    async with (
        agent(desk_product.http, say.who, lang=lang) as seat,
        visitor(desk_product, lang, tenant="telecom") as chat,
    ):
        texts, page = seat.texts, seat.page
        await in_chat(seat, chat, say)
        await chat.send(say.down)
        await expect(page.locator("#script-title")).to_contain_text(say.script, timeout=WITHIN_MS)
        await is_done(seat, "service", say.down)
        await says(seat, chat, say.rely)
        await chat.send(say.nobody)
        await is_done(seat, "depends", say.nobody)
        await expect(step(seat, "priority")).to_have_count(0)
        await says(seat, chat, say.restart)
        await is_done(seat, "restart", say.restart)
        await expect(step(seat, "outage")).to_have_attribute("aria-current", "step")

        entry = await knowledge_comes(seat, chat, say.lights)
        answer = await entry.locator(".entry-text").inner_text()
        await entry.get_by_role("button", name=texts["knowledge_insert"]).click()
        await expect(page.locator("#reply")).to_have_value(answer)
        await page.locator("#reply").press("Enter")
        await chat.from_agent(answer)

        await says(seat, chat, say.working)
        await chat.send(say.fixed)
        await is_done(seat, "works", say.fixed)
        await says(seat, chat, say.promise)
        await says(seat, chat, say.bye)
        await expect(page.locator(".script-warn")).to_contain_text(say.outage, timeout=WITHIN_MS)
        await seat.press("wrap_up")
        await expect(page.locator("dialog li")).to_have_text([say.outage])
        await page.get_by_role("button", name=texts["missing_back"]).click()
        await step(seat, "outage").get_by_role("checkbox").click()
        await is_done(seat, "outage")
        await expect(step(seat, "close")).to_have_attribute("aria-current", "step")
        await expect(step(seat, "close").locator(".branch")).to_contain_text(say.works)
        await expect(step(seat, "engineer")).to_have_count(0)
        await expect(page.locator(".script-warn")).to_have_count(0)
        await seat.shot(f"guided_talk_{lang}")

        await seat.press("wrap_up")
        await expect(page.locator("#disposition")).to_be_visible(timeout=WITHIN_MS)
        await afterwards(seat, say)
        await seat.shot(f"guided_after_{lang}")
        await seat.wrapped("fault_fixed")
        await case.until(lambda one: one.changes()[-1] == "closed", "closed")

    moves = case.events("ScriptMoved")
    assert [(one["script"], one["by"]) for one in moves if one["change"] == "started"] == [("telecom_fault", "heard")]
    done = [(one["step"], one["by"]) for one in moves if one["change"] == "done"]
    assert sorted(done) == [
        ("depends", "heard"), ("outage", "clicked"), ("restart", "heard"), ("service", "heard"), ("works", "heard"),
    ]  # fmt: skip
    assert [one["step"] for one in moves if one["change"] == "warned"] == ["outage"]
    assert [(one["entry"], one["asked"]) for one in case.events("KnowledgeShown")] == [("faq/lights", False)]
    async with agent_without_browser(desk_product, "HL1") as leader:
        waiting = (await leader.http.get("/api/assist/telecom/proposals")).json()["proposals"]
        (proposal,) = [one for one in waiting if one["conversation"] == case.id]
        assert proposal["problem"] and proposal["solution"] and proposal["turns"]


async def afterwards(seat: Agent, say: Lines) -> None:
    """Summary with its lines, disposition, follow-up, note and a proposal."""
    texts, page = seat.texts, seat.page
    summary = page.locator(".after-summary li")
    await expect(summary.first).to_be_visible(timeout=WITHIN_MS)
    link = summary.locator("[data-seq]").first
    seq = await link.get_attribute("data-seq")
    await link.click()
    await expect(page.locator(f".log [data-seq='{seq}']")).to_be_focused()
    suggested = page.locator(".after .row", has_text=say.disposition).first
    await expect(suggested.get_by_role("button", name=texts["after_taken"], exact=True)).to_be_visible()
    await expect(page.locator("#disposition")).to_have_value("fault_fixed")
    await page.locator("#disposition").select_option("advice_given")
    await suggested.get_by_role("button", name=texts["after_take"], exact=True).click()
    await expect(page.locator("#disposition")).to_have_value("fault_fixed")
    await page.get_by_role("button", name=texts["after_add"]).first.click()
    await expect(page.get_by_role("button", name=texts["after_added"]).first).to_be_disabled()
    note = await page.locator("#after-note").input_value()
    assert note
    await page.get_by_role("button", name=texts["after_note_take"]).click()
    await expect(page.locator("#wrapup-note")).to_have_value(note)
    await page.locator(".after summary").click()
    await expect(page.locator(".after textarea[name=problem]")).not_to_have_value("")
    await page.get_by_role("button", name=texts["after_propose"]).click()
    await expect(page.get_by_role("button", name=texts["after_proposed"], exact=True)).to_be_disabled()
