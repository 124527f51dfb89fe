"""What a request says about itself, without being asked."""

from __future__ import annotations

import pytest

from voicebot.demo.screening import faulty


@pytest.mark.parametrize(
    "text",
    [
        "電源が入らなくて",
        "壊れていました",
        "変な音がする",
        "it's faulty",
        "it won't turn on",
        "cracked",
        "IT IS BROKEN",
    ],
)
def test_faults(text: str) -> None:
    assert faulty(text)


@pytest.mark.parametrize(
    "text",
    ["", "いらなくなった", "壊れてはいないけど、色が合わない", "不良ではないです", "傷はありません", "changed my mind",
     "there's nothing wrong with it", "it isn't broken, just too big", "not faulty"],
)  # fmt: skip
def test_no_faults(text: str) -> None:
    assert not faulty(text)
