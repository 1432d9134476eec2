"""老年助餐服务督查报告: a time of the district, a town or a point by the skeleton of such a report.

Every figure comes from `Facts` through the indicators, so text and annexes agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from mealsvc.kernel.dates import chinese_date
from mealsvc.plumbing.paper import charts
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports import report_annexes
from mealsvc.reports.coverage_indicators import town_rates
from mealsvc.reports.facts import Facts
from mealsvc.reports.findings import advice, findings
from mealsvc.reports.indicators import (
    BY_CODE,
    COVERAGE,
    INSTITUTION,
    STANDARDISATION,
    Chapter,
    readings,
)
from mealsvc.reports.measures import NO_RECORD, Reading, text
from mealsvc.reports.point_facts import DISTRICT, POINT
from mealsvc.reports.problem import Finding, bureau
from mealsvc.reports.report_charts import side_by_side, trend
from mealsvc.reports.report_words import as_of, deadline, subject, title
from mealsvc.reports.trends import Trend

DIGITS = "一二三四五六七八九十"
MOST_DAYS = 62  # a column a day up to two months, then a column a month
MOST_BARS = 30
ENDING_LINES = 10  # the last advice, the list of annexes, who issues the report
Readings = dict[str, Reading]
Trends = Mapping[str, Trend]


def draw(
    now: Facts,
    before: Facts,
    fonts: Mapping[str, str] | None = None,
    *,
    district: Facts | None = None,
    trends: Trends | None = None,
) -> bytes:
    """The report; `before` is the time it is compared with, `district` the whole district where
    `now` is a part of it, `trends` indicators by month, `fonts`: see `Paper`."""
    found, read = findings(now), readings(now, before, district)
    paper = Paper(
        f"{title(now)}\n（{now.period.chinese}）",
        demo=now.demo,
        author=bureau(now),
        subject=f"{now.period.chinese}{title(now)}",
        number=f"数据截至{as_of(now)}",
        fonts=fonts,
    )
    paper.letterhead(bureau(now), f"〔{now.last_day.year}〕　　　号")
    paper.heading_block()
    figures = _Figures(paper)
    _basics(paper, now, figures)
    _results(paper, now, read, figures, trends or {})
    _chapters(paper, "三、规范化情况", STANDARDISATION, read)
    _coverage(paper, now, read, figures)
    _chapters(paper, "五、制度化情况", INSTITUTION, read)
    _problems(paper, found)
    _rectification(paper, now, found)
    _advice(paper, found)
    paper.para("附件：1. 指标表")
    paper.para("　　　2. 检查明细")
    paper.para("　　　3. 口径说明")
    paper.issued(bureau(now), "　　　　年　　月　　日")
    report_annexes.indicator_table(paper, now, read)
    report_annexes.inspections(paper, now)
    report_annexes.definitions(paper, now, read)
    return paper.build()


class _Figures:
    """Charts of a paper, numbered as they come."""

    def __init__(self, paper: Paper):
        self._paper, self._number = paper, 0

    def add(self, drawing, caption: str) -> None:
        self._number += 1
        self._paper.chart(drawing, f"图{self._number}　{caption}")


def _basics(paper: Paper, facts: Facts, figures: _Figures) -> None:
    paper.heading(1, "一、督查基本情况")
    noun, days = facts.period.noun, facts.by_day()
    paper.para(
        f"本报告依据老年助餐系统{facts.period.days}的逐笔就餐流水、助餐点档案、食品安全日志、检查和整改、"
        f"证照人员、结算和区划人口记录编制，数据截至{as_of(facts)}。{_extent(facts)}"
    )
    done = [visit for visit in facts.visits if visit.official]
    inspected = (
        f"{noun}现场检查{len(done)}次" if done else f"{noun}现场检查{NO_RECORD}，以系统数据核查为主"
    )
    paper.para(
        f"{facts.period.end}运营助餐点{len(facts.operating)}个，其中有效运营{len(facts.effective)}个；"
        f"{noun}有就餐记录{len(days)}天，就餐{facts.servings:,}份，冲正{facts.reversed_lines:,}条。"
        f"{inspected}。"
    )
    if days:
        drawing, each = _by_time(facts, paper.width)
        figures.add(drawing, f"{facts.period.chinese}{each}就餐份数")


def _extent(facts: Facts) -> str:
    if facts.place.level == POINT:
        point = facts.points[0]
        unit = f"，运营单位为{point.unit}" if point.unit else ""
        return f"范围为{subject(facts)}{unit}。"
    told = (
        f"{facts.communities:,}个村（社区），60岁以上户籍人口{facts.eligible:,}人；"
        "由其他单位管理的镇（街道）不计入。"
    )
    if facts.place.level == DISTRICT:
        towns = f"{len(facts.managed_towns)}个镇（街道）"
        return f"范围为{facts.district_name}直接管理的{towns}、{told}"
    return f"范围为{subject(facts)}直接管理的{told}"


def _by_time(facts: Facts, width: float):
    """A column a day, or a month where there are many days."""
    days = facts.by_day()
    if facts.period.length <= MOST_DAYS:
        year = len(facts.period.months) > 1
        items = [(f"{d.month}-{d.day}" if year else f"{d.day}日", n) for d, n in days.items()]
        return charts.columns(items, width=width, height=118, unit="份"), "每日"
    months: dict[str, int] = {}
    for day, number in days.items():
        label = f"{day.year % 100}年{day.month}月"
        months[label] = months.get(label, 0) + number
    return charts.columns(list(months.items()), width=width, height=118, unit="份"), "各月"


def _results(paper: Paper, facts: Facts, read: Readings, figures: _Figures, trends: Trends) -> None:
    paper.heading(1, "二、主要成效")
    days, noun = facts.by_day(), facts.period.noun
    if not days:
        paper.para(f"{noun}没有就餐流水，{NO_RECORD}可供统计。")
        return
    mean = Fraction(facts.servings, len(days))
    low, high = min(days.values()), max(days.values())
    paper.para(
        f"服务规模。{noun}就餐{facts.servings:,}份，日均{text(mean)}份，最少{low:,}份、最多{high:,}份；"
        f"享受补贴{facts.subsidised:,}份，服务老人{facts.active_elders:,}人；"
        f"补贴{text(Fraction(facts.subsidy_fen, 100), 2)}元。"
    )
    if facts.place.level != POINT:
        _chart_by_point(paper, facts, figures)
    for heading, code in (
        ("服务覆盖。", "P13-2"),
        ("老人参与。", "P16"),
        ("老人负担。", "N23"),
        ("运营状况。", "Z34"),
        ("食品安全。", "N11"),
        ("老人评价。", "Z45"),
    ):
        if code in read:
            paper.para(heading + _short(read[code]))
    for code, series in trends.items():
        if sum(value is not None for _, value in series) > 1:
            of, reading = BY_CODE[code], read[code]
            wanted = float(of.target.of(facts)) if of.target else None
            drawing = trend(series, width=paper.width, height=120, unit=of.unit, target=wanted)
            figures.add(drawing, f"近{len(series)}个月{reading.indicator.name}")


def _short(reading: Reading) -> str:
    """The figure and its comparison only; its parts stand in its own section."""
    of, now = reading.indicator, reading.now
    if now is None:
        return f"{of.name}{NO_RECORD}。"
    return f"{of.name}{now.shown}，{reading.change()}。"


def _chapters(paper: Paper, heading: str, chapters: Iterable[Chapter], read: Readings) -> None:
    paper.heading(1, heading)
    for chapter in chapters:
        paper.heading(2, chapter.heading)
        _sentences(paper, chapter, read)


def _sentences(paper: Paper, chapter: Chapter, read: Readings) -> None:
    """A sentence for each figure, those of one number in one paragraph; those without records
    together, with what is missing."""
    own = [read[one.code] for one in chapter.indicators if one.code in read]
    known = [reading for reading in own if reading.now is not None]
    for _, group in groupby(known, key=lambda each: each.indicator.code.partition("-")[0]):
        paper.para("".join(reading.sentence() for reading in group))
    missing = [reading for reading in own if reading.now is None]
    if missing:
        names = "、".join(f"{each.indicator.name}（{each.indicator.code}）" for each in missing)
        needs = dict.fromkeys(need for each in missing for need in each.indicator.needs)
        paper.para(f"{names}：{NO_RECORD}。缺少：{'、'.join(needs)}。")


def _chart_by_point(paper: Paper, facts: Facts, figures: _Figures) -> None:
    items = [(facts.name(code), number) for code, number in facts.by_point().items()]
    items.sort(key=lambda item: -item[1])
    drawing = charts.bars(items[:MOST_BARS], width=paper.width, unit="份")
    some = f"（份数最多的{MOST_BARS}个）" if len(items) > MOST_BARS else ""
    figures.add(drawing, f"{facts.period.chinese}各助餐点就餐份数{some}")


def _coverage(paper: Paper, facts: Facts, read: Readings, figures: _Figures) -> None:
    paper.heading(1, COVERAGE.heading)
    if facts.place.level == POINT:
        _sentences(paper, COVERAGE, read)
        paper.para("覆盖、渗透等以人口为分母的指标按镇（街道）和全区统计，不按助餐点统计。")
        return
    paper.para(
        f"老人位置按村（社区）中心点计（占100.0%），未使用个人住址；距离为球面直线距离。"
        f"政策服务半径{facts.limits.radius_m:,}米；步行{facts.limits.walk}。"
    )
    _sentences(paper, COVERAGE, read)
    rates = town_rates(facts)
    if facts.place.level == DISTRICT and rates:
        items = [(facts.name(code), rate) for code, rate in rates.items()]
        figures.add(
            side_by_side(items, width=paper.width, unit="%"),
            f"各镇（街道）{facts.limits.radius_m:,}米服务半径覆盖率",
        )


def _problems(paper: Paper, found: Sequence[Finding]) -> None:
    paper.heading(1, "六、存在问题")
    if not found:
        paper.para("按现有记录和规则，本期未发现问题。")
        return
    ordered = groupby(found, key=lambda finding: finding.section)
    merged: dict[str, list[Finding]] = {}
    for section, group in ordered:
        merged.setdefault(section, []).extend(group)
    number = 0
    for place, (section, group) in enumerate(merged.items()):
        paper.heading(2, f"（{DIGITS[place]}）{section}方面")
        for finding in group:
            number += 1
            paper.para(f"{number}. {finding.problem}{finding.detail}")


def _rectification(paper: Paper, facts: Facts, found: Sequence[Finding]) -> None:
    paper.heading(1, "七、整改清单")
    day = deadline(facts)
    paper.para(
        f"以上问题由责任单位按期完成整改，已下达整改通知书的按通知书期限，其他的于{chinese_date(day)}前"
        f"（自数据截至日起{facts.limits.rectify_days}日），责任人签字后报{bureau(facts)}。"
    )
    columns = [
        Column("序号", 0.65, "center"),
        Column("问题", 3.7),
        Column("责任单位", 1.8),
        Column("时限", 1.4, "center"),
        Column("责任人\n（签字）", 1.3, "center"),
    ]
    rows = [
        (
            str(number),
            finding.problem,
            finding.unit,
            f"{finding.deadline or day:%Y-%m-%d}",
            finding.person,
        )
        for number, finding in enumerate(by_section(found), 1)
    ]
    paper.table(columns, rows, caption="表1　整改清单", empty="本期没有需要整改的问题")


def by_section(found: Sequence[Finding]) -> list[Finding]:
    """In the order in which section six numbers them."""
    order = list(dict.fromkeys(finding.section for finding in found))
    return sorted(found, key=lambda finding: order.index(finding.section))


def _advice(paper: Paper, found: tuple[Finding, ...]) -> None:
    paper.heading(1, "八、建议")
    given = advice(tuple(by_section(found)))
    if not given:
        paper.para("保持现有记录和核查频次，按期比对指标变化。")
    for number, each in enumerate(given, 1):
        if number == len(given):  # no page holds annexes and issuer alone
            paper.keep(ENDING_LINES * paper.pitch)
        paper.para(f"{number}. {each}")
