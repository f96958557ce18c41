"""What is in a dossier, piece by piece, and what of it a case's departments may read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from lianban import vault
from lianban.cases import forms, roster_known
from lianban.cases.models import DossierRecord, PersonRecord, RosterRowRecord
from lianban.cases.services import dossiers
from lianban.catalogue.dossier import DossierPiece
from lianban.catalogue.model import Edition

_PLACE = {"table": dossiers.TABLE, "column": "voucher_numbers"}


@dataclass(frozen=True)
class PieceView:
    """One piece of a dossier and whether it is there."""

    piece: DossierPiece
    #: True for this person, None while nothing of them is known.
    belongs: bool | None
    #: None: nobody has looked for it yet.
    there: bool | None
    pages: int | None
    #: The number on it, and the day on it (ISO), where it has them.
    number: str
    dated: str
    #: Whether the day on it decides how long it may be used.
    ends: bool

    @property
    def is_required(self) -> bool:
        """Without it the dossier goes back."""
        return self.piece.required and self.belongs is True

    @property
    def is_lacking(self) -> bool:
        """Required, and not there as far as anybody has seen."""
        return self.is_required and not self.there


@dataclass(frozen=True)
class Known:
    """Answers of a person; `is_whole` when everything that is asked of them was answered."""

    answers: Mapping[str, str]
    is_whole: bool

    def belongs(self, piece: DossierPiece) -> bool | None:
        """Whether a piece belongs into this person's dossier; None: the answers do not tell."""
        return piece.when.holds(self.answers) if self.is_whole else piece.belongs(self.answers)


@dataclass(frozen=True)
class Came:
    """What came along for a material of a case."""

    number: str
    dated_on: date | None
    until: date | None


def of(found: DossierRecord, edition: Edition) -> list[PieceView]:
    """The pieces that belong into this dossier, or may, in the plan's order."""
    known, numbers = known_of(found), numbers_of(found)
    return [
        _view(piece, belongs, found, edition, numbers)
        for piece in edition.dossier.pieces
        if (belongs := known.belongs(piece)) is not False or piece.code in found.pieces
    ]


def _view(
    piece: DossierPiece,
    belongs: bool | None,
    found: DossierRecord,
    edition: Edition,
    numbers: Mapping[str, str],
) -> PieceView:
    seen: dict[str, Any] = found.pieces.get(piece.code, {})
    material = edition.material_by_code.get(piece.material)
    there = seen.get("there")
    if there is None and piece.material in found.vouchers:
        there = True
    return PieceView(
        piece=piece,
        belongs=belongs,
        there=there,
        pages=seen.get("pages"),
        number=numbers.get(piece.material, ""),
        dated=found.paper_dates.get(piece.material, ""),
        ends=bool(material and material.valid_days),
    )


def known_of(found: DossierRecord) -> Known:
    """What is known of the person: by their own case, else by the troop's roster."""
    case = dossiers.running_case(found)
    content = forms.latest(case.id) if case else None
    if content is not None:
        return Known(content.answers, is_whole=True)
    row = (
        RosterRowRecord.objects.filter(dossier_id=found.id, applied_at__isnull=False)
        .order_by("-applied_at")
        .first()
    )
    return Known(roster_known.opened(row).answers if row else {}, is_whole=False)


def numbers_of(found: DossierRecord) -> dict[str, str]:
    """The numbers of the vouchers by material code. Raises `vault.Unreadable`."""
    if found.voucher_numbers is None:
        return {}
    opened = vault.decrypt(bytes(found.voucher_numbers), **_PLACE, row=str(found.id))
    numbers: dict[str, str] = json.loads(opened)
    return numbers


def sealed_numbers(numbers: Mapping[str, str], *, dossier_id: UUID) -> bytes | None:
    """The numbers as a column holds them."""
    if not numbers:
        return None
    body = json.dumps(dict(numbers), ensure_ascii=False).encode()
    return vault.encrypt(body, **_PLACE, row=str(dossier_id))


def of_case(*, case_id: UUID, edition: Edition) -> dict[str, Came]:
    """What came along with the case's own dossier, by material code; the caller picks its items'."""
    person = PersonRecord.objects.filter(cases__id=case_id).first()
    if person is None:
        return {}
    found = DossierRecord.objects.filter(
        identity_index=person.identity_index, state=DossierRecord.State.RECEIVED
    ).first()
    if found is None or dossiers.names_in_conflict(found):
        return {}
    numbers, days = numbers_of(found), found.paper_dates
    return {
        code: Came(
            numbers.get(code, ""),
            date.fromisoformat(days[code]) if days.get(code) else None,
            dossiers.ends_on(edition, code, days.get(code, "")),
        )
        for code in found.vouchers
    }
