"""A hostile reviewer's ground: two counties with a person each, and everything that names them.

What is in the second county (`there`) must never be seen from the first.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.accounts.models import RoleGrant, User
from lianban.cases import queries, services
from lianban.cases.content import Content
from lianban.cases.models import DossierRecord, EnquiryRecord, JointCaseRecord
from lianban.cases.services import batches, drafts, hand_in, materials, scans
from lianban.cases.services import dossiers as dossier_services
from lianban.engine import commands as c
from lianban.web.components import access
from tests.hostile import things
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, originals_seen, ways

LEAD = "veterans_affairs"
HERE, THERE = "439901", "439902"
#: Tables that a refused request may write to: who tried how often, and sessions.
NOT_COMPARED = ("accounts_attemptwindow", "django_session", "accounts_onetimecode")


@dataclass(frozen=True)
class Someone:
    """An invented person with everything that is personal about them."""

    name: str
    number: str
    phone: str
    address: str
    account: str

    @property
    def fields(self) -> dict[str, str]:
        """The form as this person fills it in."""
        return FIELDS | {
            "name": self.name,
            "identity_number": self.number,
            "mobile": self.phone,
            "backup_phone": self.phone[:-1] + "9",
            "home_address": self.address,
            "postal_address": self.address,
            "bank_account": self.account,
            "recipient": self.name,
            "recipient_phone": self.phone,
            "self_employment_signature": self.name,
            "commitment_signature": self.name,
        }

    @property
    def marks(self) -> tuple[str, ...]:
        """What must not be seen by strangers."""
        pieces = (self.number[6:], self.phone, self.address, self.account)
        return (self.name, self.number, *pieces)


def someone(sequence: int, name: str = "") -> Someone:
    """A person by serial number; no two share a value."""
    return Someone(
        name=name or f"柳{'百千万亿'[sequence // 100 % 4]}{'甲乙丙丁戊己庚辛壬癸'[sequence % 10]}",
        number=identity_number(sequence=f"{sequence:03d}"),
        phone=f"137{sequence:04d}6135",
        address=f"柳城区试验巷 {sequence}7 号 5 单元",
        account=f"62220213{sequence:03d}97531246",
    )


@dataclass
class County:
    """One county's person, and the ids of everything that hangs on the person."""

    district: str
    person: Someone
    user: User
    case_id: UUID
    case_number: str
    receipt_id: str
    secret: str
    counter_case_id: UUID
    ids: dict[str, UUID] = field(default_factory=dict)
    #: Of the envelope that is on its way.
    tracking_number: str = ""
    #: What nobody elsewhere may see.
    marks: tuple[str, ...] = ()


def picture(name: str = "照片.png") -> Any:
    """A small picture that is really one."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    out = io.BytesIO()
    Image.new("RGB", (12, 9), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")


def draft_of(
    actor: Actor, person: Someone, district: str, *, answers: Mapping[str, str] | None = None,
    missing: tuple[str, ...] = (), **fields: str,
) -> drafts.Draft:  # fmt: skip
    """A form that could be handed in, filled in by this actor."""
    at = clock.now()
    draft = drafts.start(district=district, actor=actor, at=at)
    content = Content(answers={**CONSCRIPT, **(answers or {})}, fields=person.fields | fields)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    there = [code for code in codes if code not in missing]
    content = replace(content, materials=ways(actor, there))
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)


def online(
    city: City, person: Someone, district: str = HERE, **more: Any
) -> tuple[Actor, hand_in.Receipt]:
    """A case that the person handed in alone, with an account."""
    actor = city.applicant(person.phone)
    draft = draft_of(actor, person, district, **more)
    return actor, hand_in.submit(draft_id=draft.id, actor=actor, at=clock.now())


def at_counter(city: City, person: Someone, district: str = HERE, **more: Any) -> hand_in.Receipt:
    """A case that the county's clerk registered."""
    clerk = city.officer("counter_clerk", LEAD, district)
    draft = draft_of(clerk, person, district, **more)
    return hand_in.register(draft_id=draft.id, actor=clerk, at=clock.now())


def give(city: City, case_id: UUID, *steps: c.Command, district: str = HERE) -> None:
    """Give commands, each by an officer who may."""
    for command in steps:
        role = "counter_clerk" if command == c.Grant(1) else "bureau_head"
        actor = city.officer(role, LEAD, district)
        if command == c.Grant(1):
            originals_seen(case_id, by=actor, at=clock.now())
        services.run(command, case_id=case_id, actor=actor, at=clock.now())


