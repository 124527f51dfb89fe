"""What an operator can measure: counters, latencies and the health of the event loop. Never words of a customer.

Labels are our own names (company, channel, language, stage); an utterance, a slot value or a caller's number is
neither a label nor a log field.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENCY_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0, 10.0)
_log = logging.getLogger(__name__)


class Telemetry:
    """The metrics of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("tenant", "channel", "language")
        self.conversations = Counter("voicebot_conversations", "Conversations begun", labels, registry=self.registry)
        self.endings = Counter(
            "voicebot_conversations_ended", "Conversations ended", ("tenant", "disposition"), registry=self.registry
        )
        self.live = Gauge("voicebot_conversations_live", "Conversations now", ("channel",), registry=self.registry)
        self.turns = Counter("voicebot_turns", "Turns of customers", ("tenant", "source"), registry=self.registry)
        self.faults = Counter(
            "voicebot_faults", "Faults of ours that a conversation survived", ("code",), registry=self.registry
        )
        self.stage_s = Histogram(
            "voicebot_stage_seconds",
            "Time a stage of a turn took",
            ("stage",),
            buckets=_LATENCY_S,
            registry=self.registry,
        )
        self.response_s = Histogram(
            "voicebot_response_seconds",
            "End of the caller's speech to first sound of the answer",
            ("tenant", "language"),
            buckets=_LATENCY_S,
            registry=self.registry,
        )
        self.restarts = Gauge(
            "voicebot_worker_restarts", "Worker processes that ended and were replaced", ("worker",),
            registry=self.registry,
        )  # fmt: skip
        self.loop_lag_s = Gauge("voicebot_loop_lag_seconds", "How late the event loop is", registry=self.registry)
        self.late_s = 0.0
        """How late the event loop was when it was last looked at, in seconds."""

    async def watch_loop(self, every_s: float = 0.5, alarm_s: float = 0.25) -> None:
        """Keep measuring how late the event loop runs; log when it is later than ``alarm_s``."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every_s
            await asyncio.sleep(every_s)
            lag = max(0.0, loop.time() - due)
            self.late_s = lag
            self.loop_lag_s.set(lag)
            if lag > alarm_s:
                _log.warning("the event loop was %d ms late", round(lag * 1000))


@dataclass(slots=True)
class Waterfall:
    """Where the time of one turn went, in milliseconds after the caller's last sound.

    ``decided``: the turn was judged over; ``transcribed``: its text was there; ``understood``, ``decided_reply``:
    meaning and reply; ``first_audio``: the first sample of the reply was handed to the line.
    """

    ended_ms: int
    marks: dict[str, int] = field(default_factory=dict)

    def mark(self, stage: str, at_ms: int) -> None:
        """Note that ``stage`` was reached at ``at_ms`` of the call's clock; the first note of a stage counts."""
        self.marks.setdefault(stage, max(0, at_ms - self.ended_ms))
