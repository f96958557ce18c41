"""Cases carried by the services as far as a paper needs them, and papers read back."""

import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from pypdf import PdfReader

from lianban.accounts.actor import Actor
from lianban.accounts.models import Office
from lianban.cases import queries, services
from lianban.cases.content import Content
from lianban.cases.services import drafts, hand_in
from lianban.documents import papers
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, originals_seen

AT = moment("2026-09-03 09:00")
BASE = "https://yijianshi.example"


def with_offices() -> City:
    """A city whose offices have names, addresses and telephones."""
    built = City().build()
    for office in Office.objects.all():
        names = {"veterans_affairs": "退役军人事务局", "public_security": "公安局"}
        office.name = office.district.name + names.get(office.department, office.department)
        office.address, office.phone = "东湖县政务中心 1 楼", "0739-12345"
        office.save()
    return built


def day(offset: int, hour: int = 10) -> datetime:
    return AT.replace(hour=hour) + timedelta(days=offset)


def filled(actor: Actor, **ways: str) -> drafts.Draft:
    draft = drafts.start(district="439901", actor=actor, at=AT)
    content = Content(answers=CONSCRIPT, fields=FIELDS)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    content = replace(content, materials=dict.fromkeys(codes, "promised") | ways)
    return drafts.save(draft_id=draft.id, content=content, actor=actor, at=AT)


def registered(city: City, **ways: str) -> UUID:
    draft = filled(city.clerk, **ways)
    return hand_in.register(draft_id=draft.id, actor=city.clerk, at=AT).case_id


def submitted(city: City, person: Actor, **ways: str) -> UUID:
    draft = filled(person, **ways)
    return hand_in.submit(draft_id=draft.id, actor=person, at=AT).case_id


def under_way(city: City) -> UUID:
    """Registered, received and gathered: every item that waits for nobody is at its department."""
    case_id = registered(city)
    originals_seen(case_id, by=city.clerk, at=day(0, 11))
    services.run(c.Grant(1), case_id=case_id, actor=city.clerk, at=day(0, 11))
    services.run(c.ReceiveDossier(), case_id=case_id, actor=city.bureau, at=day(1))
    services.run(c.RegisterReception(), case_id=case_id, actor=city.bureau, at=day(1))
    services.run(c.GatherBatch(), case_id=case_id, actor=city.bureau, at=day(1))
    return case_id


def view_of(case_id: UUID, actor: Actor) -> queries.CaseView:
    return queries.get(case_id=case_id, actor=actor, at=day(60))


def kinds(case_id: UUID, actor: Actor) -> list[tuple[str, int | None]]:
    return [(link.kind, link.item) for link in papers.available(view_of(case_id, actor))]


def opened(
    case_id: UUID, actor: Actor, kind: str, item: int | None = None, **more: object
) -> bytes:
    return papers.pdf(
        view_of(case_id, actor), kind=kind, item=item, actor=actor, at=day(60), base_url=BASE,
        **more,
    )  # type: ignore[arg-type]  # fmt: skip


def text_of(file: bytes) -> str:
    reader = PdfReader(io.BytesIO(file))
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))


def read(case_id: UUID, actor: Actor, kind: str, item: int | None = None, **more: object) -> str:
    return text_of(opened(case_id, actor, kind, item, **more))


def carried_to_its_end(city: City) -> UUID:
    case_id = under_way(city)
    police = city.officer("department_officer", "public_security")
    case = view_of(case_id, city.bureau).case
    services.run(c.Deny(14, "deny.licence_expired"), case_id=case_id, actor=police, at=day(2))
    for number in range(3, 60):
        if not case.open_items:
            break
        for item in list(case.open_items):
            sub = case.sub_cases[item]
            lead = sub.department == "veterans_affairs"
            role = "bureau_officer" if lead else "department_officer"
            actor = city.officer(role, sub.department)
            command = {"delivering": c.Deliver, "ready": c.Grant, "dispatched": c.Grant}.get(
                sub.state
            )
            if command and item != 14:
                money.approve_first(command(item), case_id=case_id, at=day(number))
                case = services.run(command(item), case_id=case_id, actor=actor, at=day(number))
        case = view_of(case_id, city.bureau).case
    services.run(c.Conclude(), case_id=case_id, actor=city.bureau, at=day(59))
    return case_id
