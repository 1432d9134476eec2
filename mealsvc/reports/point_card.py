"""助餐点督查成绩单: one page for a point: its grade, its figures beside the district's and what is
asked, what it has to put right."""

from collections.abc import Mapping
from dataclasses import replace

from mealsvc.kernel.dates import chinese_date
from mealsvc.places.rules import KIND_NAMES
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.reports.facts import Facts
from mealsvc.reports.findings import findings
from mealsvc.reports.indicators import readings
from mealsvc.reports.measures import HAS_RECORD, NO_RECORD, NOTHING, Reading
from mealsvc.reports.problem import bureau
from mealsvc.reports.report_words import as_of, clipped, deadline

ASKED = (
    "N11", "N12", "N13", "N14", "N15", "N16", "N17", "N18", "N21", "N22-1", "N24", "N25", "N31",
    "N32", "N33", "N34", "N41", "Z21", "Z22", "Z23", "Z33", "Z34", "Z45",
)  # fmt: skip
CARD = replace(SHEET, table_pitch=SHEET.table_pitch - 2)  # all of it stands on one page
PROBLEMS, LETTERS = 5, 66  # of a problem: two lines


def draw(
    now: Facts, before: Facts, district: Facts, fonts: Mapping[str, str] | None = None
) -> bytes:
    """The page; `district` is the whole district in the same time."""
    read, found = readings(now, before, district), findings(now)
    point = now.points[0]
    paper = Paper(
        f"{point.name}督查成绩单",
        demo=now.demo,
        author=bureau(now),
        subject=f"{now.period.chinese}{point.name}督查成绩单",
        number=f"数据截至{as_of(now)}",
        geometry=CARD,
        fonts=fonts,
    )
    paper.heading_block(f"{now.period.chinese}　{bureau(now)}")
    paper.facts(
        [
            ("助餐点", f"{point.name}（{point.code}）"),
            ("类型", KIND_NAMES.get(point.kind, point.kind)),
            ("运营单位", point.unit or "未登记"),
            ("检查等级", _grade(now)),
            ("就餐", f"{now.servings:,}份，{len(now.by_day())}天"),
            ("服务老人", f"{now.active_elders:,}人"),
        ]
    )
    _figures(paper, read)
    _problems(paper, now, found)
    unknown = [each.indicator.name for each in _wanted(read) if each.now is None]
    told = f"{NO_RECORD}：{'、'.join(unknown)}。" if unknown else ""
    paper.note(f"{told}全区一栏为全区合计口径，件数类为各点平均。口径和来源见督查报告附件。")
    return paper.build()


def _grade(facts: Facts) -> str:
    found = facts.grades.get(facts.place.code)
    if found is None:
        return f"{NO_RECORD}（未检查）"
    grade, day = found
    return f"{grade}级（{chinese_date(day)}检查）"


def _wanted(read: Mapping[str, Reading]) -> list[Reading]:
    return [read[code] for code in ASKED if code in read]


def _figures(paper: Paper, read: Mapping[str, Reading]) -> None:
    columns = [
        Column("指标", 2.3),
        Column("本点", 1.4, "right"),
        Column("上期", 1.4, "right"),
        Column("全区", 1.4, "right"),
        Column("要求", 1.4, "center"),
        Column("状态", 1.1, "center"),
    ]
    rows = [
        (
            f"{each.indicator.name}（{each.indicator.code}）",
            each.now.shown,
            NOTHING if each.before is None else each.before.shown,
            each.mean,
            each.target or NOTHING,
            "" if each.verdict[1] == HAS_RECORD else each.verdict[1],
        )
        for each in _wanted(read)
        if each.now is not None
    ]
    paper.table(columns, rows, caption="一、指标", empty=NO_RECORD)


def _problems(paper: Paper, facts: Facts, found) -> None:
    columns = [
        Column("序号", 0.5, "center"),
        Column("需要整改的问题", 5.2),
        Column("时限", 1.2, "center"),
        Column("责任人", 1.1, "center"),
    ]
    listed = sorted(found, key=lambda finding: not finding.grave)
    rows = [
        (
            str(number),
            clipped(each.problem, LETTERS),
            f"{each.deadline or deadline(facts):%Y-%m-%d}",
            each.person,
        )
        for number, each in enumerate(listed[:PROBLEMS], 1)
    ]
    if len(listed) > PROBLEMS:
        rows.append(("", f"另有{len(listed) - PROBLEMS}项，见督查报告。", "", ""))
    paper.table(columns, rows, caption="二、整改", empty="按现有记录和规则，本期没有需要整改的问题")
