"""Lists of inspections: visits, results of items, items of orders."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, select

from mealsvc.places.models import MealPoint
from mealsvc.reports.facts import Facts
from mealsvc.reports.oversight import PRICE_ITEMS, SIGNERS, signed_in
from mealsvc.reports.oversight_facts import (
    GOOD_GRADES,
    SELF_CHECK,
    CaseFacts,
    DueItem,
    VisitFacts,
)
from mealsvc.reports.records import Cell, Listing, Row, Where, to_point
from mealsvc.reports.report_annexes import VISIT_KINDS
from mealsvc.supervision.visits.models import Visit, VisitResult, VisitSignature

RESULTS = {"PASS": "合格", "PARTIAL": "部分合格", "FAIL": "不合格", "NA": "不适用"}
STATES = {"planned": "待检查", "noticed": "已通知", "under_way": "检查中", "signed": "已签字"}
HEADS = ("记录编号", "助餐点", "类别", "计划日期", "状态", "得分#", "等级")
RIGHT = "supervision.read"


def _visits(where: Where, *conditions: Any) -> Any:
    return (
        select(Visit, MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(where.here, *conditions)
        .order_by(Visit.planned_on.desc(), Visit.id.desc())
    )


def _official(where: Where) -> tuple[Any, ...]:
    return (signed_in(where.period), Visit.kind != SELF_CHECK)


def _two() -> Any:
    signed = (
        select(func.count())
        .where(VisitSignature.visit_id == Visit.id, VisitSignature.part.in_(SIGNERS))
        .correlate(Visit)
        .scalar_subquery()
    )
    return signed >= len(SIGNERS)


def _visit(row: Any) -> Row:
    visit, code, name = row
    return (
        to_visit(visit.id, visit.number or "（未编号）"),
        to_point(code, name),
        Cell(VISIT_KINDS[visit.kind]),
        Cell(f"{visit.planned_on}"),
        Cell(STATES[visit.status]),
        Cell("—" if visit.score is None else f"{visit.score / 10:.1f}", number=True),
        Cell(visit.grade or "—"),
    )


def to_visit(visit_id: int, words: str) -> Cell:
    """An inspection, leading to its page."""
    return Cell(words, ("visits.visit", {"visit_id": visit_id}), RIGHT)


def _price_items(where: Where, *conditions: Any) -> Any:
    return (
        select(VisitResult, Visit.id, Visit.number, MealPoint.code, MealPoint.name)
        .join(Visit, Visit.id == VisitResult.visit_id)
        .join(MealPoint, MealPoint.id == Visit.point_id)
        .where(
            where.here,
            *_official(where),
            VisitResult.item.startswith(PRICE_ITEMS),
            VisitResult.result != "NA",
            *conditions,
        )
        .order_by(Visit.id.desc(), VisitResult.item)
    )


def _result(row: Any) -> Row:
    result, visit, record, code, name = row
    return (
        to_visit(visit, record or "（未编号）"),
        to_point(code, name),
        Cell(result.item),
        Cell(RESULTS[result.result]),
    )


def _failed(facts: Facts) -> Iterable[Row]:
    for visit in _done(facts):
        for item in visit.failed_key:
            yield (
                to_visit(visit.id, visit.number or "（未编号）"),
                to_point(visit.point, facts.name(visit.point)),
                Cell(f"★{item}"),
                Cell(f"{visit.signed_on}"),
            )


def _done(facts: Facts) -> list[VisitFacts]:
    return [visit for visit in facts.visits if visit.official]


def _planned(facts: Facts, *, done: bool = False) -> Iterable[Row]:
    """What was planned for the time, with the points of plans that nobody arranged a visit to."""
    for visit in facts.visits:
        if visit.due and (visit.done or not done):
            arranged = visit.planned_on is not None
            words = visit.number or "（未编号）"
            yield (
                to_visit(visit.id, words) if arranged else Cell(words),
                to_point(visit.point, facts.name(visit.point)),
                Cell(VISIT_KINDS[visit.kind]),
                Cell(f"{visit.planned_on}" if arranged else "没有安排"),
                Cell("已签字" if visit.done else "未完成"),
            )


def _items(facts: Facts, *, in_time: bool = False) -> Iterable[Row]:
    for one in facts.due:
        if one.due and (one.in_time or not in_time):
            yield _item(facts, one)


def _item(facts: Facts, one: DueItem) -> Row:
    state = "按期办结" if one.in_time else "未办结" if one.open else "逾期办结"
    return (
        Cell(one.number, ("orders.order", {"order_id": one.order_id}), RIGHT),
        to_point(one.point, facts.name(one.point)),
        Cell(f"{'★' if one.critical else ''}{one.item}"),
        Cell(one.fact),
        Cell(f"{one.deadline}"),
        Cell(state),
    )


def _grades(facts: Facts) -> Iterable[Row]:
    for point in facts.operating:
        grade, day = facts.grades.get(point.code, ("", None))
        listed = ("visits.index", {"point": point.code, "state": "signed"})
        yield (
            to_point(point.code, point.name),
            Cell(f"{grade}级" if grade else "未评级"),
            Cell(f"{day or '—'}", listed if day else None, RIGHT),
        )


def visits(title: str, *conditions: Any, graded: bool = False) -> Listing:
    """A list of signed visits that inspectors made in the time."""

    def rows(where: Where) -> Any:
        more = (Visit.grade != "",) if graded else ()
        return _visits(where, *_official(where), *more, *conditions)

    return Listing(title, HEADS, rows, _visit)


def _cases(facts: Facts, *, in_time: bool = False) -> Iterator[Row]:
    for point in facts.points:
        for case_id, number, timely in facts.cases.get(point.code, CaseFacts()).rows:
            if timely or not in_time:
                yield (
                    Cell(number, ("cases.case", {"case_id": case_id}), "audit.read"),
                    to_point(point.code, point.name),
                    Cell("按期说明" if timely else "逾期"),
                )


CASE_HEADS = ("案号", "助餐点", "说明")
ITEM_HEADS = ("整改通知书", "助餐点", "检查项", "问题", "期限", "状态")
PLANNED_HEADS = ("记录或计划编号", "助餐点", "类别", "计划日期", "状态")
RESULT_HEADS = ("记录编号", "助餐点", "检查项", "结果")
LISTS = {
    "visits_graded": visits("已评级的检查", graded=True),
    "visits_passed": visits("评为A、B、C级的检查", Visit.grade.in_(tuple(GOOD_GRADES))),
    "visits_signed": visits("已签字的检查"),
    "visits_two": visits("两名检查人员签字的检查", _two()),
    "visits_planned": Listing("计划在期内的检查", PLANNED_HEADS, of=_planned),
    "visits_planned_done": Listing(
        "其中已签字的检查", PLANNED_HEADS, of=lambda facts: _planned(facts, done=True)
    ),
    "failed_keys": Listing(
        "不合格的关键项", ("记录编号", "助餐点", "检查项", "检查日期"), of=_failed
    ),
    "due_items": Listing("期内到期的整改项", ITEM_HEADS, of=_items),
    "due_in_time": Listing(
        "其中按期办结的", ITEM_HEADS, of=lambda facts: _items(facts, in_time=True)
    ),
    "price_items": Listing("已判定的价格类检查项", RESULT_HEADS, _price_items, _result),
    "price_items_passed": Listing(
        "其中合格的",
        RESULT_HEADS,
        lambda where: _price_items(where, VisitResult.result == "PASS"),
        _result,
    ),
    "cases_due": Listing("期内到期的核查案件", CASE_HEADS, of=_cases),
    "cases_in_time": Listing(
        "其中按期说明的", CASE_HEADS, of=lambda facts: _cases(facts, in_time=True)
    ),
    "grades": Listing("各运营助餐点最近一次评级", ("助餐点", "等级", "评级日期"), of=_grades),
}
