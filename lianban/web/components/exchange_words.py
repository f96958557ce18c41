"""The exchange in words: topics, words of the contract, states, errors, how long ago."""

from datetime import datetime

from lianban.exchange import answers, complaints, differences
from lianban.exchange.models import TaskRecord
from lianban.exchange.watching.health import Health
from lianban.web.components import dates

#: What we tell, by topic.
TOPICS = {
    "dispatch": "子办件",
    "correction_supplied": "补来的材料",
    "external_event": "等的事办到了",
    "appointment": "本人要来的时间",
    "withdraw": "不用办了",
    "verify": "核验",
    "text": "短信",
    "waybill": "寄件",
    "payment": "付款",
}
#: What we hear, by the contract's word.
HEARD = {
    "receive": "收件",
    "accept": "受理",
    "refuse_acceptance": "不予受理",
    "return": "退回",
    "transfer": "不归本部门",
    "request_correction": "要补正",
    "suspend": "暂停",
    "resume": "恢复",
    "extend": "延期",
    "appoint": "定时间",
    "arrived": "本人来了",
    "decide": "决定",
    "issue": "结果",
    "deliver": "送达",
    "external_event": "等的事办到了",
    "status": "进度",
    "verified": "核验结果",
    "text_delivered": "短信回执",
    "mail_event": "邮件动静",
    "payment_event": "付款回执",
}
#: A partner's state: the status tag's code, and its word.
STATES = {
    "well": ("done", "正常"),
    "held": ("suspended", "暂停发送"),
    "failing": ("overdue", "联系不上"),
    "poll": ("external", "对方来取"),
    "file": ("external", "文件交换"),
}
#: Why something that came in was parked or refused: the rules' own codes.
_PARKED = {
    "unknown_case": "没有这个子办件，或者不归这个部门",
    "ended": "这一件已经结束",
    "nobody_comes": "按方案，这个事项不用本人到场",
    "came_already": "本人已经来过了",
    "no_office": "没有登记这个部门在这里的窗口",
    "not_ready": "前面的步骤还没到",
    "not_permitted": "这件事不归对方办",
    "wrong_body": "内容不合约定",
    "unknown_type": "没有约定过这种消息",
    "out_of_turn": "前一条还没到，在等；最多等十分钟",
    "late": "后一条已经处理了，这条来晚了",
    "other_round": "说的是上一次送办，这一件后来重新送过",
    "stale": "这一件已经作了决定",
    "missing_material": "还有材料没补齐",
    "grade_too_low": "有材料还没核过原件",
    "already_noticed": "已经告知补正过了",
    "old_defect": "上次告知时就能看出的问题",
    "too_late": "告知补正的期限过了",
    "other_number": "这个结果已经有另一个文号",
    "has_file": "这个结果已经有电子文件",
    "unknown_subject": "对不上我们发出的哪一条",
    "amount_not_approved": "金额还没有核定",
}
#: Tasks that come from sending.
_SENDING = frozenset({"refused", "dead", "unreachable", "misconfigured"})
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def topic(code: str) -> str:
    """What a message tells."""
    return TOPICS.get(code, code)


def heard(word: str) -> str:
    """What a message that came in says."""
    return HEARD.get(word, word)


def error(code: str) -> str:
    """Why a try failed, or a message was parked."""
    return answers.words(code) if code else ""


def parked(code: str) -> str:
    """Why a message that came in fits nothing, or was refused."""
    if code in _PARKED or code not in complaints.KNOWN:
        return _PARKED.get(code, code)
    return complaints.KNOWN[code][1]


def task(kind: str, code: str) -> str:
    """What a task's code says more; nothing where it says nothing."""
    if kind in _SENDING:
        return error(code)
    if kind == TaskRecord.Kind.DIFFERENCE:
        return differences.words(code)
    return parked(code) if kind == TaskRecord.Kind.PARKED else code


def since(health: Health) -> str:
    """The sentence beside a partner's state: since when, and what follows."""
    partner = health.partner
    if health.state == "held":
        who = partner.held_by.name if partner.held_by else "有人"
        return f"{dates.moment(partner.held_at)} {who}停的" if partner.held_at else ""
    if health.state == "failing":
        assert partner.failing_since
        return f"从 {dates.moment(partner.failing_since)}起，会自动再试"
    if partner.last_ok_at is None:
        return "还没有通过"
    return f"上次通 {dates.moment(partner.last_ok_at)}"


def waited(moment: datetime, at: datetime) -> str:
    """How long something waits, as a sentence says it."""
    long = ago(moment, at)
    return f"等了{'' if long.startswith('不') else ' '}{long}"


def ago(moment: datetime, at: datetime) -> str:
    """How long something has lasted, in the two largest units at most."""
    seconds = max(0, int((at - moment).total_seconds()))
    if seconds < _MINUTE:
        return "不到 1 分钟"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} 分钟"
    if seconds < _DAY:
        hours, rest = divmod(seconds, _HOUR)
        minutes = rest // _MINUTE
        return f"{hours} 小时" + (f" {minutes} 分钟" if minutes else "")
    days, rest = divmod(seconds, _DAY)
    hours = rest // _HOUR
    return f"{days} 天" + (f" {hours} 小时" if hours else "")
