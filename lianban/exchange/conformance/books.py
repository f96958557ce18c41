"""The partner's book: every sub-case that it was sent, once, as it told us, and no other."""

from urllib.parse import urlencode

from lianban.exchange import contract
from lianban.exchange.conformance.course import Course
from lianban.exchange.conformance.rules import Broken
from lianban.exchange.conformance.stage import Stage

_FIRST_LIMIT, _LIMIT, _MOST_PAGES = 2, 200, 1000


def names(stage: Stage) -> set[str]:
    """All that stands in the book, read page by page. Raises `Broken`."""
    found: list[str] = []
    after, limit = "", _FIRST_LIMIT
    for _ in range(_MOST_PAGES):
        page = _page(stage, after, limit)
        here = [line.sub_case for line in page.lines]
        if len(here) > limit or here != sorted(set(here)) or (here and here[0] <= after):
            expected = f"after={after}、limit={limit}：至多 {limit} 条，按编号排列，都在 after 之后"
            raise Broken("book_comes_in_pages", expected, "、".join(here)[:300])
        found += here
        if not page.next:
            stage.ok("book_can_be_read")
            return set(found)
        if page.next <= after or (here and page.next < here[-1]):
            expected = "next 是这一页最后的编号，最后一页为空"
            raise Broken("book_comes_in_pages", expected, page.next[:80])
        after, limit = page.next, _LIMIT
    raise Broken("book_comes_in_pages", f"至多 {_MOST_PAGES} 页", "翻不完")


def _page(stage: Stage, after: str, limit: int) -> contract.BookPage:
    message = stage.caller.get("/book?" + urlencode({"after": after, "limit": limit}))
    expected = "GET A/book：200"
    heard = stage.caller.good(message, status=200, rule="book_can_be_read", expected=expected)
    return stage.caller.read(heard, contract.BookPage, rule="book_can_be_read")


def remembers(stage: Stage, course: Course) -> None:
    """What was accepted a moment ago is there."""
    message = stage.caller.get(f"/sub-cases/{course.subject}")
    rule = "remembers_what_it_accepted"
    expected = f"答了 accepted 以后，GET A/sub-cases/{course.subject}：200"
    heard = stage.caller.good(message, status=200, rule=rule, expected=expected)
    stage.caller.read(heard, contract.BookLine, rule="book_tells_a_sub_case")
    stage.ok(rule)


def play(stage: Stage, before: set[str]) -> None:
    """Compare the book with what was sent and told."""
    sent = set(stage.platform.courses)
    new = names(stage) - before
    if stage.platform.refused & new:
        found = f"账里有 {min(stage.platform.refused & new)}"
        raise Broken("refused_has_no_effect", "没有收下的不在账里", found)
    if new != sent:
        missing, more = sorted(sent - new), sorted(new - sent)
        found = f"少了 {'、'.join(missing) or '0 件'}；多了 {'、'.join(more) or '0 件'}"
        raise Broken("book_is_complete", f"正好是收到过的 {len(sent)} 件", found)
    stage.ok("book_is_complete", "book_comes_in_pages")
    for course in stage.platform.courses.values():
        _line(stage, course)
    stage.ok("book_tells_a_sub_case")
    _unknown(stage)
    _guarded(stage)


def _line(stage: Stage, course: Course) -> None:
    message = stage.caller.get(f"/sub-cases/{course.subject}")
    rule = "book_tells_a_sub_case"
    expected = f"GET A/sub-cases/{course.subject}：200"
    heard = stage.caller.good(message, status=200, rule=rule, expected=expected)
    line = stage.caller.read(heard, contract.BookLine, rule=rule)
    if course.withdrawn_at is not None:
        _not_decided_after(course, line)
        return
    told = (course.subject, course.outcome, course.number or line.result_number)
    if (line.sub_case, line.outcome, line.result_number) != told:
        expected = (
            f"{course.subject}：outcome {course.outcome or '空'}，编号 {course.number or '空'}"
        )
        found = (
            f"{line.sub_case}：outcome {line.outcome or '空'}，编号 {line.result_number or '空'}"
        )
        raise Broken(rule, expected, found)
    if bool(line.outcome) != (line.decided_at is not None):
        raise Broken(rule, "有 outcome 就有 decided_at", f"decided_at 是 {line.decided_at}")


def _not_decided_after(course: Course, line: contract.BookLine) -> None:
    """What was decided before the withdrawal came may stand."""
    at = course.withdrawn_at
    if line.outcome and at is not None and (line.decided_at is None or line.decided_at > at):
        expected = f"{course.subject} 在 {at:%H:%M:%S} 撤回以后没有决定"
        raise Broken("withdraw_stops", expected, f"{line.outcome}，{line.decided_at}")


def _unknown(stage: Stage) -> None:
    """Something that was never sent to it."""
    message = stage.caller.get(f"/sub-cases/{stage.course(must_end=False).subject}")
    rule = "unknown_sub_case_is_not_found"
    stage.caller.good(message, status=404, rule=rule, expected="404")
    stage.ok(rule)


def _guarded(stage: Stage) -> None:
    course = stage.courses[0]
    for path in ("/book?after=&limit=2", f"/sub-cases/{course.subject}"):
        heard = stage.caller.send(stage.caller.get(path))
        if heard.status != 401:
            raise Broken("book_is_guarded", f"没有签名的 GET A{path}：401", str(heard.status))
    stage.ok("book_is_guarded")
