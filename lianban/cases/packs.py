"""What of a case belongs into its archive pack, and whether it is all there (DA/T 85-2019)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lianban import vault
from lianban.cases import forms, queries, result_lists, verify
from lianban.cases.models import JointCaseRecord, MaterialRecord, PackRecord
from lianban.cases.queries import CaseView
from lianban.engine.states import Outcome
from lianban.engine.trust import THERE, is_enough

TABLE = "cases_packrecord"


@dataclass(frozen=True)
class Part:
    """One kind of thing in the pack."""

    name: str
    #: What there is, in words.
    found: str
    #: What lacks, by name.
    lacking: tuple[str, ...] = ()
    #: The pack cannot be made without it.
    is_needed: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing lacks."""
        return not self.lacking


@dataclass(frozen=True)
class Pack:
    """A pack that was made."""

    made_at: datetime
    made_by_name: str
    size: int
    digest: str


def parts(view: CaseView, *, paper_count: int) -> list[Part]:
    """Everything that the pack holds, with what lacks; `paper_count` papers were made out."""
    return [
        _form(view),
        _materials(view),
        Part("通知、决定和回执", f"{paper_count} 份文书"),
        _results(view),
        _history(view),
    ]


def _form(view: CaseView) -> Part:
    try:
        there = forms.latest(view.id) is not None
    except vault.Unreadable:
        there = False
    return Part("登记表", "一份，含更正过的每一版", () if there else ("登记表读不出来",), True)


def _materials(view: CaseView) -> Part:
    shown = queries.materials(view)
    used = {
        code
        for sub in view.case.sub_cases.values()
        if sub.outcome is Outcome.GRANTED
        for code in sub.materials
    }
    lacking = tuple(
        one.material.name
        for one in shown
        if one.material.code in used
        and (
            one.state in (MaterialRecord.State.MISSING, MaterialRecord.State.DEFERRED)
            or (one.graded is not None and not is_enough(one.graded.grade, THERE))
        )
    )
    files = sum(len(one.files) for one in shown)
    return Part("材料", f"{len(shown)} 种，{files} 个文件", lacking)


def _results(view: CaseView) -> Part:
    known = {result.item: result for result in result_lists.of_case(view)}
    lacking = tuple(
        f"「{item.item.short_name}」没有文号"
        for item in view.items
        if item.sub.outcome is Outcome.GRANTED and item.item.result and not item.result_number
    )
    files = sum(result.has_file for result in known.values())
    return Part("结果", f"{len(known)} 份，{files} 个电子文件", lacking)


def _history(view: CaseView) -> Part:
    record = JointCaseRecord.objects.get(id=view.id)
    broken = tuple(verify.problems_of(record))
    return Part("办件记录", f"{view.sequence} 条，前后相连", broken, True)


def made(case_id: UUID) -> Pack | None:
    """The pack of a case, without its bytes."""
    row = PackRecord.objects.defer("content").select_related("made_by").filter(case_id=case_id)
    found = row.first()
    if found is None:
        return None
    by = found.made_by.name if found.made_by else ""
    return Pack(found.made_at, by, found.size, found.digest)
