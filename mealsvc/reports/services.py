"""The verbs of whoever prints: the settlement sheets of a month, the district's supervision report."""

from flask import current_app

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.trail.services import record

SETTLEMENT, SUPERVISION = "settlement", "supervision"
KINDS = {SETTLEMENT: "老年助餐补贴结算表", SUPERVISION: "老年助餐督查报告"}


class NothingToPrint(Refusal):
    """{month}没有可以打印的结算：请换一个月份，或核对助餐点编号。"""

    code = "nothing_to_print"


def settlement_sheets(month: Month, point: str | None = None, within: str = "") -> bytes:
    """The sheet of one point, or of all (`within` a division) one after the other, as a PDF.

    Raises `NothingToPrint`, and `unknown_point` for a point that there is not.
    """
    from mealsvc.reports.settlement_facts import sheets_of
    from mealsvc.reports.settlement_sheet import draw

    sheets = sheets_of(month, point, within)
    if not sheets:
        raise NothingToPrint(month=month.chinese)
    return draw(sheets, current_app.config)


def supervision_report(month: Month) -> bytes:
    """The district's report of the month, compared with the month before, as a PDF."""
    from mealsvc.reports.gathering import gather
    from mealsvc.reports.supervision_report import draw

    return draw(gather(month), gather(month.previous), current_app.config)


def filename(kind: str, month: Month, place: str = "") -> str:
    """老年助餐督查报告_2024-05.pdf"""
    return "_".join(part for part in (KINDS[kind], str(month), place) if part) + ".pdf"


def note_printing(kind: str, month: Month, place: str, by: Actor) -> None:
    """Leaves the trail row of a paper that was given out."""
    record(by, "reports.print", f"{kind}/{month}/{place}".rstrip("/"), {"kind": kind})
