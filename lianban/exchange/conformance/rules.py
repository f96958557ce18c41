"""The rules that a partner's system is held to, each with its number and the contract's clause."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule: what must be so, in which clause of the contract, and what to do where it is not."""

    number: int
    code: str
    sentence: str
    clause: str
    what_to_do: str


class Broken(Exception):
    """A rule that the partner's system broke: what was expected, and what was found."""

    def __init__(self, code: str, expected: str, found: str) -> None:
        super().__init__(f"{code}: {expected}; {found}")
        self.rule = RULES[code]
        self.expected, self.found = expected, found


CLAUSES = {
    "answers": "POST A/messages：十秒内答复 200 和 {id, outcome}；答复不超过 1 MB，不转到别处",
    "signatures": "每个请求、每个答复都按 RFC 9421 用 Ed25519 签名；少签、改动、过五分钟、用过的都不收（401）",
    "repeats": "同一编号的消息只起一次作用；再来一次，答 repeated",
    "contents": "看不懂的不收：400 不是 JSON，422 类型或内容不对，413 太大",
    "messages": "回来的消息：CloudEvents 信封，类型和内容都在契约里，说的是收到过的子办件",
    "order": "一个子办件的消息一条一条按次序来；前一条没有答复，后一条不发；决定以后不改口",
    "retries": "没有答复、答 5xx 或 429，就用同一编号再发；Retry-After 之前不发；答了 200 就不再发",
    "withdraw": "收到 withdraw 就停办",
    "files": "材料的链接要带签名去取",
    "book": "GET A/sub-cases/… 和 GET A/book：收到过的一件不少、一件不多，状态和告诉过的一致",
}