def sent(city: City, case_id: UUID, district: str = HERE, *, is_online: bool = True) -> UUID:
    """Carry a case to the departments' desks."""
    first: tuple[c.Command, ...] = (c.PassPreReview(),) if is_online else ()
    give(city, case_id, *first, c.Grant(1), c.ReceiveDossier(), c.RegisterReception(),
         district=district)  # fmt: skip
    if not is_online:
        give(city, case_id, c.GatherBatch(), district=district)
    return case_id


def finished(city: City, case_id: UUID, district: str = HERE) -> UUID:
    """Decide everything that a department has, until nothing is open."""
    step = {"delivering": c.Deliver, "ready": c.Grant, "dispatched": c.Grant}
    bureau = city.officer("bureau_officer", LEAD, district)
    while numbers := queries.current(case_id).open_items:
        for number in numbers:
            sub = queries.current(case_id).sub_cases[number]
            if sub.state not in step:
                continue
            own = sub.department == LEAD
            actor = bureau if own else city.officer("department_officer", sub.department, district)
            command = step[sub.state](number)
            money.approve_first(command, case_id=case_id, at=clock.now())
            services.run(command, case_id=case_id, actor=actor, at=clock.now())
    return case_id


def county(city: City, district: str, start: int) -> County:
    """A person with a case online, one who came to the counter, and what hangs on them."""
    at = clock.now()
    clerk, bureau = (city.officer(r, LEAD, district) for r in ("counter_clerk", "bureau_officer"))
    person, second, third = someone(start), someone(start + 1), someone(start + 2)
    actor = city.applicant(person.phone)
    draft = draft_of(actor, person, district, answers={"children_schooling": "needed"})
    file = materials.add_file(
        draft_id=draft.id, material="photo", upload=picture(), name="照片.png", actor=actor, at=at
    )
    receipt = hand_in.submit(draft_id=draft.id, actor=actor, at=at)
    sent(city, receipt.case_id, district)
    counted = at_counter(city, second, district)
    give(city, counted.case_id, c.Grant(1), c.ReceiveDossier(), c.RegisterReception(),
         district=district)  # fmt: skip
    batch = batches.gather(case_ids=[counted.case_id], actor=bureau, at=at)
    open_form, draft_file = _begun(clerk, bureau, third)
    record = JointCaseRecord.objects.get(id=receipt.case_id)
    scan = scans.take(upload=picture(), name="表.png", actor=clerk, at=at)
    found = County(
        district, person, User.objects.get(id=actor.user_id), record.id, record.case_number,
        receipt.receipt_id, receipt.secret, counted.case_id,
        tracking_number=things.tracking_number(district),
        marks=(record.case_number, receipt.receipt_id),
    )  # fmt: skip
    found.ids = {
        "case_id": record.id,
        "file_id": file.id,
        "draft_file": draft_file,
        "held_id": scan.id,
        "appointment_id": things.appointment(city, receipt.case_id, actor, district),
        "draft_id": open_form,
        "batch_id": batch.batch_id,
        "dossier_id": DossierRecord.objects.get(name=third.name).id,
        "enquiry_id": EnquiryRecord.objects.get(case_id=record.id).id,
        "user_id": city.people[f"bureau_officer@{LEAD}.{district}"].id,
    }  # type: ignore[dict-item]
    _add_more(city, found, [someone(start + more) for more in range(6)])
    return found


def _begun(clerk: Actor, bureau: Actor, person: Someone) -> tuple[UUID, UUID]:
    """Somebody whose dossier has come and whose form is being filled in: the form and a file."""
    at, district = clock.now(), bureau.district or ""
    dossier_services.record(
        rows=[(person.name, person.number)], state="arrived", district=district, actor=bureau, at=at
    )
    form = draft_of(clerk, person, district)
    kept = materials.add_file(
        draft_id=form.id, material="photo", upload=picture(), name="a.png", actor=clerk, at=at
    )
    return form.id, kept.id


def _add_more(city: City, found: County, people: list[Someone]) -> None:
    """One more case that is decided in part, one that goes astray, and somebody on a roster."""
    first, _, _, fourth, fifth, sixth = people
    district = found.district
    actor, receipt = online(city, fourth, district)
    sent(city, receipt.case_id, district)
    lost = at_counter(city, fifth, district)
    found.marks += tuple(mark for one in people for mark in one.marks)
    for made in (
        things.decided(city, receipt.case_id, actor, district),
        things.astray(city, lost.case_id, first.number, district),
        things.arriving(city, sixth.name, sixth.number, district),
        things.exchanged(found.case_id, district),
        things.in_a_file(city, district),
    ):
        found.ids |= made.ids
        found.marks += made.marks


