"""Doing what a button of the bureau asks: one service call, or the form again with what was typed."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from lianban.accounts.actor import Actor
from lianban.cases import services
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import astray, batches, claims, dossiers, proposals
from lianban.engine import commands as c
from lianban.engine.refusal import Refused
from lianban.web.bureau import actions, forms
from lianban.web.bureau.actions import Action, Offer
from lianban.web.components import access, reception
from lianban.web.components.refusals import status_of

CHANGED = "这件联办件刚被别人改过，下面是最新情况"
_INVALID = 422


@dataclass(frozen=True)
class Failed:
    """What was not done: its form with what was typed, why, and the status of the answer."""

    action: Action
    form: forms.ActionForm
    status: int


def act(
    request: access.Request,
    table: tuple[Action, ...],
    view: CaseView,
    item: ItemView | None,
    *,
    at: datetime,
    back: str,
) -> HttpResponse | Failed:
    """Do the posted action and lead back to the page, or say what failed.

    `view` is the case as it stands now; the posted `sequence` is what the officer saw.
    """
    action = actions.named(table, request.POST.get("do", ""))
    if action is None:
        raise Http404("没有这个操作")
    form = actions.form_for(action, view, item, request.POST)
    if not form.is_valid():
        return Failed(action, form, _INVALID)
    is_proposal = actions.proposes(action.name, item.may if item else view.may)
    try:
        _perform(action, form.cleaned_data, view, item, request.actor, at, seen(request))
        reception.number_notice(request, view.id, at=at)
    except Refused as refused:
        if status_of(refused) == 404:
            raise Http404(refused.message) from refused
        return failed(action, form, view, refused, seen(request))
    messages.success(request, "已提请负责人批准" if is_proposal else action.done)
    return redirect(back)


def failed(
    action: Action,
    form: forms.ActionForm,
    view: CaseView,
    refused: Refused,
    sequence: int | None,
) -> Failed:
    """Put a refusal into the form; a case that moved on meanwhile is said first."""
    moved = sequence is not None and sequence != view.sequence
    words = actions.reason(view, refused)
    if moved or refused.code == "stale":
        words = CHANGED if refused.code == "stale" else f"{CHANGED}。{words}"
    form.add_error(None, words)
    return Failed(action, form, 409 if moved else status_of(refused))


def seen(request: access.Request) -> int | None:
    """The sequence that the page was made from."""
    text = request.POST.get("sequence", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _perform(
    action: Action,
    cleaned: dict[str, Any],
    view: CaseView,
    item: ItemView | None,
    actor: Actor,
    at: datetime,
    sequence: int | None,
) -> None:
    special = _SPECIAL.get(action.name) if item is None else None
    if special is not None:
        special(cleaned, view.id, actor, at)
        return
    number = item.sub.number if item else None
    command = action.command(cleaned, number)
    more: dict[str, Any] = {"expected_sequence": sequence}
    if actions.proposes(action.name, item.may if item else view.may):
        proposals.propose(command, case_id=view.id, actor=actor, at=at, **more)
        return
    if cleaned.get("result_number"):
        more["result_number"] = cleaned["result_number"]
    if isinstance(command, c.Dispatch):
        district = cleaned.get("district", "")
        astray.send_again(
            case_id=view.id,
            item=command.item,
            department=command.department,
            district=district,
            actor=actor,
            at=at,
            **more,
        )
        return
    if item is not None and number is not None and "grant" in item.may:
        claims.act(command, case_id=view.id, item=number, actor=actor, at=at, **more)
        return
    services.run(command, case_id=view.id, actor=actor, at=at, **more)


def _dossier(cleaned: dict[str, Any], case_id: UUID, actor: Actor, at: datetime) -> None:
    found = dossiers.receive_for_cases(
        case_ids=[case_id], state="received", vouchers=cleaned["vouchers"], actor=actor, at=at
    )
    if not all(row.done for row in found):
        raise Refused("not_ready", found[0].message)


def _gather(cleaned: dict[str, Any], case_id: UUID, actor: Actor, at: datetime) -> None:
    found = batches.gather(case_ids=[case_id], actor=actor, at=at)
    if found.batch_id is None:
        raise Refused("not_ready", found.rows[0].message if found.rows else "没有这件联办件")


_SPECIAL = {"receive_dossier": _dossier, "gather_batch": _gather}


def placed(offers: list[Offer], failed: Failed | None) -> list[Offer]:
    """The offers with the failed form in its place, or first where it is no longer offered."""
    if failed is None:
        return offers
    found = []
    for offer in offers:
        same = offer.action is failed.action
        found.append(dataclasses.replace(offer, form=failed.form) if same else offer)
    if failed.action.name in [offer.action.name for offer in offers]:
        return found
    return [Offer(failed.action, failed.form), *found]
