"""Reading one value as the contract's section 2 says; a wrong one raises `Bad` with its code."""

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

SHANGHAI = timezone(timedelta(hours=8))
WIDE = {0xFF10 + i: 0x30 + i for i in range(10)}
WIDE |= {0xFF21 + i: 0x41 + i for i in range(26)} | {0xFF41 + i: 0x61 + i for i in range(26)}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CATEGORIES = ["TK", "DB", "DBB", "ZCX", "SN", "CJ", "JS", "YF", "DJ", "KC", "LS", "LM"]
CHINESE = {
    "早餐": "breakfast",
    "午餐": "lunch",
    "晚餐": "dinner",
    "堂食": "dine_in",
    "自取": "take_away",
    "送餐": "delivery",
    "去世": "deceased",
    "迁出": "moved_out",
    "入住机构": "institution",
    "刷卡": "card",
    "扫码": "qr",
    "身份证": "id_card",
    "手工": "manual",
}


class Bad(Exception):
    """A row that is not taken; the only argument is the code."""

    @property
    def code(self) -> str:
        return str(self.args[0])


def plain(value: str | None) -> str:
    return (value or "").translate(WIDE).strip()


def needed(value: str | None) -> str:
    if not plain(value):
        raise Bad("malformed")
    return plain(value)


def one_of(value: str | None, allowed: str, empty: bool = False) -> str:
    word = CHINESE.get(plain(value), plain(value))
    if word not in allowed.split() and not (empty and not word):
        raise Bad("malformed")
    return word


def day(value: str | None, empty: bool = False) -> date | None:
    text = plain(value)
    if not text and empty:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Bad("malformed") from None


def instant(value: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(plain(value))
    except ValueError:
        raise Bad("malformed") from None
    if moment.tzinfo is None:
        raise Bad("malformed")
    return moment


def check_digit(seventeen: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def id_number(value: str | None, today: date) -> str:
    """The 18 characters of an ID number."""
    text = needed(value).upper()
    if re.fullmatch(r"\d{15}", text):
        text = text[:6] + "19" + text[6:]
        text += check_digit(text)
    if not re.fullmatch(r"\d{17}[\dX]", text) or check_digit(text[:17]) != text[17]:
        raise Bad("bad_id_number")
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise Bad("bad_birth_date") from None
    if born > today or today.year - born.year > 126:
        raise Bad("bad_birth_date")
    return text


def birth(id18: str) -> date:
    return date(int(id18[6:10]), int(id18[10:12]), int(id18[12:14]))


def categories(value: str | None) -> list[tuple[str, date, date]]:
    """(code, first day, last day) of `CODE;CODE@FROM..TO`."""
    found = []
    for part in plain(value).split(";"):
        if not part.strip():
            continue
        code, _, period = part.strip().partition("@")
        if code not in CATEGORIES:
            raise Bad("unknown_category")
        first, _, last = period.partition("..")
        found.append((code, day(first, True) or date.min, day(last, True) or date.max))
    return sorted(found)


def price(row: dict[str, str]) -> int | str:
    """Fen, or the text itself where no amount can be read."""
    text = plain(row.get("price_fen"))
    if re.fullmatch(r"-?\d+", text, re.ASCII):
        return int(text)
    yuan = plain(row.get("price"))
    if not text and re.fullmatch(r"-?\d+(\.\d{1,2})?", yuan, re.ASCII):
        return int(Decimal(yuan) * 100)
    return f"? {text}{yuan}"


def first_of_next(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def next_month(month: str) -> str:
    return first_of_next(date.fromisoformat(month + "-01")).isoformat()[:7]


def age(born: date, on: date, counts_from: str) -> int:
    """Full years that count on a day; tries one birthday after the other."""
    years = -1
    while True:
        try:
            birthday = date(born.year + years + 1, born.month, born.day)
        except ValueError:
            birthday = date(born.year + years + 1, 3, 1)
        if counts_from == "next_day":
            birthday += timedelta(days=1)
        if counts_from == "month":
            birthday = date(born.year + years + 1, born.month, 1)
        if counts_from == "next_month":
            birthday = first_of_next(date(born.year + years + 1, born.month, 1))
        if birthday > on:
            return years
        years += 1


def split(amount: int, shares: dict[str, int]) -> dict[str, int]:
    """Largest remainder, ties to the earlier; a negative amount is the mirror of the positive."""
    if amount < 0:
        return {source: -fen for source, fen in split(-amount, shares).items()}
    whole = sum(shares.values())
    parts = {source: amount * share // whole for source, share in shares.items()}
    left = {source: amount * share % whole for source, share in shares.items()}
    for _ in range(amount - sum(parts.values())):
        source = max(left, key=lambda name: left[name])  # the first of equals
        parts[source] += 1
        left[source] = -1
    return parts
