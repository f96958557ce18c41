"""Prove what can be proved about the money of a plan: nobody between two standards, no month forgotten."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product

from lianban.catalogue import situation
from lianban.catalogue.condition import Condition, atoms, questions
from lianban.catalogue.finding import Finding
from lianban.catalogue.model import Edition, Item
from lianban.catalogue.payment import Fact, Figure, Payment
from lianban.catalogue.source import Source

_CELLS = [(0, True), *product(range(1, 12), (False, True))]


def findings(read: Source, edition: Edition, files: Mapping[int, str]) -> Iterator[Finding]:
    """Complaints about every item that pays; `files` are the items' files by number."""
    for item in edition.items:
        if item.payment is not None:
            yield from _Check(read, edition, item, item.payment, files[item.number]).findings()


def unverified(read: Source, edition: Edition, files: Mapping[int, str]) -> Iterator[Finding]:
    """Warnings: the figures that the city has not confirmed. A plan with them may be used."""
    for item in edition.items:
        for words, place, figure in _figures(item.payment):
            if not figure.verified:
                file = files[item.number]
                message = (
                    f"{item.number} {item.name}：{words}待本市确认（现在依据：{figure.source}）"
                )
                yield Finding(
                    "unverified_figure",
                    message,
                    file=file,
                    line=read[file].line("payment", *place),
                    items=(item.number,),
                )


def _figures(payment: Payment | None) -> Iterator[tuple[str, tuple[str | int, ...], Figure]]:
    if payment is None:
        return
    yield "服役时间的算法", ("service",), payment.service
    yield payment.not_counted, ("not_counted",), payment.not_counted_figure
    yield "到账时间", ("when_paid",), payment.when_paid_figure
    for i, exclusion in enumerate(payment.exclusions):
        yield f"不发的情形「{exclusion.text}」", ("excluded", i), exclusion
    for i, rule in enumerate(payment.rest):
        yield f"余 {rule.first} 到 {rule.last} 个月的折算", ("rest", i), rule
    for i, standard in enumerate(payment.standards):
        yield f"标准「{standard.name}」", ("standards", i), standard


