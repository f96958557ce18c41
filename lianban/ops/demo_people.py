"""Invented people of the demonstration, carried through their cases by the real services.

Each one begins some days before `at` and lives, hour by hour, until `at`: so every stage is there.
Nobody is real: the area codes of the numbers do not exist (99), the names are made up.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from stdnum import luhn
from stdnum.iso7064 import mod_11_2

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, User
from lianban.accounts.services import applicant_account
from lianban.cases import editions, form_rules, proposal_lists, queries, services
from lianban.cases.content import Content
from lianban.cases.services import batches, drafts, hand_in, proposals, supplies
from lianban.catalogue import checklist, situation
from lianban.catalogue.model import Edition, Field
from lianban.catalogue.planning import Plan
from lianban.engine import commands as c
from lianban.engine.case import JointCase, SubCase
from lianban.engine.refusal import Refused
from lianban.engine.states import State
from lianban.ops import demo_money, demo_visits

#: The phone of the first invented person.
PHONE = "13900000001"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许沈曾彭吕苏卢"
_GIVEN = (
    "小川", "志远", "海波", "建军", "文涛", "宇航",
    "子豪", "晓峰", "国强", "鹏飞", "家乐", "思源",
)  # fmt: skip
_LONGEST_DAYS = 65


@dataclass
class Person:
    """One invented person on the way through a case."""

    number: int
    dice: random.Random
    until: datetime
    at: datetime
    district: str
    actor: Actor
    case_id: UUID | None = None
    #: As the last command left it.
    case: JointCase | None = None
    head: Actor | None = None

    def wait(self, low: float, high: float) -> bool:
        """Let some hours pass; False when that is beyond the present."""
        self.at += timedelta(hours=self.dice.uniform(low, high))
        if not 9 <= self.at.hour < 17:
            self.at = self.at.replace(hour=9, minute=self.dice.randrange(60)) + timedelta(days=1)
        return self.at < self.until

    def do(self, command: c.Command, actor: Actor, *, result: str = "") -> JointCase | None:
        """Give a command; a refusal is part of life and leaves everything as it is."""
        assert self.case_id
        try:
            self.case = services.run(
                command, case_id=self.case_id, actor=actor, at=self.at, result_number=result
            )
        except Refused as refusal:
            return self._by_two(command, actor) if refusal.code == "not_permitted" else None
        return self.case

    def _by_two(self, command: c.Command, actor: Actor) -> JointCase | None:
        """What the plan keeps for the head is proposed; most is approved, some still waits."""
        assert self.case_id
        try:
            proposals.propose(command, case_id=self.case_id, actor=actor, at=self.at)
            if self.head is None or self.number % 4 == 0:
                return None
            for proposal_id in proposal_lists.open_of(self.case_id):
                proposals.approve(proposal_id=proposal_id, actor=self.head, at=self.at)
        except Refused:
            return None
        self.case = queries.current(self.case_id)
        return self.case


class Cast:
    """The demonstration's officers by district, department and role."""

    def __init__(self) -> None:
        officers = User.objects.filter(kind=User.Kind.OFFICER).select_related("office")
        self.by_place: dict[tuple[str, str, str], list[Actor]] = {}
        for user in officers.order_by("username"):
            actor = actors.from_user(user)
            for role in actor.roles:
                key = (actor.district or "", actor.department or "", role)
                self.by_place.setdefault(key, []).append(actor)

    def officer(self, district: str, department: str) -> Actor:
        """Somebody of this office who decides."""
        for role in ("bureau_officer", "department_officer"):
            found = self.by_place.get((district, department, role))
            if found:
                return found[0]
        raise LookupError(f"nobody at {department} in {district}")

    def second(self, district: str, department: str) -> Actor:
        """Somebody else of this office who may approve: its head, or a colleague."""
        heads = self.by_place.get((district, department, "bureau_head"), [])
        colleagues = self.by_place.get((district, department, "bureau_officer"), [])[1:]
        return [*heads, *colleagues, self.officer(district, department)][0]

    def bureaus(self) -> list[Actor]:
        """One officer of each county's bureau."""
        places = self.by_place.items()
        found = [here[0] for (_, _, role), here in places if role == "bureau_officer"]
        return [actor for actor in found if actor.districts == {actor.district}]

    def clerk(self, district: str, lead: str) -> Actor:
        """A clerk of the comprehensive window."""
        return self.by_place[(district, lead, "counter_clerk")][0]


