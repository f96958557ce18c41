"""How much a person is paid, and every step on the way to it. Pure, and exact to the fen.

Service counts from the day on which enlistment was approved to the day of the discharge order
(兵役法 第二十九条); full years and months end on the corresponding day, or on the last day of a
month that has none (民法典 第二百零二条).
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, Inexact

from lianban.catalogue.payment import ROUNDINGS, Figure, Payment, RestRule, Standard

_FEN = Decimal("0.01")
_ROUNDING = {"half_up": ROUND_HALF_UP, "down": ROUND_DOWN}
#: Nothing is lost on the way: what would have to be rounded before the end is an error.
_EXACT = Context(prec=60, traps=[Inexact])


class NotPayable(ValueError):
    """No amount can be computed; `str()` says why, in words for the officer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Service:
    """A time of service: full years, the full months beyond them, and the days beyond those."""

    years: int
    months: int
    days: int

    def __str__(self) -> str:
        parts = ((self.years, "年"), (self.months, "个月"), (self.days, "天"))
        return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 天"


@dataclass(frozen=True)
class Step:
    """One line of the explanation: what, how much, and where the rule comes from."""

    label: str
    value: str
    figure: Figure | None = None


@dataclass(frozen=True)
class Computed:
    """An amount in yuan with two digits, and how it came about."""

    amount: Decimal
    service: Service
    #: The years that are paid for.
    years: Decimal
    standard: Standard
    #: The calculation in one line.
    formula: str
    steps: tuple[Step, ...]

    @property
    def fen(self) -> int:
        """The amount in fen (0.01 yuan)."""
        return int(self.amount * 100)

    @property
    def verified(self) -> bool:
        """Whether the city has confirmed every figure that was used."""
        return all(step.figure is None or step.figure.verified for step in self.steps)


def service_time(enlisted: date, until: date) -> Service:
    """The time from `enlisted` to `until`. Raises `NotPayable('dates')` when it is negative."""
    if until < enlisted:
        raise NotPayable("dates", "扣除以后，退役的日子比入伍还早，请核对日期和不计的天数")
    months = (until.year - enlisted.year) * 12 + until.month - enlisted.month
    if _after(enlisted, months) > until:
        months -= 1
    days = (until - _after(enlisted, months)).days
    return Service(months // 12, months % 12, days)


def _after(start: date, months: int) -> date:
    """The corresponding day so many months later, or the last one of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))


def compute(
    payment: Payment,
    *,
    answers: Mapping[str, str],
    facts: Mapping[str, str],
    enlisted: date,
    discharged: date,
    days_not_counted: int = 0,
) -> Computed:
    """Compute what is paid. Raises `NotPayable` (`unknown_fact`, `excluded`, `dates`, `no_standard`).

    `answers` are the person's situation, `facts` what the officer established (both decide who is
    paid by which standard); `days_not_counted` are taken off the end of the service.
    """
    known = {**answers, **_established(payment, answers, facts)}
    for exclusion in payment.exclusions:
        if exclusion.when.holds(known):
            raise NotPayable("excluded", exclusion.text)
    if days_not_counted < 0:
        raise NotPayable("dates", "不计的天数不能是负数")
    until = discharged - timedelta(days=min(days_not_counted, (discharged - date.min).days))
    service = service_time(enlisted, until)
    standard = standard_for(payment, known)
    rule = rest_rule(payment, service)
    years = Decimal(service.years) + (rule.counts if rule else 0)
    amount = amount_for(standard, years).quantize(_FEN, _ROUNDING[payment.rounding])
    formula = f"{_formula(standard, years)} = {yuan(amount)} 元"
    steps = _steps(payment, service, days_not_counted, rule, standard, years, formula)
    return Computed(amount, service, years, standard, formula, tuple(steps))


def _established(
    payment: Payment, answers: Mapping[str, str], facts: Mapping[str, str]
) -> dict[str, str]:
    found = {}
    for fact in payment.asked(answers):
        value = facts.get(fact.code, "")
        if value not in dict(fact.choices):
            raise NotPayable("unknown_fact", f"请选：{fact.label}")
        found[fact.code] = value
    return found


def standard_for(payment: Payment, known: Mapping[str, str]) -> Standard:
    """The standard for these answers and facts. Raises `NotPayable('no_standard')`."""
    for standard in payment.standards:
        if standard.when.holds(known):
            return standard
    raise NotPayable("no_standard", "方案里没有适用的标准，请核对退役时的身份")


def rest_rule(payment: Payment, service: Service) -> RestRule | None:
    """What the time beyond the full years counts as; None where there is none."""
    if not service.months and not service.days:
        return None
    has_days = service.days > 0
    return next((rule for rule in payment.rest if rule.holds(service.months, has_days)), None)


def amount_for(standard: Standard, years: Decimal) -> Decimal:
    """Yuan for so many years, not yet rounded. No service is paid nothing, and nothing is negative."""
    if years <= 0:
        return Decimal(0)
    if standard.growth is None:
        return _EXACT.multiply(standard.base, years)
    beyond = _EXACT.subtract(years, standard.base_years)
    factor = _EXACT.add(Decimal(1), _EXACT.multiply(beyond, standard.growth))
    return max(Decimal(0), _EXACT.multiply(standard.base, factor))


def yuan(amount: Decimal) -> str:
    """An amount as it is shown: thousands apart, two digits."""
    return f"{amount:,.2f}"


def _formula(standard: Standard, years: Decimal) -> str:
    if standard.growth is None or years <= 0:
        return f"{yuan(standard.base)} × {years}"
    share = f"{(standard.growth * 100).normalize():f}%"
    return f"{yuan(standard.base)} × [1 + ({years} − {standard.base_years}) × {share}]"


def in_words(standard: Standard) -> str:
    """A standard in one sentence."""
    if standard.growth is None:
        return f"{standard.name}，每年 {yuan(standard.base)} 元"
    share = f"{(standard.growth * 100).normalize():f}%"
    return (
        f"{standard.name}，{standard.base_years} 年 {yuan(standard.base)} 元，"
        f"每多一年加 {share}，少一年减 {share}"
    )


def _steps(
    payment: Payment,
    service: Service,
    days: int,
    rule: RestRule | None,
    standard: Standard,
    years: Decimal,
    formula: str,
) -> list[Step]:
    steps = [Step("服役时间", str(service), payment.service)]
    if days:
        steps.append(Step(payment.not_counted, f"{days} 天，已扣除", payment.not_counted_figure))
    if rule is not None:
        steps.append(Step("不满一年的部分", f"算 {rule.counts} 年", rule))
    steps += [
        Step("计发年限", f"{years} 年"),
        Step("标准", in_words(standard), standard),
        Step("算式", formula),
        Step("取整", ROUNDINGS[payment.rounding]),
    ]
    return steps
