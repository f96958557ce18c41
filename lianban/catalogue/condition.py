"""Conditions over the situation answers: a declared subset of CEL (Common Expression Language).

The subset is `==`, `!=`, `in [..]`, `&&`, `||`, `!`, parentheses, `true` and `false` over question
keys and string literals. It is small so that a check can name every question and value that a
condition reads, and decide it for applicants who have not answered everything yet. The test suite
holds it against a full CEL implementation.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


class ConditionError(ValueError):
    """The text is not a condition of the declared subset."""


@dataclass(frozen=True)
class Atom:
    """The answer to `question` is one of `values`. A question that is not asked answers ''."""

    question: str
    values: frozenset[str]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether the applicant's answer is one of the values."""
        return answers.get(self.question, "") in self.values


@dataclass(frozen=True)
class Not:
    """The opposite of `part`."""

    part: "Condition"

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether `part` does not hold."""
        return not self.part.holds(answers)


@dataclass(frozen=True)
class All:
    """Every part holds; true when there is none."""

    parts: tuple["Condition", ...]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether all parts hold."""
        return all(part.holds(answers) for part in self.parts)


@dataclass(frozen=True)
class Any:
    """At least one part holds; false when there is none."""

    parts: tuple["Condition", ...]

    def holds(self, answers: Mapping[str, str]) -> bool:
        """Whether some part holds."""
        return any(part.holds(answers) for part in self.parts)


Condition = Atom | Not | All | Any
ALWAYS: Condition = All(())
NEVER: Condition = Any(())

_TOKEN = re.compile(
    r"""\s*(?:(?P<op>==|!=|&&|\|\||[!()\[\],])|(?P<text>"[^"\\\n]*"|'[^'\\\n]*')|(?P<word>[A-Za-z_]\w*))""",
    re.ASCII,
)
#: Words that CEL keeps for itself.
_RESERVED = frozenset({"in", "null"})


def parse(text: str) -> Condition:
    """Parse a condition. Raises `ConditionError` with what stands where."""
    return _Parser(text).parse()


def atoms(condition: Condition) -> Iterator[Atom]:
    """Every comparison in the condition, in the order of the text."""
    if isinstance(condition, Atom):
        yield condition
    elif isinstance(condition, Not):
        yield from atoms(condition.part)
    else:
        for part in condition.parts:
            yield from atoms(part)


def questions(condition: Condition) -> frozenset[str]:
    """The keys of the questions that the condition reads."""
    return frozenset(atom.question for atom in atoms(condition))


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if not match:
            raise ConditionError(f"看不懂「{text[position:].strip()[:20]}」")
        found.append(match.group().strip())
        position = match.end()
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0

    def parse(self) -> Condition:
        condition = self.either()
        if self.position < len(self.tokens):
            raise ConditionError(f"「{self.tokens[self.position]}」多余")
        return condition

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise ConditionError(f"这里应是「{expected or '一个词'}」，却是「{token or '结尾'}」")
        self.position += 1
        return token

    def either(self) -> Condition:
        parts = [self.both()]
        while self.peek() == "||":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def both(self) -> Condition:
        parts = [self.single()]
        while self.peek() == "&&":
            self.take()
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def single(self) -> Condition:
        token = self.take()
        if token == "!":
            if self.peek() not in ("(", "!", "true", "false"):
                raise ConditionError("「!」之后请加括号，写成 !(…)")
            return Not(self.single())
        if token == "(":
            inner = self.either()
            self.take(")")
            return inner
        if token in ("true", "false"):
            return ALWAYS if token == "true" else NEVER
        if not re.fullmatch(r"[A-Za-z_]\w*", token) or token in _RESERVED:
            raise ConditionError(f"「{token}」不是情形问题的名字")
        return self.comparison(token)

    def comparison(self, question: str) -> Condition:
        operator = self.take()
        if operator == "==":
            return Atom(question, frozenset([self.literal()]))
        if operator == "!=":
            return Not(Atom(question, frozenset([self.literal()])))
        if operator == "in":
            return Atom(question, frozenset(self.literals()))
        raise ConditionError(f"「{question}」之后应是 ==、!= 或 in，却是「{operator}」")

    def literals(self) -> list[str]:
        self.take("[")
        found = [self.literal()]
        while self.peek() == ",":
            self.take()
            found.append(self.literal())
        self.take("]")
        return found

    def literal(self) -> str:
        token = self.take()
        if token[0] not in "\"'":
            raise ConditionError(f"「{token}」应加引号")
        return token[1:-1]
