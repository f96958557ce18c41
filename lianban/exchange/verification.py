"""核验 on the wire: a department is asked about papers and the person, and answers from its records.

Which department, and which papers, the plan says; any department's adapter may carry these words.
"""

from collections.abc import Mapping

from lianban.cases import queries, questions
from lianban.cases.services import verification
from lianban.documents import papers
from lianban.engine.refusal import Refused
from lianban.exchange import contract, department, partners, subjects, tasks
from lianban.exchange.adapter import Hear, Heard, Tell, Telling, Told
from lianban.exchange.models import TaskRecord

#: How the subject of a question begins; the message's own name follows.
PREFIX = "verify"


def tell_verify(telling: Telling) -> Told | None:
    """The papers that this department is to verify, and the fields that say whose they are."""
    row = telling.row
    shown = questions.shown(
        case_id=row.case_id, sequence=row.sequence, department=telling.partner.code
    )
    if shown is None:
        return None
    materials = {one.material.code: department.material(one, telling) for one in shown.materials}
    for code, (name, grade) in shown.results.items():
        said = {"name": name, "grade": grade, "number": _number(telling, code)}
        materials[code] = contract.MaterialValue.model_validate(said)
    data = contract.Verify(
        fields={f.code: contract.FieldValue(label=f.label, value=v) for f, v in shown.fields},
        materials=materials,
    )
    return Told("verify", subjects.name(PREFIX, row.message_id), data)


def _number(telling: Telling, kind: str) -> str:
    """The number of a paper that this case issued; it is issued now if nobody has opened it yet."""
    address = partners.outside_address()
    if not address:  # a paper carries the address where it is verified
        return ""
    try:
        view = queries.get(
            case_id=telling.row.case_id, actor=partners.actor(telling.partner), at=telling.at
        )
    except Refused:  # the department has no item of this case
        return ""
    record = papers.record_of(view, kind=kind, base_url=address)
    return record.number if record else ""


def hear_verified(heard: Heard) -> str:
    """The answer: what matches is grade A; what differs becomes a task, once."""
    data = heard.data
    assert isinstance(data, contract.Verified)
    row = subjects.message(heard, PREFIX)
    is_fine = verification.answered(
        case_id=row.case_id,
        sequence=row.sequence,
        papers={
            code: verification.Answer(said.matches, said.valid_until)
            for code, said in data.materials.items()
        },
        identity=data.identity_matches,
        actor=heard.actor,
        at=heard.at,
    )
    if not is_fine:
        tasks.open_(
            kind=TaskRecord.Kind.MISMATCH,
            partner=heard.partner,
            about=heard.envelope.subject,
            case_id=row.case_id,
            code=_first_difference(data),
            at=heard.at,
        )
    return ""


def _first_difference(data: contract.Verified) -> str:
    """A code for the task: the first paper that differs, or `identity`."""
    papers = (code for code, said in data.materials.items() if not said.matches)
    return "identity" if data.identity_matches is False else next(papers, "")


TELLS: Mapping[str, Tell] = {"verify": tell_verify}
HEARS: Mapping[str, Hear] = {"verified": hear_verified}
