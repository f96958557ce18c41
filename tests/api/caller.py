"""A department's system as seen from our door: it signs calls and checks our answers."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from lianban.cases import handed_out, services
from lianban.cases.models import FileRecord, JointCaseRecord, SubCaseRecord
from lianban.cases.services import hand_in, materials
from lianban.engine import commands as c
from lianban.exchange import contract, partners, signing
from lianban.exchange.models import PartnerRecord
from lianban.outbox.models import OutboxMessage
from tests.hostile.ground import picture
from tests.services.cast import FIELDS, City, identity_number, moment
from tests.services.test_case_life import filled

CONNECTED = moment("2026-09-01 09:00")
NOW = moment("2026-09-03 10:00")
HOST = "http://testserver"
POLICE, ARMY = "public_security", "armed_forces"
_NUMBERS = itertools.count(1)


def key(name: str, first: int = 1) -> signing.PrivateKey:
    """A key of these tests; another first byte is another key."""
    return signing.PrivateKey.from_seed(name, bytes(range(first, first + 32)))


def connect(code: str, *, first: int = 1, mode: str = "push") -> signing.PrivateKey:
    """Connect a partner with one key."""
    partners.connect(
        code=code, name=f"{code} 部门", adapter="demo", mode=mode,
        address="http://127.0.0.1:9/x", at=CONNECTED,
    )  # fmt: skip
    own = key(f"{code}-1", first)
    partners.add_key(code=code, key_id=own.key_id, public_key=own.public, at=CONNECTED)
    return own


def dispatched(city: City, *, sequence: str = "001") -> UUID:
    """A case whose first item is granted, so that departments have theirs."""
    fields = {**FIELDS, "identity_number": identity_number(sequence=sequence)}
    draft = filled(city.clerk, fields=fields)
    receipt = hand_in.register(draft_id=draft.id, actor=city.clerk, at=NOW)
    services.run(c.Grant(1), case_id=receipt.case_id, actor=city.clerk, at=NOW)
    return receipt.case_id


def subjects(case_id: UUID, department: str) -> list[str]:
    """The names of a department's dispatched sub-cases."""
    rows = SubCaseRecord.objects.filter(
        case_id=case_id, department=department, state="dispatched"
    ).order_by("number")
    number = JointCaseRecord.objects.values_list("case_number", flat=True).get(id=case_id)
    return [contract.sub_case(number, row.number) for row in rows]


def case_of(subject: str) -> JointCaseRecord:
    """The case of a sub-case's name."""
    return JointCaseRecord.objects.get(case_number=subject.rpartition("-")[0])


def given_file(city: City, subject: str) -> FileRecord:
    """A file of a material that the plan gives this sub-case's item."""
    named = contract.parse_sub_case(subject)
    assert named
    case_id = case_of(subject).id
    material = handed_out.read(case_id=case_id, item=named[1]).sub.materials[0]
    return materials.add_file(
        case_id=case_id, material=material, upload=picture(), name="照片.png",
        actor=city.clerk, at=NOW,
    )  # fmt: skip


def sent(department: str) -> None:
    """All that waits for a partner has arrived there."""
    OutboxMessage.objects.filter(department=department).update(state="sent", done_at=NOW)


def state(subject: str) -> str:
    """Where a sub-case stands."""
    named = contract.parse_sub_case(subject)
    assert named
    row = SubCaseRecord.objects.get(case__case_number=named[0], number=named[1])
    return str(row.state)


def envelope(word: str, subject: str, *, message_id: str = "", **data: Any) -> dict[str, Any]:
    """A message as a vendor's program writes it."""
    return {
        "specversion": "1.0",
        "id": message_id or f"m-{next(_NUMBERS):08d}",
        "source": "urn:test:partner",
        "type": f"cn.lianban.{word}.v1",
        "subject": subject,
        "time": "2026-09-03T10:00:00+08:00",
        "data": data,
    }


@dataclass
class Caller:
    """Signs with a key and calls with Django's own client."""

    key: signing.PrivateKey
    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))

    def sign(
        self, method: str, path: str, body: bytes = b"", *, at: datetime = NOW, nonce: str = "",
        content_type: str = contract.MEDIA_TYPE,
    ) -> signing.Message:  # fmt: skip
        """A call, signed as the contract asks."""
        headers = {"Content-Type": content_type} if body else {}
        message = signing.Message(method, HOST + path, body=body, headers=headers)
        signing.sign(message, key=self.key, at=at, nonce=nonce)
        return message

    def send(self, message: signing.Message, *, path: str = "") -> HttpResponse:
        """Send a call as it is."""
        headers = {name: text for name, text in message.headers.items() if name != "Content-Type"}
        return self.client.generic(
            message.method,
            path or message.url.removeprefix(HOST),
            message.body,
            message.headers.get("Content-Type", ""),
            headers=headers,
        )

    def post(self, said: Any, **headers: str) -> HttpResponse:
        """Tell one thing."""
        body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
        message = self.sign("POST", "/exchange/v1/messages", body)
        message.headers.update({name.replace("_", "-"): text for name, text in headers.items()})
        return self.checked(message)

    def get(self, path: str) -> HttpResponse:
        """Ask for something."""
        return self.checked(self.sign("GET", f"/exchange/v1/{path}"))

    def checked(self, message: signing.Message) -> HttpResponse:
        """Send, and hold that the answer is signed by us and answers this very call."""
        answer = self.send(message)
        assert_ours(answer, message)
        return answer


def assert_ours(answer: HttpResponse, message: signing.Message) -> None:
    """Hold that an answer carries our signature over itself and the call."""
    own = partners.own_key()
    signing.verify_answer(
        signing.Answer(
            request=message,
            status_code=answer.status_code,
            body=answer.content,
            headers=dict(answer.items()),
        ),
        keys=lambda name: own.public if name == own.key_id else None,
        at=NOW,
    )


def complaint(answer: HttpResponse) -> contract.Complaint:
    """What an answer complains of, always in JSON."""
    assert 400 <= answer.status_code < 500, answer.content[:200]
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store" and not answer.cookies
    return contract.Complaint.model_validate_json(answer.content)


def partner(code: str) -> PartnerRecord:
    """A partner's row as it is now."""
    return PartnerRecord.objects.get(code=code)
