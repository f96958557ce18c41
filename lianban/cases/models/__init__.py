"""Rows of the cases room, a module for each thing. Only this room touches them."""

from lianban.cases.models.absences import AbsenceRecord
from lianban.cases.models.agents import AgentRecord
from lianban.cases.models.case import (
    BatchRecord,
    DraftRecord,
    EditionRecord,
    EnquiryRecord,
    FormVersionRecord,
    JointCaseRecord,
    MaterialRecord,
    MessageRecord,
    PersonRecord,
    SubCaseRecord,
    ViewRecord,
)
from lianban.cases.models.dossiers import (
    DossierNoteRecord,
    DossierRecord,
    DossierReturnRecord,
    DossierScanRecord,
)
from lianban.cases.models.files import FileRecord
from lianban.cases.models.money import PaymentBatchRecord, PaymentRecord
from lianban.cases.models.moves import MoveRecord
from lianban.cases.models.person_conflicts import PersonConflictRecord
from lianban.cases.models.proposals import ProposalRecord
from lianban.cases.models.ratings import PackRecord, RatingRecord
from lianban.cases.models.results import MailRecord, PostingRecord, ResultRecord
from lianban.cases.models.roster import RosterRecord, RosterRowRecord
from lianban.cases.models.signatures import SignatureRecord
from lianban.cases.models.visits import AppointmentRecord, SlotRecord, VisitRecord

__all__ = [
    "AbsenceRecord",
    "AgentRecord",
    "AppointmentRecord",
    "BatchRecord",
    "DossierNoteRecord",
    "DossierRecord",
    "DossierReturnRecord",
    "DossierScanRecord",
    "DraftRecord",
    "EditionRecord",
    "EnquiryRecord",
    "FileRecord",
    "FormVersionRecord",
    "JointCaseRecord",
    "MailRecord",
    "MaterialRecord",
    "MessageRecord",
    "MoveRecord",
    "PackRecord",
    "PaymentBatchRecord",
    "PaymentRecord",
    "PersonConflictRecord",
    "PersonRecord",
    "PostingRecord",
    "ProposalRecord",
    "RatingRecord",
    "ResultRecord",
    "RosterRecord",
    "RosterRowRecord",
    "SignatureRecord",
    "SlotRecord",
    "SubCaseRecord",
    "ViewRecord",
    "VisitRecord",
]
