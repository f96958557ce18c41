"""What the papers around a dossier need to know: 落户通知书, the letter of a return, label sheets."""

from dataclasses import dataclass
from datetime import date

from lianban.documents.content import Document, Notice


@dataclass(frozen=True, kw_only=True)
class SettlementNotice(Notice):
    """落户通知书: to the desk that registers the household; ``addressee`` is that office.

    ``lead`` and ``validity`` are plan data, ``valid_until`` is the last day of its use.
    """

    person: str = ""
    person_number: str = ""
    discharged_date: date | None = None
    home_address: str = ""
    lead: str = ""
    validity: str = ""
    valid_until: date | None = None

    @property
    def addressed_office(self) -> str:
        """The office to which it goes, as the verification page may say it."""
        return self.addressee


@dataclass(frozen=True, kw_only=True)
class DossierReturnLetter(Notice):
    """档案退回补充函: to whoever handed the dossier over, never by a unit's name.

    ``identity_number`` is empty; the person stands below, masked. ``lead`` and ``closing`` are plan
    data, ``dossier_number`` is that of the label.
    """

    person: str = ""
    person_masked: str = ""
    dossier_number: str = ""
    missing: tuple[str, ...] = ()
    remark: str = ""
    lead: str = ""
    closing: str = ""


@dataclass(frozen=True, kw_only=True)
class DossierLabel:
    """One label: ``code`` is the dossier's number, ``qr`` its code as SVG."""

    name: str
    masked: str
    code: str
    qr: str


@dataclass(frozen=True, kw_only=True)
class DossierLabels(Document):
    """A sheet of labels that is the transfer list, too: a box to tick stands on each."""

    district: str = ""
    labels: tuple[DossierLabel, ...] = ()
