"""A conscript's case at the moments that *my case* shows differently."""

import io
from dataclasses import dataclass
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from lianban.accounts.actor import Actor
from lianban.accounts.models import District, Office, User
from lianban.cases import services
from lianban.cases.content import Content
from lianban.cases.services import drafts, hand_in
from lianban.engine import commands as c
from tests.services import money
from tests.services.cast import CONSCRIPT, FIELDS, City, moment, originals_seen

PHOTO, ACCOUNT, LETTER = "photo", "bank_account", "placement_notice"


@dataclass
class Own:
    """One person with an account and a case."""

    city: City
    actor: Actor
    user: User
    case_id: UUID
    receipt_id: str
    secret: str

    @property
    def address(self) -> str:
        """The case's page."""
        return f"/my/{self.case_id}/"

    def client(self) -> Client:
        """A browser in which the person is signed in."""
        client = Client()
        client.force_login(self.user)
        return client

    def receipt_client(self) -> Client:
        """A browser in which the receipt was opened with its second secret."""
        client = Client()
        client.post(f"/r/{self.receipt_id}/", {"secret": self.secret})
        return client

    def run(self, command: c.Command, actor: Actor, at: str = "2026-09-04 10:00") -> None:
        """Carry the case on."""
        money.approve_first(command, case_id=self.case_id, at=moment(at))
        services.run(command, case_id=self.case_id, actor=actor, at=moment(at))

    def accepted(self) -> "Own":
        """Past pre-review."""
        self.run(c.PassPreReview(), self.city.bureau)
        return self

    def in_handling(self) -> "Own":
        """Reported in, the dossier here, reception registered: departments are at work."""
        self.accepted()
        at = moment("2026-09-07 09:00")
        originals_seen(self.case_id, by=self.city.clerk, at=at)
        self.run(c.Grant(1), self.city.clerk, "2026-09-07 09:00")
        self.run(c.ReceiveDossier(), self.city.bureau, "2026-09-07 10:00")
        self.run(c.RegisterReception(), self.city.bureau, "2026-09-07 10:05")
        return self

    def asked_for(self, *defects: str) -> "Own":
        """Handed in, and one notice names these defects."""
        self.run(c.RequestCorrection(defects), self.city.bureau)
        return self


def own(city: City, phone: str = "13800000001", **fields: str) -> Own:
    """A person who handed in online."""
    with_phones(city)
    actor = city.applicant(phone)
    at = moment("2026-09-03 09:00")
    draft = drafts.start(district="439901", actor=actor, at=at)
    content = Content(answers=CONSCRIPT, fields={**FIELDS, **fields})
    plan = content.plan(draft.edition)
    ways = dict.fromkeys(hand_in.needed_codes(plan), "promised")
    content = Content(answers=CONSCRIPT, fields=content.fields, materials=ways)
    drafts.save(draft_id=draft.id, content=content, actor=actor, at=at)
    receipt = hand_in.submit(draft_id=draft.id, actor=actor, at=at)
    user = User.objects.get(id=actor.user_id)
    return Own(city, actor, user, receipt.case_id, receipt.receipt_id, receipt.secret)


def with_phones(city: City) -> None:
    """A counter with a telephone in the first county, once."""
    district = District.objects.get(code="439901")
    Office.objects.get_or_create(
        district=district,
        name="东湖县军人退役“一件事”综合窗口",
        defaults={
            "department": "veterans_affairs",
            "phone": "0730-5550132",
            "address": "东湖县政务大厅 2 楼",
            "is_counter": True,
        },
    )


def picture(name: str = "photo.png") -> SimpleUploadedFile:
    """A small picture that is really one."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")
