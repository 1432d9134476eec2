"""An issued paper, drawn by hand: what a room that issues one does."""

from mealsvc.papers.models import IssuedPaper
from mealsvc.papers.rules import facts_digest
from mealsvc.papers.services import Matter, Stamp, draft, issue
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.reports.words import foot_of
from tests.factories.tills import SHELL


def matter(facts: str = "one", number: str = "JS-2024-04-P01") -> Matter:
    """A small sheet; other facts make another edition."""
    return Matter(
        kind="settlement",
        subject=f"settlement/{number}",
        number=number,
        title="2024年4月老年助餐补贴结算表",
        issuer="武进区民政局",
        totals={"就餐份数": "12 份", "应付金额": "36.00 元"},
        facts_digest=facts_digest(facts),
    )


def drawing(stamp: Stamp) -> bytes:
    """One page that carries its stamp."""
    paper = Paper("老年助餐补贴结算表", geometry=SHEET, **foot_of(stamp))
    paper.heading_block("2024年4月", qr=stamp.url)
    return paper.build()


def issued(facts: str = "one", number: str = "JS-2024-04-P01") -> IssuedPaper:
    """Drawn and kept."""
    paper = draft(matter(facts, number), drawing)
    with writing():
        return issue(paper, SHELL, clock.now())
