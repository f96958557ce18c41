"""An amount of money in the capital numerals (大写) that vouchers must carry.

支付结算办法 附一《正确填写票据和结算凭证的基本规定》: 整 after 元 or 角 where nothing follows, 零 for a gap.
"""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
#: Beyond this nobody pays; the words end at 亿.
MOST_FEN = 10**14 - 1


def capitals(fen: int) -> str:
    """The amount of so many fen (0.01 yuan): 900006 is 玖仟元零陆分. Raises `ValueError`."""
    if not 0 <= fen <= MOST_FEN:
        raise ValueError("an amount is neither negative nor beyond 9999 亿")
    yuan, rest = divmod(fen, 100)
    jiao, odd = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan or not rest else ""
    if not rest:
        return words + "整"
    if jiao:
        words += f"{_DIGITS[jiao]}角"
    elif words:
        words += "零"
    return words + (f"{_DIGITS[odd]}分" if odd else "整")


def _whole(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            gap = bool(words)
            continue
        if words and (gap or group < 1000):
            words += _DIGITS[0]
        words, gap = words + _group(group) + _GROUPS[place], False
    return words


def _group(number: int) -> str:
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            words += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = bool(words)
    return words
