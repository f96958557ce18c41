"""Values that the troop's roster brought: where they come from, and that somebody changed them."""

from collections.abc import Mapping

from lianban.cases.content import Content
from lianban.catalogue.model import Field, Question

_SAME = "部队名册上写的。不对？改了就行"


def source_of(field: Field, content: Content, values: Mapping[str, str]) -> str:
    """Words beside a field that the roster speaks of, "" beside any other."""
    said = content.roster.get(f"field.{field.code}", "")
    if not said:
        return ""
    if values.get(field.code) == said:
        return _SAME
    return f"部队名册上写的是 {of(field, said)}，以填的为准，我们会核对"


def answer_source(question: Question, content: Content) -> str:
    """The same beside a question of the guide."""
    said = content.roster.get(f"answer.{question.key}", "")
    if not said:
        return ""
    if content.answers.get(question.key) == said:
        return _SAME
    return f"部队名册上写的是{question.label_of(said)}，以选的为准，我们会核对"


def of(field: Field, value: str) -> str:
    """A value as people read it."""
    return next((choice.label for choice in field.choices if choice.value == value), value)
