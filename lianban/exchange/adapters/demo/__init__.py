"""A department without a system, played in this process; with an address, one that speaks the contract.

For demonstrations and tests: whatever is sent is received, accepted, granted and numbered at once, and
what is to be verified matches. Each answer comes in as any partner's would, and has its effect once.
"""

from datetime import datetime

from lianban.exchange import contract, department, http, inbound, verification
from lianban.exchange.adapter import Adapter
from lianban.exchange.contract import Envelope, Part
from lianban.exchange.models import PartnerRecord


def send(partner: PartnerRecord, envelope: Envelope, at: datetime) -> None:
    """Post to the partner's address; without one, answer here. Raises what `http.post` raises."""
    if partner.address:
        http.post(partner, envelope, at=at)
        return
    for word, data in _answers(envelope, at):
        said = contract.envelope(
            word=word,
            message_id=f"{envelope.id}.{word}",
            source=f"urn:demo:{partner.code}",
            subject=envelope.subject,
            at=at,
            data=data,
        )
        body = said.model_dump_json(exclude_none=True).encode()
        taken = inbound.receive(partner=partner, body=body, at=at)
        if taken.status != 200:
            return


def _answers(envelope: Envelope, at: datetime) -> list[tuple[str, Part]]:
    """What the department answers, in order; nothing to what it is only told."""
    word = contract.word_of(envelope.type)
    if word == "verify":
        asked = contract.Verify.model_validate(envelope.data)
        same = dict.fromkeys(asked.materials, contract.VerifiedMaterial(matches=True))
        return [("verified", contract.Verified(materials=same, identity_matches=True))]
    if word != "dispatch":
        return []
    number = f"示范-{envelope.subject.replace('LB', '')}"
    return [
        ("receive", contract.Nothing()),
        ("accept", contract.Nothing()),
        ("decide", contract.Decide(outcome="granted")),
        ("issue", contract.Issue(number=number, issued_on=at.date())),
    ]


ADAPTER = Adapter(
    code="demo",
    title="示范系统",
    tells={**department.TELLS, **verification.TELLS},
    hears={**department.HEARS, **verification.HEARS},
    send=send,
)
