"""The components of the design language as template tags and filters. See docs/how-to/a-page.md."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BaseForm
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from lianban.cases import agents
from lianban.cases.services import card as cards
from lianban.cases.services.signatures import Signature
from lianban.catalogue.model import Edition
from lianban.web.components import dates, status
from lianban.web.components.field import Shown, first_id, shown
from lianban.web.components.metro import Map
from lianban.web.components.parts import Crumb, Entry, Figure, Row, Step
from lianban.web.components.signing import Pad
from lianban.web.components.status import PROGRESS_ORDER, WORDS, Status

register = template.Library()


# Icons, words of state --------------------------------------------------------------------


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite: check, cross, clock, doc, user, info, alert, list, print …"""
    return format_html(
        '<svg class="lb-icon" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', name
    )


def _tag(code: str, word: str, *, plain: bool = False) -> SafeString:
    return format_html(
        '<span class="lb-status lb-status--{0}{1}"><svg class="lb-icon" aria-hidden="true" '
        'focusable="false"><use href="#s-{0}"/></svg>{2}</span>',
        code,
        " lb-status--plain" if plain else "",
        word,
    )


@register.simple_tag(name="status")
def status_tag(code: str | Status, word: str = "", plain: bool = False) -> SafeString:
    """A status tag from a status code (`progress`) or a `Status`; `word` replaces the usual one."""
    if isinstance(code, Status):
        return _tag(code.code, word or code.word, plain=plain)
    return _tag(code, word or WORDS[code], plain=plain)


@register.simple_tag
def sub_case_status(state: str, outcome: str = "", overdue: bool = False) -> SafeString:
    """A sub-case's status from its engine state; `overdue` sets the flag beside it."""
    found = status.of_sub_case(state, outcome=outcome)
    tag = _tag(found.code, found.word)
    return format_html("{} {}", tag, overdue_flag()) if overdue else tag


@register.simple_tag
def joint_case_status(state: str) -> SafeString:
    """A joint case's status from its engine state."""
    found = status.of_joint_case(state)
    return _tag(found.code, found.word)


@register.simple_tag(name="overdue")
def overdue_flag(word: str = "超期") -> SafeString:
    """The flag that stands beside a status when a limit has passed."""
    return _tag("overdue", word)


@register.simple_tag
def grade(letter: str, words: str = "") -> SafeString:
    """A material's trust grade A-D; `words` (from the plan data) are read aloud with it."""
    return format_html(
        '<span class="lb-grade lb-grade--{}"><span class="lb-visually-hidden">可信等级 </span>{}'
        '<span class="lb-visually-hidden"> {}</span></span>',
        letter.lower(),
        letter.upper(),
        words,
    )


# Dates and numbers ------------------------------------------------------------------------


def _number(text: str) -> SafeString:
    return format_html('<span class="lb-num">{}</span>', text)


@register.filter
def day(value: date | datetime | None) -> SafeString:
    """10月26日（周一）, never broken across lines; empty for no date."""
    return _number(dates.day(value)) if value else SafeString("")


@register.filter
def short_day(value: date | datetime | None) -> SafeString:
    """10月26日."""
    return _number(dates.short_day(value)) if value else SafeString("")


@register.filter
def full_day(value: date | datetime | None) -> SafeString:
    """2026年10月26日."""
    return _number(dates.full_day(value)) if value else SafeString("")


@register.filter
def moment(value: datetime | None) -> SafeString:
    """10月19日 09:20."""
    return _number(dates.moment(value)) if value else SafeString("")


@register.filter
def workdays(count: int) -> SafeString:
    """4 个工作日; 超 2 个工作日 for a negative count."""
    return _number(dates.working_days(count))


@register.filter
def days(count: int) -> SafeString:
    """4 天: natural days."""
    return _number(f"{count} 天")


# Layout pieces ----------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def nav_item(
    context: Context, label: str, href: str, count: int = 0, count_words: str = "条要看"
) -> SafeString:
    """A place in the header: current when the address begins with `href`; 0 shows no count."""
    request = context.get("request")
    path = request.path if request else ""
    here = path == href or (href != "/" and path.startswith(href))
    counted = (
        format_html(
            '<span class="lb-count">{}<span class="lb-visually-hidden"> {}</span></span>',
            count,
            count_words,
        )
        if count
        else ""
    )
    current = mark_safe(' aria-current="page"') if here else ""
    return format_html('<li><a href="{}"{}>{}{}</a></li>', href, current, label, counted)


