"""Every complaint of the exchange: its code, its status, what is wrong, and what to do about it.

The reference page prints this table; a complaint never repeats a value that was sent.
"""

from collections.abc import Mapping

from lianban.engine.refusal import Refused
from lianban.exchange.contract import Complaint

#: Code: status, what is wrong, what to do.
KNOWN: dict[str, tuple[int, str, str]] = {
    "bad_request": (400, "这个请求读不懂", "请按接口说明改正后再发。"),
    "bad_json": (400, "正文不是合格的 JSON（UTF-8）", "请检查编码和括号，改正后换新签名再发。"),
    "nul": (400, "正文里有空字符（NUL）", "请去掉后换新签名再发。"),
    "wrong_idempotency_key": (
        400,
        "Idempotency-Key 和信封里的 id 不一样",
        "两处写同一个编号，或者不带 Idempotency-Key。",
    ),
    "unsigned": (401, "没有签名", "每次调用都要带 Signature 和 Signature-Input，见 /exchange/。"),
    "malformed": (
        401,
        "签名头读不懂，或者没有约定的 tag",
        "请按 RFC 9421 写，tag 写 lianban-exchange-v1。",
    ),
    "too_few_parts": (
        401,
        "签名没有盖住约定的部分",
        "请盖住 @method、@target-uri；有正文的再加 content-digest、content-type。",
    ),
    "body_changed": (401, "正文和 Content-Digest 对不上", "请对发出的原字节算 SHA-256，再签名。"),
    "bad_signature": (
        401,
        "签名和请求对不上",
        "请核对密钥、完整地址和签名原文，/exchange/ 有可以照着算的例子。",
    ),
    "unknown_key": (
        401,
        "这个密钥没有登记，或者已经停用",
        "请换用登记过的密钥，或找对接联系人登记。",
    ),
    "no_created": (401, "签名没有写明时间", "请带 created，单位秒，写整数。"),
    "clock": (401, "签名时间和本系统差了 5 分钟以上", "请校准系统时钟后重新签名。"),
    "expired": (401, "签名已经过期", "请重新签名。"),
    "no_nonce": (401, "签名没有随机数", "请带 nonce，8 到 80 个字符，每次都换。"),
    "replayed": (401, "这个签名已经用过", "重发时请换新的 nonce 重新签名，信封编号不变。"),
    "not_permitted": (403, "这件事不归您办", "请核对子办件编号。"),
    "not_found": (404, "没有这个地址", "请核对地址和编号，只能看发给您的子办件。"),
    "wrong_method": (405, "这个地址不支持这种方法", "请看回答里的 Allow。"),
    "conflict": (409, "现在不能这样做", "请先查最新状态。"),
    "id_reused": (409, "这个编号用过，内容不一样", "每条新消息用一个新编号；重发时一字不改。"),
    "no_book": (
        409,
        "您这个对接方不用交账",
        "推送的，账由我们来读；文件交换的，填对账表；短信、快递、付款没有子办件，没有账。",
    ),
    "missing_page": (
        409,
        "前面一页还没有到",
        "请从第 1 页起按次序再交；交过的页再交一次没有关系。",
    ),
    "older_book": (409, "已经有更新的一本账", "请重新抄一本，as_of 写抄账的时间，book 用新编号。"),
    "book_ended": (409, "这本账已经交完", "新的一本请用新编号，从第 1 页交起。"),
    "link_ended": (410, "文件链接已经过期", "链接 15 分钟有效，请用新的消息里的链接。"),
    "length_required": (411, "没有写明正文长度", "请带 Content-Length，不要分块发送。"),
    "too_large": (413, "正文太大", "一条消息最多 12 MB。"),
    "wrong_type": (
        415,
        "正文类型不对",
        "消息写 Content-Type: application/cloudevents+json；交账写 application/json。",
    ),
    "unknown_type": (422, "没有约定这种消息，或者不归您发", "请核对 type，见 /exchange/。"),
    "wrong_body": (422, "消息里有一处不合约定", "请按 where 指的地方改正，用新编号再发。"),
    "wrong_query": (422, "地址里的参数不对", "after 和 limit 写整数，见接口说明。"),
    "not_yet": (422, "as_of 比现在晚", "请校准系统时钟，as_of 写抄账的时间。"),
    "wrong_order": (422, "这一页没有接在前一页后面", "各行按子办件编号从小到大，一件一行。"),
    "personal_number": (
        422,
        "账里有身份证号",
        "账里只写子办件编号、文号或流水号；结果编号是身份证号的不写，重新抄一本。",
    ),
    "unknown_defect": (
        422,
        "要补正的有一处不是这个事项的字段或材料",
        "请用推送时给的编码，用新编号再发。",
    ),
    "unknown_department": (422, "方案里没有这个部门", "请写部门编码，或者不写，用新编号再发。"),
    "too_many": (429, "调用太勤", "请等 Retry-After 说的秒数再来。"),
    "failure": (500, "本系统出错了", "请隔一会儿用同一编号再发，不会重复处理。"),
    "busy": (503, "本系统正忙", "请等 Retry-After 说的秒数，用同一编号再发。"),
}


def known(code: str, *, where: str = "") -> tuple[int, Complaint]:
    """Status and complaint of a code. Raises `KeyError` for one that is not in the table."""
    status, message, what_to_do = KNOWN[code]
    return status, Complaint(code=code, message=message, where=where, what_to_do=what_to_do)


def in_words(said: Mapping[str, str]) -> Complaint:
    """A complaint of the inbox in the table's words; what is wrong in a body stands in brackets."""
    complaint = Complaint.model_validate(dict(said))
    if complaint.code not in KNOWN:
        return complaint
    _, usual = known(complaint.code, where=complaint.where)
    if complaint.code != "wrong_body":
        return usual
    return usual.model_copy(update={"message": f"{usual.message}（{complaint.message}）"})


def of_refusal(refusal: Refused) -> tuple[int, Complaint]:
    """Status and complaint of a rule's no: 404 for what the caller may not know of."""
    if refusal.code in KNOWN:
        return known(refusal.code)
    if refusal.code.startswith("unknown_"):
        status, complaint = known("not_found")
    elif refusal.code == "not_permitted":
        status, complaint = known("not_permitted")
    else:
        status, complaint = known("conflict")
    message = refusal.message or complaint.message
    return status, complaint.model_copy(update={"code": refusal.code, "message": message})
