"""The journal in words: one sentence for each event, for the person and for officers."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from lianban.cases import form_pages
from lianban.catalogue.model import Edition
from lianban.journal.models import JournalEntry

#: Event to sentence. `{item}` is the item's short name, the rest are words of the event.
SENTENCES = {
    "Submitted": "交上了申请",
    "Registered": "在窗口登记并受理",
    "CaseAccepted": "受理了申请",
    "HandlingBegan": "开始办理",
    "AcceptanceRefused": "{item}没有受理：{reason}",
    "CorrectionRequested": "{item}一次性告知要补：{defects}",
    "Corrected": "{item}补来了：{supplied}",
    "DeferralGranted": "{item}先受理，{materials}在 {due_on} 前补",
    "DeferralLapsed": "{materials}到期没有补来",
    "DossierReceived": "部队档案已收到",
    "DossierSentBack": "部队档案不齐，退回去补了：{pieces}",
    "DossierReturnTakenBack": "部队档案没有退回，接着核对",
    "ReceptionRegistered": "登记了退役接收",
    "BatchGathered": "汇总推送给各部门",
    "Readied": "{item}可以办了",
    "Dispatched": "{item}送往{department}",
    "Received": "{item}已收件",
    "Accepted": "{item}已受理",
    "ClockStarted": "{item}从 {on} 起计时，{days} {unit}",
    "Returned": "{item}退回：{reason}",
    "Suspended": "{item}暂停计时：{reason}",
    "Resumed": "{item}恢复计时",
    "Extended": "{item}延期 {days} 天：{grounds}",
    "Granted": "{item}准予",
    "Denied": "{item}不予办理：{reason}",
    "Issued": "{item}的结果已发出",
    "DeliveryChanged": "{item}的结果改为{way}",
    "ResultRecorded": "{item}的结果编了号",
    "HandedOver": "{item}的结果交给了{to}，签收了",
    "Posted": "{item}的结果寄出，批次 {batch}",
    "MailReturned": "{item}的结果被退回：{reason}",
    "MailReceived": "{item}的结果签收了",
    "AddressChanged": "改了收件地址",
    "Delivered": "{item}的结果已送达",
    "ItemConcluded": "{item}办结",
    "ExternalEventReceived": "{item}等的事已办到",
    "Waived": "{item}免除一项前置：{grounds}",
    "Blocked": "{item}受阻，前面的事项没有办成",
    "Unblocked": "{item}不再受阻",
    "ReviewNeeded": "{item}需要复核，它依据的事项已重新办理",
    "ReviewFellDue": "{item}等得久了，请看一看",
    "SplitOff": "{item}转为后续事项",
    "Unticked": "取消了{item}",
    "Withdrawn": "撤回了{item}",
    "Terminated": "终止了{item}：{reason}",
    "Concluded": "联办件办结",
    "Reopened": "重新办理{item}：{reason}",
    "MaterialGraded": "{codes}：{grade} 级",
    "VisitMade": "{on} 到{place}来了一次",
    "Booked": "约好 {on} {time} 到{place}：{purpose}",
    "TimeGiven": "{department}定了 {on} {time} 到{place}：{purpose}",
    "BookingCancelled": "取消了 {on} {time} 的预约：{purpose}",
    "BookingMissed": "{on} {time} 约好没有来：{purpose}",
    "Signed": "{signer}签了「{purpose}」",
    "AgentAppointed": "由代办人（{relation}）代办",
    "AgentRevoked": "不再由代办人代办",
    "Proposed": "提请{what}{item}，等负责人批准",
    "ProposalApproved": "负责人批准了{what}{item}，由{proposed_by}提请",
    "ProposalSentBack": "负责人没有批准{what}{item}：{words}",
    "ProposalTakenBack": "收回了{what}{item}的提请",
    "ReturnPointed": "{item}退回时指明：{pointed}",
    "SentElsewhere": "{item}转到{district}的{department}",
    "Reassigned": "{item}从{before}转给{after}办：{note}",
    "ActedFor": "{item}的上一步是替{officer}办的",
    "PersonCorrected": "更正了{codes}",
    "NumberInConflict": "要更正的身份证号已有别人登记，等核对",
    "ConflictDecided": "身份证号核对完了：{verdict}",
    "MoveProposed": "想转到{district}：{reason}",
    "MoveEnded": "没有转到{district}：{words}",
    "Moved": "从{before}转到{district}接着办",
    "ReappliedAfter": "上一次的办件是 {case_number}",
    "FileRefused": "{materials}的一个文件没有通过安全检查，没有收",
    "OriginalOpened": "看了{materials}的原始文件",
    "FormFiled": "收了一张扫描的纸质登记表",
    "NoticeRefused": "{item}想再次告知 {defects}，系统没有允许",
    "AmountComputed": "{item}的金额核算了，等另一个人复核",
    "AmountApproved": "{item}的金额核定了",
    "PaymentOrdered": "{item}送财政付款，清单 {batch}",
    "Paid": "{item}的钱 {on} 到账",
    "PaymentReturned": "{item}的钱被银行退回：{reason}",
    "Rated": "本人评价了{item}",
    "CalledBack": "差评回访过了：{item}",
    "Packed": "归档信息包做好了",
    "AccountChanged": "{item}的收款账户改了",
    "Verified": "{department}核验，一致：{checked}",
    "FoundDifferent": "{department}核验，不一致，要看一看：{checked}",
}
#: What only officers read: the person sees what was decided, not what was considered.
INTERNAL = frozenset(
    {
        "Proposed", "ProposalApproved", "ProposalSentBack", "ProposalTakenBack", "ReturnPointed",
        "Reassigned", "ActedFor", "MoveProposed", "MoveEnded", "FoundDifferent",
    }
)  # fmt: skip
_COMMANDS = {
    "refuse_acceptance": "不予受理",
    "deny": "不予办理",
    "waive": "免除前置：",
    "terminate": "终止",
}
#: Steps that only say again what the next sentence says.
QUIET = frozenset(
    {"HandlingBegan", "Readied", "ClockStarted", "Received", "ItemConcluded", "Signed"}
)


@dataclass(frozen=True)
class Line:
    """One entry of the history."""

    at: datetime
    sequence: int
    event: str
    item: int | None
    text: str
    actor: str
    #: Left out of the short history.
    is_quiet: bool


def lines(edition: Edition, entries: Iterable[JournalEntry]) -> Iterator[Line]:
    """The entries in words, in their order."""
    for entry in entries:
        data = json.loads(entry.body)
        item = data.get("item")
        text = SENTENCES[entry.event].format(**_words(edition, data))
        quiet = entry.event in QUIET
        yield Line(entry.at, entry.sequence, entry.event, item, text, entry.actor_name, quiet)


def _words(edition: Edition, data: dict[str, Any]) -> dict[str, str]:
    words = {key: str(value) for key, value in data.items()}
    number = data.get("item")
    words["item"] = f"「{edition.item(number).short_name}」" if number is not None else "联办件"
    words["department"] = edition.department_names.get(data.get("department", ""), "")
    words |= _signing_words(edition, data)
    for key in ("defects", "supplied", "materials", "codes", "pieces"):
        if isinstance(data.get(key), list):
            words[key] = "、".join(name_of(edition, code) for code in data[key])
    checked = [words.get("codes", ""), "身份信息" if data.get("identity") else ""]
    words["checked"] = "、".join(text for text in checked if text)
    words["what"] = _COMMANDS.get(data.get("command", ""), "")
    words["verdict"] = "是同一个人" if data.get("same") else "不是同一个人，没有改"
    words["pointed"] = _pointed(edition, data)
    words["to"] = {"self": "本人", "agent": "代办人"}.get(data.get("to", ""), "")
    words["way"] = edition.wording.get("delivery", {}).get(data.get("delivery", ""), "")
    if "place" in data:
        named = {place.code: place.name for place in edition.places}
        words["place"] = named.get(data["place"], data["place"])
    if "purpose" in data:
        words["purpose"] = edition.reasons.get(data["purpose"], words["purpose"])
    words["unit"] = "天" if data.get("counts") == "natural" else "个工作日"
    for key in ("due_on", "on"):
        if key in data:
            day = date.fromisoformat(data[key])
            words[key] = f"{day.month}月{day.day}日"
    return words


def _pointed(edition: Edition, data: dict[str, Any]) -> str:
    """What a department said when it sent an item back: the reason, and whose it is."""
    reason = edition.wording.get("reasons", {}).get(str(data.get("code", "")), "别的理由")
    whose = edition.department_names.get(data.get("department", ""), "")
    return "，".join(text for text in (reason, str(data.get("district", "")) + whose) if text)


def _signing_words(edition: Edition, data: dict[str, Any]) -> dict[str, str]:
    """Who signed what, and what an agent is to the person."""
    relation = edition.agent.relations.get(data.get("relation", ""), "")
    purpose = purpose_words(edition, data.get("purpose", ""))
    signer = "代办人" if data.get("role") == "agent" else "本人"
    return {"relation": relation, "purpose": purpose, "signer": signer}


def purpose_words(edition: Edition, purpose: str) -> str:
    """What was signed: the section of a signature's field, or the plan's word for it."""
    code = purpose.partition(":")[0]
    section = next((field.section for field in edition.fields if field.code == code), "")
    title = next((each.title for each in edition.sections if each.code == section), "")
    return title or edition.wording.get("signatures", {}).get(code, code)


def name_of(edition: Edition, code: str) -> str:
    """The name of a material, a field, a result or a piece of the dossier, or the code itself."""
    material = edition.material_by_code.get(code)
    if material:
        return material.name
    if code == form_pages.FORM:
        return form_pages.title(edition)
    named = [(field.code, field.label) for field in edition.fields]
    named += [(piece.code, piece.name) for piece in edition.dossier.pieces]
    named += [(result.code, result.name) for item in edition.items if (result := item.result)]
    return next((name for known, name in named if known == code), code)