_ALL = (
    ("book_can_be_read", "账目可以读：200，内容合契约", "book",
     "答了 401：把开头打印的密钥名和公钥登记到对方系统，对方按 --url 的主机、端口核对 @target-uri；"
     "提供 GET A/book，每页是 BookPage：lines 按子办件编号排列，next 是下一页的 after，最后一页为空"),
    ("answers_in_time", "十秒内答复完", "answers", "没有接通：看 --url 的主机、端口，系统开着没有；接通了就先存下消息再答复，办理放到后面做，不要断开连接"),
    ("answers_are_small", "答复不超过 1 MB，不压缩", "answers",
     "答复只有几个词；请求带 Accept-Encoding: identity，就不要压缩"),
    ("answers_itself", "自己答复，不转到别处", "answers", "直接给出约定的地址，不要 3xx"),
    ("answers_without_failing", "平常的请求不答 5xx、429", "answers", "看日志里为什么出错、为什么嫌多"),
    ("answers_in_json", "答复是 JSON", "answers",
     "Content-Type 写 application/json；网关的登录页、错误页不要挡在前面"),
    ("answers_are_signed", "答复都有签名，并且签的是这一次请求", "signatures",
     "答复要签 @status、content-digest、content-type，和请求的 @method、@target-uri、signature、content-digest（;req）；"
     "bad_signature：先看 --partner-key 是不是对方的公钥"),
    ("accepts_a_message", "收下正确的消息：200，outcome 是 accepted", "answers",
     "看日志里为什么没有收；内容和契约对照"),
    ("repeat_is_repeated", "同一编号再来：200，outcome 是 repeated", "repeats",
     "按消息编号记下收过什么，和消息的作用写在同一个事务里"),
    ("remembers_what_it_accepted", "答了 accepted 的，账里马上有", "book",
     "先把子办件存进自己的库，再答 200"),
    ("refuses_an_unsigned_call", "没有签名：401", "signatures", "先验签，再读内容"),
    ("refuses_a_forged_signature", "别的密钥签的：401", "signatures", "用约定的公钥验签"),
    ("refuses_an_unknown_key", "没有约定过的密钥名：401", "signatures", "只认约定过的 keyid"),
    ("refuses_a_changed_body", "内容改动一个字节：401", "signatures",
     "自己算 Content-Digest，和签过的比对"),
    ("refuses_a_partial_signature", "少签一部分：401", "signatures",
     "要求签到 @method、@target-uri、content-digest、content-type 全部"),
    ("refuses_an_old_signature", "六分钟前或六分钟后的签名：401", "signatures",
     "created 和自己的钟相差超过 300 秒就不收；钟要对时"),
    ("refuses_a_replay", "同一个签名用第二次：401", "signatures", "按密钥和 nonce 记下用过的签名，至少十分钟"),
    ("refuses_a_malformed_signature", "签名头读不懂：401，不是 500", "signatures",
     "读签名头出错，就当没有签名"),
    ("refuses_bad_json", "不是 JSON：400", "contents", "读不了就答 400，不要答 500"),
    ("refuses_an_unknown_type", "契约里没有的类型：422", "contents", "没有的类型不要收下，答 422"),
    ("refuses_bad_content", "内容不合契约：422", "contents",
     '按契约逐项核对 data 的名称、类型、有没有，不对就答 422；这次的 data 是 {"fields": "none"}'),
    ("refuses_what_is_too_large", "太大：413 或 400", "contents", "读之前先看 Content-Length，超过 12 MB 不读"),
    ("refused_has_no_effect", "没有收下的，不起作用", "signatures", "不收的消息不要建子办件"),
    ("calls_are_signed", "发来的请求都有签名", "signatures",
     "用自己的私钥签 @method、@target-uri、content-digest、content-type，带 created、keyid、nonce、tag；"
     "@target-uri 从开头打印的 platform 地址写起"),
    ("calls_are_messages", "发来的消息合契约", "messages", "按契约的类型和内容组消息"),
    ("calls_name_what_was_sent", "说的是收到过的子办件", "messages", "subject 照抄收到的 subject"),
    ("calls_come_in_order", "一个子办件的消息按次序来", "order",
     "每个子办件一个队列，前一条答了 200 再发下一条；写 sequence 就从 1 数起，不跳号；写 round 就照收到的写"),
    ("decides_in_time", "在约定的时间里有结果", "order", "消息要发到开头打印的 platform 地址；看消息为什么没有发出来：地址、密钥、队列"),
    ("never_contradicts", "决定以后不改口", "order", "决定只发一次；要改，请平台重新分发"),
    ("sends_nothing_twice", "答了 200 的不再发", "retries", "答复 200 就记为已送达"),
    ("tries_again", "答 500，就用同一编号再发", "retries", "编号在第一次发送前就定好，存下来"),
    ("tries_again_after_a_lost_answer", "没有答复，就用同一编号再发", "retries",
     "没有收到答复，不等于没有送到：编号不变，再发"),
    ("honours_retry_after", "429 说了几秒，就等几秒", "retries", "读 Retry-After，到时间再发"),
    ("asks_for_what_was_sent", "补正只说分发里有的项目", "messages", "defects 用分发里 fields、materials 的代码"),
    ("goes_on_after_correction", "补正来了就接着办", "order", "收到 correction_supplied 以后继续办理"),
    ("withdraw_stops", "收到 withdraw 就停办", "withdraw", "撤回以后不再发决定"),
    ("fetches_files_signed", "取材料带签名", "files", "GET 请求也要签名"),
    ("takes_or_refuses_a_time", "本人要来的时间：收下，或者答 422", "contents",
     "appointment 用不着可以不收，答 422；收下就答 200，不答别的"),
    ("book_tells_a_sub_case", "一个子办件的账和告诉过的一致", "book", "GET A/sub-cases/… 答 BookLine"),
    ("book_is_complete", "收到过的一件不少、一件不多", "book",
     "答了 200 的都要记住；账目从自己的库里出，不从队列里出"),
    ("book_comes_in_pages", "账目分页，次序不乱", "book", "按编号排序；after 之后的 limit 条"),
    ("unknown_sub_case_is_not_found", "没有收到过的子办件：404", "book", "没有就答 404"),
    ("book_is_guarded", "没有签名读不到账：401", "signatures", "GET 也先验签"),
)  # fmt: skip

RULES = {
    code: Rule(number, code, sentence, CLAUSES[clause], what_to_do)
    for number, (code, sentence, clause, what_to_do) in enumerate(_ALL, start=1)
}
