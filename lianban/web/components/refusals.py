"""A refusal of the rules as an answer to a browser: the right 4xx, plain words, nothing lost."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from lianban.engine.refusal import Refused

_MISSING = frozenset(
    {
        "unknown_case",
        "unknown_draft",
        "unknown_item",
        "unknown_field",
        "unknown_appointment",
        "unknown_file",
        "unknown_paper",
        "unknown_result",
        "unknown_posting",
        "unknown_roster",
        "unknown_roster_row",
        "unknown_proposal",
        "unknown_move",
        "unknown_conflict",
        "unknown_absence",
        "unknown_scan",
        "unknown_rating",
        "unknown_pack",
        "unknown_partner",
        "unknown_exchange_file",
        "unknown_message",
        "unknown_task",
    }
)
_CONFLICT = frozenset(
    {
        "stale",
        "ended",
        "already_running",
        "already_noticed",
        "being_checked",
        "already_claimed",
        "already_booked",
        "slot_full",
        "already_proposed",
        "already_moving",
        "already_in_conflict",
        "being_delivered",
    }
)
_FORBIDDEN = frozenset({"not_permitted", "own_proposal"})

View = Callable[..., HttpResponse]


def status_of(refusal: Refused) -> int:
    """The HTTP status that a refusal is answered with; 404 for what the caller may not see."""
    if refusal.code in _MISSING:
        return 404
    if refusal.code in _FORBIDDEN:
        return 403
    return 409 if refusal.code in _CONFLICT else 400


def hidden(view: View) -> View:
    """Let a view answer 404 for cases, drafts and files that the caller may not see."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refusal:
            if status_of(refusal) == 404:
                raise Http404(refusal.message) from refusal
            raise

    return wrapped


def attempt(
    request: HttpRequest, act: Callable[[], object], *, back: str, done: str
) -> HttpResponse:
    """Do one thing and go back to the page: with `done` as notice, or with the refusal as error.

    For buttons without text to lose. Where something was typed, catch `Refused` in the view and
    show the page again with `status_of(refusal)`.
    """
    try:
        act()
    except Refused as refusal:
        if status_of(refusal) == 404:
            raise Http404(refusal.message) from refusal
        messages.error(request, refusal.message or "这一步现在不能做")
    else:
        messages.success(request, done)
    return redirect(back)
