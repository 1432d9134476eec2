"""Lists of menus, prices and money."""

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from mealsvc.kernel.meals import MEALS
from mealsvc.kernel.months import Month
from mealsvc.menus.models import FiledPrice
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db
from mealsvc.plumbing.pages import fen
from mealsvc.reports.facts import Facts
from mealsvc.reports.oversight_facts import BatchFacts
from mealsvc.reports.records import Cell, Listing, Row, Where, number, to_point
from mealsvc.settlement.acts import STATE_NAMES
from mealsvc.settlement.models import SettlementBatch
from mealsvc.supervision.prices.queries import undeclared
from mealsvc.supervision.prices.standards import menu_records

MENUS = "menus.read"
SETTLED = "settlement.read"


def _menus(tell: Callable[[Any, str, str], Iterable[Row]]) -> Callable[[Facts], Iterable[Row]]:
    """Rows of what lies behind the menus' counts, point by point."""

    def rows(facts: Facts) -> Iterable[Row]:
        period = facts.period
        ids = _ids(facts)
        for key, (_, found) in sorted(
            menu_records(period.first_day, period.last_day, list(ids)).items()
        ):
            if key in ids:
                code = ids[key]
                yield from tell(found, code, facts.name(code))

    return rows


def _ids(facts: Facts) -> dict[int, str]:
    codes = [point.code for point in facts.points]
    rows = select(MealPoint.id, MealPoint.code).where(MealPoint.code.in_(codes))
    return dict(db.session.execute(rows).all())


def _to_menu(code: str, day: Any) -> Cell:
    return Cell(f"{day}", ("menus.week", {"point": code, "week": str(day)}), MENUS)


def _weeks(only: bool) -> Callable[[Any, str, str], Iterable[Row]]:
    def tell(found: Any, code: str, name: str) -> Iterable[Row]:
        for monday, published, ahead in found.weeks:
            if ahead or not only:
                word = "按时公布" if ahead else "晚于周一" if published else "没有公布"
                yield to_point(code, name), _to_menu(code, monday), Cell(word)

    return tell


def _incomplete(found: Any, code: str, name: str) -> Iterable[Row]:
    for day, meal, missing in found.incomplete:
        yield (
            to_point(code, name),
            _to_menu(code, day),
            Cell(MEALS[meal]),
            Cell("缺" + "、".join(missing)),
        )


def _lunches(only: bool) -> Callable[[Any, str, str], Iterable[Row]]:
    def tell(found: Any, code: str, name: str) -> Iterable[Row]:
        for lunch in found.lunches:
            if lunch.weighed and (lunch.inside or not only):
                word = "在参考范围内" if lunch.inside else "超出参考范围"
                yield to_point(code, name), _to_menu(code, lunch.served_on), Cell(word)

    return tell


def _no_diet(found: Any, code: str, name: str) -> Iterable[Row]:
    for day in found.no_diet:
        yield to_point(code, name), _to_menu(code, day), Cell("没有低盐、低糖、软食")


def _repeats(found: Any, code: str, name: str) -> Iterable[Row]:
    for start, dish, times in found.repeated:
        yield to_point(code, name), _to_menu(code, start), Cell(dish), number(times, "次")


def _undeclared(facts: Facts) -> Iterable[Row]:
    period, ids = facts.period, _ids(facts)
    for one in undeclared(period.first_day, period.last_day, list(ids)):
        code = ids[one.point_id]
        yield (
            to_point(code, facts.name(code)),
            Cell(MEALS[one.meal]),
            Cell(fen(one.price_fen), number=True),
            Cell(fen(one.against_fen), number=True),
            Cell(one.name),
            Cell(f"{one.first_on}至{one.last_on}"),
            number(one.servings, "份"),
        )


def _filed(where: Where) -> Any:
    return (
        select(FiledPrice, MealPoint.code, MealPoint.name)
        .join(MealPoint, MealPoint.id == FiledPrice.point_id)
        .where(where.here, FiledPrice.effective_from <= where.period.last_day)
        .order_by(MealPoint.code, FiledPrice.meal, FiledPrice.effective_from.desc())
    )


def _price(row: Any) -> Row:
    one, code, name = row
    return (
        to_point(code, name),
        Cell(f"{MEALS[one.meal]} {one.name}"),
        Cell(fen(one.elder_price_fen), number=True),
        Cell(fen(one.public_price_fen), number=True),
        Cell(f"{one.effective_from}起" + ("停用" if one.ended else "")),
    )


