"""Lists by point, community and town, from the same facts as the figures."""

from collections.abc import Callable, Iterable
from typing import Any

from mealsvc.reports.coverage_indicators import effective_towns, spots_of
from mealsvc.reports.facts import Facts
from mealsvc.reports.point_facts import PointFacts
from mealsvc.reports.records import Cell, Listing, Row, number, to_point
from mealsvc.reports.standard_indicators import until

UNITS = "units.read"


def _operating(facts: Facts) -> Iterable[Row]:
    for point in facts.operating:
        yield (
            to_point(point.code, point.name),
            number(facts.busy_days(point), "天"),
            Cell("有效运营" if facts.is_effective(point) else "未达到"),
            number(point.seats, "个"),
            number(point.daily_capacity, "份"),
        )


def _days(facts: Facts) -> Iterable[Row]:
    months = facts.period.months
    for code, meals in facts.by_point().items():
        listed = ("servings.servings", {"point": code, "month": str(months[-1])})
        yield (
            to_point(code, facts.name(code)),
            number(len(facts.days.get(code, {})), "天"),
            Cell(f"{meals:,}份", listed, "servings.read", number=True),
        )


def _subsidised(facts: Facts, *, brought: bool = False) -> Iterable[Row]:
    month = str(facts.period.months[-1])
    sums: dict[str, int] = {}
    for piece in facts.slices:
        if piece.mode == "delivery" if brought else piece.tier is not None:
            sums[piece.point] = sums.get(piece.point, 0) + piece.servings
    for code, meals in sorted(sums.items()):
        listed = ("servings.servings", {"point": code, "month": month})
        yield (
            to_point(code, facts.name(code)),
            Cell(f"{meals:,}份", listed, "servings.read", number=True),
            number(facts.elders.get(code, 0), "人"),
        )


def _towns(facts: Facts) -> Iterable[Row]:
    covered = effective_towns(facts)
    for town in facts.managed_towns:
        points = [point.name for point in facts.effective if point.town == town]
        yield (
            Cell(facts.name(town)),
            Cell("已覆盖" if town in covered else "未覆盖"),
            Cell("、".join(points) or "—"),
        )


def _communities(facts: Facts) -> Iterable[Row]:
    with_point = {point.division for point in facts.effective}
    for reach in sorted(facts.reaches, key=lambda each: each.home.division):
        home = reach.home.division
        served = "有效运营助餐点" if home in with_point else ""
        served = served or ("定期送餐" if home in facts.delivered_communities else "—")
        yield (
            Cell(f"{facts.name(reach.home.town)} {facts.name(home)}"),
            number(reach.home.pop60, "人"),
            Cell("—" if reach.nearest_m is None else f"{reach.nearest_m:,.0f}米", number=True),
            Cell(served),
        )


def _spots(facts: Facts) -> Iterable[Row]:
    for reach in spots_of(facts):
        yield (
            Cell(f"{facts.name(reach.home.town)} {facts.name(reach.home.division)}"),
            number(reach.home.pop60, "人"),
            Cell("—" if reach.nearest_m is None else f"{reach.nearest_m:,.0f}米", number=True),
            Cell("—"),
        )


def _papers(facts: Facts) -> Iterable[Row]:
    for point in facts.operating:
        paper = facts.papers.get(point.code)
        yield (
            to_unit(point),
            Cell(until(facts.point(point.kitchen) or point)),
            Cell("有效" if paper and paper.agreement else "没有有效协议"),
            Cell(paper.lacking or "—" if paper else "—"),
        )


def to_unit(point: PointFacts) -> Cell:
    """A point, leading to its papers and people."""
    return Cell(point.name, ("units.unit", {"code": point.code}), UNITS)


def by_paper(name: str, yes: str, no: str) -> Callable[[Facts], Iterable[Row]]:
    """Each operating point with or without something."""

    def rows(facts: Facts) -> Iterable[Row]:
        for point in facts.operating:
            paper = facts.papers.get(point.code)
            yield to_unit(point), Cell(yes if paper and getattr(paper, name) else no)

    return rows


def by_staff(*names: str) -> Callable[[Facts], Iterable[Row]]:
    """Each point's counts of its people; nobody is named."""

    def rows(facts: Facts) -> Iterable[Row]:
        for point in facts.points:
            one = facts.staff.get(point.code)
            values: list[Any] = [getattr(one, name) for name in names] if one else []
            if any(values):
                yield to_unit(point), *(number(round(value, 1)) for value in map(_plain, values))

    return rows


