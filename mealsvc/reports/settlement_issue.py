"""Settlement sheets as issued papers: one for each point, and one file that holds many."""

from collections.abc import Sequence

from flask import current_app

from mealsvc.kernel.months import Month
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Draft, Matter, drawn, stamped
from mealsvc.plumbing.pages import fen
from mealsvc.reports.settlement_facts import Sheet, bureau
from mealsvc.reports.settlement_sheet import TITLE, draw
from mealsvc.settlement.services import district


def drafts_of(sheets: Sequence[Sheet], place: str) -> list[Draft]:
    """A draft for each submitted sheet; where there are several and none is a preview, a last one
    for the file that holds them all."""
    final = [sheet for sheet in sheets if sheet.submitted]
    issuer = bureau()
    found = stamped([_matter(sheet, issuer) for sheet in final])
    if len(final) == 1 or len(final) < len(sheets):
        return _drawn(final, found)
    [whole] = stamped([_whole(final, place or district(), issuer)])
    if whole.kept is not None:
        return [whole]
    fonts, stamps = current_app.config, [one.stamp for one in found]
    return [*_drawn(final, found), drawn(whole, lambda _: draw(final, stamps, fonts))]


def preview_of(sheets: Sequence[Sheet], drafts: Sequence[Draft]) -> bytes:
    """All sheets in one file, of which some are not submitted yet."""
    stamps = {draft.matter.subject: draft.stamp for draft in drafts}
    return draw(sheets, [stamps.get(_subject(sheet)) for sheet in sheets], current_app.config)


def _drawn(sheets: Sequence[Sheet], found: Sequence[Draft]) -> list[Draft]:
    fonts = current_app.config
    return [
        drawn(one, lambda stamp, sheet=sheet: draw([sheet], [stamp], fonts))
        for sheet, one in zip(sheets, found, strict=True)
    ]


def _subject(sheet: Sheet) -> str:
    return f"settlement/{sheet.month}/{sheet.point}"


def _matter(sheet: Sheet, issuer: str) -> Matter:
    figures = sheet.figures
    return Matter(
        kind="settlement",
        subject=_subject(sheet),
        number=sheet.number,
        title=f"{sheet.month.chinese}{TITLE}（{sheet.heading['name']}）",
        issuer=issuer,
        totals={
            "就餐份数": f"{figures['servings']:,} 份",
            "享受补贴": f"{figures['subsidised']:,} 份",
            "以前月份调整": f"{fen(figures['adjustment_fen'])} 元",
            "暂缓": f"{fen(figures['held_fen'])} 元",
            "应付金额": f"{fen(figures['payable_fen'])} 元",
        },
        facts_digest=sheet.told,
    )


def _whole(sheets: Sequence[Sheet], place: str, issuer: str) -> Matter:
    month: Month = sheets[0].month
    payable = sum(sheet.figures["payable_fen"] for sheet in sheets)
    return Matter(
        kind="settlement",
        subject=f"settlements/{month}/{place}",
        number=f"JSH-{month}-{place}",
        title=f"{month.chinese}{TITLE}（{len(sheets)} 份合订）",
        issuer=issuer,
        totals={"结算表": f"{len(sheets)} 份", "应付金额合计": f"{fen(payable)} 元"},
        facts_digest=facts_digest([(sheet.point, sheet.told) for sheet in sheets]),
    )