def carry_all(*, count: int, at: datetime) -> Iterator[int]:
    """Carry `count` people; yields how many are done. The same count gives the same people."""
    cast, dice = Cast(), random.Random(20260901)
    counties = list(District.objects.filter(level="county").order_by("code"))
    weights = [5, 4, 2][: len(counties)]
    for number in range(1, count + 1):
        district = dice.choices(counties, weights=weights)[0]
        begun = at - timedelta(days=_days_ago(dice), hours=dice.uniform(1, 8))
        begun = min(begun.replace(hour=9, minute=dice.randrange(60)), at - timedelta(minutes=5))
        phone = f"139{number:08d}"
        actor = actors.from_user(applicant_account(phone=phone))
        _live(Person(number, dice, at, begun, district.code, actor), cast, phone)
        yield number
    demo_money.pay_all(cast.bureaus(), at=at)


def _days_ago(dice: random.Random) -> float:
    """Most began weeks ago; a third in the last few days, so that every queue has somebody."""
    return dice.uniform(0, 4) if dice.random() < 0.35 else dice.triangular(0, _LONGEST_DAYS, 10)


def _live(person: Person, cast: Cast, phone: str) -> None:
    online = person.dice.random() < 0.55
    draft = _draft(person, cast, phone, online)
    if online and person.dice.random() < 0.06:
        return
    if not _hand_in(person, cast, draft, online):
        return
    lead = draft.edition.lead_department
    bureau = cast.officer(person.district, lead)
    person.head = next(iter(cast.by_place.get((person.district, lead, "bureau_head"), ())), None)
    if not (online and not _pre_reviewed(person, bureau)):
        _handled(person, cast, bureau, draft.edition)


def _draft(person: Person, cast: Cast, phone: str, online: bool) -> drafts.Draft:
    edition_id = District.objects.get(code=person.district).policy_edition
    who = person.actor if online else cast.clerk(person.district, _lead(edition_id))
    draft = drafts.start(district=person.district, actor=who, at=person.at)
    answers = answers_for(draft.edition, person.dice)
    content = Content(answers=answers)
    plan = content.plan(draft.edition)
    content = replace(content, fields=values_for(plan, person, phone))
    states = {
        n.what.code: _how_it_comes(n.what.code, plan, online) for n in checklist.materials(plan)
    }
    content = replace(content, materials=states)
    return drafts.save(draft_id=draft.id, content=content, actor=who, at=person.at)


def _lead(edition_id: str) -> str:
    return editions.in_force(edition_id).lead_department


def _how_it_comes(code: str, plan: Plan, online: bool) -> str:
    if plan.edition.material_by_code[code].may_arrive_with:
        return "with_dossier"
    return "promised" if online else "seen"


def answers_for(edition: Edition, dice: random.Random) -> dict[str, str]:
    """One eligible applicant, the common kinds more often."""
    while True:
        answers: dict[str, str] = {}
        for question in edition.questions:
            if question.when.holds(answers):
                values = situation.allowed(question, answers)
                weights = [4.0 if i == 0 else 1.0 for i in range(len(values))]
                answers[question.key] = dice.choices(values, weights=weights)[0]
        if edition.eligible.holds(answers):
            return answers


def values_for(plan: Plan, person: Person, phone: str) -> dict[str, str]:
    """A filled-in form for the plan, field by field, until there is no complaint."""
    values: dict[str, str] = {}
    for _ in range(3):
        for field in form_rules.asked(plan, values):
            if field.required and not values.get(field.code):
                values[field.code] = _value(field, person, phone, values)
    return values


