"""What words mean to the assist: the customer's intent, and how likely each card is due."""

from __future__ import annotations

from voicebot.assist.live_session import Edition, Insight
from voicebot.assist.model import Speaker
from voicebot.assist.sources import Spoken
from voicebot.domain import Expectation, Party, Source
from voicebot.nlu.engine import UnderstandingService
from voicebot.web.assist.card_heads import CardHeads


class Insights:
    """A :class:`voicebot.assist.live.Understanding`."""

    def __init__(self, understanding: UnderstandingService, heads: CardHeads) -> None:
        self._understanding, self._heads = understanding, heads

    async def insight(self, edition: Edition, spoken: Spoken) -> Insight:
        """See :meth:`voicebot.assist.live.Understanding.insight`."""
        customer = spoken.party is Party.CUSTOMER
        intent, confidence = "", 0.0
        if customer:
            meant = await self._understanding.understand(
                spoken.text,
                tenant=edition.cards.tenant,
                language=spoken.language,
                expects=Expectation(),
                source=Source.TEXT if spoken.written else Source.SPEECH,
            )
            intent, confidence = meant.intent, meant.confidence
        heads = self._heads.of(edition.cards)
        if heads is None:
            return Insight(intent, confidence)
        party = Speaker.CUSTOMER if customer else Speaker.AGENT
        return Insight(intent, confidence, dict(await heads.scores(spoken.text, spoken.language, party)))

    async def ready(self, edition: Edition) -> None:
        """Wait until a version's cards are learnt, or could not be."""
        await self._heads.ready(edition.cards)