@register.inclusion_tag("components/sign_out.html", takes_context=True)
def sign_out(context: Context) -> dict[str, Any]:
    """The button that ends the session."""
    return {"csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/messages.html", takes_context=True)
def messages(context: Context) -> dict[str, Any]:
    """Django's messages, each with an icon; the layouts show them above `main`."""
    return {"messages": context.get("messages")}


@register.inclusion_tag("components/htmx_error.html")
def htmx_error() -> dict[str, Any]:
    """The place where a failed partial update says so."""
    return {}


@register.inclusion_tag("components/crumbs.html")
def crumbs(places: Sequence[Crumb]) -> dict[str, Any]:
    """Where this page lies."""
    return {"places": places}


@register.simple_block_tag
def card(
    content: str, title: str = "", note: str = "", id: str = "", flush: bool = False, level: int = 2
) -> SafeString:
    """A card with a title and one quiet remark. Cards never nest."""
    head = ""
    if title:
        remark = format_html('<p class="lb-card__note">{}</p>', note) if note else ""
        name = format_html(' id="{}-t"', id) if id else ""
        head = format_html(
            '<div class="lb-card__head"><h{0} class="lb-card__title"{1}>{2}</h{0}>{3}</div>',
            level,
            name,
            title,
            remark,
        )
    named = format_html(' id="{0}" aria-labelledby="{0}-t"', id) if id else ""
    flat = " lb-card--flush" if flush else ""
    return format_html(
        '<section class="lb-card{}"{}>{}{}</section>', flat, named, head, mark_safe(content)
    )


@register.simple_block_tag
def turn(
    content: str, title: str, kicker: str = "", text: str = "", quiet: bool = False
) -> SafeString:
    """Whose turn it is. The content is the action; `quiet` when nothing is asked of the reader."""
    above = ""
    if kicker:
        above = format_html(
            '<p class="lb-turn__kicker">{}{}</p>', icon("check" if quiet else "alert"), kicker
        )
    return format_html(
        '<section class="lb-turn{}" aria-labelledby="turn"><div>{}<h2 class="lb-turn__title" '
        'id="turn">{}</h2>{}</div>{}</section>',
        " lb-turn--none" if quiet else "",
        above,
        title,
        format_html('<p class="lb-turn__text">{}</p>', text) if text else "",
        format_html('<div class="lb-turn__act">{}</div>', mark_safe(content))
        if content.strip()
        else "",
    )


@register.simple_block_tag
def paper(content: str, title: str, number: str = "") -> SafeString:
    """A document as it will be printed: what carries a seal."""
    return format_html(
        '<section class="lb-paper" aria-label="{0}"><h3>{0}</h3>{1}{2}</section>',
        title,
        format_html('<p class="lb-paper__no">{}</p>', number) if number else "",
        mark_safe(content),
    )


@register.simple_block_tag
def confirmation(content: str, title: str) -> SafeString:
    """The panel after something was handed in: what happened, the number, what comes next."""
    return format_html(
        '<div class="govuk-panel govuk-panel--confirmation" role="status"><h1 '
        'class="govuk-panel__title">{}</h1><div class="govuk-panel__body">{}</div></div>',
        title,
        mark_safe(content),
    )


@register.simple_block_tag
def live(content: str, id: str, title: str = "") -> SafeString:
    """A card that htmx replaces and that screen readers hear when it changes."""
    head = format_html('<h2 class="lb-card__title">{}</h2>', title) if title else ""
    return format_html(
        '<section class="lb-card" id="{}" aria-live="polite">{}{}</section>',
        id,
        format_html('<div class="lb-card__head">{}</div>', head) if head else "",
        mark_safe(content),
    )


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "", href: str = "", action: str = "") -> dict[str, Any]:
    """Nothing here: a sentence, whom to ask, one action."""
    return {"title": title, "text": text, "href": href, "action": action}


# Lists of values --------------------------------------------------------------------------


