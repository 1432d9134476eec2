"""老年助餐服务督查报告: the district's month by the skeleton of a supervision report.

Every figure comes from `MonthFacts` through the indicators, so text and annexes agree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import groupby

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL, local_date
from mealsvc.plumbing.paper import charts
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import MM, OFFICIAL
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.coverage_indicators import town_rates
from mealsvc.reports.facts import MonthFacts
from mealsvc.reports.findings import Finding, advice, bureau, findings
from mealsvc.reports.indicators import COVERAGE, INSTITUTION, STANDARDISATION, Chapter, readings
from mealsvc.reports.measures import HAS_RECORD, NO_RECORD, NOTHING, Reading, text

# Turned with its head at the binding side.
OFFICIAL_LANDSCAPE = replace(
    OFFICIAL,
    width=OFFICIAL.height,
    height=OFFICIAL.width,
    top=28 * MM,
    right=37 * MM,
    bottom=26 * MM,
    left=35 * MM,
)
DIGITS = "一二三四五六七八九十"
Readings = dict[str, Reading]


def draw(now: MonthFacts, before: MonthFacts, fonts: Mapping[str, str] | None = None) -> bytes:
    """The report of a month; `before` is the month it is compared with, `fonts`: see `Paper`."""
    found, read = findings(now), readings(now, before)
    paper = Paper(
        f"{now.district_name}老年助餐服务督查报告\n（{now.month.chinese}）",
        demo=now.demo,
        author=bureau(now),
        subject=f"{now.month.chinese}老年助餐服务督查报告",
        number=f"数据截至{as_of(now)}",
        fonts=fonts,
    )
    paper.letterhead(bureau(now), f"〔{now.month.year}〕　　　号")
    paper.heading_block()
    _basics(paper, now)
    _results(paper, now, read)
    _chapters(paper, "三、规范化情况", STANDARDISATION, read)
    _coverage(paper, now, read)
    _chapters(paper, "五、制度化情况", INSTITUTION, read)
    _problems(paper, found)
    _rectification(paper, now, found)
    _advice(paper, found)
    paper.para("附件：1. 指标表")
    paper.para("　　　2. 检查明细")
    paper.para("　　　3. 口径说明")
    paper.issued(bureau(now), "　　　　年　　月　　日")
    _table(paper, now, read)
    _details(paper)
    _definitions(paper, now, read)
    return paper.build()


def as_of(facts: MonthFacts) -> str:
    """When the month's last record was made, local time; says so where there is none."""
    if facts.as_of is None:
        return f"{chinese_date(facts.last_day)}（本月没有就餐流水）"
    local = facts.as_of.astimezone(LOCAL)
    return f"{chinese_date(local.date())}{local.hour}时{local.minute:02d}分"


def deadline(facts: MonthFacts) -> date:
    """The day by which findings are put right: so many days after the data were taken."""
    start = facts.last_day if facts.as_of is None else local_date(facts.as_of)
    return start + timedelta(days=facts.limits.rectify_days)


def _basics(paper: Paper, facts: MonthFacts) -> None:
    paper.heading(1, "一、督查基本情况")
    days = facts.by_day()
    paper.para(
        f"本报告依据老年助餐系统{chinese_date(facts.month.first_day)}至"
        f"{chinese_date(facts.last_day)}的逐笔就餐流水、助餐点档案、结算和区划人口记录编制，"
        f"数据截至{as_of(facts)}。范围为{facts.district_name}直接管理的{len(facts.managed_towns)}个"
        f"镇（街道）、{facts.communities:,}个村（社区），60岁以上户籍人口{facts.eligible:,}人；"
        f"由其他单位管理的镇（街道）不计入。"
    )
    paper.para(
        f"月末运营助餐点{len(facts.operating)}个，其中有效运营{len(facts.effective)}个；"
        f"本月有就餐记录{len(days)}天，就餐{facts.servings:,}份，冲正{facts.reversed_lines:,}条。"
        f"现场检查{NO_RECORD}，本期督查以系统数据核查为主。"
    )
    if days:
        drawing = charts.columns(
            [(f"{day.day}日", count) for day, count in days.items()],
            width=paper.width,
            height=118,
            unit="份",
        )
        paper.chart(drawing, f"图1　{facts.month.chinese}每日就餐份数")


