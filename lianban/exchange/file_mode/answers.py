"""A file that comes back: checked row by row, each good row has its effect, the others say why not."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import xlsxwriter

from lianban.accounts.actor import Actor
from lianban.engine.refusal import Refused
from lianban.exchange import contract, handed, inbound, rounds, tasks
from lianban.exchange.file_mode import books as file_books
from lianban.exchange.file_mode import files
from lianban.exchange.file_mode import rows as file_rows
from lianban.exchange.file_mode import sheet as file_sheet
from lianban.exchange.file_mode.rows import Message, Wrong
from lianban.exchange.file_mode.sheet import Filled, Known
from lianban.exchange.models import ExchangeFile, InboxMessage, PartnerRecord, TaskRecord

#: Why something fits nothing now, by the rules' own codes.
_NOT_NOW = {
    "ended": "这一件已经结束",
    "unknown_case": "这一件现在不归本部门办",
    "not_ready": "还没轮到这一步",
    "other_round": "这一行是上一次送的，这一件后来重新送过，请填新文件里的那一行",
    "stale": "刚刚有人改过这一件",
    "amount_not_approved": "金额还没有核定",
    "grade_too_low": "有材料还没看过原件或核验",
    "material_expired": "有材料过期了",
    "already_noticed": "补正已经告知过",
    "too_late": "告知补正的期限已过",
}
#: What undoes each other, and may so be said more than once of one sub-case.
_UNDONE_BY = {"suspend": "resume", "resume": "suspend"}
_STALE = "请在“待办”里看这一件现在的情况；要改的，改好这一行再传"


@dataclass(frozen=True)
class _Upload:
    """What one upload is about."""

    partner: PartnerRecord
    out: ExchangeFile
    known: dict[str, Known]
    at: datetime


def take_in(
    *, partner: PartnerRecord, upload: bytes, name: str, actor: Actor, at: datetime
) -> ExchangeFile:
    """Take a filled-in file. The same rows again are the same messages: they change nothing.

    A 对账表 is kept as the department's book. `refused` of the answer names each row that was not
    taken, why, and what to do. Raises `Refused`: `not_permitted`, `bad_file`, `no_file_number`,
    `unknown_exchange_file`, `wrong_contract`, `nothing_filled`, `older_book`.
    """
    files.require_own(actor, partner)
    book = file_sheet.read(upload, name=name)
    out = files.handed_out(book.number, partner=partner, actor=actor)
    if book.version != contract.VERSION:
        raise Refused("wrong_contract", "这个文件是旧版的，请重新导出一个，把填的内容抄过去")
    filled = [row for row in book.rows if not row.is_empty]
    if not filled:
        raise Refused("nothing_filled", f"一行也没有填：请在黄色的“{_first(out)}”里选，存好再传")
    ours = file_sheet.read(files.content_of(out), name=f"{out.number}.xlsx")
    about = _Upload(partner, out, dict(ours.known), at)
    refused = _compared(filled, about) if _is_book(out) else list(_judged(filled, about, _act))
    row = files.keep_answer(
        out, upload, rows=len(filled), refused=refused, user_id=actor.user_id, at=at
    )
    _tell(about, refused)
    return row


def _is_book(out: ExchangeFile) -> bool:
    return out.holds == ExchangeFile.Holds.BOOK


def _first(out: ExchangeFile) -> str:
    return file_sheet.OWN if _is_book(out) else file_sheet.STEP


def _act(row: Filled, known: Known, about: _Upload) -> None:
    for message in file_rows.messages(row, known, number=about.out.number):
        _send(message, known, about)


def _compared(filled: list[Filled], about: _Upload) -> list[dict[str, Any]]:
    """Keep what the rows of a 对账表 say; the rows that say nothing that can be read."""
    said: dict[str, contract.BookLine | None] = {}

    def act(row: Filled, known: Known, about: _Upload) -> None:
        said[known.sub_case] = file_books.read(row, known, at=about.at)

    refused = list(_judged(filled, about, act))
    if said:
        handed.keep_sheet(about.out, said, at=about.at)
    return refused


def _judged(
    filled: list[Filled], about: _Upload, act: Callable[[Filled, Known, _Upload], None]
) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for row in filled:
        try:
            if row.place in seen:
                raise Wrong("这个序号前面有过了", "一个序号只留一行，多出来的删掉")
            seen.add(row.place)
            act(row, _known(row, about), about)
        except Wrong as wrong:
            yield {
                "sheet": row.sheet,
                "line": row.line,
                "sub_case": row.sub_case if contract.parse_sub_case(row.sub_case) else "",
                "why": wrong.why,
                "todo": wrong.todo,
            }


def _known(row: Filled, about: _Upload) -> Known:
    known = about.known.get(row.place)
    if known is None:
        raise Wrong("这一行不是这个文件里的", "不要加行；每个文件只填它自己的行")
    if row.sub_case != known.sub_case or row.check != known.check:
        raise Wrong(
            "白色格子和导出时不一样，可能排序只排了几列，姓名和编号错开了",
            "请重新下载这个文件，把这一行填过去",
        )
    return known


def _send(message: Message, known: Known, about: _Upload) -> None:
    """Let one message come in, once. Raises `Wrong` where it had no effect.

    It answers the time that its row was handed out for, however late it comes back.
    """
    row = InboxMessage.objects.filter(partner=about.partner, message_id=message.message_id).first()
    if row is None:
        said = contract.envelope(
            word=message.word,
            message_id=message.message_id,
            source=f"urn:lianban:file:{about.partner.code}",
            subject=message.subject,
            at=about.at,
            data=message.data,
            round=rounds.of_message(known.message_id),
        )
        inbound.receive(
            partner=about.partner,
            body=said.model_dump_json(exclude_none=True).encode(),
            at=about.at,
        )
        row = InboxMessage.objects.get(partner=about.partner, message_id=message.message_id)
    elif _was_undone(row, about):
        raise Wrong("这一行先前这样填过、收过，后来又改了", "再暂停、再恢复的，请在“待办”里办")
    if row.state == InboxMessage.State.PARKED:
        raise Wrong(
            f"{_NOT_NOW.get(row.code, '现在不能这样办')}，已转给牵头部门看",
            "不用再传；急的请给牵头部门打电话",
        )
    if row.state == InboxMessage.State.REFUSED:
        raise Wrong(str(row.answer.get("message") or row.code), _STALE)


def _was_undone(row: InboxMessage, about: _Upload) -> bool:
    """Whether the same was said before and undone since: saying it again has no effect by itself."""
    undone = _UNDONE_BY.get(row.type, "")
    later = InboxMessage.objects.filter(partner=about.partner, subject=row.subject, id__gt=row.id)
    return later.filter(type=undone, message_id__startswith=f"{about.out.number}:").exists()


def _tell(about: _Upload, refused: list[dict[str, Any]]) -> None:
    """Somebody looks where rows were not taken; a later upload without any closes that."""
    kind, number = TaskRecord.Kind.FILE, about.out.number
    if refused:
        tasks.open_(
            kind=kind, partner=about.partner, about=number, code=str(len(refused)), at=about.at
        )
    else:
        note = "重新传回，全部收下了"
        tasks.settle(kind=kind, partner=about.partner, about=number, note=note, at=about.at)


def refused_sheet(file_id: UUID, *, actor: Actor) -> tuple[str, bytes]:
    """The rows that were not taken, as a workbook. Raises `Refused('unknown_exchange_file')`."""
    row = files.find(file_id, actor=actor)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("没有收的行")
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True})
        sheet.write_string(0, 0, f"没有收的行　{row.number}", bold)
        heads = (
            ("工作表", 12),
            ("行", 6),
            ("子办件编号", 24),
            ("为什么没有收", 50),
            ("怎么办", 50),
        )
        for column, (words, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, words, bold)
        for line, one in enumerate(row.refused, start=3):
            for column, key in enumerate(("sheet", "line", "sub_case", "why", "todo")):
                sheet.write_string(line, column, str(one[key]), wrap)
    return f"{row.number}-没有收的行.xlsx", out.getvalue()
