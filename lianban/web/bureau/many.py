"""Many rows at once: which were ticked, and what became of each."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, QueryDict

from lianban.cases.services.dossiers import RowResult

#: The most result rows that are told one by one.
_TOLD = 20


def ticked(posted: QueryDict, name: str) -> list[UUID]:
    """The ids that were ticked; what is no id is left out."""
    found = []
    for text in posted.getlist(name):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def tell(request: HttpRequest, rows: Sequence[RowResult], *, done: str) -> None:
    """Say how many went well, and for each of the others why not."""
    good = [row for row in rows if row.done]
    bad = [row for row in rows if not row.done]
    if good:
        messages.success(request, f"{len(good)} 件{done}")
    for row in bad[:_TOLD]:
        messages.error(request, f"{row.label}：{row.message}")
    if len(bad) > _TOLD:
        messages.error(request, f"还有 {len(bad) - _TOLD} 件没有成功，请分几次再看")
    if not rows:
        messages.error(request, "请至少选一件")