def _results(paper: Paper, facts: MonthFacts, read: Readings) -> None:
    paper.heading(1, "二、主要成效")
    days = facts.by_day()
    if not days:
        paper.para(f"本月没有就餐流水，{NO_RECORD}可供统计。")
        return
    mean = Fraction(facts.servings, len(days))
    low, high = min(days.values()), max(days.values())
    paper.para(
        f"服务规模。本月就餐{facts.servings:,}份，日均{text(mean)}份，最少{low:,}份、最多{high:,}份；"
        f"享受补贴{facts.subsidised:,}份，服务老人{facts.active_elders:,}人；"
        f"补贴{text(Fraction(facts.subsidy_fen, 100), 2)}元。"
    )
    _chart_by_point(paper, facts)
    for title, code in (
        ("服务覆盖。", "P13-2"),
        ("老人参与。", "P16"),
        ("老人负担。", "N23"),
        ("运营状况。", "Z34"),
    ):
        paper.para(title + _short(read[code]))


def _short(reading: Reading) -> str:
    """The figure and its comparison only; its parts stand in its own section."""
    of, now = reading.indicator, reading.now
    if now is None:
        return f"{of.name}{NO_RECORD}。"
    return f"{of.name}{now.shown}，{reading.change()}。"


def _chapters(paper: Paper, title: str, chapters: Iterable[Chapter], read: Readings) -> None:
    paper.heading(1, title)
    for chapter in chapters:
        paper.heading(2, chapter.heading)
        _sentences(paper, chapter, read)


def _sentences(paper: Paper, chapter: Chapter, read: Readings) -> None:
    """A sentence for each figure, those of one number in one paragraph; those without records
    together, with what is missing."""
    own = [read[indicator.code] for indicator in chapter.indicators]
    known = [reading for reading in own if reading.now is not None]
    for _, group in groupby(known, key=lambda each: each.indicator.code.partition("-")[0]):
        paper.para("".join(reading.sentence() for reading in group))
    missing = [reading for reading in own if reading.now is None]
    if missing:
        names = "、".join(f"{each.indicator.name}（{each.indicator.code}）" for each in missing)
        needs = dict.fromkeys(need for each in missing for need in each.indicator.needs)
        paper.para(f"{names}：{NO_RECORD}。缺少：{'、'.join(needs)}。")


def _chart_by_point(paper: Paper, facts: MonthFacts) -> None:
    items = [(facts.name(code), count) for code, count in facts.by_point().items()]
    items.sort(key=lambda item: -item[1])
    drawing = charts.bars(items, width=paper.width, unit="份")
    paper.chart(drawing, f"图2　{facts.month.chinese}各助餐点就餐份数")


def _coverage(paper: Paper, facts: MonthFacts, read: Readings) -> None:
    paper.heading(1, COVERAGE.heading)
    paper.para(
        f"老人位置按村（社区）中心点计（占100.0%），未使用个人住址；距离为球面直线距离。"
        f"政策服务半径{facts.limits.radius_m:,}米，15分钟步行按老人步速0.8米/秒、绕行1.3倍折算"
        f"为{facts.limits.walk_m:,}米。"
    )
    _sentences(paper, COVERAGE, read)
    rates = town_rates(facts)
    if rates:
        items = [(facts.name(code), float(rate)) for code, rate in rates.items()]
        drawing = charts.bars(items, width=paper.width, unit="%")
        caption = f"图3　各镇（街道）{facts.limits.radius_m:,}米服务半径覆盖率"
        paper.chart(drawing, caption)


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


def _rectification(paper: Paper, facts: MonthFacts, found: Sequence[Finding]) -> None:
    paper.heading(1, "七、整改清单")
    day = deadline(facts)
    paper.para(
        f"以上问题由责任单位于{chinese_date(day)}前完成整改（自数据截至日起"
        f"{facts.limits.rectify_days}日），责任人签字后报{bureau(facts)}。"
    )
    columns = [
        Column("序号", 0.65, "center"),
        Column("问题", 3.7),
        Column("责任单位", 1.8),
        Column("时限", 1.4, "center"),
        Column("责任人\n（签字）", 1.3, "center"),
    ]
    rows = [
        (str(number), finding.problem, finding.unit, f"{day:%Y-%m-%d}", "")
        for number, finding in enumerate(_by_section(found), 1)
    ]
    paper.table(columns, rows, caption="表1　整改清单", empty="本期没有需要整改的问题")


