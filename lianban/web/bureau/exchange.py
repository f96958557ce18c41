"""How the departments' own systems are: every partner, one partner, and stopping what is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lianban import clock
from lianban.exchange.watching import clocks, health, holding, lists, task_lists
from lianban.exchange.watching.health import Health
from lianban.web.bureau import shell
from lianban.web.bureau.lists import Tab
from lianban.web.components import access, exchange_pages, refusals
from lianban.web.components import exchange_words as words
from lianban.web.components.parts import Crumb
from lianban.web.components.status import Status


@dataclass(frozen=True)
class Partner:
    """One partner as it stands on a page."""

    health: Health
    status: Status
    since: str
    mode: str
    #: How long the oldest message waits; empty where none does.
    oldest: str
    error: str
    keys: str


@shell.bureau
@require_safe
def partners(request: access.Request) -> HttpResponse:
    """Every partner, those that need somebody first."""
    at = clock.now()
    shown = [partner(one, at) for one in health.partners(at=at)]
    context: dict[str, Any] = {
        "rows": shown,
        "bad": [one for one in shown if one.health.state == "failing"],
        "waiting": sum(one.health.waiting for one in shown),
        "tasks": task_lists.counts(actor=request.actor),
        "clocks": [clock_words(one, at) for one in clocks.off(door=clocks.WEB, now=clock.now)],
        "now": at,
    }
    return shell.page(request, "exchange.html", context)


def clock_words(one: clocks.Clock, at: datetime) -> str:
    """A clock of ours that is off, in words."""
    how = "快" if one.ahead > timedelta() else "慢"
    seconds = round(abs(one.ahead).total_seconds())
    long = f"{seconds} 秒" if seconds < 60 else words.ago(at - timedelta(seconds=seconds), at)
    return f"{one.place} 的时钟比数据库{how} {long}"


def partner(one: Health, at: datetime) -> Partner:
    """A partner in words."""
    valid = [key for key in one.keys if key.is_valid]
    return Partner(
        health=one,
        status=exchange_pages.partner_status(one.state),
        since=words.since(one),
        mode=str(one.partner.get_mode_display()),
        oldest=words.waited(one.oldest_at, at) if one.oldest_at else "",
        error=words.error(one.partner.last_error),
        keys=f"密钥 {len(valid)} 个有效" if valid else "没有有效的密钥",
    )


@shell.bureau
@require_safe
@refusals.hidden
def partner_page(request: access.Request, partner_code: str) -> HttpResponse:
    """One partner: how it is, its keys, and its messages by where they stand."""
    at, show = clock.now(), request.GET.get("show", "waiting")
    show = show if show in exchange_pages.SHOWS else "waiting"
    one, actor = health.one(partner_code, at=at), request.actor
    counts = lists.counts(partner_code, actor=actor)
    listing = exchange_pages.listing(
        partner_code, actor=actor, show=show, keys=shell.keys(request), at=at
    )
    context = listing | {
        "one": partner(one, at),
        "is_pushed": exchange_pages.is_pushed(one.partner),
        "tabs": [
            Tab(code, said[0], counts.get(code), code == show)
            for code, said in exchange_pages.SHOWS.items()
        ],
        "tasks": task_lists.items(actor=actor, show="all", code=partner_code).rows,
        "places": places(one.partner.name),
    }
    return shell.page(request, "exchange_partner.html", context)


def places(*names: str) -> list[Crumb]:
    """Where a page of the exchange lies."""
    return [Crumb("系统对接", reverse("bureau:exchange")), *(Crumb(name) for name in names)]


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def hold(request: access.Request, partner_code: str) -> HttpResponse:
    """Ask, then send nothing more to a partner."""
    return _change(request, partner_code, holding.hold, is_hold=True)


@shell.bureau
@require_http_methods(["GET", "HEAD", "POST"])
@refusals.hidden
def release(request: access.Request, partner_code: str) -> HttpResponse:
    """Ask, then let the sending go on."""
    return _change(request, partner_code, holding.release, is_hold=False)


def _change(
    request: access.Request, code: str, act: Callable[..., None], *, is_hold: bool
) -> HttpResponse:
    at = clock.now()
    one = health.one(code, at=at)
    back = reverse("bureau:exchange_partner", args=[code])
    if request.method == "POST":
        name = one.partner.name
        done = f"暂停了，不再发给{name}" if is_hold else f"恢复了，马上接着发给{name}"
        return refusals.attempt(
            request, lambda: act(code=code, actor=request.actor, at=at), back=back, done=done
        )
    if bool(one.partner.held_at) == is_hold:
        return redirect(back)
    context = {
        "one": partner(one, at),
        "is_hold": is_hold,
        "places": [
            Crumb("系统对接", reverse("bureau:exchange")),
            Crumb(one.partner.name, back),
            Crumb("暂停发送" if is_hold else "恢复发送"),
        ],
    }
    return shell.page(request, "exchange_hold.html", context)
