"""Rows of the cases room, a module for each thing. Only this room touches them."""

from lianban.cases.models.case import (
    BatchRecord,
    DossierRecord,
    DraftRecord,
    EditionRecord,
    EnquiryRecord,
    FileRecord,
    FormVersionRecord,
    JointCaseRecord,
    MaterialRecord,
    MessageRecord,
    PersonRecord,
    SubCaseRecord,
    ViewRecord,
)

__all__ = [
    "BatchRecord",
    "DossierRecord",
    "DraftRecord",
    "EditionRecord",
    "EnquiryRecord",
    "FileRecord",
    "FormVersionRecord",
    "JointCaseRecord",
    "MaterialRecord",
    "MessageRecord",
    "PersonRecord",
    "SubCaseRecord",
    "ViewRecord",
]
