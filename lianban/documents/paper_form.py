"""The registration form (联办办理登记表) filled in from what a person declared."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from lianban.cases import agents
from lianban.cases.content import Content
from lianban.cases.services.signatures import Signature
from lianban.catalogue.calendar import day_of
from lianban.catalogue.model import Edition
from lianban.documents import content as paper
from lianban.documents.letterhead import Letterhead

_OWN_DELIVERIES = frozenset(
    field.name.removesuffix("_delivery")
    for field in dataclasses.fields(paper.RegistrationForm)
    if field.name.endswith("_delivery")
)


def registration_form(
    head: Letterhead,
    content: Content,
    items: frozenset[str],
    *,
    at: datetime,
    case_number: str = "",
    signed: Iterable[Signature] = (),
    page_marks: tuple[str, ...] = (),
) -> paper.RegistrationForm:
    """The form for these declarations; `items` holds the codes of the items that are handled.

    `page_marks`: see `cases.form_pages`; `signed`: the signatures. What was not given is a blank.
    """
    edition, values = head.edition, content.fields
    return paper.RegistrationForm(
        **head.sheet(at=at, case_number=case_number),
        page_marks=page_marks,
        city=head.city_name,
        name=values.get("name", ""),
        gender=_chosen(edition, values, "sex"),
        political_status=_chosen(edition, values, "political_status"),
        education=_chosen(edition, values, "education"),
        enlisted_date=written_day(values.get("enlisted_date", "")),
        discharged_date=written_day(values.get("discharge_date", "")),
        identity_number=values.get("identity_number", ""),
        home_address=values.get("home_address", ""),
        phone=values.get("mobile", ""),
        backup_phone=values.get("backup_phone", ""),
        ticked=_ticked(edition, content, items),
        other_items=_other_items(edition, items),
        **_own_deliveries(values),
        other_deliveries=_other_deliveries(edition, values),
        postal_address=values.get("postal_address", ""),
        recipient=values.get("recipient", ""),
        recipient_phone=values.get("recipient_phone", ""),
        self_employment_signature=_signature(edition, content, "self_employment", signed),
        commitment_signature=_signature(edition, content, "commitment", signed),
        handled_by=handled_by(edition, content),
    )


def _chosen(edition: Edition, values: dict[str, str], code: str) -> str:
    """The words of a choice."""
    value = values.get(code, "")
    field = next((field for field in edition.fields if field.code == code), None)
    choices = field.choices if field else ()
    return next((choice.label for choice in choices if choice.value == value), value)


def written_day(text: str) -> date | None:
    """A date, or a blank for what cannot be one: a form that is being filled in may hold anything."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _signature(
    edition: Edition, content: Content, code: str, signed: Iterable[Signature]
) -> paper.Signature:
    name = content.fields.get(f"{code}_signature", "")
    fitting = [s for s in signed if s.purpose == f"{code}_signature" and s.name == name]
    day = written_day(content.fields.get(f"{code}_signed_date", "")) if name else None
    return on_paper(edition, content, fitting) or paper.Signature(name=name, signed_date=day)


def on_paper(
    edition: Edition, content: Content, signed: Sequence[Signature]
) -> paper.Signature | None:
    """The newest of some signatures as paper shows it, or None."""
    if not signed:
        return None
    newest = signed[-1]
    return paper.Signature(
        name=newest.name,
        signed_date=day_of(newest.signed_at),
        strokes=newest.svg,
        present=newest.witness,
        signer=handled_by(edition, content) if newest.role == "agent" else "",
    )


def handled_by(edition: Edition, content: Content) -> str:
    """Who acted for the person, in words; empty where nobody did."""
    return agents.words(edition, agents.of_data(content.agent))


def _ticked(edition: Edition, content: Content, items: frozenset[str]) -> frozenset[str]:
    """Boxes named as an item; where an item has several, the plan says which answer ticks which."""
    words = edition.wording.get("form", {})
    found = items & paper.FORM_BOXES
    for box in paper.FORM_BOXES - found:
        code = next((code for code in items if box.startswith(f"{code}_")), None)
        answer = content.answers.get(code, "") if code else ""
        if answer and answer in words.get(f"answers_{box}", "").split():
            found |= {box}
    return found


def _other_items(edition: Edition, items: frozenset[str]) -> tuple[paper.TickBox, ...]:
    boxed = {
        item.code
        for item in edition.items
        for box in paper.FORM_BOXES
        if box == item.code or box.startswith(f"{item.code}_")
    }
    return tuple(
        paper.TickBox(label=item.short_name, is_ticked=item.code in items)
        for item in edition.items
        if item.code not in boxed
    )


def _own_deliveries(values: dict[str, str]) -> dict[str, Any]:
    return {
        f"{name}_delivery": way
        for name in _OWN_DELIVERIES
        if (way := values.get(f"delivery_{name}", "")) in {"courier", "pick_up"}
    }


def _other_deliveries(edition: Edition, values: dict[str, str]) -> tuple[paper.DeliveryChoice, ...]:
    return tuple(
        paper.DeliveryChoice(result=field.label, way=way)
        for field in edition.fields
        if field.delivers
        and field.code.removeprefix("delivery_") not in _OWN_DELIVERIES
        and (way := values.get(field.code, "")) in paper.DELIVERY_WAYS
    )