def _value(field: Field, person: Person, phone: str, values: dict[str, str]) -> str:
    dice = person.dice
    if field.type == "name":
        return values.get("name") or dice.choice(_SURNAMES) + dice.choice(_GIVEN)
    if field.type == "signature":
        return next((v for k, v in values.items() if k == "name"), "")
    if field.type == "choice":
        return dice.choice([choice.value for choice in field.choices])
    if field.type == "date":
        return _date(field, person).isoformat()
    made: dict[str, Callable[[], str]] = {
        "identity_number": lambda: invented_number(person.district, dice),
        "mobile": lambda: phone,
        "phone": lambda: f"137{dice.randrange(10**8):08d}",
        "account": lambda: invented_account(dice),
        "address": lambda: f"柳城市沿河路 {dice.randrange(1, 300)} 号",
        "number": lambda: "2",
    }
    return made.get(field.type, lambda: "无")()


def _date(field: Field, person: Person) -> date:
    today = person.at.date()
    if field.not_in_future:
        return today - timedelta(days=person.dice.randrange(740, 1500))
    return today - timedelta(days=person.dice.randrange(2, 20))


def invented_account(dice: random.Random) -> str:
    """A bank card's number with a valid check digit (ISO/IEC 7812-1)."""
    body = f"6222{dice.randrange(10**15):015d}"[:-1]
    return body + luhn.calc_check_digit(body)


def invented_number(area: str, dice: random.Random) -> str:
    """An identity number with a valid check digit in an area that does not exist."""
    born = date(2001, 1, 1) + timedelta(days=dice.randrange(2200))
    body = f"{area}{born:%Y%m%d}{dice.randrange(1000):03d}"
    return body + mod_11_2.calc_check_digit(body)


def _hand_in(person: Person, cast: Cast, draft: drafts.Draft, online: bool) -> bool:
    try:
        if online:
            receipt = hand_in.submit(draft_id=draft.id, actor=person.actor, at=person.at)
        else:
            clerk = cast.clerk(person.district, draft.edition.lead_department)
            receipt = hand_in.register(draft_id=draft.id, actor=clerk, at=person.at)
    except Refused:
        return False
    person.case_id = receipt.case_id
    return True


def _pre_reviewed(person: Person, bureau: Actor) -> bool:
    if not person.wait(4, 40):
        return False
    luck = person.dice.random()
    if luck < 0.04:
        person.do(c.RefuseAcceptance("安置地不在本县，请到安置地办理"), bureau)
        return False
    if luck < 0.18:
        case = person.do(c.RequestCorrection(_defects(person)), bureau)
        if case is None or person.dice.random() < 0.4 or not person.wait(10, 80):
            return False
        person.do(c.Correct(case.notice.outstanding), person.actor)
        if person.dice.random() < 0.3:  # what could have been said at once is refused, and counted
            person.do(c.RequestCorrection(_defects(person)), bureau)
        if not person.wait(4, 30):
            return False
    return person.do(c.PassPreReview(), bureau) is not None


def _defects(person: Person) -> tuple[str, ...]:
    assert person.case_id
    case = queries.current(person.case_id)
    codes = sorted({code for sub in case.sub_cases.values() for code in sub.materials})
    return tuple(person.dice.sample(codes, k=min(2, len(codes))))


def _handled(person: Person, cast: Cast, bureau: Actor, edition: Edition) -> None:
    if not person.wait(1, 8):
        return
    _originals(person, cast.clerk(person.district, edition.lead_department))
    if person.do(c.Grant(edition.entry_number), bureau) is None:
        return
    person.do(c.Deliver(edition.entry_number), bureau)
    if not person.wait(20, 240) or person.do(c.ReceiveDossier(), bureau) is None:
        return
    along = tuple(m.code for m in edition.materials if m.may_arrive_with)
    person.do(c.GradeMaterials(along, "B", "dossier"), bureau)
    if person.wait(1, 60):
        person.do(c.RegisterReception(), bureau)
        if person.wait(1, 60):
            assert person.case_id
            batches.gather(case_ids=[person.case_id], actor=bureau, at=person.at)
            _decided(person, cast, bureau, edition)


