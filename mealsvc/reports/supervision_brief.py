"""老年助餐督查简报: one page for those who decide: eight figures, three problems, one chart."""

from collections.abc import Mapping, Sequence

from mealsvc.kernel.dates import chinese_date
from mealsvc.plumbing.paper import charts
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.facts import Facts
from mealsvc.reports.findings import findings
from mealsvc.reports.indicators import BY_CODE, readings
from mealsvc.reports.measures import HAS_RECORD, NO_RECORD, NOTHING, Reading
from mealsvc.reports.point_facts import DISTRICT
from mealsvc.reports.problem import Finding, bureau
from mealsvc.reports.report_charts import trend
from mealsvc.reports.report_words import as_of, clipped, deadline, scope, subject
from mealsvc.reports.trends import Trend

FIGURES, PROBLEMS, MOST_BARS, LETTERS = 8, 3, 10, 80
ASKED = ("N11", "N13", "N14", "N16", "N41", "P13-2", "P16", "Z34", "N15", "Z45", "N23", "Z12", "N18", "Z41", "N22-1", "P17", "N44-1", "N43")  # fmt: skip
"""The figures of the page, in the order in which they are wanted: the first eight with a record."""


def draw(
    now: Facts,
    before: Facts,
    fonts: Mapping[str, str] | None = None,
    *,
    district: Facts | None = None,
    trends: Mapping[str, Trend] | None = None,
) -> bytes:
    """The page; arguments as those of the whole report."""
    read, found = readings(now, before, district), findings(now)
    paper = Paper(
        f"{subject(now)}老年助餐督查简报",
        demo=now.demo,
        author=bureau(now),
        subject=f"{now.period.chinese}督查简报",
        number=f"数据截至{as_of(now)}",
        geometry=SHEET,
        fonts=fonts,
    )
    paper.heading_block(f"{now.period.chinese}　{bureau(now)}")
    paper.facts(
        [
            ("期间", now.period.days),
            ("范围", f"{scope(now)}，运营助餐点{len(now.operating)}个"),
            ("就餐", f"{now.servings:,}份，享受补贴{now.subsidised:,}份"),
            ("服务老人", f"{now.active_elders:,}人"),
        ]
    )
    _figures(paper, now, read)
    _problems(paper, now, found)
    _chart(paper, now, trends or {})
    lacking = sum(reading.now is None for reading in read.values())
    rest = f"另有{len(found) - PROBLEMS}个问题见督查报告。" if len(found) > PROBLEMS else ""
    paper.note(
        f"共{len(read)}项指标，{lacking}项{NO_RECORD}。{rest}口径、来源和全部指标见督查报告附件。"
    )
    return paper.build()


def chosen(read: Mapping[str, Reading]) -> list[Reading]:
    """The eight figures of the page."""
    wanted = [read[code] for code in ASKED if code in read]
    known = [reading for reading in wanted if reading.now is not None]
    return (known + [reading for reading in wanted if reading.now is None])[:FIGURES]


def gravest(found: Sequence[Finding]) -> list[Finding]:
    """The three problems of the page: grave ones first, else in the order of the report."""
    return sorted(found, key=lambda finding: not finding.grave)[:PROBLEMS]


def _figures(paper: Paper, facts: Facts, read: Mapping[str, Reading]) -> None:
    whole = facts.place.level == DISTRICT
    columns = [
        Column("指标", 2.2),
        Column("本期", 1.5, "right"),
        Column("上期", 1.5, "right"),
        *([] if whole else [Column("全区", 1.5, "right")]),
        Column("要求", 1.4, "center"),
        Column("状态", 1.1, "center"),
    ]
    rows = [
        (
            f"{each.indicator.name}（{each.indicator.code}）",
            NOTHING if each.now is None else each.now.shown,
            NOTHING if each.before is None else each.before.shown,
            *([] if whole else [each.mean]),
            each.target or NOTHING,
            "" if each.verdict[1] == HAS_RECORD else each.verdict[1],
        )
        for each in chosen(read)
    ]
    paper.table(columns, rows, caption="一、主要指标")


def _problems(paper: Paper, facts: Facts, found: Sequence[Finding]) -> None:
    columns = [
        Column("序号", 0.5, "center"),
        Column("问题", 4.2),
        Column("责任单位", 1.9),
        Column("时限", 1.1, "center"),
    ]
    rows = [
        (
            str(number),
            clipped(each.problem, LETTERS),
            each.unit,
            f"{each.deadline or deadline(facts):%Y-%m-%d}",
        )
        for number, each in enumerate(gravest(found), 1)
    ]
    paper.table(columns, rows, caption="二、突出问题", empty="按现有记录和规则，本期未发现问题")


def _chart(paper: Paper, facts: Facts, trends: Mapping[str, Trend]) -> None:
    for code, series in trends.items():
        if sum(value is not None for _, value in series) > 2:
            of = BY_CODE[code]
            wanted = float(of.target.of(facts)) if of.target else None
            drawing = trend(series, width=paper.width, height=130, unit=of.unit, target=wanted)
            paper.chart(drawing, f"三、近{len(series)}个月{of.name}")
            return
    items = [(facts.name(code), number) for code, number in facts.by_point().items()]
    items.sort(key=lambda item: -item[1])
    drawing = charts.bars(items[:MOST_BARS], width=paper.width, unit="份")
    paper.chart(drawing, f"三、{facts.period.chinese}就餐份数（至{chinese_date(facts.last_day)}）")
