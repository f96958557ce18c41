"""What the pages read out of a case: the form by sections, masked values, who is who."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from lianban.cases import queries, standing
from lianban.cases.queries import CaseView, FieldView
from lianban.web.components import dates
from lianban.web.components.status import Status


@dataclass(frozen=True)
class Shown:
    """One value of the form; `href` (a POST that is logged) shows what is masked."""

    label: str
    text: str
    href: str = ""


@dataclass(frozen=True)
class Section:
    """One part of the form."""

    title: str
    rows: tuple[Shown, ...]


def sections(
    view: CaseView,
    *,
    page: str,
    revealed: dict[str, str] | None = None,
    codes: set[str] | None = None,
) -> list[Section]:
    """The form by its sections; `codes` narrows it to fields that these items read."""
    rows: dict[str, list[Shown]] = {}
    for field in queries.form(view):
        if codes is None or codes & set(field.field.items):
            rows.setdefault(field.field.section, []).append(_row(view, field, page, revealed or {}))
    return [
        Section(section.title, tuple(rows[section.code]))
        for section in view.edition.sections
        if section.code in rows
    ]


def _row(view: CaseView, field: FieldView, page: str, revealed: dict[str, str]) -> Shown:
    code = field.field.code
    if code in revealed:
        return Shown(field.label, revealed[code])
    is_masked = field.shown != field.value and field.field.type != "choice"
    href = reverse("bureau:reveal", args=[view.id, page, code]) if is_masked else ""
    return Shown(field.label, _words(field), href)


def _words(field: FieldView) -> str:
    if field.field.type == "date":
        try:
            return dates.full_day(date.fromisoformat(field.value))
        except ValueError:
            return field.value
    return field.shown


def identity(view: CaseView, *, page: str, revealed: dict[str, str] | None = None) -> Shown:
    """The identity number in the page's head."""
    found = next((f for f in view.edition.fields if f.type == "identity_number"), None)
    code = found.code if found else ""
    if revealed and code in revealed:
        return Shown("身份证号", revealed[code])
    href = reverse("bureau:reveal", args=[view.id, page, code]) if code else ""
    return Shown("身份证号", view.identity_masked, href)


def who(view: CaseView, code: str) -> str:
    """Who must act, in a word."""
    return standing.who(view.edition, code)


MATERIAL = {
    "missing": Status("needs-you", "还缺"),
    "promised": Status("waiting", "带到窗口"),
    "uploaded": Status("progress", "已上传"),
    "seen": Status("done", "原件已核"),
    "deferred": Status("suspended", "容缺后补"),
    "with_dossier": Status("done", "随档案来"),
}
"""A material's state as the status that stands beside it."""


def materials(view: CaseView, *, item: int | None = None) -> list[dict[str, Any]]:
    """The materials of the case, or of one item, each with its status and files."""
    return [
        {
            "name": found.material.name,
            "code": found.material.code,
            "status": MATERIAL[found.state],
            "files": found.files,
            "items": "、".join(str(n) for n in found.items),
            "seen_at": found.record.seen_at,
            "may_come": found.state == "missing" and found.material.may_arrive_with,
        }
        for found in queries.materials(view)
        if item is None or item in found.items
    ]