def administrator(city: City, district: str) -> User:
    """Somebody who keeps a county's officers."""
    office = city.people[f"bureau_officer@{LEAD}.{district}"].office
    user = User.objects.create(
        kind="officer", username=f"admin.{district}", name="管理员", office=office
    )
    RoleGrant.objects.create(user=user, role="administrator")
    return user


def signed_in(user: User | None = None, **options: Any) -> Client:
    """A browser, signed in if a user is named."""
    client = Client(raise_request_exception=False, **options)
    if user is not None:
        client.force_login(user)
    return client


def opened(county_: County) -> Client:
    """A browser in which a receipt was opened with its second secret."""
    client = signed_in()
    answer = client.post(f"/r/{county_.receipt_id}/", {"secret": county_.secret})
    assert answer.status_code == 302
    return client


def officer(city: City, role: str, department: str = LEAD) -> Client:
    """A browser of one officer of the first county."""
    return signed_in(city.people[f"{role}@{department}.{HERE}"])


_DEPARTMENTS = (LEAD, "public_security", "education")


def officers(city: City, district: str = HERE, **options: Any) -> dict[str, Client]:
    """A browser for an officer of each role of a county, and for two departments."""
    return {
        name: signed_in(user, **options)
        for name, user in city.people.items()
        if name.endswith(f".{district}") and name.split("@")[1].split(".")[0] in _DEPARTMENTS
    }


def face(who: str) -> str:
    """Where somebody works."""
    return FACES[who.split("@")[0]]


# Routes ----------------------------------------------------------------------------------------

CHOICES: dict[str, tuple[str, ...]] = {
    "number": ("3", "8", "99999999999999999999"),
    "item": ("0", "3"),
    "sequence": ("1", "99999999999999999999"),
    "kind": ("receipt", "registration_form", "nonsense"),
    "page": ("case", "review", "3", "nonsense"),
    "command": ("receive", "extend", "nonsense"),
    "how": ("accept", "grant", "nonsense"),
    "show": ("to_accept", "nonsense"),
    "key": ("rank", "nonsense"),
    "code": ("identity_number", "photo", "nonsense"),
    "receipt_id": ("nonsense",),
    "partner_code": ("public_security", "nonsense"),
    "token": ("nonsense",),
    "sub_case": ("LB202610190000011-03",),
    "inbox_id": ("0", "99999999999999999999"),
}
#: What stands for an id of a thing that a test has none of.
NOBODYS = UUID("00000000-0000-4000-8000-000000000000")
_PART = re.compile(r"<(\w+):(\w+)>")


def addresses(
    values: Mapping[str, object], *, only: str = "", every: str = "/"
) -> Iterator[tuple[str, bool]]:
    """The site's addresses that contain `only`, with these ids; whether each names an object.

    Where an address begins with `every`, it comes with every choice, else with the first.
    """
    for route, _view in access.routes():
        if only in route:
            most = None if route.startswith(every) else 1
            yield from _filled(route, values, most, is_named=False)


def _filled(
    route: str, values: Mapping[str, object], most: int | None, *, is_named: bool
) -> Iterator[tuple[str, bool]]:
    part = _PART.search(route)
    if part is None:
        yield route, is_named
        return
    kind, name = part.groups()
    given = kind == "uuid" or name in values
    for value in (values.get(name, NOBODYS),) if given else CHOICES[name][:most]:
        filled = route.replace(part.group(0), str(value), 1)
        yield from _filled(filled, values, most, is_named=is_named or given)


#: Where each role works.
FACES = {
    "counter_clerk": "/counter/",
    "bureau_officer": "/bureau/",
    "bureau_head": "/bureau/",
    "department_officer": "/department/",
    "administrator": "/staff/",
    "applicant": "/my/",
    "receipt": "/my/",
}


# What is stored --------------------------------------------------------------------------------


def stored(*, without: tuple[str, ...] = (), only: tuple[str, ...] = ()) -> dict[str, str]:
    """A digest of every table (or of a few), to see that nothing has changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            if table in (*NOT_COMPARED, *without) or (only and table not in only):
                continue
            cursor.execute(
                f"SELECT count(*) || md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), "
                f"'')) FROM \"{table}\" t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The tables that differ."""
    return [table for table in before if before[table] != after[table]]


def body(answer: HttpResponse) -> str:
    """What was answered, as text."""
    return answer.content.decode(errors="replace")
