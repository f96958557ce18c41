"""Lines of a roster that somebody must look at: the queue, and one with both its sides."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lianban import clock
from lianban.accounts.models import District
from lianban.cases import roster_lists
from lianban.cases.roster_lists import RowView
from lianban.cases.services import roster_conflicts
from lianban.engine.refusal import Refused
from lianban.web.bureau import many, shell
from lianban.web.components import access, refusals
from lianban.web.components.forms import Form, TextField
from lianban.web.components.parts import Crumb

#: The resolutions in words, and what follows.
WORDS = {
    "same": "没问题，收下这一行",
    "two": "是两个人，不收这一行，请部队核对号码",
    "correct": "改正姓名或号码",
    "forward": "归别的区县，转过去",
    "ignore": "不收这一行",
    "person": "以本人填的为准",
    "roster": "以名册为准，请本人更正",
}
_SAME = {
    "name_variant": "是同一个人，收下这一行",
    "name_differs": "是同一个人（改过名或写错了），收下这一行",
    "duplicate_in_file": "是同一个人，收下这一行",
    "duplicate_elsewhere": "是同一个人，收下这一行",
    "fifteen_digits": "转成的 18 位号码对，收下这一行",
    "other_district": "就归我们，收下这一行",
    "forwarded": "归我们，收下这一行",
}
ADVICE = {
    "bad_name": "姓名是空的，或者有电脑认不出的字、不该有的符号。照证件改正。",
    "bad_check_digit": "号码抄错了一位。问部队或本人，照证件改正。",
    "lost_digits": "表格程序把号码当成了数字，后几位成了 0。照证件补上。",
    "bad_number": "不是身份证号。照证件改正。",
    "fifteen_digits": "老号码补上了 19 和最后一位。对一下是不是这个人。",
    "birth_differs": "表里的出生日期和号码里的不是一天。照证件看哪个对。",
    "duplicate_in_file": "同一个号码在这份名册里不止一行。看哪一行对，另一行不收。",
    "duplicate_elsewhere": "以前导入的名册里有这个号码。多半是部队补送，核对后收下。",
    "other_district": "安置地写的不是您这里。核对后转过去，那边收下才算。",
    "held_elsewhere": "这个人的档案或办件在别的区县。和那边核对，归那边就转过去。",
    "forwarded": "别的区县看了，认为归您这里。核对安置地。",
    "name_variant": "同一个号码，姓名只差一个字、空格或点。照证件核对。",
    "name_differs": "同一个号码，姓名不一样。没核对以前不会合并。",
    "already_concluded": "这个号码的人以前办结过一件。看是不是又一次退役。",
}
_ANSWERS = "本人填的和名册不一样。不影响本人办，核对后记下以谁为准。"


class Resolution(Form):
    """How one line goes on, with what that needs."""

    resolution = forms.ChoiceField(label="怎么处理", widget=forms.RadioSelect)
    name = TextField(label="对的姓名", max_length=50, required=False, help_text="没错就空着")
    number = TextField(
        label="对的身份证号",
        max_length=40,
        required=False,
        help_text="没错就空着",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    district = forms.ChoiceField(label="转给哪个区县", required=False)
    reason = TextField(
        label="为什么", max_length=200, required=False, help_text="不收的要写；别的可以不写"
    )

    def __init__(self, *args: Any, seen: RowView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = roster_conflicts.allowed(seen.conflict)
        words = WORDS | ({"same": _SAME[seen.conflict]} if seen.conflict in _SAME else {})
        self.fields["resolution"].choices = [  # type: ignore[attr-defined]
            (code, words[code]) for code in offered
        ]
        if roster_conflicts.CORRECT not in offered:
            del self.fields["name"], self.fields["number"]
        if roster_conflicts.FORWARD not in offered:
            del self.fields["district"]
        else:
            places = District.objects.filter(active=True).exclude(policy_edition="")
            others = [(p.code, p.name) for p in places if p.code != seen.district]
            self.fields["district"].choices = [("", "请选"), *others]  # type: ignore[attr-defined]


@shell.bureau
@require_safe
@refusals.hidden
def queue(request: access.Request) -> HttpResponse:
    """All lines that wait, the oldest first; narrowed to one roster or one kind."""
    roster_id, conflict = _uuid(request.GET.get("roster", "")), request.GET.get("conflict", "")[:30]
    page = roster_lists.queue(
        actor=request.actor, roster_id=roster_id, conflict=conflict, **shell.keys(request)
    )
    today = shell.today()
    places = [
        Crumb("档案", reverse("bureau:dossiers")),
        Crumb("部队名册", reverse("bureau:rosters")),
    ]
    if roster_id:
        found = roster_lists.get(roster_id=roster_id, actor=request.actor)
        places.append(Crumb(found.name, reverse("bureau:roster", args=[roster_id])))
    context = {
        "page": page,
        "rows": [(row, (today - row.since.date()).days) for row in page.rows],
        "counts": roster_lists.counts(actor=request.actor, roster_id=roster_id),
        "conflict": conflict,
        "roster_id": roster_id or "",
        "together": _together(conflict),
        "others": District.objects.filter(active=True).exclude(policy_edition=""),
        "places": [*places, Crumb("要核对的")],
    }
    return shell.page(request, "roster_queue.html", context)


@shell.bureau
@require_POST
def settle(request: access.Request) -> HttpResponse:
    """Settle the same conflict of all ticked lines in the same way."""
    conflict = request.POST.get("conflict", "")[:30]
    where = urlencode({"roster": request.POST.get("roster", "")[:40], "conflict": conflict})
    back = redirect(reverse("bureau:roster_queue") + f"?{where}")
    try:
        rows = roster_conflicts.resolve_many(
            row_ids=many.ticked(request.POST, "row"),
            conflict=conflict,
            resolution=request.POST.get("resolution", ""),
            district=request.POST.get("district", ""),
            reason=request.POST.get("reason", "").replace("\x00", ""),
            actor=request.actor,
            at=clock.now(),
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return back
    many.tell(request, rows, done="处理好了")
    return back


def _together(conflict: str) -> list[tuple[str, str]]:
    """What may be decided about many lines with this conflict at once, in words."""
    if conflict not in ADVICE and not conflict.endswith("_differs"):
        return []
    words = WORDS | ({"same": _SAME[conflict]} if conflict in _SAME else {})
    codes = roster_conflicts.allowed(conflict)
    return [(code, words[code]) for code in codes if code != roster_conflicts.CORRECT]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("number", "name")
@refusals.hidden
def row(request: access.Request, row_id: UUID) -> HttpResponse:
    """One line; a POST settles its conflict, as it was shown."""
    seen = roster_lists.row(row_id=row_id, actor=request.actor)
    if request.method != "POST":
        return _row(request, seen, Resolution(seen=seen))
    shown = request.POST.get("conflict", "")
    if shown != seen.conflict:
        messages.error(request, "这一行刚被别人处理过，请看看现在的情况")
        return redirect("bureau:roster_row", row_id)
    form = Resolution(request.POST, seen=seen)
    if not form.is_valid():
        return _row(request, seen, form, status=422)
    try:
        roster_conflicts.resolve(
            row_id=row_id,
            conflict=shown,
            actor=request.actor,
            at=clock.now(),
            **form.cleaned_data,
        )
    except Refused as refused:
        form.add_error(_FIELD.get(refused.code), refused.message)
        return _row(request, seen, form, status=422)
    return _next(request, seen)


_FIELD = {
    "no_reason": "reason",
    "wrong_number": "number",
    "wrong_name": "name",
    "unknown_district": "district",
}


def _next(request: access.Request, seen: RowView) -> HttpResponse:
    """Tell what became of the line, and go on with its next conflict or with the queue."""
    try:
        now = roster_lists.row(row_id=seen.id, actor=request.actor)
    except Refused:  # another county has it
        messages.success(request, f"「{seen.name}」转过去了，那边收下才算")
        return redirect(reverse("bureau:roster_queue") + f"?roster={seen.roster_id}")
    if now.outcome == "conflict":
        messages.success(request, f"记下了。「{now.name}」还有一处要核对")
        return redirect("bureau:roster_row", now.id)
    messages.success(request, f"「{now.name}」处理好了：{now.outcome_word}")
    return redirect(reverse("bureau:roster_queue") + f"?roster={now.roster_id}")


@shell.bureau
@require_POST
@refusals.hidden
def reveal(request: access.Request, row_id: UUID) -> HttpResponse:
    """Show the whole number; who looked is kept."""
    number = roster_lists.reveal(row_id=row_id, actor=request.actor, at=clock.now())
    seen = roster_lists.row(row_id=row_id, actor=request.actor)
    return _row(request, seen, Resolution(seen=seen), number=number)


def _row(
    request: access.Request,
    seen: RowView,
    form: Resolution,
    *,
    number: str = "",
    status: int = 200,
) -> HttpResponse:
    known = seen.known
    mine = known is not None and known.dossier_district in ("", *request.actor.districts)
    case = known.open_case if known else None
    is_here = case is not None and case.district in request.actor.districts
    context = {
        "row": seen,
        "form": form,
        "number": number,
        "advice": ADVICE.get(seen.conflict, _ANSWERS),
        # What lies in another county is told without a way in, and without its name.
        "known": known if mine else None,
        "elsewhere": known is not None and not mine,
        "case": case if is_here else None,
        "places": [
            Crumb("部队名册", reverse("bureau:rosters")),
            Crumb("要核对的", reverse("bureau:roster_queue") + f"?roster={seen.roster_id}"),
            Crumb(f"第 {seen.line} 行"),
        ],
    }
    return shell.page(request, "roster_row.html", context, status=status)
