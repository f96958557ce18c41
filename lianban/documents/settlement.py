"""落户通知书: whoever settles gets one with their reception, for the desk that registers households."""

from collections.abc import Collection
from datetime import timedelta

from lianban.catalogue.model import Edition
from lianban.documents import content as paper
from lianban.documents import letterhead, paper_form, render
from lianban.documents.dossier_content import SettlementNotice
from lianban.documents.occasion import Moment, Occasion
from lianban.engine import events as e
from lianban.engine.states import State

#: The kind of this paper.
KIND = render.REGISTRY[SettlementNotice]


def kinds(edition: Edition, moment: Moment, numbers: Collection[int]) -> tuple[str, ...]:
    """The kind, if this moment made one and somebody who sees these items may read it."""
    number = reader(edition)
    if (
        number is None
        or number not in numbers
        or not isinstance(moment.event, e.ReceptionRegistered)
    ):
        return ()
    sub = moment.settled.sub_cases.get(number)
    is_here = sub is not None and not sub.external and sub.state is not State.SATISFIED
    return (KIND,) if is_here else ()


def reader(edition: Edition) -> int | None:
    """The number of the item whose desk the notice goes to; None where the plan has no notice."""
    rules = edition.dossier.settlement
    return edition.by_code[rules.reader].number if rules else None


def settlement_notice(on: Occasion) -> paper.Document:
    """落户通知书 of the moment when reception was registered."""
    rules, number = on.view.edition.dossier.settlement, reader(on.view.edition)
    assert rules is not None and number is not None
    desk = letterhead.of(
        on.view.edition,
        district=on.view.district,
        department=on.moment.settled.sub_cases[number].department,
    )
    numbers = [f.code for f in on.view.edition.fields if f.type == "identity_number"]
    notice = {**on.notice("settlement_basis"), "identity_number": "", "addressee": desk.office}
    return SettlementNotice(
        **notice,
        person=on.view.person_name,
        person_number=on.content.fields.get(numbers[0], "") if numbers else "",
        discharged_date=paper_form.written_day(on.content.fields.get("discharge_date", "")),
        home_address=on.content.fields.get("home_address", ""),
        lead=on.head.word("settlement_lead"),
        validity=on.head.word("settlement_validity").replace("{days}", str(rules.valid_days)),
        valid_until=on.moment.at.date() + timedelta(days=rules.valid_days),
    )
