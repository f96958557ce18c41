"""The same decision for like rows: seen together first, then a result for each."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from lianban import clock
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import claims
from lianban.engine.commands import Grant
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.department import item_page, options
from lianban.web.department.forms import ResultNumber
from lianban.web.department.giving import give
from lianban.web.department.worklist import back, frame, officer, picked


@dataclass
class Line:
    """One row of the page: what is typed, what is wrong, what came of it."""

    view: CaseView
    item: ItemView
    seen: str
    number: str
    error: str = ""
    #: Why it cannot be granted now; such a row is left out.
    why_not: str = ""
    result: claims.Result | None = None

    @property
    def key(self) -> str:
        """The row's name in the form."""
        return f"{self.view.id}.{self.item.item.number}"

    @property
    def href(self) -> str:
        """The item's page."""
        return item_page.href(self.view, self.item)


@officer
@require_POST
def grant(request: access.Request) -> HttpResponse:
    """`step` look lists the rows with a field for each number; give grants each."""
    lines = _lines(request)
    if not lines:
        messages.warning(request, "还没选。先在左边打勾，再按这个按钮")
        return HttpResponseRedirect(back(request))
    if len({line.item.item.number for line in lines}) > 1:
        messages.warning(request, "一次只能对同一个事项作同样的决定。先按事项筛选，再选")
        return HttpResponseRedirect(back(request))
    if request.POST.get("step") != "give":
        return _page(request, lines)
    _check(lines)
    if any(line.error for line in lines):
        return _page(request, lines, status=422)
    for line in lines:
        if not line.why_not:
            line.result = _grant(request, line)
    return _page(request, lines, is_done=True)


def _lines(request: access.Request) -> list[Line]:
    """The ticked rows that are this office's own."""
    found = []
    for case_id, number in dict.fromkeys(picked(request.POST.getlist("row"))):
        line = _line(request, case_id, number)
        if line is not None:
            found.append(line)
    return found


def _line(request: access.Request, case_id: UUID, number: int) -> Line | None:
    try:
        view, item = item_page.load(request, case_id, number)
    except Refused:
        return None
    key = f"{case_id}.{number}"
    seen = request.POST.get(f"seen.{key}", "") or options.seen(item)
    line = Line(view, item, seen, request.POST.get(f"number.{key}", "").strip())
    possible = options.of(view, item, actor=request.actor)
    is_repeat = request.POST.get("step") == "give"
    if possible.held_by:
        line.why_not = f"{possible.held_by}在办"
    elif possible.owed:
        line.why_not = "还缺：" + "、".join(possible.owed)
    elif "grant" not in possible and not is_repeat:
        line.why_not = "现在的状态不能准予"
    return line


def _check(lines: list[Line]) -> None:
    field = ResultNumber(label="文号", required=False)
    for line in lines:
        try:
            line.number = field.clean(line.number)
        except ValidationError as wrong:
            line.error = "；".join(wrong.messages)


def _grant(request: access.Request, line: Line) -> claims.Result:
    number = line.item.item.number
    try:
        give(
            request, line.view, line.item, Grant(number), seen=line.seen, result_number=line.number
        )
    except Refused as refusal:
        return claims.Result(line.view.id, number, refusal.code, refusal.message)
    return claims.Result(line.view.id, number)


def _page(
    request: access.Request, lines: list[Line], *, is_done: bool = False, status: int = 200
) -> HttpResponse:
    done = [line for line in lines if line.result and line.result.is_done]
    return render(
        request,
        "department/bulk.html",
        frame(request)
        | {
            "lines": lines,
            "item": lines[0].item.item,
            "is_done": is_done,
            "done_count": len(done),
            "left_count": len(lines) - len(done),
            "grantable": [line for line in lines if not line.why_not],
            "back": back(request),
            "now": clock.now(),
        },
        status=status,
    )
