"""The originals of one item that somebody at its desk may look at: seen once, for all items."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from lianban import clock
from lianban.cases import grades, queries
from lianban.cases.queries import CaseView, ItemView
from lianban.cases.services import supplies
from lianban.engine.refusal import Refused
from lianban.web.components.refusals import status_of

if TYPE_CHECKING:
    from lianban.web.components import access


@dataclass(frozen=True)
class Original:
    """A material whose original was not seen yet."""

    code: str
    name: str
    grade: str
    grade_words: str
    #: Who vouches for it so far.
    source: str
    #: The item cannot be granted before it is seen.
    is_weak: bool


def of(view: CaseView, item: ItemView) -> tuple[Original, ...]:
    """The materials of an item that are there, or promised, and were not seen; needed ones first."""
    if "tick_seen" not in item.may or item.sub.ended:
        return ()
    weak = grades.weak(view.edition, view.case, item.sub.number)
    words = view.edition.wording.get("grades", {})
    found = [
        Original(
            code=shown.material.code,
            name=shown.material.name,
            grade=shown.graded.grade,
            grade_words=words.get(shown.graded.grade, ""),
            source=grades.source_words(view.edition, shown.graded),
            is_weak=shown.material.code in weak,
        )
        for shown in queries.materials(view)
        if item.sub.number in shown.items and shown.graded and shown.graded.grade in "CD"
    ]
    return tuple(sorted(found, key=lambda one: not one.is_weak))


def tick(request: "access.Request", case_id: UUID, number: int, *, back: str) -> HttpResponse:
    """Note which originals were seen at this item's desk, and go back to its page."""
    codes = request.POST.getlist("original")
    if not codes:
        messages.error(request, "还没有勾任何一份原件")
        return HttpResponseRedirect(back)
    try:
        supplies.tick_seen(
            case_id=case_id,
            item=number,
            codes=codes,
            source="department",
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"记下了：看过 {len(codes)} 份原件，别的事项也不用再看")
    return HttpResponseRedirect(back)
