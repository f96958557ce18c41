"""The ways out of an intake: accept, give the notice, accept with deferral, refuse, give up."""

from collections.abc import Callable
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.cases.services import counter, drafts, hand_in
from lianban.cases.services.hand_in import Receipt
from lianban.engine.refusal import Refused
from lianban.web.components import access
from lianban.web.components.forms import Form, LongTextField
from lianban.web.components.refusals import hidden, status_of
from lianban.web.counter import panel, receipt, undertaking
from lianban.web.counter.intake import Intake, Posted, read, standing
from lianban.web.counter.intake_page import clerk, refused

_REFUSED = "不予受理，请打印通知书交给本人"
_PROPOSED = "收下了，已提请负责人不予受理。批准以前请告诉本人等消息"
_WAYS: dict[str, Callable[..., Receipt]] = {
    "accept": hand_in.register,
    "notice": counter.notify,
    "defer": counter.defer,
}
_DONE = {
    "accept": "已受理登记",
    "notice": "已告知补正，请打印告知书交给本人签收",
    "defer": "已容缺受理，请打印承诺书交给本人签字",
}


@clerk
@never_cache
@sensitive_post_parameters()
@require_POST
@hidden
def finish(request: access.Request, draft_id: UUID, how: str) -> HttpResponse:
    """Keep what was typed, then hand in: a second click gets the first one's receipt."""
    if how not in _WAYS:
        raise Http404("没有这个操作")
    at, posted, draft = clock.now(), None, None
    try:
        draft = drafts.get(draft_id=draft_id, actor=request.actor)
        posted = read(draft, request.POST)
        counter.keep(
            draft_id=draft_id,
            content=posted.content,
            actor=request.actor,
            at=at,
            strokes=posted.strokes,
        )
        if posted.wrong:
            raise Refused("form_incomplete", "表单还有没填好的地方")
    except Refused as refusal:
        if refusal.code != "unknown_draft" or draft is not None:
            assert draft is not None and posted is not None
            return refused(request, Intake(draft, request, posted), refusal)
    pen = undertaking.pen(request.POST) if how == "defer" else None
    more = {"signed": pen} if pen else {}
    try:
        given = _WAYS[how](draft_id=draft_id, actor=request.actor, at=at, **more)
    except Refused as refusal:
        if draft is None or posted is None:
            raise
        return refused(request, Intake(draft, request, posted, tried=True), refusal)
    return handed_in(request, given, undertaking.SIGNED if pen else _DONE[how])


def handed_in(request: access.Request, given: Receipt, done: str) -> HttpResponse:
    """Lead to the receipt; its second secret waits there, sealed, for this session only."""
    receipt.remember(request, given)
    messages.success(request, done if given.is_new else "刚才已经交上去了，这是它的回执")
    return redirect("counter:receipt", given.case_id)


class Refusal(Form):
    """A standard reason of the plan, and words of one's own."""

    standard = forms.ChoiceField(label="理由", required=False)
    own = LongTextField(label="补充说明", required=False, max_length=300, rows=2)

    def __init__(self, *args: object, edition: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.words = _reasons(edition)
        field = self.fields["standard"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "请选一条"), *self.words.items()]

    def clean(self) -> dict[str, str]:
        """Join both; one of them must be there."""
        cleaned = super().clean() or {}
        chosen = self.words.get(cleaned.get("standard", ""), "")
        parts = [text for text in (chosen, cleaned.get("own", "")) if text]
        if not parts and not self.errors:
            self.add_error("standard", "请选一条理由，或者自己写")
        cleaned["reason"] = "；".join(parts)
        return cleaned


def _reasons(edition: object) -> dict[str, str]:
    said = getattr(edition, "wording", {}).get("reasons", {})
    start = "refuse_acceptance."
    return {code: text for code, text in said.items() if code.startswith(start)}


@clerk
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def refuse(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Refuse to accept, with a reason that names the right authority."""
    try:
        draft = drafts.get(draft_id=draft_id, actor=request.actor)
    except Refused:
        if request.method != "POST":
            raise
        again = counter.refuse(draft_id=draft_id, reason="", actor=request.actor, at=clock.now())
        return handed_in(request, again, "")
    shown = Intake(draft, request, Posted(standing(draft.edition, draft.content)))
    form = Refusal(request.POST or None, edition=draft.edition)
    problem, status = "", 200
    if request.method == "POST":
        if form.is_valid():
            try:
                given = counter.refuse(
                    draft_id=draft_id,
                    reason=form.cleaned_data["reason"],
                    actor=request.actor,
                    at=clock.now(),
                )
                waits = counter.must_propose(given.case_id, request.actor)
                return handed_in(request, given, _PROPOSED if waits else _REFUSED)
            except Refused as refusal:
                problem, status = panel.words(refusal), status_of(refusal)
        else:
            status = 422
    context = {"intake": shown, "draft": draft, "form": form, "problem": problem}
    return render(request, "counter/refuse.html", context, status=status)


@clerk
@require_http_methods(["GET", "HEAD", "POST"])
@hidden
def give_up(request: access.Request, draft_id: UUID) -> HttpResponse:
    """Delete a form that was begun, after asking once more."""
    draft = drafts.get(draft_id=draft_id, actor=request.actor)
    if request.method != "POST":
        shown = Intake(draft, request, Posted(standing(draft.edition, draft.content)))
        return render(request, "counter/give_up.html", {"intake": shown, "draft": draft})
    drafts.give_up(draft_id=draft_id, actor=request.actor)
    messages.success(request, "已放弃，什么都没有交上去")
    return redirect("counter:desk")
