"""`report supervision`: which time and place are meant, and the paper of it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click

from mealsvc.kernel.months import Month
from mealsvc.plumbing.shell import Shell
from mealsvc.reports.period import Period

SUPERVISION = "supervision"
DAY = click.DateTime(["%Y-%m-%d"])


def asked_of(
    month: Month | None, quarter: str | None, from_on: datetime | None, to_on: datetime | None
) -> Period:
    """The time that the options name, in one of the three ways."""
    ways = (month is not None, quarter is not None, bool(from_on or to_on))
    if sum(ways) != 1 or (from_on is None) != (to_on is None):
        raise click.UsageError("请用 --month、--quarter，或 --from 和 --to 中的一种写明期间。")
    if month is not None:
        return Period.of(month)
    if from_on is not None and to_on is not None:
        return Period(from_on.date(), to_on.date())
    try:
        period = Period.parse(quarter or "")
    except ValueError:
        period = None
    if period is None or period.quarter is None:
        raise click.UsageError(f"“{quarter}”不是季度，请写成 2024-Q2 的样子。")
    return period


def place_asked(
    point: str | None, division: str | None, residents: tuple[str, ...], form: str | None
) -> str:
    """The code of the place that the options name; nothing for the district."""
    if residents or (point and division):
        raise click.UsageError("督查报告用 --point 或 --division 中的一种写明范围，不带则是全区。")
    if form == "card" and not point:
        raise click.UsageError("--card 是一个助餐点的成绩单，请用 --point 写明助餐点。")
    return point or division or ""


def print_supervision(
    shell: Shell,
    period: Period,
    code: str,
    form: str,
    out: Path,
    write: Callable[[Path, bytes], None],
) -> bytes:
    """Writes the paper and leaves its row in the trail."""
    from mealsvc.plumbing.db import writing
    from mealsvc.reports import report_forms, services

    with shell.application():
        place = report_forms.place_of(code)
        paper = report_forms.paper_of(form, period, place)
        write(out, paper)
        with writing():
            services.note_printing(SUPERVISION, str(period), code, shell.by_command())
    return paper
