"""What a partner's answer means for us: it arrived, it may arrive later, or it never will."""

import json
import re

from pydantic import ValidationError

from lianban.exchange.contract import PartnerReceipt

#: Statuses after which trying again is of no use: the message itself is refused.
NEVER = frozenset({400, 409, 413, 415, 422})
#: Statuses that mean that the two sides are set up differently: tried again, but a person looks now.
MISCONFIGURED = frozenset({401, 403, 404, 405, 410})


class Temporary(Exception):
    """It did not arrive this time; `code` says why. `retry_after` in seconds, where it was named."""

    def __init__(self, code: str, *, status: int | None = None, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code, self.status, self.retry_after = code, status, retry_after

    @property
    def is_misconfigured(self) -> bool:
        """Whether a person should look at the settings now.

        That a message will never be taken, and unsigned, was said by something on the way.
        """
        return self.status in MISCONFIGURED | NEVER


class Permanent(Exception):
    """The message will never be taken as it is; `code` says why."""

    def __init__(self, code: str, *, status: int | None = None) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def judge(status: int, content_type: str, body: bytes, retry_after: str, *, name: str) -> None:
    """Return where the message `name` arrived. Raises `Temporary` or `Permanent`."""
    if status in NEVER:
        raise Permanent(_their_code(body, f"status_{status}"), status=status)
    if status != 200:
        raise Temporary(f"status_{status}", status=status, retry_after=_seconds(retry_after))
    if not content_type.partition(";")[0].strip().lower().endswith("json"):
        raise Temporary("not_json", status=status)
    try:
        receipt = PartnerReceipt.model_validate_json(body)
    except ValidationError as error:
        raise Temporary("not_a_receipt", status=status) from error
    if receipt.id != name:
        raise Temporary("wrong_receipt", status=status)


def _seconds(retry_after: str) -> int:
    """The seconds of a `Retry-After`; a date, or nonsense, counts as nothing."""
    return int(retry_after) if re.fullmatch(r"\d{1,8}", retry_after.strip()) else 0


def _their_code(body: bytes, otherwise: str) -> str:
    """The code of a complaint, if it has one that is a word: never a sentence with values in it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return otherwise
    code = said.get("code") if isinstance(said, dict) else None
    is_word = isinstance(code, str) and re.fullmatch(r"[a-z](?:[a-z_]|\d{1,3}(?!\d)){0,39}", code)
    return f"{otherwise}_{code}" if is_word else otherwise


#: What the codes mean, for people.
WORDS = {
    "ok": "已送达",
    "no_connection": "连不上对方系统",
    "too_slow": "对方系统太久没有答复",
    "broken_off": "连接中途断了",
    "too_large": "对方的答复太大",
    "redirected": "对方让我们去别的地址",
    "not_json": "对方的答复不是约定的格式",
    "not_a_receipt": "对方的答复不是约定的回执",
    "wrong_receipt": "对方答复的是另一条消息",
    "not_composed": "这条消息组不出来",
    "never_ended": "发送多次中断，没有结果",
    "too_old": "发了七天没有发到",
    "erased": "这件联办件的表单已经按规定删除",
}


def words(code: str) -> str:
    """A code in words."""
    if code in WORDS:
        return WORDS[code]
    if code.startswith("answer_"):
        return "对方的答复签名不对"
    if code.startswith("status_"):
        status, _, reason = code.removeprefix("status_").partition("_")
        return f"对方系统答复 {status}" + (f"（{reason}）" if reason else "")
    return code