def _batches(facts_of: Callable[[Facts], Iterable[BatchFacts]]) -> Callable[[Facts], Iterable[Row]]:
    def rows(facts: Facts) -> Iterable[Row]:
        for one in facts_of(facts):
            taken = "未拨付" if one.days_to_pay is None else f"{one.days_to_pay}天"
            yield (
                _to_batch(one.point, facts.name(one.point), Month.from_key(one.month)),
                Cell(Month.from_key(one.month).chinese),
                Cell(fen(one.payable_fen), number=True),
                Cell(taken, number=True),
                Cell("已公示" if one.noticed else "没有公示记录"),
            )

    return rows


def _to_batch(code: str, name: str, month: Month) -> Cell:
    return Cell(name, ("settlement.settlement", {"month": str(month), "code": code}), SETTLED)


def _claims(*, paid: bool = False) -> Callable[[Where], Any]:
    def rows(where: Where) -> Any:
        year, last = where.period.last_day.year, Month.of(where.period.last_day)
        first = min(where.period.months[0].key, year * 100 + 1)
        states = ("paid", "closed") if paid else tuple(STATE_NAMES)
        return (
            select(SettlementBatch, MealPoint.code, MealPoint.name)
            .join(MealPoint, MealPoint.id == SettlementBatch.point_id)
            .where(
                where.here,
                SettlementBatch.month.between(first, last.key),
                SettlementBatch.status.in_(states),
            )
            .order_by(SettlementBatch.month.desc(), MealPoint.code)
        )

    return rows


def _claim(row: Any) -> Row:
    batch, code, name = row
    month = Month.from_key(batch.month)
    return (
        _to_batch(code, name, month),
        Cell(month.chinese),
        Cell(fen(batch.payable_fen), number=True),
        Cell(STATE_NAMES[batch.status]),
    )


def _budget(facts: Facts) -> Iterable[Row]:
    for (division, source), amount in sorted(facts.budget.items()):
        year = facts.last_day.year
        yield (
            Cell(facts.name(division), ("budget.budget", {"year": year}), "budget.read"),
            Cell(source_title(source)),
            Cell(fen(amount), number=True),
        )


def source_title(source: str) -> str:
    """What people call a source."""
    from mealsvc.reports.words import SOURCE_TITLES

    return SOURCE_TITLES.get(source, source)


WEEK = ("助餐点", "周一", "公布")
LUNCH = ("助餐点", "日期", "份量")
CLAIM = ("助餐点", "月份", "应付（元）#", "状态")
PAID = ("助餐点", "月份", "应付（元）#", "月末到拨付#", "公示")
LISTS = {
    "menu_weeks": Listing("有供餐的点周", WEEK, of=_menus(_weeks(False))),
    "menu_weeks_in_time": Listing("其中按时公布食谱的", WEEK, of=_menus(_weeks(True))),
    "menu_incomplete": Listing(
        "缺少约定菜品的食谱", ("助餐点", "日期", "餐次", "缺少"), of=_menus(_incomplete)
    ),
    "menu_lunches": Listing("录入了份量的午餐食谱", LUNCH, of=_menus(_lunches(False))),
    "menu_lunches_inside": Listing("其中在参考范围内的", LUNCH, of=_menus(_lunches(True))),
    "menu_no_diet": Listing("没有慢病餐的日子", ("助餐点", "日期", "慢病餐"), of=_menus(_no_diet)),
    "menu_repeats": Listing(
        "两周内重复的主菜", ("助餐点", "两周从", "主菜", "次数#"), of=_menus(_repeats)
    ),
    "undeclared": Listing(
        "没有备案或高于备案价的价格",
        ("助餐点", "餐次", "收取（元）#", "备案（元）#", "情况", "日期", "份数#"),
        of=_undeclared,
    ),
    "filed_prices": Listing(
        "备案价", ("助餐点", "餐次和名称", "老人价（元）#", "社会价（元）#", "执行"), _filed, _price
    ),
    "batches": Listing("结算", CLAIM, _claims(), _claim),
    "batches_paid": Listing("已拨付的结算", CLAIM, _claims(paid=True), _claim),
    "budget": Listing("年度预算", ("范围", "来源", "金额（元）#"), of=_budget),
    "batches_paid_now": Listing(
        "期内拨付的结算",
        PAID,
        of=_batches(lambda facts: [b for b in facts.batches if b.days_to_pay is not None]),
    ),
    "batches_late": Listing(
        "超过天数未拨付的结算",
        PAID,
        of=_batches(lambda facts: [b for b in facts.batches if b.waits]),
    ),
    "batches_noticed": Listing(
        "其中已公示的",
        PAID,
        of=_batches(
            lambda facts: [b for b in facts.batches if b.noticed and b.days_to_pay is not None]
        ),
    ),
}
