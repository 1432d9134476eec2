"""`report inspection`, `rectification` and `notice`: the papers of a point's latest visit or order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import Shell

CASES = ("inspection", "rectification", "notice")


class NoSignedVisit(Refusal):
    """{where}没有已签字的检查：请核对助餐点、月份或文号；检查签字后才有检查笔录和结果告知书。"""

    code = "no_signed_visit"


class NoOrder(Refusal):
    """{where}没有整改通知书：请核对助餐点、月份或文号；有问题的检查下达整改后才有这份文书。"""

    code = "no_order"


class NoNoticed(Refusal):
    """{where}没有检查通知书：请核对助餐点、月份或文号；下达检查通知后才有这份文书。"""

    code = "no_notice"


def print_case(
    shell: Shell,
    kind: str,
    month: Month | None,
    point: str | None,
    number: str | None,
    out: Path,
    write: Callable[[Path, bytes], None],
) -> bytes:
    """Writes the paper, issues it, and leaves its row in the trail."""
    if not (point or number):
        raise click.UsageError("请用 --point 写明助餐点，或用 --number 写明文号。")
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.reports.supervision import papers

    with shell.application():
        found: dict[str, tuple[Any, str, type[Refusal]]] = {
            "inspection": (papers.last_signed, papers.INSPECTION, NoSignedVisit),
            "rectification": (papers.last_order, "order", NoOrder),
            "notice": (papers.last_notice, "notice", NoNoticed),
        }
        find, paper_kind, refusal = found[kind]
        row = find(point or "", month, number or "")
        if row is None:
            raise refusal(where=_where(point, month, number))
        printing = papers.paper_of(paper_kind, row.id)
        with writing():
            paper = papers.hand_over(printing, shell.by_command(), clock.now())
        write(out, paper)
    return paper


def _where(point: str | None, month: Month | None, number: str | None) -> str:
    told = [f"文号{number}" if number else "", point or "", month.chinese if month else ""]
    return "、".join(filter(None, told))
