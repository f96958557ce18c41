"""Amounts for tests that are about something else, and a case that is about nothing but money."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import User
from lianban.cases import editions, paying, services
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, MaterialRecord, PaymentRecord
from lianban.cases.services import drafts, hand_in, payments, supplies
from lianban.engine import commands as c
from tests.services.cast import CONSCRIPT, FIELDS, City, identity_number, moment, ways

NORMAL = {"left_service": "normal", "retired_as_conscript": "no"}
ITEM = 8
AT = moment("2026-10-19 09:00")


def approve_first(command: c.Command, *, case_id: UUID, at: datetime) -> None:
    """Compute and approve what the command would grant, where the plan pays for it."""
    if not isinstance(command, c.Grant) or not pays(case_id, command.item):
        return
    row = paying.current(case_id, command.item)
    if row is None or row.state == "computed":
        case = JointCaseRecord.objects.get(id=case_id)
        computed(case_id, officer(case.district_id, "bureau_officer"), item=command.item, at=at)
        approved(case_id, officer(case.district_id, "bureau_head"), item=command.item, at=at)


def officer(district: str, role: str) -> Actor:
    """Somebody in this role at the district's bureau, also in the demonstration's city."""
    found = User.objects.filter(office__district_id=district, role_grants__role=role)
    return actors.from_user(found.order_by("username")[0])


def pays(case_id: UUID, number: int) -> bool:
    """Whether the plan of this case pays for an item."""
    case = JointCaseRecord.objects.get(id=case_id)
    return editions.pinned(case.edition_id, case.edition_hash).item(number).payment is not None


def computed(
    case_id: UUID,
    actor: Actor,
    *,
    item: int = ITEM,
    facts: Mapping[str, str] = NORMAL,
    days: int = 0,
    reason: str = "",
    at: datetime = AT,
) -> PaymentRecord:
    """The payment of an item, computed by this officer."""
    found = payments.compute(
        case_id=case_id, item=item, facts=facts, days_not_counted=days, reason=reason,
        actor=actor, at=at,
    )  # fmt: skip
    return PaymentRecord.objects.get(id=found)


def approved(case_id: UUID, actor: Actor, *, item: int = ITEM, at: datetime = AT) -> PaymentRecord:
    """The payment of an item, approved by this officer."""
    row = current(case_id, item)
    payments.approve(case_id=case_id, item=item, digest=row.digest, actor=actor, at=at)
    return current(case_id, item)


def current(case_id: UUID, item: int = ITEM) -> PaymentRecord:
    """The payment that stands."""
    found = paying.current(case_id, item)
    assert found is not None
    return found


def ready(
    city: City, *, district: str = "439901", sequence: str = "001", by: Actor | None = None,
    answers: Mapping[str, str] | None = None, **fields: str,
) -> UUID:  # fmt: skip
    """A case whose item may be computed: reported, dossier and reception there."""
    at = AT - timedelta(days=10)
    clerk = city.officer("counter_clerk", "veterans_affairs", district)
    bureau = city.officer("bureau_officer", "veterans_affairs", district)
    own = FIELDS | {"identity_number": identity_number(sequence=sequence)} | fields
    actor = by or clerk
    draft = drafts.start(district=district, actor=actor, at=at)
    content = Content(answers=CONSCRIPT | dict(answers or {}), fields=own)
    codes = hand_in.needed_codes(content.plan(draft.edition))
    drafts.save(
        draft_id=draft.id,
        content=replace(content, materials=ways(actor, codes)),
        actor=actor,
        at=at,
    )
    if by is None:
        case_id = hand_in.register(draft_id=draft.id, actor=clerk, at=at).case_id
    else:
        case_id = hand_in.submit(draft_id=draft.id, actor=by, at=at).case_id
        services.run(c.PassPreReview(), case_id=case_id, actor=bureau, at=at)
        lift(case_id, clerk, at)
    services.run(c.Grant(1), case_id=case_id, actor=clerk, at=at)
    services.run(c.ReceiveDossier(), case_id=case_id, actor=bureau, at=at)
    services.run(c.RegisterReception(), case_id=case_id, actor=bureau, at=at)
    return case_id


def lift(case_id: UUID, clerk: Actor, at: datetime) -> None:
    """The clerk has seen every original that was promised."""
    codes = list(MaterialRecord.objects.filter(case_id=case_id).values_list("code", flat=True))
    supplies.tick_seen(case_id=case_id, codes=codes, actor=clerk, at=at)


def granted(city: City, **more: object) -> UUID:
    """A case whose amount is approved and whose item is granted."""
    case_id = ready(city, **more)  # type: ignore[arg-type]
    computed(case_id, city.bureau)
    approved(case_id, city.head)
    services.run(c.Grant(ITEM), case_id=case_id, actor=city.bureau, at=AT)
    return case_id
