"""The chaos test's small city, its departments' systems, and the clerk who hands the cases in."""

import json
import random
import secrets
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from stdnum.iso7064 import mod_11_2

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Office, RoleGrant, User
from lianban.cases import services
from lianban.cases.content import Content
from lianban.cases.models import JointCaseRecord, SubCaseRecord
from lianban.cases.services import drafts, hand_in
from lianban.clock import now
from lianban.engine import commands as c
from lianban.exchange import partners, signing
from lianban.exchange.models import PartnerRecord
from tests.chaos.plan import EDITION, PARTNERS, Plan

DISTRICT = "439901"
CLERK = "clerk"
#: What the departments heed, by the share of cases that say it.
_FIRST = {"": 0.92, "退回": 0.08}
_LAST = {"": 0.2, "不符": 0.8}
_WAYS = {"courier": 0.9, "pick_up": 0.05, "electronic": 0.05}


def prepare(plan: Plan) -> None:
    """Write the city's rows, connect the departments' systems, and write what these must know."""
    build()
    systems = {code: _connect(code, plan) for code in PARTNERS}
    own = partners.own_key()
    known = {"key_id": own.key_id, "public_key": own.public.hex()}
    described = {
        "platform": {"address": partners.public_address(), **known},
        "port": plan.simulators_port,
        "memory": "memory",
        "systems": systems,
    }
    (plan.folder / "simulators.json").write_text(json.dumps(described))


def build() -> None:
    """One county, its bureau, and a clerk."""
    District.objects.create(code=DISTRICT, name="东湖县", level="county", policy_edition=EDITION)
    office = Office.objects.create(department="bureau", district_id=DISTRICT, name="牵头")
    clerk = User.objects.create(kind="officer", username=CLERK, name="王明", office=office)
    for role in ("counter_clerk", "bureau_officer"):
        RoleGrant.objects.create(user=clerk, role=role)


def _connect(code: str, plan: Plan) -> dict[str, str]:
    seed = secrets.token_bytes(32)
    file = plan.folder / f"{code}.key"
    file.touch(mode=0o600)
    file.write_text(seed.hex())
    key_id = f"{code}-1"
    address = f"http://127.0.0.1:{plan.simulators_port}/{code}"
    at = now()
    partners.connect(code=code, name=f"{code}部门", adapter="armed_forces", address=address, at=at)
    public = signing.PrivateKey.from_seed(key_id, seed).public
    partners.add_key(code=code, key_id=key_id, public_key=public, at=at)
    # how fast one may be is tried elsewhere
    PartnerRecord.objects.update(sends_a_minute=100_000, takes_a_minute=100_000)
    return {"kind": "armed_forces", "key_id": key_id, "private_key": file.name}


# The clerk -------------------------------------------------------------------------------------


def hand_in_all(cases: int, dice: random.Random) -> None:
    """Hand in what is missing of so many cases, and grant the registrations."""
    clerk = actors.from_user(User.objects.get(username=CLERK))
    contents = [_content(number, dice) for number in range(cases)]
    for content in contents[JointCaseRecord.objects.count() :]:
        case_id = _hand_in(content, clerk)
        services.run(c.Grant(1), case_id=case_id, actor=clerk, at=now())
    for case_id in _not_begun():
        services.run(c.Grant(1), case_id=case_id, actor=clerk, at=now())


def _hand_in(content: Content, clerk: Actor) -> UUID:
    at = now()
    draft = drafts.start(district=DISTRICT, actor=clerk, at=at)
    drafts.save(draft_id=draft.id, content=content, actor=clerk, at=at)
    return hand_in.register(draft_id=draft.id, actor=clerk, at=at).case_id


def _not_begun() -> list[UUID]:
    done = SubCaseRecord.objects.filter(case_id=OuterRef("id"), number=1, outcome="granted")
    cases = JointCaseRecord.objects.filter(~Exists(done))
    return list(cases.values_list("id", flat=True))


def send_back() -> int:
    """Send again what departments returned; how many."""
    clerk = actors.from_user(User.objects.get(username=CLERK))
    rows = SubCaseRecord.objects.filter(state="ready", number__gt=1)
    for case_id, number in rows.values_list("case_id", "number"):
        services.run(c.Dispatch(number), case_id=case_id, actor=clerk, at=now())
    return len(rows)


def _content(number: int, dice: random.Random) -> Content:
    day = date(1960, 1, 1) + timedelta(days=number)
    body = f"{DISTRICT}{day:%Y%m%d}{number % 900:03d}"
    fields = {
        "name": "陈小川",
        "identity_number": body + mod_11_2.calc_check_digit(body),
        "first_word": _drawn(_FIRST, dice),
        "last_word": _drawn(_LAST, dice),
        "delivery_way": _drawn(_WAYS, dice),
    }
    return Content(answers={"applicant": "veteran"}, fields=fields)


def _drawn(shares: dict[str, float], dice: random.Random) -> str:
    return dice.choices(list(shares), list(shares.values()))[0]