def _plain(value: Any) -> Any:
    return value if isinstance(value, int) else float(value)


def by_logs(kind: str, *names: str) -> Callable[[Facts], Iterable[Row]]:
    """Each point's counts from its logs, leading to the entries of that kind."""

    def rows(facts: Facts) -> Iterable[Row]:
        month = str(facts.period.months[-1])
        for point in facts.points:
            one = facts.logs.get(point.code)
            values = [getattr(one, name) for name in names] if one else []
            if any(values):
                listed = ("logs.history", {"point": point.code, "kind": kind, "month": month})
                yield (
                    to_point(point.code, point.name),
                    *(number(value) for value in values),
                    Cell("查看日志", listed, "logs.read"),
                )

    return rows


def _changes(facts: Facts) -> Iterable[Row]:
    time = facts.period
    for point in facts.points:
        for word, day in (("新开", point.opened_on), ("停业", point.closed_on)):
            if day is not None and day in time:
                yield to_point(point.code, point.name), Cell(word), Cell(f"{day}")
        for start, end in point.suspended:
            if start in time:
                yield to_point(point.code, point.name), Cell("暂停"), Cell(f"{start}")
            if end is not None and end in time:
                yield to_point(point.code, point.name), Cell("恢复"), Cell(f"{end}")


def _rules(facts: Facts) -> Iterable[Row]:
    for point in facts.operating:
        paper = facts.papers.get(point.code)
        yield to_unit(point), number(paper.rules if paper else 0, "项")


HOMES = ("村（社区）", "60岁以上户籍人口#", "距最近助餐点#", "服务")
PEOPLE = ("助餐点", "接触食品#", "健康证有效#", "应持证#", "持证#", "培训到期#", "按期完成#")
LISTS = {
    "operating": Listing(
        "运营助餐点", ("助餐点", "达标天数#", "有效运营", "座位#", "日供餐能力#"), of=_operating
    ),
    "days": Listing("各助餐点就餐", ("助餐点", "供餐天数#", "就餐#"), of=_days),
    "servings": Listing("各助餐点补贴就餐", ("助餐点", "补贴就餐#", "老人#"), of=_subsidised),
    "servings_brought": Listing(
        "各助餐点送餐",
        ("助餐点", "送餐#", "老人#"),
        of=lambda facts: _subsidised(facts, brought=True),
    ),
    "towns": Listing("区直管镇（街道）", ("镇（街道）", "覆盖", "有效运营助餐点"), of=_towns),
    "communities": Listing("区直管村（社区）", HOMES, of=_communities),
    "spots": Listing("空白点", HOMES, of=_spots),
    "papers": Listing("运营助餐点的证照和协议", ("助餐点", "许可证", "协议", "缺少"), of=_papers),
    "agreements": Listing(
        "服务协议", ("助餐点", "协议"), of=by_paper("agreement", "有效", "没有有效协议")
    ),
    "drills": Listing(
        "应急演练", ("助餐点", "演练"), of=by_paper("drilled", "已演练", "没有演练记录")
    ),
    "rules": Listing("各助餐点的制度", ("助餐点", "已执行#"), of=_rules),
    "handlers": Listing(
        "各助餐点人员持证和培训",
        PEOPLE,
        of=by_staff(
            "handlers", "handlers_valid", "needing", "certified", "training_due", "trained"
        ),
    ),
    "sample_points": Listing(
        "各助餐点留样",
        ("助餐点", "供应菜品#", "合规留样#", "日志"),
        of=by_logs("sample", "dishes", "dishes_sampled"),
    ),
    "control_points": Listing(
        "各助餐点日管控",
        ("助餐点", "供餐天数#", "有日管控天数#", "日志"),
        of=by_logs("daily_control", "operating_days", "control_days"),
    ),
    "staff": Listing(
        "各助餐点人员",
        ("助餐点", "平均在岗#", "在岗人天#"),
        of=by_staff("mean_headcount", "staff_days"),
    ),
    "leavers": Listing(
        "近12个月离岗", ("助餐点", "离岗#", "平均在岗#"), of=by_staff("leavers", "mean_headcount")
    ),
    "volunteer_hours": Listing("志愿服务", ("助餐点", "小时#"), of=by_staff("volunteer_hours")),
    "changes": Listing("准入退出", ("助餐点", "变动", "日期"), of=_changes),
}
