"""Dossiers of the demonstration in every state: expected, on the table, back again, received, alone."""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from lianban.accounts.actor import Actor
from lianban.cases import dossier_lists
from lianban.cases.dossier_lists import DossierView, PersonView
from lianban.cases.services import dossier_checks, dossier_notes, dossiers
from lianban.cases.services.dossier_checks import Checked, Looked
from lianban.engine.refusal import Refused

#: People whose dossier is announced, and people whose dossier came alone: so many days ago.
_ANNOUNCED = ("韩立", "冯一鸣", "曹光远", "许诺", "邓凯")
_ALONE = (("沈河", 3), ("彭程", 21), ("苏景行", 52))


def load(bureau: Actor, *, numbers: list[str], at: datetime) -> None:
    """Bring in the dossiers of one county; `numbers` are invented ones, eight at least."""
    district, left = bureau.district or "", iter(numbers)
    announced = [(name, next(left)) for name in _ANNOUNCED]
    dossiers.record(rows=announced, state="expected", district=district, actor=bureau, at=at)
    for name, days in _ALONE:
        day = at - timedelta(days=days)
        rows = [(name, next(left))]
        dossiers.record(rows=rows, state="arrived", district=district, actor=bureau, at=day)
    waiting = dossier_lists.people(actor=bureau).rows
    known = [person for person in waiting if not person.dossier_state][::-1]
    dice = random.Random(at.year)
    for person, step in zip(known, ("checking", "incomplete", "letter", "letter"), strict=False):
        with suppress(Refused):  # a person who has a dossier already keeps it
            _carry(bureau, person, step, dice, at)
    if waiting:
        asked = (at - timedelta(days=2)).date()
        dossier_notes.add(
            kind="letter", on=asked, words="请尽快移交", case_ids=[waiting[0].case_id],
            actor=bureau, at=at,
        )  # fmt: skip


def _carry(bureau: Actor, person: PersonView, step: str, dice: random.Random, at: datetime) -> None:
    dossiers.receive_for_cases(case_ids=[person.case_id], state="arrived", actor=bureau, at=at)
    found = dossier_lists.of_case(case_id=person.case_id, actor=bureau)
    if found is None:
        return
    seen = _seen(bureau, found, dice, at)
    told: dict[str, Any] = {"dossier_id": found.id, "actor": bureau, "at": at}
    if step == "letter":
        dossier_checks.receive(seen=seen, **told)
    elif step == "incomplete":
        first = next(iter(seen.pieces))
        lacking = {**seen.pieces, first: Looked(False)}
        dossier_checks.send_back(seen=replace(seen, pieces=lacking), **told)
    else:
        dossier_checks.keep(seen=seen, **told)


def _seen(bureau: Actor, found: DossierView, dice: random.Random, at: datetime) -> Checked:
    """Everything is there; letters are some weeks old, vouchers have numbers."""
    views = dossier_lists.pieces(dossier_id=found.id, actor=bureau)
    return Checked(
        pieces={view.piece.code: Looked(True, dice.randrange(2, 30)) for view in views},
        numbers={
            view.piece.material: f"{dice.randrange(10**6):06d}"
            for view in views
            if view.piece.numbered
        },
        dates={
            view.piece.material: (at - timedelta(days=dice.choice((20, 80)))).date()
            for view in views
            if view.ends
        },
    )
