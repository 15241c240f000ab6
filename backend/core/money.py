"""Money is a whole number of fen everywhere; only these two functions meet the text people read and type."""

import re

from backend.core.national import InvalidValue, compact

MAX_FEN = 10**14 - 1  # 999,999,999,999.99 yuan, far inside a signed 64-bit column

_AMOUNT = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?\Z")


def yuan(fen: int) -> str:
    """380000 → "3,800.00"."""
    whole, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,d}.{cents:02d}"


def fen_from_text(text: str) -> int:
    """Yuan as people write it ("12,300.5", "￥80", "１００元") to fen; never negative, at most `MAX_FEN`."""
    amount = compact(text).lstrip("¥￥").removesuffix("元")
    if not amount:
        raise InvalidValue("money_empty", "请填写金额")
    if amount.startswith("-"):
        raise InvalidValue("money_negative", "金额不能是负数")
    if amount.endswith(("万", "千", "亿")):
        raise InvalidValue("money_unit", "请把金额写成以元为单位的数字，例如 12000")
    found = _AMOUNT.match(amount)
    if found is None:
        raise InvalidValue("money_format", "金额的写法不对，请写成 12300.50 这样的数字")
    whole, cents = found.group(1).replace(",", ""), found.group(2) or ""
    if len(cents) > 2:
        raise InvalidValue("money_precision", "金额最多写到分，小数点后面最多两位")
    if len(whole) > 40 or (fen := int(whole) * 100 + int(cents.ljust(2, "0"))) > MAX_FEN:
        raise InvalidValue("money_too_large", "金额太大了，请检查是不是多写了几位")
    return fen
