"""What a plan says about money that an item pays: the words of an item's `payment`.

Figures are exact decimals as the bureau wrote them; each names its source and whether the city has
confirmed it. Conditions read the situation answers and the item's own `facts`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lianban.catalogue.condition import ALWAYS, Condition

#: How an amount is brought to whole fen (0.01 yuan): name in the plan to words.
ROUNDINGS = {"half_up": "四舍五入到分", "down": "不足一分的舍去"}
#: How often a person is paid: once in a life, or once for each discharge year.
PERIODS = ("life", "discharge_year")

#: Reads the condition under `when` of a mapping; the rest says where it stands.
When = Callable[..., Condition]


@dataclass(frozen=True)
class Figure:
    """Where a rule of the plan comes from."""

    source: str
    verified: bool


@dataclass(frozen=True)
class Fact:
    """What an officer establishes from the dossier, by choosing one of its values (value, words)."""

    code: str
    label: str
    choices: tuple[tuple[str, str], ...]
    help: str = ""
    when: Condition = ALWAYS

    def label_of(self, value: str) -> str:
        """The words for one value."""
        return dict(self.choices).get(value, value)


@dataclass(frozen=True)
class Exclusion(Figure):
    """Who is not paid, in words for the decision."""

    text: str
    when: Condition


@dataclass(frozen=True)
class RestRule(Figure):
    """What the time beyond the full years counts as, for `first` to `last` full months of it."""

    first: int
    last: int
    #: Days beyond the full months: `any`, `none` (exactly so many months) or `some`.
    days: str
    #: In years.
    counts: Decimal

    def holds(self, months: int, has_days: bool) -> bool:
        """Whether the rule is about so many full months, with or without days beyond them."""
        fits = self.days == "any" or has_days == (self.days == "some")
        return self.first <= months <= self.last and fits


@dataclass(frozen=True)
class Standard(Figure):
    """How much for how long: `base` yuan for `base_years`, and `growth` of it for each year beyond.

    Without `growth`, `base` is for each year.
    """

    code: str
    name: str
    when: Condition
    base: Decimal
    base_years: Decimal = Decimal(1)
    growth: Decimal | None = None


@dataclass(frozen=True)
class Payment:
    """The money of one item."""

    name: str
    #: One of `PERIODS`.
    once: str
    #: Codes of the fields that it reads: who, which account and bank, service from and until.
    holder: str
    account: str
    bank: str
    service_from: str
    service_until: str
    service: Figure
    #: What the days that do not count are called.
    not_counted: str
    not_counted_figure: Figure
    rounding: str
    #: When the money comes, in words for the person.
    when_paid: str
    when_paid_figure: Figure
    facts: tuple[Fact, ...]
    exclusions: tuple[Exclusion, ...]
    rest: tuple[RestRule, ...]
    standards: tuple[Standard, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Codes of the fields of the form that the amount and its transfer depend on."""
        return (self.holder, self.account, self.bank, self.service_from, self.service_until)

    def asked(self, answers: Mapping[str, str]) -> tuple[Fact, ...]:
        """The facts that must be established for somebody with these answers."""
        return tuple(fact for fact in self.facts if fact.when.holds(answers))


def build(data: dict[str, Any] | None, when: When, file: str) -> Payment | None:
    """Read an item's `payment`, which the schema has accepted; `when` notes wrong conditions."""
    if data is None:
        return None
    place = (file, "payment")
    return Payment(
        name=data["name"],
        once=data["once"],
        holder=data["holder"],
        account=data["account"],
        bank=data["bank"],
        service_from=data["service"]["from"],
        service_until=data["service"]["until"],
        service=_figure(data["service"]),
        not_counted=data["not_counted"]["label"],
        not_counted_figure=_figure(data["not_counted"]),
        rounding=data["rounding"],
        when_paid=data["when_paid"]["text"],
        when_paid_figure=_figure(data["when_paid"]),
        facts=tuple(_fact(f, when, *place, "facts", i) for i, f in enumerate(data["facts"])),
        exclusions=tuple(
            Exclusion(**_named(e), text=e["text"], when=when(e, *place, "excluded", i))
            for i, e in enumerate(data["excluded"])
        ),
        rest=tuple(
            RestRule(
                **_named(r),
                first=int(r["from"]),
                last=int(r["to"]),
                days=r.get("days", "any"),
                counts=Decimal(r["counts"]),
            )
            for r in data["rest"]
        ),
        standards=tuple(
            _standard(s, when, *place, "standards", i) for i, s in enumerate(data["standards"])
        ),
    )


def _fact(data: dict[str, Any], when: When, *place: str | int) -> Fact:
    choices = tuple((c["value"], c["label"]) for c in data["choices"])
    return Fact(data["code"], data["label"], choices, data.get("help", ""), when(data, *place))


def _standard(data: dict[str, Any], when: When, *place: str | int) -> Standard:
    return Standard(
        **_named(data),
        code=data["code"],
        name=data["name"],
        when=when(data, *place),
        base=Decimal(data["base"]),
        base_years=Decimal(data.get("base_years", "1")),
        growth=Decimal(data["growth"]) if "growth" in data else None,
    )


def _named(data: dict[str, Any]) -> dict[str, Any]:
    return {"source": data["source"], "verified": data["verified"] == "true"}


def _figure(data: dict[str, Any]) -> Figure:
    return Figure(**_named(data))
