"""The worklist of an office: who has what, until when; claim one or many."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from lianban import clock
from lianban.accounts.models import Role
from lianban.cases import appointments, editions, enquiry_lists, offices, worklists
from lianban.cases.services import claims
from lianban.exchange import partners
from lianban.exchange.file_mode import files
from lianban.web.components import access
from lianban.web.department import rows

officer = access.officer(Role.DEPARTMENT_OFFICER)

TABS = (
    ("open", "全部在办"),
    ("mine", "我的"),
    ("unclaimed", "没人认领"),
    ("due", "今天到期"),
    ("overdue", "超期"),
    ("correction", "等申请人补"),
    ("coming", "还没到"),
    ("done", "已办"),
)
_EMPTY = {
    "mine": ("您手上没有要办的", "到“没人认领”里认领一件。", "unclaimed", "看没人认领的"),
    "unclaimed": ("没有没人认领的", "都有人在办。看看自己手上的。", "mine", "看我的"),
    "due": ("今天没有到期的", "可以先办后面几天的。", "open", "看全部在办"),
    "overdue": ("没有超期的", "按到期先后接着办就行。", "open", "看全部在办"),
    "correction": (
        "没有等申请人补的",
        "发过补正通知、还没补来的会列在这里。",
        "open",
        "看全部在办",
    ),
    "coming": ("没有要来的", "前面的事项办好了，会自动送到这里。", "open", "看全部在办"),
    "done": ("还没有办过的", "办完的会列在这里，最近的在前。", "open", "看全部在办"),
    "open": ("现在没有要办的", "新送来的会出现在这里。", "coming", "看还没到的"),
}


@officer
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def items(request: access.Request) -> HttpResponse:
    """List the sub-cases of the officer's office, or what a POST looks for.

    What is looked for may be an identity number, so it is posted and stands in no address; filters
    alone lead to the address of the narrowed list.
    """
    office = offices.of(request.actor)
    if not office.items and office.takes_enquiries:
        return redirect("department:enquiries")
    chosen = _chosen(request, office)
    if request.method == "POST" and not chosen["q"]:
        return redirect(_address(chosen))
    page = _page(request, chosen)
    counts = worklists.item_counts(actor=request.actor, today=clock.now().date())
    return render(
        request,
        "department/worklist.html",
        frame(request, office=office)
        | {
            "tabs": _tabs(chosen, counts),
            "chosen": chosen,
            "chips": _chips(chosen, office),
            "rows": page.rows,
            "page": page,
            "size": worklists.PAGE,
            "counts": counts,
            "empty": _empty(chosen),
            "now": clock.now(),
            "can_pick": any(row.is_pickable for row in page.rows),
        },
    )


def _page(request: access.Request, chosen: dict[str, str]) -> worklists.Page[rows.Row]:
    """One page of rows. What is looked for is looked for everywhere, and has one page only."""
    today, calendar, text = clock.now().date(), editions.calendar(), chosen["q"]
    found = worklists.items(
        actor=request.actor,
        tab="all" if text else chosen["tab"],
        today=today,
        item=int(chosen["item"]) if chosen["item"] else None,
        district=chosen["district"],
        text=text,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    shown = [rows.of(r, actor=request.actor, today=today, calendar=calendar) for r in found.rows]
    return worklists.Page(shown, found.next, found.previous)


def frame(request: access.Request, *, office: offices.Office | None = None) -> dict[str, Any]:
    """What the header of every page of this face needs."""
    office = office or offices.of(request.actor)
    waiting = enquiry_lists.open_count(actor=request.actor) if office.takes_enquiries else 0
    return {
        "office": office,
        "enquiry_count": waiting,
        "sees_people": bool(appointments.purposes(request.actor)),
        "exchanges_files": files.partner_of(request.actor) is not None,
        "has_system": partners.find(request.actor.department or "") is not None,
    }


def _chosen(request: access.Request, office: offices.Office) -> dict[str, str]:
    """The filters of the address or of the form; what is not offered counts as not chosen."""
    data = request.POST if request.method == "POST" else request.GET
    tab, item, district = data.get("tab", "open"), data.get("item", ""), data.get("district", "")
    return {
        "tab": tab if tab in dict(TABS) else "open",
        "item": item if item in {str(number) for number, _ in office.items} else "",
        "district": district if district in dict(office.districts) else "",
        "q": request.POST.get("q", "").strip()[:60],
    }


def _address(chosen: dict[str, str], **changes: str) -> str:
    kept = {k: v for k, v in (chosen | changes).items() if v and k != "q"}
    return reverse("department:worklist") + ("?" + urlencode(kept) if kept else "")


def _tabs(chosen: dict[str, str], counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "href": _address(chosen, tab=tab, q=""),
            "count": counts.get(tab),
            "is_here": tab == chosen["tab"] and not chosen["q"],
            "is_late": tab == "overdue" and bool(counts.get(tab)),
        }
        for tab, label in TABS
    ]


def _chips(chosen: dict[str, str], office: offices.Office) -> list[tuple[str, str]]:
    """What narrows the list now, each with the address of the list without it."""
    names = {
        "item": f"事项：{dict(office.items).get(int(chosen['item'] or 0), '')}",
        "district": f"区县：{dict(office.districts).get(chosen['district'], '')}",
        "q": f"找：{chosen['q']}（全部里找）",
    }
    return [(words, _address(chosen, **{key: ""})) for key, words in names.items() if chosen[key]]


def _empty(chosen: dict[str, str]) -> dict[str, str]:
    if chosen["q"]:
        text = "请核对姓名、办件编号或身份证号。只能找到本单位经手的。"
        return {
            "title": "没有找到",
            "text": text,
            "href": _address(chosen, q=""),
            "action": "回到列表",
        }
    if chosen["item"] or chosen["district"]:
        href = _address(chosen, item="", district="")
        return {"title": "这样筛没有", "text": "去掉条件再看。", "href": href, "action": "去掉条件"}
    title, text, tab, action = _EMPTY[chosen["tab"]]
    return {"title": title, "text": text, "href": _address(chosen, tab=tab), "action": action}


# Many at once -------------------------------------------------------------------------------


@officer
@require_POST
def claim(request: access.Request) -> HttpResponse:
    """Claim the ticked rows, or the one whose own button was pressed."""
    return _many(request, claims.claim_many, "认领了 {} 件")


@officer
@require_POST
def give_back(request: access.Request) -> HttpResponse:
    """Give the ticked rows back."""
    return _many(request, claims.give_back_many, "退回了 {} 件，别人可以认领了")


def _many(
    request: access.Request,
    act: Callable[..., list[claims.Result]],
    words: str,
) -> HttpResponse:
    targets = picked(request.POST.getlist("one") or request.POST.getlist("row"))
    results = act(targets, actor=request.actor, at=clock.now())
    done = sum(result.is_done for result in results)
    if done:
        messages.success(request, words.format(done))
    for message in dict.fromkeys(r.message for r in results if not r.is_done):
        messages.error(request, message)
    if not results:
        messages.warning(request, "还没选。先在左边打勾，再按这个按钮")
    return HttpResponseRedirect(back(request))


def picked(keys: Iterable[str]) -> list[tuple[UUID, int]]:
    """The rows behind tick boxes; what cannot be read is left out."""
    found = []
    for key in list(keys)[: worklists.PAGE]:
        case_id, _, number = key.partition(".")
        try:
            found.append((UUID(case_id), int(number[:4])))
        except ValueError:
            continue
    return found


def back(request: access.Request) -> str:
    """The list that the form stood on."""
    home = reverse("department:worklist")
    wanted = access.safe_next(request, request.POST.get("back"))
    return wanted if wanted.startswith(home) else home
