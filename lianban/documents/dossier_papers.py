"""The bureau's papers around a dossier: the letter of a return, and sheets of labels."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from lianban.accounts.actor import Actor
from lianban.cases import dossier_code, dossier_lists, looks
from lianban.cases.dossier_lists import DossierView
from lianban.cases.services import dossier_letters, dossiers
from lianban.catalogue.calendar import CHINA
from lianban.documents import issue, letterhead, qr, render
from lianban.documents.dossier_content import DossierLabel, DossierLabels, DossierReturnLetter

#: The most labels of one sheet.
MOST_LABELS = 300


@transaction.atomic
def return_letter(
    *, dossier_id: UUID, sequence: int, actor: Actor, at: datetime, base_url: str
) -> bytes:
    """The letter of one return as PDF, numbered when it is first opened; who opened it is kept.

    Raises `Refused` (`unknown_case`, `not_permitted`, `unknown_paper`).
    """
    back = dossier_letters.opened(dossier_id=dossier_id, sequence=sequence, actor=actor, at=at)
    view = dossier_lists.get(dossier_id=dossier_id, actor=actor)
    head = _head(view.district)
    document = DossierReturnLetter(
        **head.sheet(at=back.at.astimezone(CHINA)),
        addressee=head.word("dossier_return_addressee"),
        legal_bases=head.lines("dossier_return_basis"),
        person=view.name,
        person_masked=view.identity_masked,
        dossier_number=dossier_code.encode(view.id),
        missing=back.missing,
        remark=view.remark,
        lead=head.word("dossier_return_lead"),
        closing=head.word("dossier_return_closing"),
    )
    record = issue.issue(
        document=document,
        case_id=view.id,
        prefix=head.word(f"number_{render.kind_of(document)}"),
        base_url=base_url,
        sequence=sequence,
    )
    looks.keep(case_id=view.id, what=f"paper:{record.kind}:{sequence}", actor=actor, at=at)
    return issue.open_file(record)


def labels(*, rows: Sequence[DossierView], district: str, at: datetime) -> bytes:
    """A sheet of labels for dossiers of one district, which is the list for their transfer, too."""
    head = _head(district)
    shown = tuple(_label(row) for row in rows[:MOST_LABELS])
    document = DossierLabels(**head.sheet(at=at), district=head.district_name, labels=shown)
    return render.render(document)


def _label(row: DossierView) -> DossierLabel:
    code = dossier_code.encode(row.id)
    return DossierLabel(name=row.name, masked=row.identity_masked, code=code, qr=qr.svg(code))


def _head(district: str) -> letterhead.Letterhead:
    edition = dossiers.edition_of(district)
    return letterhead.of(edition, district=district, department=edition.lead_department)
