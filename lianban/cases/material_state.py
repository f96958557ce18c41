"""Where a material stands: worked out from the case, the files and who saw the original.

A row says only how the person said it comes and who saw it; what the rules wait for is asked of the
case itself, so the two cannot drift apart.
"""

from lianban.cases.models import MaterialRecord
from lianban.catalogue.model import Material
from lianban.engine.case import JointCase

State = MaterialRecord.State


def outstanding(case: JointCase) -> set[str]:
    """Codes that somebody waits for now: missing at hand-in, or named in an open notice."""
    notices = [case.notice, *(sub.notice for sub in case.sub_cases.values())]
    return set(case.missing).union(*(notice.outstanding for notice in notices))


def of(
    case: JointCase, row: MaterialRecord, material: Material, *, has_files: bool
) -> MaterialRecord.State:
    """The state of one material of a case.

    What was missing, may come with the dossier and is no longer waited for, came with it.
    """
    if row.code in case.deferrals:
        return State.DEFERRED
    if row.code in outstanding(case):
        return State.MISSING
    if row.seen_at is not None:
        return State.SEEN
    if has_files:
        return State.UPLOADED
    came = row.state == State.MISSING and bool(material.may_arrive_with)
    return State.WITH_DOSSIER if came or row.state == State.WITH_DOSSIER else State.PROMISED