class _Check:
    def __init__(
        self, read: Source, edition: Edition, item: Item, payment: Payment, file: str
    ) -> None:
        self.read, self.edition, self.item, self.payment = read, edition, item, payment
        self.file = file

    def findings(self) -> Iterator[Finding]:
        unknown = [*self._names(), *self._conditions()]
        yield from unknown
        yield from self._rest()
        yield from self._shrinking()
        if not unknown:
            yield from self._standards()

    def _finding(
        self, code: str, message: str, *place: str | int, witness: dict[str, str] | None = None
    ) -> Finding:
        line = self.read[self.file].line("payment", *place)
        words = f"{self.item.number} {self.item.name}：{message}"
        numbers = (self.item.number,)
        return Finding(code, words, file=self.file, line=line, items=numbers, witness=witness)

    def _names(self) -> Iterator[Finding]:
        kinds = {
            "holder": (self.payment.holder, "name"),
            "account": (self.payment.account, "account"),
            "bank": (self.payment.bank, "text"),
            "service": (self.payment.service_from, "date"),
            "until": (self.payment.service_until, "date"),
        }
        types = {field.code: field.type for field in self.edition.fields}
        for key, (code, kind) in kinds.items():
            if types.get(code) != kind:
                place = ("service", "until") if key == "until" else (key,)
                message = f"「{code}」应是表单里 {kind} 类型的一栏，请在 form.yaml 里核对"
                yield self._finding("unknown_field", message, *place)
        for i, fact in enumerate(self.payment.facts):
            if fact.code in self.edition.question_by_key:
                message = f"「{fact.code}」与情形问题重名，请换一个名字"
                yield self._finding("double", message, "facts", i)

    def _conditions(self) -> Iterator[Finding]:
        payment = self.payment
        known = {q.key: set(q.values) for q in self.edition.questions}
        facts = known | {f.code: {value for value, _ in f.choices} for f in payment.facts}
        for i, fact in enumerate(payment.facts):
            yield from self._condition(fact.when, known, "facts", i)
        for i, exclusion in enumerate(payment.exclusions):
            yield from self._condition(exclusion.when, facts, "excluded", i)
        for i, standard in enumerate(payment.standards):
            yield from self._condition(standard.when, facts, "standards", i)

    def _condition(
        self, condition: Condition, known: Mapping[str, set[str]], *place: str | int
    ) -> Iterator[Finding]:
        for atom in atoms(condition):
            if atom.question not in known:
                message = f"条件用到「{atom.question}」，但没有这个情形问题或认定项"
                yield self._finding("unknown_question", message, *place)
                continue
            for value in sorted(atom.values - known[atom.question]):
                message = f"「{atom.question}」没有「{value}」这个答案"
                yield self._finding("unknown_value", message, *place)

    def _rest(self) -> Iterator[Finding]:
        """Every rest of 0 to 11 months, with or without days, is counted by exactly one rule."""
        counted: list[Decimal] = []
        for months, has_days in _CELLS:
            rules = [rule for rule in self.payment.rest if rule.holds(months, has_days)]
            words = f"余 {months} 个月{'多几天' if has_days else '整'}"
            if not rules:
                yield self._finding("rest_gap", f"{words}怎么折算没有写，请在 rest 里补上", "rest")
            elif len(rules) > 1:
                message = f"{words}有 {len(rules)} 条折算办法，请只留一条"
                yield self._finding("rest_overlap", message, "rest")
            else:
                counted.append(rules[0].counts)
        if counted != sorted(counted) or any(each > 1 for each in counted):
            message = "服役长的折算反而少，或者不满一年算得比一年多，请核对 counts"
            yield self._finding("rest_order", message, "rest")

    def _shrinking(self) -> Iterator[Finding]:
        for i, standard in enumerate(self.payment.standards):
            if standard.growth is not None and standard.growth * standard.base_years > 1:
                message = f"标准「{standard.name}」服役短的会算成负数，请核对 growth 和 base_years"
                yield self._finding("negative_amount", message, "standards", i)

    def _standards(self) -> Iterator[Finding]:
        """Everybody whom the item is open for and no rule excludes has exactly one standard."""
        told: set[str] = set()
        for known in self._people():
            holding = [s.name for s in self.payment.standards if s.when.holds(known)]
            if len(holding) == 1:
                continue
            code = "standard_overlap" if holding else "standard_gap"
            if code not in told:
                told.add(code)
                names = "、".join(holding)
                message = (
                    f"同一个人有几个标准：{names}，请让条件互斥"
                    if holding
                    else "对这样的人没有标准，请在 standards 里补上"
                )
                yield self._finding(code, message, "standards", witness=known)

    def _people(self) -> Iterator[dict[str, str]]:
        """Applicants for whom the item is open, with every combination of facts, not excluded."""
        payment, reads = self.payment, questions(self.item.opens) | questions(self.edition.eligible)
        conditions = [fact.when for fact in payment.facts]
        conditions += [exclusion.when for exclusion in payment.exclusions]
        conditions += [standard.when for standard in payment.standards]
        asked = reads.union(*map(questions, conditions))
        wanted = asked & self.edition.question_by_key.keys()
        for answers in situation.applicants(self.edition, wanted):
            if not (self.item.opens.holds(answers) and self.edition.eligible.holds(answers)):
                continue
            for chosen in _combinations(payment.asked(answers)):
                known = {**answers, **chosen}
                if not any(exclusion.when.holds(known) for exclusion in payment.exclusions):
                    yield known


def _combinations(facts: tuple[Fact, ...]) -> Iterator[dict[str, str]]:
    for values in product(*([value for value, _ in fact.choices] for fact in facts)):
        yield {fact.code: value for fact, value in zip(facts, values, strict=True)}
