"""The annexes of a supervision report: indicator table, inspections, definitions."""

from collections.abc import Mapping
from dataclasses import replace

from mealsvc.kernel.dates import chinese_date
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import MM, OFFICIAL
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import HAS_RECORD, NO_RECORD, NOTHING, Reading
from mealsvc.reports.point_facts import DISTRICT
from mealsvc.reports.report_words import as_of, definition
from mealsvc.reports.source_names import sources_of

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
Readings = Mapping[str, Reading]
VISIT_KINDS = {
    "admin_inspection": "行政检查",
    "contract_patrol": "协议巡查",
    "npc_supervision": "人大监督",
    "joint": "联合检查",
    "spot_audit": "抽查",
    "self_check": "单位自查",
}


def indicator_table(paper: Paper, facts: Facts, read: Readings) -> None:
    """Annex 1: every indicator with its parts, the time before, the district and the target."""
    paper.page_break(OFFICIAL_LANDSCAPE)
    paper.heading(1, "附件1　指标表")
    whole = facts.place.level == DISTRICT
    columns = [
        Column("编号", 0.75, "center"),
        Column("指标", 2.0),
        Column("分子", 2.3),
        Column("分母", 2.6),
        Column("本期", 1.25, "right"),
        Column("上期", 1.25, "right"),
        *([] if whole else [Column("全区", 1.25, "right")]),
        Column("要求", 1.2, "center"),
        Column("状态", 1.0, "center"),
    ]
    rows = [_row(reading, whole) for reading in read.values()]
    paper.table(columns, rows)
    ready = sum(reading.state == HAS_RECORD for reading in read.values())
    paper.note(
        f"共{len(read)}行，{HAS_RECORD}{ready}行，{NO_RECORD}{len(read) - ready}行；本期为"
        f"{facts.period.chinese}，上期为{facts.period.previous.chinese}。{NO_RECORD}的行，"
        f"“分子”栏列出缺少的记录。数据截至{as_of(facts)}。"
    )


def _row(reading: Reading, whole: bool) -> tuple[str, ...]:
    of, now, before = reading.indicator, reading.now, reading.before
    earlier = NOTHING if before is None else before.shown
    mean = () if whole else (reading.mean,)
    if now is None:
        needs = f"缺少：{'、'.join(of.needs)}"
        return (of.code, of.name, needs, "", NOTHING, earlier, *mean, reading.target, NO_RECORD)
    bottom = f"{of.bottom}{now.denominator}" if of.bottom else ""
    _, word = reading.verdict
    top = f"{of.top}{now.numerator}"
    return (of.code, of.name, top, bottom, now.shown, earlier, *mean, reading.target, word)


def inspections(paper: Paper, facts: Facts) -> None:
    """Annex 2: the inspections that were signed in the time."""
    paper.page_break(OFFICIAL)
    paper.heading(1, "附件2　检查明细")
    columns = [
        Column("序号", 0.5, "center"),
        Column("检查日期", 1.05, "center"),
        Column("助餐点", 1.5),
        Column("检查人员", 1.1),
        Column("不合格项", 2.2),
        Column("得分和等级", 1.1, "center"),
    ]
    done = [visit for visit in facts.visits if visit.signed_on is not None]
    rows = [
        (
            str(number),
            f"{visit.signed_on:%Y-%m-%d}",
            f"{facts.name(visit.point)}（{VISIT_KINDS.get(visit.kind, visit.kind)}）",
            "、".join(visit.inspectors) or NOTHING,
            "、".join(f"★{i}" if i in visit.failed_key else i for i in visit.failed) or "无",
            NOTHING if visit.score is None else f"{visit.score / 10:.1f}　{visit.grade}级",
        )
        for number, visit in enumerate(done, 1)
    ]
    paper.table(columns, rows, empty=NO_RECORD)
    if done:
        paper.note("★为关键项。检查项编号的内容见检查表。检查记录的编号和全文可以在系统中查到。")
    else:
        paper.note(f"缺少：{facts.period.noun}签字的现场检查记录。")


def definitions(paper: Paper, facts: Facts, read: Readings) -> None:
    """Annex 3: what each figure is, who defined it and where it comes from."""
    paper.page_break()
    paper.heading(1, "附件3　口径说明")
    columns = [
        Column("编号", 0.7, "center"),
        Column("指标", 1.5),
        Column("口径", 3.6),
        Column("依据", 1.4),
        Column("来源", 1.4),
    ]
    rows = [
        (
            each.indicator.code,
            each.indicator.name,
            definition(each.indicator, facts),
            each.indicator.basis,
            sources_of(each.indicator),
        )
        for each in read.values()
    ]
    paper.table(columns, rows)
    limits, period = facts.limits, facts.period
    paper.note(
        f"1. 份数和金额均已减去冲正，按就餐日期归入{period.noun}；提交结算后到达的流水计入以后月份的结算调整，"
        f"不计入本报告。\n2. 有效运营：{period.noun}有{limits.effective_days}天以上每天就餐不少于"
        f"{limits.effective_meals}份；期间不是整月的，按30天折算。\n3. 运营助餐点：{period.end}已开业、未停业、"
        f"未暂停且直接服务老人的助餐点；没有座位的中央厨房不计。\n4. 区直管：管理主体与"
        f"{facts.district_name}相同的镇（街道）和村（社区），管理主体为空的随上级。\n5. 登记老人以{period.end}在册、"
        f"未去世、未迁出为准，按居住地归入镇（街道）；助餐点报告不列以人口为分母的指标。\n6. 百分比四舍五入到"
        f"一位小数，比较以{period.before}印出的数值计算；件数类指标的全区一栏为平均数，其他为全区合计口径。"
        f"\n7. 供餐天数按有就餐流水的日期计。时点：{as_of(facts)}；证照、人员、等级按{chinese_date(facts.last_day)}计。"
    )
