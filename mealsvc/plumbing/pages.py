"""What every list page needs: one page of rows, addresses that keep the filters, and how values read."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request
from sqlalchemy import Select, func, select

from mealsvc.kernel import masking, meals, money
from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.months import Month
from mealsvc.plumbing.db import db

PER_PAGE = 50
SIZES = (50, 100, 200)
DEEPEST = 2_000  # nobody leafs further: a filter finds it, and a deep OFFSET costs the database
NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `total` counts at most `count_up_to`, and is None where nobody counted."""

    items: Sequence[Any]
    page: int
    has_next: bool
    total: int | None = None
    more_than_total: bool = False
    per_page: int = PER_PAGE


def page_of(
    rows: Select[Any], page: int, per_page: int = PER_PAGE, count_up_to: int | None = None
) -> Page:
    """One page of an ordered select, read with one row more than shown instead of a count.

    A select of one entity or column gives its values, one of several gives rows.
    """
    page = min(max(page, 1), DEEPEST)
    found = db.session.execute(rows.limit(per_page + 1).offset((page - 1) * per_page))
    read = found.scalars().all() if len(rows.column_descriptions) == 1 else found.all()
    total, more = (None, False) if count_up_to is None else _counted(rows, count_up_to)
    return Page(read[:per_page], page, len(read) > per_page, total, more, per_page)


def page_asked() -> int:
    """The page number in the address; 1 where it is missing or makes no sense."""
    asked = request.args.get("page", default=1, type=int)
    return min(max(asked, 1), DEEPEST)


def size_asked() -> int:
    """The page size in the address, one of `SIZES`."""
    asked = request.args.get("per_page", default=PER_PAGE, type=int)
    return asked if asked in SIZES else PER_PAGE


def month_asked() -> Month | None:
    """The month in the address (`month=2024-05`); None where it is missing or makes no sense."""
    try:
        return Month.parse(request.args.get("month", ""))
    except ValueError:
        return None


def url_with(**changes: Any) -> str:
    """This page's address with some query values changed; None takes one out.

    Any change but that of the page itself starts again at the first page.
    """
    query = {name: values for name, values in request.args.lists() if name not in changes}
    if "page" not in changes:
        query.pop("page", None)
    query |= {name: [str(value)] for name, value in changes.items() if value is not None}
    path = quote(request.script_root + request.path)
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def fen(amount: int | None) -> str:
    """1234567 fen as 12,345.67; no ¥, which stands in the head."""
    if amount is None:
        return NOTHING
    whole, _, decimals = money.display(abs(amount)).partition(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}.{decimals}"


def yuan(amount: int | None) -> str:
    """1234567 fen as ¥12,345.67, for an amount that stands alone."""
    return NOTHING if amount is None else f"{'-' if amount < 0 else ''}¥{fen(abs(amount))}"


def count(number: int | float | Sized | None) -> str | int:
    """12345 as 12,345; of a list its length, as Jinja's own filter of this name."""
    if number is None:
        return NOTHING
    return f"{number:,}" if isinstance(number, int | float) else len(number)


def local_time(instant: datetime | None, form: str = "long") -> str:
    """A UTC instant in local time: 2024年5月6日 11:32 (long), 5月6日 11:32 (short), 11:32 (time)."""
    if instant is None:
        return NOTHING
    local = instant.astimezone(meals.LOCAL)
    clock = f"{local:%H:%M}"
    if form == "time":
        return clock
    day = chinese_date(local.date()) if form == "long" else f"{local.month}月{local.day}日"
    return f"{day} {clock}"


def cn_date(day: date | None, form: str = "long") -> str:
    """2024年5月6日 (long) or 5月6日 (short)."""
    if day is None:
        return NOTHING
    return chinese_date(day) if form == "long" else f"{day.month}月{day.day}日"


def month(value: Month | date | str | int | None) -> str:
    """2024年5月 of a month, a date, `2024-05` or the key 202405."""
    match value:
        case None:
            return NOTHING
        case Month():
            return value.chinese
        case date():
            return Month.of(value).chinese
        case int():
            return Month.from_key(value).chinese
    return Month.parse(value).chinese


def add_words(app: Flask, **tables: Mapping[str, str]) -> None:
    """Makes a filter of each table of words: `add_words(app, reason_name={…})`, `{{ code|reason_name }}`.

    A code outside its table shows itself; nothing shows as a dash.
    """
    for name, words in tables.items():
        app.jinja_env.filters[name] = lambda code, words=words: (
            NOTHING if code is None else words.get(code, code)
        )


def register(app: Flask) -> None:
    """Gives the templates their filters and `url_with`."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["url_with"] = url_with
    for read in (fen, yuan, count, local_time, cn_date, month):
        app.jinja_env.filters[read.__name__] = read
    app.jinja_env.filters["masked"] = masking.mask_name
    app.jinja_env.filters["masked_id"] = masking.mask_id
    app.jinja_env.filters["masked_phone"] = masking.mask_phone
    add_words(app, meal_name=meals.MEALS, mode_name=meals.MODES, method_name=meals.METHODS)


def _counted(rows: Select[Any], at_most: int) -> tuple[int, bool]:
    inner = rows.order_by(None).limit(at_most + 1).subquery()
    found = db.session.scalar(select(func.count()).select_from(inner)) or 0
    return min(found, at_most), found > at_most
