"""A department's system: it receives, accepts, decides, issues, for any item that it is sent.

What it decides depends on the message alone. Three words in the value of any field are heeded:

- 退回: the first round goes back to the bureau;
- 补正: one correction is asked for, of the first material that was sent; then work goes on;
- 不符: denied, and what is to be verified does not match.

A result that the person fetches here is handed over here; one that is neither fetched nor posted
comes with an electronic file.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from simulators.paper import pdf
from simulators.plan import FETCH, Heard, Kind, Plan, Step, Unheard

#: A person who has not booked is given a time after the first, and comes after the second, or at the
#: booked time; but no demonstration waits longer for anybody than the last.
OFFER, COME, LONGEST = 60, 300, 600
RECEIVE, ACCEPT, DECIDE, ISSUE, DELIVER, VERIFY = 20, 100, 400, 60, 120, 60
_FETCHED_HERE = ("pick_up", "自行领取")
_POSTED = ("courier", "邮寄")


@dataclass(frozen=True)
class Rule:
    """How one item differs: whether the person is asked to come, the steps between acceptance and
    decision, and the result's name.
    """

    comes: bool = False
    before: tuple[Step, ...] = ()
    title: str = "办理结果"
    prefix: str = "BJ"


@dataclass(frozen=True)
class Department:
    """The rules of a department: by item code, and one for every other item."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    otherwise: Rule = Rule()

    def kind(self) -> Kind:
        """What it does about each word."""
        return {
            "dispatch": self.dispatch,
            "correction_supplied": self.correction_supplied,
            "external_event": self.external_event,
            "appointment": self.appointment,
            "withdraw": self.withdraw,
            "verify": verify,
        }

    def dispatch(self, heard: Heard) -> Plan:
        """A sub-case comes, or comes again with its next round."""
        item, round_ = heard.data["item"], heard.data.get("round", 1)
        if type(round_) is not int:
            raise Unheard("wrong_data", "the round is a number")
        received = Step("receive", state="received", after=RECEIVE)
        steps = [*files(heard), received, *self._work(heard, item, round_)]
        return Plan(steps, opens=item, round=round_, state="dispatched", drops=True)

    def correction_supplied(self, heard: Heard) -> Plan:
        """The person answered; work goes on where it waited for that."""
        known = _known(heard)
        if known.state != "correction_due":
            return Plan(files(heard))
        return Plan(files(heard) + self._decide(heard, known.item, known.round))

    def external_event(self, heard: Heard) -> Plan:
        """Somebody else has acted; nothing here waits for that."""
        _known(heard)
        return Plan()

    def appointment(self, heard: Heard) -> Plan:
        """The person has a time, or has none any more: then they come without one."""
        _known(heard)
        if heard.data["state"] not in ("booked", "changed"):
            return Plan(waits={"arrived": LONGEST})
        try:
            until = datetime.fromisoformat(heard.data["starts_at"]).timestamp() - heard.at
        except ValueError as failure:
            raise Unheard("wrong_data", "starts_at is no moment") from failure
        wait = min(max(until, 0.0), LONGEST)
        return Plan(waits={"arrived": wait}, forgets="appoint")

    def withdraw(self, heard: Heard) -> Plan:
        """It has ended at the bureau: stop, whatever was planned."""
        known = _known(heard)
        return Plan(drops=True, state="" if known.outcome else "withdrawn")

    def _work(self, heard: Heard, item: str, round_: int) -> list[Step]:
        if round_ == 1 and mentions(heard.data, "退回"):
            why = {
                "reason_code": "wrong_data",
                "reason": "填写的信息与本部门登记的不一致，请核对后再分发",
            }
            return [Step("return", why, "returned", ACCEPT)]
        defects = _defects(heard.data)
        if defects and mentions(heard.data, "补正"):
            return [Step("request_correction", {"defects": defects}, "correction_due", ACCEPT)]
        return self._decide(heard, item, round_)

    def _decide(self, heard: Heard, item: str, round_: int) -> list[Step]:
        rule = self.rules.get(item, self.otherwise)
        steps = _coming(round_) if rule.comes else []
        steps += [Step("accept", state="accepted", after=ACCEPT), *rule.before]
        if mentions(heard.data, "不符"):
            why = {"outcome": "denied", "reason": "与本部门登记的信息不符，可以到窗口核对"}
            return [*steps, Step("decide", why, "decided", DECIDE)]
        steps.append(Step("decide", {"outcome": "granted"}, "decided", DECIDE))
        return steps + _result(heard, rule, round_)


def _coming(round_: int) -> list[Step]:
    """The person is given a time, the first time, and comes."""
    offered = [Step("appoint", after=OFFER)] if round_ == 1 else []
    return [*offered, Step("arrived", after=COME)]


def verify(heard: Heard) -> Plan:
    """Say whether the papers and the person are as stated."""
    matches = not mentions(heard.data, "不符")
    materials = {code: {"matches": matches} for code in heard.data.get("materials", {})}
    said = {"materials": materials, "identity_matches": matches}
    return Plan([*files(heard), Step("verified", said, after=VERIFY)])


def mentions(data: dict[str, Any], word: str) -> bool:
    """Whether the value of any field holds the word."""
    return any(word in str(one.get("value", "")) for one in data.get("fields", {}).values())


def files(heard: Heard) -> list[Step]:
    """A step for every file that comes with a message."""
    return [
        Step(FETCH, {key: file[key] for key in ("link", "digest", "link_until")} | _for(heard))
        for material in heard.data.get("materials", {}).values()
        for file in material.get("files", [])
    ]


def spoiled() -> list[Step]:
    """What follows where a material's file cannot be had, or is not what was said."""
    why = {"reason_code": "incomplete", "reason": "材料文件没有取到，或者与摘要不符，请重新分发"}
    return [Step("return", why, "returned")]


def _for(heard: Heard) -> dict[str, str]:
    return {"word": heard.word}


def _known(heard: Heard) -> Any:
    if heard.known is None:
        raise Unheard("unknown_sub_case", "this sub-case was never dispatched to this system")
    return heard.known


def _defects(data: dict[str, Any]) -> list[str]:
    materials = list(data.get("materials", {}))
    marked = [code for code, one in data.get("fields", {}).items() if "补正" in str(one["value"])]
    return (materials or marked)[:1]


def _result(heard: Heard, rule: Rule, round_: int) -> list[Step]:
    name = f"{heard.subject}/{round_}".encode()
    number = f"{rule.prefix}{hashlib.sha256(name).hexdigest()[:10].upper()}"
    issued: dict[str, Any] = {"number": number}
    ways = [
        str(one.get("value", ""))
        for code, one in heard.data.get("fields", {}).items()
        if code.startswith("delivery")
    ]
    if not any(word in way for way in ways for word in _FETCHED_HERE + _POSTED):
        content = pdf(rule.title, f"编号：{number}", "模拟系统出具，仅供测试")
        digest = hashlib.sha256(content).hexdigest()
        name_, text = f"{rule.title}.pdf", b64encode(content).decode("ascii")
        issued["file"] = {"name": name_, "digest": digest, "content": text}
    steps = [Step("issue", issued, after=ISSUE)]
    if any(word in way for way in ways for word in _FETCHED_HERE):
        steps.append(Step("deliver", state="concluded", after=DELIVER))
    return steps
