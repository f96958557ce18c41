"""A county's cases at the departments' desks, and browsers for their officers."""

import html
import io
import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import Client
from PIL import Image

from lianban import clock
from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import Office, RoleGrant, User
from lianban.cases import services
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.cases.services import drafts, hand_in
from lianban.cases.services import materials as materials_of_a_draft
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number

POLICE, MEDICAL, PENSION = "public_security", "medical_insurance", "human_resources"


def with_departments(
    city: City, *, sequence: str = "001", name: str = "陈小川", at: datetime | None = None,
    answers: dict[str, str] | None = None, missing: tuple[str, ...] = (), gathered: bool = True,
    photographed: str = "",
) -> UUID:  # fmt: skip
    """A counter's case whose reception is registered and whose batch was sent to departments."""
    at = at or clock.now()
    number = identity_number(sequence=sequence)
    fields = FIELDS | {"name": name, "identity_number": number}
    fields |= {"self_employment_signature": name, "commitment_signature": name, "recipient": name}
    draft = drafts.start(district="439901", actor=city.clerk, at=at)
    content = Content(answers=CONSCRIPT | (answers or {}), fields=fields)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    materials = {code: "seen" for code in codes if code not in missing}
    drafts.save(
        draft_id=draft.id, content=replace(content, materials=materials), actor=city.clerk, at=at
    )
    if photographed:
        materials_of_a_draft.add_file(
            material=photographed, upload=photograph(), name="1.png", draft_id=draft.id,
            actor=city.clerk, at=at,
        )  # fmt: skip
    case_id = hand_in.register(draft_id=draft.id, actor=city.clerk, at=at).case_id
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=at)
    for command in (c.ReceiveDossier(), c.RegisterReception()):
        services.run(command, case_id=case_id, actor=city.bureau, at=at)
    if gathered:
        services.run(c.GatherBatch(), case_id=case_id, actor=city.bureau, at=at)
    return case_id


def photograph() -> io.BytesIO:
    """A small picture of a paper."""
    kept = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(kept, "PNG")
    kept.seek(0)
    return kept


def grant(city: City, case_id: UUID, *numbers: int) -> None:
    """Let each item's own department grant it."""
    for number in numbers:
        actor = officer(city, row(case_id, number).department)
        money.approve_first(c.Grant(number), case_id=case_id, at=clock.now())
        services.run(c.Grant(number), case_id=case_id, actor=actor, at=clock.now())


def browser(city: City, department: str = POLICE, district: str = "439901") -> Client:
    """A browser in which the department's officer is signed in."""
    client = Client()
    client.force_login(city.people[f"department_officer@{department}.{district}"])
    return client


def officer(city: City, department: str = POLICE, district: str = "439901") -> Actor:
    """The same officer as an actor."""
    return city.officer("department_officer", department, district)


def colleague(name: str, department: str = POLICE) -> User:
    """Another officer of the first county's office."""
    office = Office.objects.get(department=department, district="439901")
    user = User.objects.create(kind="officer", username=name, name=name, office=office)
    RoleGrant.objects.create(user=user, role="department_officer")
    return user


def acting(user: User) -> Actor:
    """The user as an actor."""
    return actors.from_user(user)


def row(case_id: UUID, number: int) -> SubCaseRecord:
    """The sub-case's row as it is now."""
    return SubCaseRecord.objects.get(case_id=case_id, number=number)


def case_number(case_id: UUID) -> str:
    """The number that people see."""
    return JointCaseRecord.objects.get(id=case_id).case_number


def address(case_id: UUID, number: int, rest: str = "") -> str:
    """An address of the item's pages."""
    return f"/department/{case_id}/{number}/{rest}"


def seen(client: Client, case_id: UUID, number: int, rest: str = "") -> str:
    """What the item's page (or one of its pages) gives a form to send back."""
    words = client.get(address(case_id, number, rest)).content.decode()
    found = re.search(r'name="seen" value="([0-9a-f]+)"', words)
    return found[1] if found else ""


def text(answer: Any) -> str:
    """What the answer says."""
    return html.unescape(answer.content.decode())
