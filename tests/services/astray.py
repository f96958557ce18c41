"""Cases that are under way, for work that goes astray."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import Office, RoleGrant, User
from lianban.cases import queries, services
from lianban.cases.content import Content
from lianban.cases.services import drafts, hand_in
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from tests.services.cast import (
    CONSCRIPT,
    FIELDS,
    City,
    identity_number,
    moment,
    originals_seen,
    ways,
)

AT, LATER = moment("2026-09-03 10:00"), moment("2026-09-04 10:00")


def sent(city: City, *, name: str = "陈小川", sequence: str = "001", phone: str = "1") -> UUID:
    """An online case that has come to the departments; its first result is delivered."""
    actor = city.applicant(f"1380000000{phone}")
    fields = FIELDS | {"name": name, "identity_number": identity_number(sequence=sequence)}
    fields |= {"self_employment_signature": name, "commitment_signature": name, "recipient": name}
    draft = drafts.start(district="439901", actor=actor, at=AT)
    content = Content(answers=CONSCRIPT, fields=fields)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=ways(actor, codes))
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=AT)
    found = hand_in.submit(draft_id=draft.id, actor=actor, at=AT).case_id
    give(c.PassPreReview(), found, city.bureau)
    originals_seen(found, by=city.clerk, at=AT)
    give(c.Grant(1), found, city.clerk)
    give(c.Deliver(1), found, city.clerk)
    return found


def give(command: c.Command, case_id: UUID, actor: Actor, at: Any = AT) -> None:
    services.run(command, case_id=case_id, actor=actor, at=at)


def police(city: City, district: str = "439901") -> Actor:
    return city.officer("department_officer", "public_security", district)


def colleague(name: str, department: str = "public_security") -> Actor:
    office = Office.objects.get(department=department, district="439901")
    user = User.objects.create(kind="officer", username=name, name=name, office=office)
    RoleGrant.objects.create(user=user, role="department_officer")
    return actors.from_user(user)


def view_of(case_id: UUID, actor: Actor) -> Any:
    return queries.get(case_id=case_id, actor=actor, at=LATER)


def texts(case_id: UUID, actor: Actor) -> str:
    return "\n".join(line.text for line in queries.history(view_of(case_id, actor)))


def refused(act: Any, **words: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(**words)
    return caught.value.code
