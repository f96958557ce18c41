"""Situation answers: what may be answered, what is missing, and every applicant there can be."""

import itertools
from collections.abc import Iterable, Iterator, Mapping

from lianban.catalogue.condition import Condition, questions
from lianban.catalogue.model import Edition, Question

Answers = Mapping[str, str]


class AnswersRefused(ValueError):
    """The answers cannot be those of any applicant; `problems` name key and reason, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


def asked(edition: Edition, answers: Answers) -> list[Question]:
    """The questions that a person with these answers is asked, in order."""
    return [question for question in edition.questions if question.when.holds(answers)]


def allowed(question: Question, answers: Answers) -> list[str]:
    """The values that a person with these answers may choose."""
    return [choice.value for choice in question.choices if choice.when.holds(answers)]


def unanswered(edition: Edition, answers: Answers) -> list[str]:
    """The keys of questions that are asked and not yet answered."""
    return [question.key for question in asked(edition, answers) if not answers.get(question.key)]


def validate(edition: Edition, answers: Answers) -> None:
    """Raise `AnswersRefused` for unknown keys or values, impossible pairs, and answers not asked.

    A question whose own condition reads a question that is still open counts as possible.
    """
    known = {question.key: question for question in edition.questions}
    problems = [f"没有「{key}」这个情形问题" for key in answers if key not in known]
    for key, value in answers.items():
        if key in known:
            problems.extend(_problem(known[key], value, answers, edition))
    if not problems and next(completions(edition, answers, answers), None) is None:
        problems = [f"这些答案不能同时成立：{'、'.join(f'{k}={v}' for k, v in answers.items())}"]
    if problems:
        raise AnswersRefused(problems)


def _problem(question: Question, value: str, answers: Answers, edition: Edition) -> Iterator[str]:
    choice = next((c for c in question.choices if c.value == value), None)
    if choice is None:
        yield f"{question.key}（{question.label}）没有「{value}」这个答案"
    elif not _possible(edition, choice.when, answers):
        yield f"{question.key}={value}（{choice.label}）与其他答案不能同时成立"
    elif not _possible(edition, question.when, answers):
        yield f"{question.key}（{question.label}）按其他答案不会问到，请删去"


def _possible(edition: Edition, condition: Condition, answers: Answers) -> bool:
    """Whether the condition may hold, other answers that contradict each other left aside."""
    reads = questions(condition)
    if is_settled(edition, answers, reads):
        return condition.holds(answers)
    chain = _closure(edition, reads, {})
    return any(condition.holds(full) for full in _extend(dict(answers), chain, 0, frozenset()))


def is_settled(edition: Edition, answers: Answers, wanted: Iterable[str]) -> bool:
    """Whether each wanted question is answered, or surely not asked."""
    for key in wanted:
        question = edition.question_by_key.get(key)
        if question is None or answers.get(key):
            continue
        if not questions(question.when) <= answers.keys() or question.when.holds(answers):
            return False
    return True


def completions(
    edition: Edition, answers: Answers, wanted: Iterable[str]
) -> Iterator[dict[str, str]]:
    """Every way to answer the `wanted` questions, and those they depend on, as given so far.

    Answers that are there stay, and only what can stand beside them is tried; a question that is
    not asked stays out.
    """
    chain = _closure(edition, wanted, answers)
    yield from _extend(dict(answers), chain, 0, frozenset(answers))


def _closure(edition: Edition, wanted: Iterable[str], answers: Answers) -> tuple[Question, ...]:
    """The wanted questions, those they depend on, and the answered ones that depend on those."""
    need = set(wanted)
    while True:
        more: set[str] = set()
        for question in edition.questions:
            reads = edition.question_reads[question.key]
            if question.key in need:
                more |= reads
            elif question.key in answers and reads & need:
                more.add(question.key)
        if more <= need:
            return tuple(question for question in edition.questions if question.key in need)
        need |= more


def _extend(
    answers: dict[str, str], chain: tuple[Question, ...], position: int, given: frozenset[str]
) -> Iterator[dict[str, str]]:
    """Go on from a question of the chain; `given` answers must be possible beside the others."""
    if position == len(chain):
        yield answers
        return
    question = chain[position]
    answer, asked = answers.get(question.key), question.when.holds(answers)
    if answer and question.key in given and not (asked and answer in allowed(question, answers)):
        return
    if answer or not asked:
        yield from _extend(answers, chain, position + 1, given)
        return
    for value in allowed(question, answers):
        yield from _extend({**answers, question.key: value}, chain, position + 1, given)


def groups(edition: Edition) -> list[tuple[str, ...]]:
    """Questions that depend on one another, grouped; groups are independent of each other."""
    parent = {question.key: question.key for question in edition.questions}

    def root(key: str) -> str:
        while parent[key] != key:
            key = parent[key]
        return key

    for question in edition.questions:
        for read in edition.question_reads[question.key] & parent.keys():
            parent[root(question.key)] = root(read)
    found: dict[str, list[str]] = {}
    for question in edition.questions:
        found.setdefault(root(question.key), []).append(question.key)
    return [tuple(keys) for keys in found.values()]


def count(edition: Edition, condition: Condition | None = None) -> int:
    """How many legal applicants there are (for whom `condition` holds).

    Independent groups are multiplied, so that millions are counted in milliseconds.
    """
    reads = questions(condition) if condition is not None else frozenset()
    total = 1
    together: set[str] = set()
    for group in groups(edition):
        if reads & set(group):
            together |= set(group)
        else:
            total *= sum(1 for _ in completions(edition, {}, group))
    if condition is not None:
        total *= sum(1 for full in completions(edition, {}, together) if condition.holds(full))
    return total


def applicants(edition: Edition, wanted: Iterable[str]) -> Iterator[dict[str, str]]:
    """Every applicant as far as the `wanted` questions tell them apart."""
    return completions(edition, {}, wanted)


def sample(edition: Edition) -> Iterator[dict[str, str]]:
    """Applicants in which every legal pair of a group's answers occurs, others on their first value."""
    first = next(completions(edition, {}, [question.key for question in edition.questions]))
    per_group = [list(completions(edition, {}, group)) for group in groups(edition)]
    for one, other in itertools.combinations(per_group, 2):
        for left, right in itertools.product(one, other):
            answers = {**first}
            for key in list(answers):
                if any(key in chosen for chosen in one) or any(key in chosen for chosen in other):
                    del answers[key]
            yield {**answers, **left, **right}