@register.inclusion_tag("components/progress.html")
def progress(codes: Iterable[str], expected: date | None = None) -> dict[str, Any]:
    """One segment for each item (status codes), with its sentence: 13 件事，办结 4 件."""
    ordered = sorted(codes, key=PROGRESS_ORDER.index)
    done = Counter(ordered)["done"]
    return {"codes": ordered, "total": len(ordered), "done": done, "expected": expected}


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[Step], title: str = "填写步骤", plain: bool = False) -> dict[str, Any]:
    """The steps of a form: done, here, to come."""
    return {"items": items, "title": title, "plain": plain}


@register.inclusion_tag("components/figures.html")
def figures(items: Sequence[Figure], columns: int = 0) -> dict[str, Any]:
    """Two, four or six figures side by side."""
    return {"items": items, "columns": columns or (6 if len(items) > 4 else len(items))}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Sequence[Entry], level: int = 3) -> dict[str, Any]:
    """What happened, newest first."""
    return {"entries": entries, "level": level}


@register.inclusion_tag("components/summary.html")
def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Keys and values, each with a way to change it."""
    return {"rows": rows}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(
    context: Context,
    previous: str | None = None,
    next: str | None = None,
    size: int = 50,
    note: str = "",
) -> dict[str, Any]:
    """Paging by key: `?before=` and `?after=` with everything else of the address kept."""
    request = context.get("request")
    links = {}
    for name, key in (("before", previous), ("after", next)):
        if key is None:
            continue
        kept = request.GET.copy() if request else QueryDict(mutable=True)
        kept.pop("before", None)
        kept.pop("after", None)
        kept[name] = key
        links[name] = "?" + kept.urlencode()
    return {"before": links.get("before"), "after": links.get("after"), "size": size, "note": note}


@register.inclusion_tag("components/masked.html", takes_context=True)
def masked(context: Context, text: str, href: str = "", label: str = "看全号") -> dict[str, Any]:
    """A masked number; `href` (a POST that is logged) shows the whole one."""
    return {"text": text, "href": href, "label": label, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def meter(used: float, limit: float, state: str = "") -> SafeString:
    """How much of a limit is used; `state` amber, late or empty. Say the numbers beside it."""
    share = min(max(used / limit if limit else 0, 0), 1)
    return format_html(
        '<svg class="lb-meter{}" width="74" height="6" aria-hidden="true"><rect width="74" '
        'height="6" rx="3"/><rect class="lb-meter__bar" width="{}" height="6" rx="3"/></svg>',
        f" is-{state}" if state else "",
        round(74 * share),
    )


@register.inclusion_tag("components/metro.html")
def metro(picture: Map, title: str = "办到哪里了", note: str = "") -> dict[str, Any]:
    """The map and its list, in a card. `note` replaces the sentence at the legend's end."""
    late = "日期是按工作日推算的，前面有变，后面跟着变"
    return {"map": picture, "title": title, "note": note or late}


# Forms ------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(bound: Any, **options: Any) -> dict[str, Any]:
    """A form field with label, hint, error beside it and its source; options as in `Shown`."""
    found: Shown = shown(bound, **options)
    return {"f": found, "bound": bound}


@register.inclusion_tag("components/agent_note.html")
def agent_note(edition: Edition) -> dict[str, Any]:
    """What somebody brings who comes for the person, and what they may not do, by the plan."""
    return {"rules": edition.agent, "limits": agents.limits(edition)}


@register.simple_tag
def can_read_card() -> bool:
    """Whether this server can read a photographed card (`lianban[ocr]`)."""
    return cards.can_read()


@register.inclusion_tag("components/signature.html")
def signature(
    bound: Any,
    strokes: str = "",
    kept: Signature | None = None,
    hint: str = "输入姓名，就是签名",
    preserve: bool = False,
) -> dict[str, Any]:
    """A signature: the typed name of a form field, and a pad beside it (see `signing`)."""
    return {"pad": Pad(bound, strokes, kept, preserve), "hint": hint}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: BaseForm) -> dict[str, Any]:
    """What is wrong on this page, each a link to its field; nothing when all is well."""
    found = []
    for form in forms:
        found += [("", message) for message in form.non_field_errors()]
        for bound in form:
            found += [(first_id(bound), message) for message in bound.errors]
    return {"errors": found}


@register.simple_tag
def join_lines(lines: Iterable[str]) -> SafeString:
    """Lines with breaks between them, each escaped."""
    return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))
