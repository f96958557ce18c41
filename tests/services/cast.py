"""A cast of characters: one small city, its officers, and invented people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from stdnum.iso7064 import mod_11_2

from lianban.accounts import actors
from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Office, RoleGrant, User
from lianban.cases import queries
from lianban.cases.services import supplies

SHANGHAI = ZoneInfo("Asia/Shanghai")

CONSCRIPT = {
    "rank": "conscript", "placement": "self_employed", "political_status": "party_member",
    "household": "cancelled", "id_card": "none", "pension_insurance": "flexible",
    "military_pension": "has", "other_pension": "none", "medical_insurance": "flexible",
    "driving_licence": "car", "disability": "none", "training": "vocational",
    "children_schooling": "not_needed",
}  # fmt: skip


def moment(text: str) -> datetime:
    """A moment in Shanghai, as `2026-09-03 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def identity_number(*, area: str = "430102", born: str = "20050301", sequence: str = "001") -> str:
    """An invented number with a valid check digit."""
    body = area + born + sequence
    return body + mod_11_2.calc_check_digit(body)


FIELDS = {
    "name": "陈小川",
    "identity_number": identity_number(),
    "education": "senior_high",
    "enlisted_date": "2024-09-01",
    "discharge_date": "2026-09-01",
    "home_address": "柳城区沿河路 12 号",
    "mobile": "13800000001",
    "backup_phone": "13800000002",
    "bank_name": "柳城银行",
    "bank_account": "6222020000000000001",
    "licence_class": "C1",
    "licence_valid_until": "2030-01-01",
    "training_kind": "汽车维修",
    "delivery_household_book": "courier",
    "delivery_identity_card": "courier",
    "delivery_social_security_card": "pick_up",
    "delivery_driving_licence": "pick_up",
    "postal_address": "柳城区沿河路 12 号",
    "recipient": "陈小川",
    "recipient_phone": "13800000001",
    "self_employment_signature": "陈小川",
    "commitment_signature": "陈小川",
}


def ways(actor: Actor, codes: Iterable[str]) -> dict[str, str]:
    """How materials come: a clerk sees the originals, a person alone says they will be brought."""
    return dict.fromkeys(codes, "seen" if actor.kind == "officer" else "promised")


def originals_seen(case_id: UUID, *, by: Actor, at: datetime) -> None:
    """Everything that was promised is shown at the counter."""
    grades = queries.current(case_id).grades
    codes = [code for code, known in grades.items() if known.grade in "CD"]
    supplies.tick_seen(case_id=case_id, codes=codes, actor=by, at=at)


@dataclass
class City:
    """Two counties, their offices, and one officer for each role."""

    edition: str = "retirement-2022"
    people: dict[str, User] = field(default_factory=dict)

    def build(self) -> "City":
        """Write the city's rows."""
        city = District.objects.create(
            code="439900", name="柳城市", level="city", policy_edition=self.edition
        )
        for code, name in (("439901", "东湖县"), ("439902", "西山县")):
            District.objects.create(
                code=code, name=name, level="county", parent=city, policy_edition=self.edition
            )
        for district in ("439901", "439902"):
            for department, roles in OFFICES.items():
                self._office(department, district, roles)
        return self

    def _office(self, department: str, district: str, roles: tuple[str, ...]) -> None:
        office = Office.objects.create(
            department=department, district_id=district, name=f"{district} {department}"
        )
        for role in roles:
            name = f"{role}@{department}.{district}"
            user = User.objects.create(kind="officer", username=name, name="王明", office=office)
            RoleGrant.objects.create(user=user, role=role)
            self.people[name] = user

    def officer(self, role: str, department: str, district: str = "439901") -> Actor:
        """The actor of one officer."""
        return actors.from_user(self.people[f"{role}@{department}.{district}"])

    def applicant(self, phone: str = "13800000001") -> Actor:
        """A new applicant's actor."""
        user = User(kind="applicant")
        user.set_phone(phone)
        user.save()
        return actors.from_user(user)

    @property
    def clerk(self) -> Actor:
        """The clerk at the comprehensive window of the first county."""
        return self.officer("counter_clerk", "veterans_affairs")

    @property
    def bureau(self) -> Actor:
        """An officer of the bureau of the first county."""
        return self.officer("bureau_officer", "veterans_affairs")

    @property
    def head(self) -> Actor:
        """The head of the bureau of the first county."""
        return self.officer("bureau_head", "veterans_affairs")


OFFICES: dict[str, tuple[str, ...]] = {
    "veterans_affairs": ("counter_clerk", "bureau_officer", "bureau_head"),
    "armed_forces": ("department_officer",),
    "public_security": ("department_officer",),
    "human_resources": ("department_officer",),
    "medical_insurance": ("department_officer",),
    "party_organisation": ("department_officer",),
    "youth_league": ("department_officer",),
    "education": ("department_officer",),
}
