"""A version as the editor publishes it, cards and scripts of a real company, is what conversations use."""

from __future__ import annotations

import copy
from typing import Any, cast

import pytest

from tests.unit.assist.guided import FLOWS, ready
from voicebot.assist.authoring import card_sets, files_body, name_of
from voicebot.assist.content import load_assist
from voicebot.assist.live_editions import Editions
from voicebot.domain import JA, Json, TenantId
from voicebot.errors import NotFound, VoicebotError
from voicebot.web.guidance_parts import version_guides

TELECOM = TenantId("telecom")
CARDS = load_assist(FLOWS, TELECOM)


class Kept:
    """Versions in memory."""

    def __init__(self) -> None:
        self.bodies: dict[str, Json] = {}
        self.pointer: str | None = None

    async def body(self, tenant: TenantId, version: str) -> Json:
        if version not in self.bodies:
            raise NotFound("There is no such version.")
        return self.bodies[version]

    async def live(self, tenant: TenantId) -> str | None:
        return self.pointer

    async def cards_told(self, tenant: TenantId, since: object) -> list[Any]:
        return []

    def publish(self, body: dict[str, Json]) -> str:
        self.pointer = name_of(body)
        self.bodies[self.pointer] = body
        return self.pointer


def company() -> tuple[Kept, Editions]:
    kept, guide = Kept(), ready("telecom")
    read = version_guides(FLOWS, {TELECOM: guide.values})
    return kept, Editions({TELECOM: CARDS}, kept, card_sets(FLOWS), {TELECOM: guide}, read)


def changed(change: Any) -> dict[str, Json]:
    body = copy.deepcopy(files_body(CARDS, ready("telecom").scripts))
    change(cast(Any, body)["scripts"]["flows"]["telecom_fault"]["steps"])
    return body


async def test_cards_and_scripts_of_a_version_have_its_name_and_its_words() -> None:
    kept, editions = company()
    before = await editions.current(TELECOM)
    assert before.guide is ready("telecom") and before.cards.version == CARDS.version

    def reword(steps: Any) -> None:
        steps[0]["metadata"]["label"]["ja"] = "ご利用のサービスを伺う"

    version = kept.publish(changed(reword))
    now = await editions.current(TELECOM)
    assert now.guide is not None and (now.cards.version, now.guide.scripts.version) == (version, version)
    step = now.guide.scripts.step(("telecom_fault", "service"))
    assert step is not None and step.text[JA].label == "ご利用のサービスを伺う"
    for name in (CARDS.version, ready("telecom").scripts.version):
        assert (await editions.edition(TELECOM, name)).guide is ready("telecom")


async def test_a_version_whose_scripts_fit_no_more_yields_to_the_files() -> None:
    kept, editions = company()
    version = kept.publish(changed(lambda steps: steps[0].update(next="nowhere")))
    assert (await editions.current(TELECOM)).guide is ready("telecom")
    with pytest.raises(VoicebotError):
        await editions.edition(TELECOM, version)
