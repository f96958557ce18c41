"""The contract described from its own types: what the reference page shows.

Nothing is written down twice: fields, limits and examples come from `contract` and `examples`, and
a message that is added there appears here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from lianban.exchange import contract
from lianban.exchange.reference import examples
from lianban.exchange.reference import words as reference_words

_FORMATS = {"date": "日期", "date-time": "时间（带时区）"}
_TYPES = {"string": "文字", "integer": "整数", "boolean": "true 或 false", "object": "对象"}
_PATTERNS = {
    "[a-z][a-z0-9_]{0,39}": "代码：小写字母、数字、下划线",
    "[0-9a-f]{64}": "64 位十六进制",
    r"\d{1,18}": "数字，最多 18 位，写成文字",
}
_REF = "#/$defs/"


@dataclass(frozen=True)
class Described:
    """One field: its name, what it holds, whether it must be there, what it means."""

    name: str
    kind: str
    #: The part that it holds, by the type's name; empty where it holds a plain value.
    part: str
    is_needed: bool
    meaning: str


@dataclass(frozen=True)
class DescribedPart:
    """A type of the contract with its fields. `law` is the docstring beside it."""

    code: str
    title: str
    law: str
    fields: tuple[Described, ...]
    example: str = ""


@dataclass(frozen=True)
class DescribedMessage:
    """One message: its word and type, what it is for, its body, and a whole example."""

    word: str
    type: str
    title: str
    use: str
    body: DescribedPart
    example: str


@cache
def told() -> tuple[DescribedMessage, ...]:
    """What we tell partners."""
    return _messages(contract.OUT, reference_words.OUT, examples.told)


@cache
def heard() -> tuple[DescribedMessage, ...]:
    """What partners tell us."""
    return _messages(contract.IN, reference_words.IN, examples.heard)


@cache
def parts() -> tuple[DescribedPart, ...]:
    """Parts that several messages share."""
    shared = (
        contract.FieldValue, contract.MaterialValue, contract.FileLink, contract.EarlierResult,
        contract.Issue, contract.ResultFile, contract.VerifiedMaterial,
    )  # fmt: skip
    return tuple(part(model) for model in shared)


@cache
def replies() -> tuple[DescribedPart, ...]:
    """Answers and books."""
    said: tuple[tuple[type[BaseModel], BaseModel], ...] = (
        (contract.Receipt, examples.RECEIPT),
        (contract.Complaint, examples.COMPLAINT),
        (contract.PartnerReceipt, examples.PARTNER_RECEIPT),
        (contract.Page, examples.PAGE),
        (contract.BookLine, examples.LINE),
        (contract.BookPage, examples.BOOK),
        (contract.BookPart, examples.BOOK_PART),
        (contract.BookReceipt, examples.BOOK_RECEIPT),
    )
    return tuple(part(model, example) for model, example in said)


def part(model: type[BaseModel], example: BaseModel | None = None) -> DescribedPart:
    """Describe one type."""
    schema = model.model_json_schema()
    needed = set(schema.get("required", []))
    name = model.__name__
    return DescribedPart(
        code=name,
        title=reference_words.PARTS.get(name, ""),
        law=" ".join((model.__doc__ or "").replace("`", "").split()),
        fields=tuple(
            _field(name, field, said, is_needed=field in needed)
            for field, said in schema.get("properties", {}).items()
        ),
        example=pretty(example) if example else "",
    )


def pretty(model: BaseModel) -> str:
    """A message as one reads it."""
    plain = model.model_dump(mode="json", exclude_none=True)
    return json.dumps(plain, ensure_ascii=False, indent=2)


def _messages(
    words: Mapping[str, type[contract.Part]],
    said: Mapping[str, tuple[str, str]],
    example: Callable[[str], BaseModel],
) -> tuple[DescribedMessage, ...]:
    return tuple(
        DescribedMessage(
            word=word,
            type=contract.type_of(word),
            title=said[word][0],
            use=said[word][1],
            body=part(model),
            example=pretty(example(word)),
        )
        for word, model in words.items()
    )


def _field(owner: str, name: str, schema: Mapping[str, Any], *, is_needed: bool) -> Described:
    kind, held = _kind(schema)
    meaning = reference_words.SPECIAL.get((owner, name)) or reference_words.FIELDS[name]
    return Described(name=name, kind=kind, part=held, is_needed=is_needed, meaning=meaning)


def _kind(schema: Mapping[str, Any]) -> tuple[str, str]:
    """What a value is, in words, and the part that it holds."""
    if "$ref" in schema:
        return "", schema["$ref"].removeprefix(_REF)
    if "anyOf" in schema:
        kinds = [each for each in schema["anyOf"] if each.get("type") != "null"]
        kind, held = _kind(kinds[0])
        return kind, held
    if "const" in schema:
        return f"固定写 {schema['const']}", ""
    if "enum" in schema:
        return "、".join(str(value) or "空" for value in schema["enum"]), ""
    if schema.get("type") == "array":
        kind, held = _kind(schema["items"])
        return f"数组{_most(schema, 'maxItems', '项')}，每项：{kind}", held
    of = next(
        iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties")
    )
    if isinstance(of, Mapping) and "$ref" in of:
        return "对象，每个值：", _kind(of)[1]
    return _plain(schema), ""


def _plain(schema: Mapping[str, Any]) -> str:
    """A plain value with its limits."""
    kind = _FORMATS.get(schema.get("format", "")) or _TYPES[schema.get("type", "object")]
    if "pattern" in schema:
        pattern = schema["pattern"].strip("^$")
        return _PATTERNS.get(pattern) or f"{kind}，形如 {pattern}"
    if "maximum" in schema:
        return f"{kind}，{schema['minimum']} 到 {schema['maximum']}"
    return kind + _most(schema, "maxLength", "字")


def _most(schema: Mapping[str, Any], limit: str, unit: str) -> str:
    return f"，最多 {schema[limit]} {unit}" if limit in schema else ""
