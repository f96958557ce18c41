"""What a plan says about the troop's dossier (`dossier.yaml`): its pieces, and what follows from it.

Pieces and figures name their source; the city confirms them. Conditions read situation answers.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lianban.catalogue.condition import ALWAYS, Condition, questions
from lianban.catalogue.finding import Finding
from lianban.catalogue.source import Document

FILE = "dossier.yaml"
#: Reads the condition under `when` of a mapping; the rest says where it stands.
When = Callable[..., Condition]


@dataclass(frozen=True)
class DossierPiece:
    """One thing that belongs into a dossier, or may come along with it."""

    code: str
    name: str
    #: Without it the dossier is incomplete and goes back.
    required: bool = False
    when: Condition = ALWAYS
    #: The material of the person's case that it is; empty for a piece that stays in the dossier.
    material: str = ""
    #: It bears a number that a department needs.
    numbered: bool = False

    def belongs(self, answers: Mapping[str, str]) -> bool | None:
        """Whether it belongs into this person's dossier; None while the answers do not tell."""
        if questions(self.when) - answers.keys():
            return None
        return self.when.holds(answers)


@dataclass(frozen=True)
class Settlement:
    """The notice with which a person may settle: for which item's desk, and how long it holds."""

    #: Code of the item whose desk it is addressed to.
    reader: str
    #: Natural days from its day.
    valid_days: int


@dataclass(frozen=True)
class DossierRules:
    """The plan's rules for dossiers; empty where it has none."""

    pieces: tuple[DossierPiece, ...] = ()
    #: Natural days after which somebody who waits, or is waited for, is asked after.
    chase_days: int = 30
    #: Natural days before a letter's end at which it is pointed out.
    warn_days: int = 14
    settlement: Settlement | None = None

    def carrying(self, material: str) -> DossierPiece | None:
        """The piece that is this material, by its code."""
        return next((piece for piece in self.pieces if piece.material == material), None)


def rules(document: Document | None, when: When) -> DossierRules:
    """The rules as the plan's file says them; none without a file."""
    if document is None:
        return DossierRules()
    data = document.data
    notice = data.get("settlement_notice")
    return DossierRules(
        pieces=tuple(_piece(one, when(one, FILE, "pieces", i)) for i, one in _pieces(data)),
        chase_days=int(data["chase"]["days"]),
        warn_days=int(data["warn"]["days"]),
        settlement=Settlement(notice["reader"], int(notice["days"])) if notice else None,
    )


def _pieces(data: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, str]]]:
    return enumerate(data["pieces"])


def _piece(data: dict[str, str], when: Condition) -> DossierPiece:
    return DossierPiece(
        data["code"],
        data["name"],
        required=data.get("required") == "true",
        when=when,
        material=data.get("material", ""),
        numbered=data.get("numbered") == "true",
    )


def findings(document: Document | None, edition: Any) -> Iterator[Finding]:
    """Names that point nowhere, and materials that may come along but are no piece."""
    if document is None:
        return
    found: DossierRules = edition.dossier
    codes = [piece.code for piece in found.pieces]
    for i, piece in enumerate(found.pieces):
        line = document.line("pieces", i)
        if codes.index(piece.code) != i:
            yield _finding("double", f"档案里的「{piece.code}」写了两次，名字不能重复", line)
        material = edition.material_by_code.get(piece.material)
        if piece.material and (material is None or not material.may_arrive_with):
            message = f"「{piece.name}」说是材料「{piece.material}」，但没有这份可以随档案来的材料"
            yield _finding("unknown_material", message, line)
    for material in edition.materials:
        if material.may_arrive_with and found.carrying(material.code) is None:
            message = f"材料「{material.name}」可以随档案来，请在 pieces 里写上它"
            yield _finding("missing_piece", message, document.line("pieces"))
    if found.settlement and found.settlement.reader not in edition.by_code:
        message = f"没有事项「{found.settlement.reader}」，请改正名字"
        yield _finding("unknown_item", message, document.line("settlement_notice", "reader"))


def _finding(code: str, message: str, line: int) -> Finding:
    return Finding(code, message, file=FILE, line=line)