def _originals(person: Person, clerk: Actor) -> None:
    """The person comes to the counter and shows what was promised."""
    assert person.case_id
    case = queries.current(person.case_id)
    shown = [code for code, known in case.grades.items() if known.grade in "CD"]
    supplies.tick_seen(case_id=person.case_id, codes=shown, actor=clerk, at=person.at)
    demo_visits.came(person.case_id, clerk, at=person.at, in_one=person.number % 7 > 0)


def _decided(person: Person, cast: Cast, bureau: Actor, edition: Edition) -> None:
    assert person.case_id
    person.case = queries.current(person.case_id)
    for _ in range(60):
        if not person.wait(3, 20):
            return
        case = person.case
        if not case.is_open:
            return
        if not case.holding_up:
            person.do(c.Conclude(), bureau)
            return
        for number in case.holding_up:
            if person.dice.random() < _haste(edition, number):
                _step(person, cast, bureau, case.sub_cases[number], edition)


def _haste(edition: Edition, number: int) -> float:
    """How likely somebody moves an item in the next hours: a short limit makes quick."""
    pledged = edition.item(number).pledged
    return 0.85 if pledged and pledged.days <= 1 else 0.4


def _step(person: Person, cast: Cast, bureau: Actor, sub: SubCase, edition: Edition) -> None:
    desk, luck = cast.officer(person.district, sub.department), person.dice.random()
    demo_visits.came_for(person.case_id, edition.item(sub.number), desk, at=person.at)
    if sub.state in (State.READY, State.RECEIVED, State.ACCEPTED):
        _decide(person, cast, desk, sub, edition, luck)
    else:
        command, actor = _moves(sub, edition, desk, bureau, person.actor, luck)
        if command:
            person.do(command, actor)


def _moves(
    sub: SubCase, edition: Edition, desk: Actor, bureau: Actor, applicant: Actor, luck: float
) -> tuple[c.Command | None, Actor]:
    """What somebody would do next on an item in this state, and who."""
    number = sub.number
    if sub.state is State.DISPATCHED:
        if luck < 0.08 and sub.materials:
            return c.RequestCorrection(sub.materials[:1], item=number), desk
        return (c.Accept(number) if luck < 0.6 else c.Receive(number)), desk
    if sub.state is State.EXTERNAL:
        external = edition.item(number).external
        return (c.ExternalEvent(number, external.event) if external else None), bureau
    moves: dict[State, tuple[c.Command | None, Actor]] = {
        State.CORRECTION_DUE: (c.Correct(sub.notice.outstanding, item=number), applicant),
        State.SUSPENDED: (c.Resume(number), desk),
        State.DELIVERING: (c.Deliver(number), desk),
        State.BLOCKED: (c.Terminate("前置事项没有办成", item=number), bureau),
    }
    return moves.get(sub.state, (None, desk)) if luck < 0.6 else (None, desk)


def _decide(
    person: Person, cast: Cast, desk: Actor, sub: SubCase, edition: Edition, luck: float
) -> None:
    if luck < 0.03:
        person.do(c.Deny(sub.number, "档案记载与申请不一致，不符合条件"), desk)
    elif luck < 0.06:
        person.do(c.Suspend(sub.number, "等上级部门复核"), desk)
    else:
        assert person.case_id
        demo_money.settle_amount(
            person.case_id,
            sub.number,
            edition=edition,
            computes=desk,
            approves=cast.second(person.district, sub.department),
            at=person.at,
            until=person.until,
            number=person.number,
        )
        result = f"柳{person.at:%Y}第{person.number:04d}-{sub.number}号"
        person.do(c.Grant(sub.number), desk, result=result)