def _by_section(found: Sequence[Finding]) -> list[Finding]:
    """In the order in which section six numbers them."""
    order = list(dict.fromkeys(finding.section for finding in found))
    return sorted(found, key=lambda finding: order.index(finding.section))


def _advice(paper: Paper, found: tuple[Finding, ...]) -> None:
    paper.heading(1, "八、建议")
    given = advice(tuple(_by_section(found)))
    if not given:
        paper.para("保持现有记录和核查频次，按月比对指标变化。")
    for number, each in enumerate(given, 1):
        paper.para(f"{number}. {each}")


def _table(paper: Paper, facts: MonthFacts, read: Readings) -> None:
    paper.page_break(OFFICIAL_LANDSCAPE)
    paper.heading(1, "附件1　指标表")
    columns = [
        Column("编号", 0.75, "center"),
        Column("指标", 2.2),
        Column("分子", 2.65),
        Column("分母", 3),
        Column("本期", 1.25, "right"),
        Column("上期", 1.25, "right"),
        Column("期间", 0.95, "center"),
        Column("状态", 1.0, "center"),
    ]
    rows = [_row(facts, reading) for reading in read.values()]
    paper.table(columns, rows)
    ready = sum(reading.state == HAS_RECORD for reading in read.values())
    paper.note(
        f"共{len(read)}行，{HAS_RECORD}{ready}行，{NO_RECORD}{len(read) - ready}行；上期为"
        f"{facts.month.previous.chinese}。{NO_RECORD}的行，“分子”栏列出缺少的记录。"
        f"数据截至{as_of(facts)}。"
    )


def _row(facts: MonthFacts, reading: Reading) -> tuple[str, ...]:
    of, now, before = reading.indicator, reading.now, reading.before
    period = str(facts.month)
    earlier = NOTHING if before is None else before.shown
    if now is None:
        return (
            of.code,
            of.name,
            f"缺少：{'、'.join(of.needs)}",
            "",
            NOTHING,
            earlier,
            period,
            NO_RECORD,
        )
    bottom = f"{of.bottom}{now.denominator}" if of.bottom else ""
    return (
        of.code,
        of.name,
        f"{of.top}{now.numerator}",
        bottom,
        now.shown,
        earlier,
        period,
        HAS_RECORD,
    )


def _details(paper: Paper) -> None:
    paper.page_break(OFFICIAL)
    paper.heading(1, "附件2　检查明细")
    columns = [
        Column("序号", 0.5, "center"),
        Column("检查日期", 1, "center"),
        Column("助餐点", 1.6),
        Column("检查人员", 1.2),
        Column("不合格项", 2.4),
        Column("结论", 0.9, "center"),
    ]
    paper.table(columns, [], empty=NO_RECORD)
    paper.note("缺少：检查计划、现场检查记录、整改和复查记录。")


def _definitions(paper: Paper, facts: MonthFacts, read: Readings) -> None:
    paper.heading(1, "附件3　口径说明")
    columns = [Column("编号", 0.8, "center"), Column("指标", 1.7), Column("口径", 5)]
    values = {name: f"{value:g}" for name, value in asdict(facts.limits).items()}
    rows = [
        (each.indicator.code, each.indicator.name, each.indicator.definition.format_map(values))
        for each in read.values()
    ]
    paper.table(columns, rows)
    limits = facts.limits
    paper.note(
        f"1. 份数和金额均已减去冲正，按就餐日期归入当月；提交结算后到达的流水计入以后月份的结算调整，"
        f"不计入本报告。\n2. 有效运营：本月有{limits.effective_days}天以上每天就餐不少于"
        f"{limits.effective_meals}份。\n3. 运营助餐点：月末已开业、未停业、未暂停且直接服务老人的助餐点；"
        f"没有座位的中央厨房不计。\n4. 区直管：管理主体与{facts.district_name}相同的镇（街道）和村（社区），"
        f"管理主体为空的随上级。\n5. 登记老人以月末在册、未去世、未迁出为准。\n6. 百分比四舍五入到"
        f"一位小数，比较以上月印出的数值计算。\n7. 来源：就餐流水、助餐点档案、结算记录、区划人口、"
        f"居民名册；时点：{as_of(facts)}。"
    )
