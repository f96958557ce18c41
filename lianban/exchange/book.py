"""Our book for a partner: what it was sent, and where each sub-case stands with us."""

from datetime import datetime

from lianban.cases import books
from lianban.engine.refusal import Refused
from lianban.exchange import contract
from lianban.exchange.models import PartnerRecord

#: Lines of one page, whatever is asked for.
MOST = 200


def line(*, partner: PartnerRecord, subject: str, at: datetime) -> contract.BookLine:
    """One sub-case. Raises `Refused('unknown_case')` for what this partner was never sent."""
    named = contract.parse_sub_case(subject)
    found = (
        books.line(department=partner.code, case_number=named[0], item=named[1]) if named else None
    )
    if found is None:
        raise Refused("unknown_case", "没有给这个系统分发过这个子办件")
    return said(found)


def page(*, partner: PartnerRecord, after: str, limit: int) -> contract.BookPage:
    """Lines behind a sub-case's name, in the order of names.

    Raises `Refused('wrong_query')` where `after` is neither empty nor such a name.
    """
    named = contract.parse_sub_case(after) if after else ("", 0)
    if named is None:
        raise Refused("wrong_query", "after 写上一页最后一个子办件的编号，第一页不写")
    limit = min(max(limit, 1), MOST)
    found = books.page(department=partner.code, after=named, limit=limit + 1)
    lines = [said(one) for one in found[:limit]]
    return contract.BookPage(lines=lines, next=lines[-1].sub_case if len(found) > limit else "")


def said(one: books.Line) -> contract.BookLine:
    """A line as it goes over the wire."""
    return contract.BookLine.model_validate(
        {
            "sub_case": contract.sub_case(one.case_number, one.item),
            "state": one.state,
            "outcome": one.outcome,
            "round": one.round,
            "seen_at": one.sent_at,
            "decided_at": one.decided_at,
            "result_number": one.result_number,
        }
    )
