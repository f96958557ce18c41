"""One decision for many like rows: seen together first, then done in slices, each with its result."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import bulk_lists, editions, offices
from lianban.cases.bulk_lists import BulkRow
from lianban.cases.services import bulk as service
from lianban.engine.refusal import Refused
from lianban.web.components import access, faces
from lianban.web.components.refusals import status_of

_officer = access.officer(Role.DEPARTMENT_OFFICER, Role.BUREAU_OFFICER, Role.BUREAU_HEAD)
#: Rows that one request does; the page goes on by itself with the rest.
SLICE = 50
NAMES = {
    "receive": "收件",
    "accept": "受理",
    "grant": "准予",
    "deny": "不予办理",
    "deliver": "登记送达",
}


@dataclass(frozen=True)
class Done:
    """What became of one row."""

    row: BulkRow
    message: str


@_officer
@require_POST
def rows(request: access.Request) -> HttpResponse:
    """`step` look lists the rows and what stands in the way; give decides them, slice by slice."""
    act = request.POST.get("act", "")
    if act not in service.ACTS:
        raise Http404("没有这个操作")
    found = _rows(request, act)
    problem = _problem(found)
    if problem:
        messages.warning(request, problem)
        return HttpResponseRedirect(_back(request))
    if request.POST.get("step") != "give":
        return _look(request, act, found)
    return _give(request, act, found)


def _rows(request: access.Request, act: str) -> list[BulkRow]:
    today, actor = clock.now().date(), request.actor
    item = request.POST.get("item", "")
    if request.POST.get("all") and item.isascii() and item.isdigit() and len(item) < 5:
        return bulk_lists.filtered(
            tab=request.POST.get("tab", "open"),
            item=int(item),
            district=request.POST.get("district", ""),
            act=act,
            actor=actor,
            today=today,
        )
    keys = [*request.POST.getlist("row"), *request.POST.get("rows", "").split()]
    return bulk_lists.ticked(_picked(keys), act=act, actor=actor, today=today)


def _picked(keys: list[str]) -> list[tuple[UUID, int]]:
    """The rows behind tick boxes; what cannot be read is left out."""
    found = []
    for key in keys[: service.MOST]:
        case_id, _, number = key.partition(".")
        try:
            found.append((UUID(case_id), int(number[:4])))
        except ValueError:
            continue
    return found


def _problem(found: list[BulkRow]) -> str:
    if not found:
        return "还没选。先在左边打勾，或者先按事项筛选再勾“筛选出的全部”"
    if len({row.number for row in found}) > 1:
        return "一次只能对同一个事项作同样的决定。先按事项筛选，再选"
    return ""


def _look(
    request: access.Request, act: str, found: list[BulkRow], *, problem: str = "", status: int = 200
) -> HttpResponse:
    ready = [row for row in found if not row.why_not]
    context = {
        "lines": found,
        "ready": ready,
        "keys": " ".join(row.key for row in ready),
        "reasons": _reasons(request) if act == "deny" else [],
        "problem": problem,
        "typed": request.POST,
    }
    return _page(request, act, found, context, status=status)


def _give(request: access.Request, act: str, found: list[BulkRow]) -> HttpResponse:
    now, later = found[:SLICE], found[SLICE:]
    reason = _reason(request)
    try:
        results = service.decide(
            [(row.case_id, row.number) for row in now],
            act=act,
            reason=reason,
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        status = 422 if refusal.code == "needs_grounds" else status_of(refusal)
        return _look(request, act, found, problem=refusal.message, status=status)
    by_key = {row.key: row for row in now}
    done = [Done(by_key[f"{one.case_id}.{one.item}"], one.message) for one in results]
    good = sum(not one.message for one in done) + _count(request, "good")
    bad = sum(bool(one.message) for one in done) + _count(request, "bad")
    context = {
        "done": done,
        "good": good,
        "bad": bad,
        "total": good + bad + len(later),
        "keys": " ".join(row.key for row in later),
        "reason": reason,
    }
    return _page(request, act, found, context)


def _count(request: access.Request, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _reasons(request: access.Request) -> list[tuple[str, str]]:
    """The standard reasons of the editions in the officer's districts."""
    found: dict[str, str] = {}
    for edition_id in offices.edition_ids(request.actor):
        words = editions.in_force(edition_id).wording.get("reasons", {})
        found |= {code: text for code, text in words.items() if code.startswith("deny.")}
    return list(found.items())


def _reason(request: access.Request) -> str:
    chosen = dict(_reasons(request)).get(request.POST.get("standard", ""), "")
    own = request.POST.get("own", "").strip()
    return "；".join(text for text in (chosen, own) if text)


def _page(
    request: access.Request,
    act: str,
    found: list[BulkRow],
    context: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    frame = {
        "act": act,
        "name": NAMES[act],
        "item_name": found[0].item_name,
        "back": _back(request),
        "faces": faces.faces_of(request.actor),
    }
    return render(request, "bulk/rows.html", frame | context, status=status)


def _back(request: access.Request) -> str:
    """The list that the form stood on."""
    return (
        access.safe_next(request, request.POST.get("back"))
        or faces.faces_of(request.actor)[0].address
    )
