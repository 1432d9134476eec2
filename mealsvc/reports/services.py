"""The verbs of whoever prints: papers of a month's settlement, the district's supervision report.

What is final is drawn once, issued under its number and kept (see `papers`); what may still change
is a preview and is not kept. Each verb reads and draws; `hand_over` keeps, inside `writing()`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.papers.services import Draft, content_of, drawn, issue, stamped
from mealsvc.settlement.area import district
from mealsvc.trail.services import record

SETTLEMENT, SUPERVISION = "settlement", "supervision"
TOWN, DISTRICT, OPINIONS = "town-summary", "district-summary", "opinions"
KINDS = {
    SETTLEMENT: "老年助餐补贴结算表",
    TOWN: "镇（街道）结算汇总表",
    DISTRICT: "区结算汇总表",
    OPINIONS: "审核意见表",
    SUPERVISION: "老年助餐督查报告",
}


class NothingToPrint(Refusal):
    """{month}没有可以打印的结算：请换一个月份，或核对助餐点编号。"""

    code = "nothing_to_print"


@dataclass(frozen=True, slots=True)
class Printing:
    """A paper ready to be handed over: drafts to be issued, the last of which is it; or, where
    nothing is final yet, a preview."""

    kind: str
    month: Month
    place: str
    drafts: Sequence[Draft] = ()
    preview: bytes | None = None


def settled(kind: str, month: Month, place: str = "") -> Printing:
    """The paper of this kind: `place` is a point's code, a division's, or nothing for all."""
    if kind == SETTLEMENT:
        return settlement_sheets(month, place or None)
    if kind == OPINIONS:
        return opinions(month, place)
    return summary(kind, month, place or district())


def settlement_sheets(month: Month, point: str | None = None, within: str = "") -> Printing:
    """The sheet of one point, or of all (`within` a division) one after the other.

    Raises `NothingToPrint`, and `unknown_point` for a point that there is not.
    """
    from mealsvc.reports.settlement_facts import sheets_of
    from mealsvc.reports.settlement_issue import drafts_of, preview_of

    sheets = sheets_of(month, point, within)
    if not sheets:
        raise NothingToPrint(month=month.chinese)
    place = point or within
    drafts = drafts_of(sheets, place)
    if all(sheet.submitted for sheet in sheets):
        return Printing(SETTLEMENT, month, place, drafts)
    return Printing(SETTLEMENT, month, place, drafts, preview_of(sheets, drafts))


def summary(kind: str, month: Month, division: str) -> Printing:
    """The table of a town (`TOWN`) or of the district (`DISTRICT`) by point and by source."""
    from mealsvc.reports import district_summary, summary_facts, town_summary

    facts = summary_facts.summary_of(month, division)
    if not facts.rows:
        raise NothingToPrint(month=month.chinese)
    draw = (town_summary if kind == TOWN else district_summary).draw
    fonts = current_app.config
    if not facts.submitted:
        return Printing(kind, month, division, preview=draw(facts, None, fonts))
    [found] = stamped([summary_facts.matter_of(facts, kind, KINDS[kind])])
    draft = drawn(found, lambda stamp: draw(facts, stamp, fonts))
    return Printing(kind, month, division, [draft])


def opinions(month: Month, point: str) -> Printing:
    """Everything that was said about a submitted month of a point.

    Raises `NotSubmitted`.
    """
    from mealsvc.reports import review_facts, review_opinions

    facts = review_facts.review_of(month, point)
    [found] = stamped([review_facts.matter_of(facts, KINDS[OPINIONS])])
    draft = drawn(found, lambda stamp: review_opinions.draw(facts, stamp, current_app.config))
    return Printing(OPINIONS, month, point, [draft])


def hand_over(printing: Printing, by: Actor, now: datetime) -> bytes:
    """Issues what is new, leaves the trail row of a paper that was given out, and gives its bytes."""
    issued = [issue(draft, by, now) for draft in printing.drafts]
    note_printing(printing.kind, printing.month, printing.place, by)
    return content_of(issued[-1]) if printing.preview is None else printing.preview


def filename(kind: str, month: Month, place: str = "") -> str:
    """老年助餐督查报告_2024-05.pdf"""
    return "_".join(part for part in (KINDS[kind], str(month), place) if part) + ".pdf"


def note_printing(kind: str, month: Month | str, place: str, by: Actor) -> None:
    """Leaves the trail row of a paper that was given out."""
    record(by, "reports.print", f"{kind}/{month}/{place}".rstrip("/"), {"kind": kind})
