"""Cases as the bureau meets them, and browsers for its officers."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import Client

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.cases import queries, services
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord
from lianban.cases.services import drafts, hand_in
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, ways

LEAD = "veterans_affairs"


def browser(city: City, role: str = "bureau_officer", district: str = "439901") -> Client:
    """A browser in which an officer of the bureau is signed in."""
    client = Client()
    client.force_login(city.people[f"{role}@{LEAD}.{district}"])
    return client


def handed_in(
    city: City, *, online: bool = True, sequence: str = "001", name: str = "陈小川",
    missing: tuple[str, ...] = (), answers: dict[str, str] | None = None, at: datetime | None = None,
    extra: dict[str, str] | None = None,
) -> UUID:  # fmt: skip
    """A case from the net that waits for pre-review, or one that the counter registered."""
    at = at or clock.now()
    actor = city.applicant(f"138000{int(sequence):05d}") if online else city.clerk
    fields = FIELDS | {"name": name, "identity_number": identity_number(sequence=sequence)}
    fields |= {"self_employment_signature": name, "commitment_signature": name, "recipient": name}
    fields |= extra or {}
    draft = drafts.start(district="439901", actor=actor, at=at)
    content = Content(answers=CONSCRIPT | (answers or {}), fields=fields)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    there = [code for code in codes if code not in missing]
    content = replace(content, materials=ways(actor, there))
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)
    act = hand_in.submit if online else hand_in.register
    return act(draft_id=draft.id, actor=actor, at=at).case_id


def reported(city: City, **more: Any) -> UUID:
    """A counter's case whose person has reported, and nothing else yet."""
    case_id = handed_in(city, online=False, **more)
    give(c.Grant(1), case_id, city.clerk)
    return case_id


def received(city: City, **more: Any) -> UUID:
    """The same with reception registered."""
    case_id = reported(city, **more)
    give(c.ReceiveDossier(), case_id, city.bureau)
    give(c.RegisterReception(), case_id, city.bureau)
    return case_id


def sent(city: City, **more: Any) -> UUID:
    """The same with its batch sent to the departments."""
    case_id = received(city, **more)
    give(c.GatherBatch(), case_id, city.bureau)
    return case_id


def finished(city: City, **more: Any) -> UUID:
    """A case in which nothing is open any more."""
    case_id = sent(city, **more)
    step = {"delivering": c.Deliver, "ready": c.Grant, "dispatched": c.Grant}
    while numbers := state(case_id, city.bureau).open_items:
        for number in numbers:
            sub = state(case_id, city.bureau).sub_cases[number]
            if sub.state in step:
                role = "bureau_officer" if sub.department == LEAD else "department_officer"
                give(step[sub.state](number), case_id, city.officer(role, sub.department))
    return case_id


def give(command: c.Command, case_id: UUID, actor: Actor) -> None:
    """Give one command."""
    money.approve_first(command, case_id=case_id, at=clock.now())
    services.run(command, case_id=case_id, actor=actor, at=clock.now())


def state(case_id: UUID, actor: Actor) -> Any:
    """The case as it stands."""
    return queries.get(case_id=case_id, actor=actor, at=clock.now()).case


def number(case_id: UUID) -> str:
    """The case number that people see."""
    return JointCaseRecord.objects.get(id=case_id).case_number


def page(case_id: UUID, rest: str = "") -> str:
    """An address of the case's pages."""
    return f"/bureau/cases/{case_id}/{rest}"


def text(answer: Any) -> str:
    """The page's source."""
    return answer.content.decode()
