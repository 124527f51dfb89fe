"""Rasa's flow predicates: parsing and evaluation of the part that is useful without an expression engine.

Grammar (keywords in any case)::

    or    := and ("or" and)*            and   := not ("and" not)*        not := "not" not | test
    test  := "(" or ")" | operand [("=" | "==" | "is" | "!=" | "is not" | "<" | ">" | "<=" | ">=" | "contains"
                                     | "not contains" | "matches" | "not matches") operand]
    operand := ("slots" | "context") "." name | string | number | true | false | null
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from voicebot.domain import Json


class ConditionSyntax(ValueError):
    """The text is not a predicate; the message says where it breaks off."""


@dataclass(frozen=True, slots=True)
class Name:
    """A variable, ``slots.x`` or ``context.x``."""

    scope: str
    name: str


@dataclass(frozen=True, slots=True)
class Literal_:
    """A constant."""

    value: Json


Operand = Name | Literal_


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison; ``op`` is ``truthy`` when there is only an operand."""

    left: Operand
    op: str
    right: Operand | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class All:
    """Conjunction."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Any_:
    """Disjunction."""

    parts: tuple[Condition, ...]


Condition = Test | Not | All | Any_
Lookup = Callable[[str, str], Json]
"""``(scope, name) -> value``; None when there is none."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<str>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<num>-?\d+(?:\.\d+)?)
    |(?P<op><=|>=|!=|==|=|<|>|\(|\))|(?P<word>[A-Za-z_][\w.]*))""",
    re.VERBOSE,
)
_COMPARE = {"=", "==", "!=", "<", ">", "<=", ">="}


def parse(text: str) -> Condition:
    """Parse a predicate; raises :class:`ConditionSyntax`."""
    parser = _Parser(text)
    condition = parser.disjunction()
    if parser.peek() is not None:
        raise ConditionSyntax(f"unexpected {parser.peek()!r}")
    return condition


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ConditionSyntax(f"cannot read {text[at:].strip()!r}")
            kind = found.lastgroup or ""
            self._tokens.append((kind, found.group(kind)))
            at = found.end()
        self._at = 0

    def peek(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def _word(self, *words: str) -> bool:
        """Take these words if they come next."""
        following = self._tokens[self._at : self._at + len(words)]
        if len(following) == len(words) and all(
            kind == "word" and token.lower() == word for (kind, token), word in zip(following, words, strict=True)
        ):
            self._at += len(words)
            return True
        return False

    def disjunction(self) -> Condition:
        parts = [self.conjunction()]
        while self._word("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Any_(tuple(parts))

    def conjunction(self) -> Condition:
        parts = [self.negation()]
        while self._word("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def negation(self) -> Condition:
        return Not(self.negation()) if self._word("not") else self.test()

    def test(self) -> Condition:
        if self.peek() == "(":
            self._at += 1
            inner = self.disjunction()
            if self.peek() != ")":
                raise ConditionSyntax("a ')' is missing")
            self._at += 1
            return inner
        left = self.operand()
        if self.peek() in _COMPARE:
            op = str(self.peek())
            self._at += 1
            return Test(left, "=" if op == "==" else op, self.operand())
        if self._word("is", "not"):
            return Test(left, "!=", self.operand())
        if self._word("is"):
            return Test(left, "=", self.operand())
        for word in ("contains", "matches"):
            if self._word("not", word):
                return Not(Test(left, word, self.operand()))
            if self._word(word):
                return Test(left, word, self._pattern(word))
        return Test(left, "truthy")

    def _pattern(self, word: str) -> Operand:
        operand = self.operand()
        if word == "matches":
            if not (isinstance(operand, Literal_) and isinstance(operand.value, str)):
                raise ConditionSyntax("'matches' needs a quoted pattern")
            try:
                re.compile(operand.value)
            except re.error as error:
                raise ConditionSyntax(f"the pattern {operand.value!r} is not a regular expression: {error}") from None
        return operand

    def operand(self) -> Operand:
        if self._at >= len(self._tokens):
            raise ConditionSyntax("it breaks off: a value is missing at the end")
        kind, token = self._tokens[self._at]
        self._at += 1
        if kind == "str":
            return Literal_(re.sub(r"\\(.)", r"\1", token[1:-1]) if "\\" in token and token[0] == '"' else token[1:-1])
        if kind == "num":
            return Literal_(float(token) if "." in token else int(token))
        if kind == "word":
            constants: dict[str, Json] = {"true": True, "false": False, "null": None, "none": None}
            if token.lower() in constants:
                return Literal_(constants[token.lower()])
            scope, dot, name = token.partition(".")
            if scope in ("slots", "context") and dot and name:
                return Name(scope, name)
            raise ConditionSyntax(f"{token!r} is no value: write slots.{token}, context.{token} or a quoted text")
        raise ConditionSyntax(f"unexpected {token!r}")


def holds(condition: Condition, lookup: Lookup) -> bool:
    """Evaluate. Comparing a missing value or values of different kinds is false, never an error."""
    match condition:
        case Not(inner):
            return not holds(inner, lookup)
        case All(parts):
            return all(holds(part, lookup) for part in parts)
        case Any_(parts):
            return any(holds(part, lookup) for part in parts)
        case Test(left, op, right):
            return _test(_value(left, lookup), op, None if right is None else _value(right, lookup))


def names(condition: Condition) -> Iterator[Name]:
    """Every variable a condition reads."""
    match condition:
        case Not(inner):
            yield from names(inner)
        case All(parts) | Any_(parts):
            for part in parts:
                yield from names(part)
        case Test(left, _, right):
            yield from (operand for operand in (left, right) if isinstance(operand, Name))


def _value(operand: Operand, lookup: Lookup) -> Json:
    return operand.value if isinstance(operand, Literal_) else lookup(operand.scope, operand.name)


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _test(left: Json, op: str, right: Json) -> bool:
    match op:
        case "truthy":
            return bool(left) and left not in ("false", "no")
        case "=":
            return _equal(left, right)
        case "!=":
            return not _equal(left, right)
        case "contains":
            return isinstance(left, (str, list)) and right is not None and str(right) in left
        case "matches":
            return left is not None and isinstance(right, str) and re.search(right, str(left)) is not None
    one, other = _number(left), _number(right)
    if one is None or other is None:
        return False
    return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}[op]


def _equal(left: Json, right: Json) -> bool:
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right or (isinstance(left, bool) and isinstance(right, bool) and left == right)
    one, other = _number(left), _number(right)
    if one is not None and other is not None and not (isinstance(left, str) and isinstance(right, str)):
        return one == other
    return str(left) == str(right)
