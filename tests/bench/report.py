"""The supervision report of a district of 100 points and a year: reading, questions, drawing, memory.

The district is filled in bulk by SQL from a fixed rule, not through the services.
"""

import resource
import time
from collections.abc import Callable
from datetime import date

from sqlalchemy import event, text

from mealsvc.plumbing.db import db
from mealsvc.reports.gathering import gather
from mealsvc.reports.period import Period
from mealsvc.reports.supervision_report import draw
from tests.bench.ground import Line, at_least, at_most, cpu_of, installation
from tests.bench.papers import raw_pages
from tests.bench.people import register
from tests.bench.report_ground import fill

ELDERS, POINTS, MEALS = 3_000, 100, 20
YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))
MONTH = Period(date(2024, 5, 1), date(2024, 5, 31))
SECONDS, QUESTIONS, MEGABYTES, OF_RAW = 30, 120, 400, 60


def lines() -> list[Line]:
    """Reading a year, its questions against those of a month, drawing against the bare canvas."""
    with installation():
        register(ELDERS)
        rows = fill(POINTS, YEAR, MEALS, ELDERS)
        asked_month, _, _ = _reading(MONTH)
        asked, seconds, facts = _reading(YEAR)
        before = gather(YEAR.previous)
        pages = 0

        def ours() -> None:
            nonlocal pages
            pages = _pages(draw(facts, before))

        ours()
        ratio = _against_raw(ours, lambda: pages)
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return [
            at_most("读取 100 点一年的督查数据", seconds, SECONDS, "秒", f"（{rows:,} 行流水）"),
            at_most("读取一年的查询数", asked, QUESTIONS, "次", f"（一个月 {asked_month} 次）"),
            at_least("督查报告每秒页数 / 裸画布", 100 * ratio, OF_RAW, "%", f"（{pages} 页）"),
            at_most("督查报告内存峰值", used, MEGABYTES, "MB"),
        ]


def _reading(period: Period):
    """How many questions, how many seconds, and the facts."""
    asked = 0

    def count(*_) -> None:
        nonlocal asked
        asked += 1

    engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    began = time.perf_counter()
    facts = gather(period)
    seconds = time.perf_counter() - began
    event.remove(engine, "before_cursor_execute", count)
    db.session.execute(text("SELECT 1"))
    return asked, seconds, facts


def _against_raw(ours: Callable[[], None], pages: Callable[[], int], rounds: int = 3) -> float:
    """Our pages a second ÷ the bare canvas's, in turns."""
    ratios = []
    for _ in range(rounds):
        own = cpu_of(ours) / pages()
        ratios.append(cpu_of(lambda: raw_pages(pages())) / pages() / own)
    return sorted(ratios)[rounds // 2]


def _pages(paper: bytes) -> int:
    import pypdfium2

    return len(pypdfium2.PdfDocument(paper))
