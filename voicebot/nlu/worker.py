"""The understanding worker: one process that holds the encoders and every loaded model.

The functions at the end are what the service submits. A process of a pool has no other place for its state than a
module variable; it is set once by :func:`begin` and never read anywhere but in that process.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from voicebot.beside import end_with_the_server
from voicebot.domain import Answer, Expectation, IntentScore, Language, Source, TenantId, Understanding
from voicebot.errors import ModelError, UnderstandingError
from voicebot.nlu.answers import answer_of
from voicebot.nlu.encoders import EmbeddingCache, Encoder, Float32, standard_encoders
from voicebot.nlu.entities import ClosedValues, find_entities
from voicebot.nlu.merging import settle
from voicebot.nlu.model import Model, Scores
from voicebot.nlu.readings import better, readings, unsure
from voicebot.nlu.safety import SafetyScreen
from voicebot.nlu.text import normalise


@dataclass(frozen=True, slots=True)
class Company:
    """What understanding must know of a tenant besides its model; ``country`` (ISO 3166) decides phones and dates."""

    tenant: TenantId
    country: str
    closed: ClosedValues


@dataclass(frozen=True, slots=True)
class Question:
    """One utterance to be understood; ``folder`` is the model's."""

    text: str
    company: Company
    folder: Path
    language: Language
    expects: Expectation
    source: Source
    alternatives: tuple[str, ...]
    today: date


_SHORT_ANSWER_CHARS = 16
_REMEMBERED_TEXTS = 64
"""Texts whose vectors are kept for a while: the same words are asked for their intent and for what they are like."""


def _answer(asked: Question) -> Answer | None:
    """Yes or no in the words; while one is asked for, a short text that says neither may be one that was misheard.

    Further readings count only when they do not contradict each other.
    """
    answer = answer_of(asked.text, asked.language)
    if answer is not None or not asked.expects.answer or len(asked.text) > _SHORT_ANSWER_CHARS:
        return answer
    others = {answer_of(other, asked.language) for other in asked.alternatives} & {Answer.YES, Answer.NO}
    return others.pop() if len(others) == 1 else None


class Interpreter:
    """Encoders, safety screen and loaded models by folder."""

    def __init__(self, safety: SafetyScreen, encoders: Sequence[Encoder]) -> None:
        self._safety = safety
        self._encoders = tuple(encoders)
        self._models: dict[Path, Model] = {}
        self._recent: dict[str, tuple[Float32, ...]] = {}

    @property
    def loaded(self) -> tuple[Path, ...]:
        """Folders of the loaded models."""
        return tuple(self._models)

    def load(self, folder: Path) -> Model:
        """The model of a folder, read on first use."""
        model = self._models.get(folder)
        if model is None:
            model = self._models[folder] = Model.load(folder, self._encoders)
        return model

    def keep(self, folders: Sequence[Path]) -> None:
        """Forget every other model."""
        self._models = {folder: model for folder, model in self._models.items() if folder in folders}

    def understand(self, asked: Question) -> Understanding:
        """Interpret one utterance; text without a word has no intent and confidence 0."""
        model = self.load(asked.folder)
        safety = self._safety.screen(asked.text, asked.language)
        plain = normalise(asked.text)
        answer = _answer(asked)
        entities = find_entities(
            asked.text,
            asked.language,
            today=asked.today,
            country=asked.company.country,
            expects=asked.expects.entities,
            closed=asked.company.closed,
            alternatives=asked.alternatives,
        )
        nothing = Scores((IntentScore("", 0.0),), 0.0)
        scores = self._read(model, asked) if plain else nothing
        ranking, scope = scores.ranking, scores.in_scope
        intent, confidence, in_scope = settle(ranking, scope, asked.text, entities, answer, asked.expects)
        return Understanding(
            text=asked.text,
            language=asked.language,
            intent=intent,
            confidence=confidence,
            in_scope=in_scope,
            ranking=ranking if plain else (),
            entities=entities,
            answer=answer,
            faq=scores.faq,
            safety=safety,
            source=asked.source,
            model=model.version,
        )

    def _read(self, model: Model, asked: Question) -> Scores:
        """Scores of the utterance, or of a surer reading of the same request."""
        spoken = asked.source is Source.SPEECH
        whole, *others = readings(asked.text, asked.alternatives, spoken=spoken)
        scores = self._score(model, whole, asked.language)
        if not others or not unsure(scores):
            return scores
        tried = [self._score(model, other, asked.language) for other in others]
        place = better(scores, tried)
        return scores if place is None else tried[place]

    def _score(self, model: Model, plain: str, language: Language) -> Scores:
        return model.score(plain, model.joined(self._vectors(plain)), language)

    def embed(self, texts: Sequence[str], cache_file: Path | None = None) -> list[Float32]:
        """Vectors of texts, one (n, dim) array per encoder; those of a cache file are read there and added to it."""
        plain = [normalise(text) for text in texts]
        if cache_file is not None:
            with EmbeddingCache(cache_file) as cache:
                return cache.embed_all(self._encoders, plain)
        rows = [self._vectors(text) for text in plain]
        return [
            np.stack([row[place] for row in rows]) if rows else np.zeros((0, encoder.dim), np.float32)
            for place, encoder in enumerate(self._encoders)
        ]

    def _vectors(self, plain: str) -> tuple[Float32, ...]:
        found = self._recent.get(plain)
        if found is None:
            found = self._recent[plain] = tuple(encoder.encode(plain) for encoder in self._encoders)
            while len(self._recent) > _REMEMBERED_TEXTS:
                del self._recent[next(iter(self._recent))]
        return found


class _Process:
    """State of the worker process; encoders are loaded on first use so that a fault names itself."""

    def __init__(self, safety: Path, threads: int) -> None:
        self._safety, self._threads = safety, threads
        self._interpreter: Interpreter | None = None

    @property
    def interpreter(self) -> Interpreter:
        if self._interpreter is None:
            self._interpreter = Interpreter(SafetyScreen.load(self._safety), standard_encoders(self._threads))
        return self._interpreter


_process: Mapping[str, _Process] = {}


def begin(safety: Path, threads: int) -> None:
    """Set the process up: thread counts first, because the encoders read them when they load."""
    global _process
    end_with_the_server()
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    threadpool_limits(threads)
    _process = {"": _Process(safety, threads)}


def warm(folders: Sequence[Path]) -> int:
    """Load these models, embed one word, and return the resident memory at its highest in bytes."""
    interpreter = _process[""].interpreter
    for folder in folders:
        interpreter.load(folder)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def keep(folders: Sequence[Path]) -> None:
    """Forget every model but these."""
    _process[""].interpreter.keep(folders)


def understand(asked: Question) -> Understanding:
    """Interpret one utterance; the error of a failure never holds what was said."""
    try:
        return _process[""].interpreter.understand(asked)
    except ModelError:
        raise
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place is not None else "?"
        raise UnderstandingError(f"An utterance was not interpreted ({type(error).__name__} at {where}).") from None


def embed(texts: Sequence[str], cache_file: Path | None) -> list[Float32]:
    """Vectors of texts; the error of a failure never holds what was said."""
    try:
        return _process[""].interpreter.embed(texts, cache_file)
    except ModelError:
        raise
    except Exception as error:
        raise UnderstandingError(f"Words were not embedded ({type(error).__name__}).") from None
