"""对账表: our book goes out as a numbered workbook, and the department's column comes back.

A row that stays empty says nothing. What a department has and was never sent cannot be found so.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.db import transaction

from lianban import clock
from lianban.accounts.actor import Actor
from lianban.cases import books, impersonal
from lianban.engine.refusal import Refused
from lianban.exchange.contract import BookLine, sub_case
from lianban.exchange.file_mode import files
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.file_mode.rows import Wrong
from lianban.exchange.file_mode.sheet import OWN, OWN_NUMBER, OWNS, Filled, Known, Row
from lianban.exchange.models import ExchangeFile, PartnerRecord

#: Sub-cases of one 对账表; where there are more, those that were sent last.
MOST = 5_000
_PAGE = 500
_SENT, _ROUND = "sent_at", "round"
#: Our states in the words of the desk; what is not here has ended, or is not with the department.
_STATES = {
    "returned": "退回了",
    "transferred": "移交了",
    "dispatched": "可办",
    "received": "可办",
    "correction_due": "待补正",
    "accepted": "办理中",
    "suspended": "暂停",
    "decided": "办理中",
    "delivering": "办理中",
    "concluded": "已办结",
    "satisfied": "已办结",
    "refused": "不予受理",
    "withdrawn": "已撤回",
    "terminated": "已终止",
}
_OUTCOMES = {"granted": "准予", "denied": "不予", "": "还没有"}
ABSENT, AT_WORK, GRANTED, DENIED = OWNS
_SAID: dict[str, Literal["granted", "denied", ""]] = {
    GRANTED: "granted",
    DENIED: "denied",
    AT_WORK: "",
}


@transaction.atomic
def hand_out(*, partner: PartnerRecord, actor: Actor, at: datetime) -> ExchangeFile:
    """Write what the department was sent, in the districts of the actor's office, as a 对账表.

    Raises `Refused`: `not_permitted`, `not_file_mode`, `nothing_sent`.
    """
    files.require_own(actor, partner)
    if partner.mode != PartnerRecord.Mode.FILE:
        raise Refused("not_file_mode", "本部门的系统直接对接，不用填对账表")
    lines = heapq.nlargest(MOST, _lines(partner, actor), key=lambda line: line.sent_at)
    if not lines:
        raise Refused("nothing_sent", "还没有送给本部门的，没有账可以对")
    ordered = sorted(lines, key=lambda line: (line.case_number, line.item))
    rows = [_row(place, line) for place, line in enumerate(ordered, start=1)]
    number, _ = files.next_number(partner, at)
    content = file_sheet.write(
        number=number,
        name=partner.name,
        by=actor.name,
        at=at.astimezone(clock.SHANGHAI),
        rows=rows,
    )
    made = ExchangeFile(
        partner=partner,
        direction=files.OUT,
        holds=ExchangeFile.Holds.BOOK,
        number=number,
        district=actor.district or "",
        made_at=at,
        made_by_id=actor.user_id,
        row_count=len(rows),
    )
    return files.keep(made, content)


def _lines(partner: PartnerRecord, actor: Actor) -> Iterator[books.Line]:
    after = ("", 0)
    while found := books.page(
        department=partner.code, after=after, limit=_PAGE, districts=actor.districts
    ):
        yield from found
        after = (found[-1].case_number, found[-1].item)


def _row(place: int, line: books.Line) -> Row:
    name = sub_case(line.case_number, line.item)
    given = {
        file_sheet.PLACE: str(place),
        file_sheet.SUB_CASE: name,
        "第几次送": str(line.round),
        "送到日期": f"{line.sent_at.astimezone(clock.SHANGHAI):%Y-%m-%d}",
        "本平台的情况": _STATES.get(line.state, "不在办"),
        "本平台的决定": _OUTCOMES[line.outcome],
        "本平台的结果编号": line.result_number,
    }
    return Row(
        place=place,
        sheet=file_sheet.BOOK,
        subject=name,
        sub_case=name,
        message_id="-",
        word="book",
        given=given,
        asks={_SENT: line.sent_at.isoformat(), _ROUND: str(line.round)},
    )


def read(row: Filled, known: Known, *, at: datetime) -> BookLine | None:
    """What a filled row says; None where the department does not have the sub-case. Raises `Wrong`."""
    said, number = "".join(row.text(OWN).split()), row.text(OWN_NUMBER)
    if not said:
        raise Wrong(f"填了“{OWN_NUMBER}”，没有选“{OWN}”", f"请选一个：{'、'.join(OWNS)}")
    if said not in OWNS:
        raise Wrong(f"“{OWN}”写的不认识", f"请从列表里选：{'、'.join(OWNS)}")
    if number and said != GRANTED:
        raise Wrong(f"“{said}”的没有结果编号", f"请清空“{OWN_NUMBER}”，或者改选“{GRANTED}”")
    if len(number) > 60:
        raise Wrong(f"“{OWN_NUMBER}”太长", "最多 60 个字")
    try:
        impersonal.require_document_number(number, today=at.date())
    except Refused as refused:
        raise Wrong(f"“{OWN_NUMBER}”里有身份证号", refused.message) from refused
    if said == ABSENT:
        return None
    return BookLine(
        sub_case=known.sub_case,
        state="decided" if _SAID[said] else "received",
        outcome=_SAID[said],
        round=int(known.asks[_ROUND]),
        seen_at=datetime.fromisoformat(known.asks[_SENT]),
        result_number=number,
    )
