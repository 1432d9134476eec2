"""Findings (存在问题): one more finding is one function and one line. Each rests on figures."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from mealsvc.reports.coverage_indicators import effective_towns, spots_of
from mealsvc.reports.facts import MonthFacts, PointFacts
from mealsvc.reports.measures import percent, text
from mealsvc.reports.standard_indicators import by_kitchen, licence_holder, needs_licence, until

MOST_SPOTS = 3  # named in one finding; the rest is counted


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, with its figures, who has to put it right, and which advice goes with it.

    `section` is the chapter it belongs to: 规范化, 普及化 or 制度化; `detail` is told in the text
    and left out of the list.
    """

    section: str
    problem: str
    unit: str
    advice: str
    detail: str = ""


def licences(facts: MonthFacts) -> Iterator[Finding]:
    """Licences that ran out, are about to, or are not on record."""
    soon = facts.last_day + timedelta(days=facts.limits.licence_days)
    advice = "督促运营单位及时办理食品经营许可证延续并登记有效期，逾期未延续的按协议暂停供餐并抄告市场监管部门。"
    holders = {
        holder.code: holder
        for point in facts.operating
        if needs_licence(facts, point) and (holder := licence_holder(facts, point))
    }
    for holder in holders.values():
        expires = holder.licence_expires_on
        if not holder.licence_no or expires is None:
            told = "未登记食品经营许可证编号或有效期"
        elif expires < facts.last_day:
            told = f"食品经营许可证已过期（{until(holder)}）"
        elif expires <= soon:
            told = f"食品经营许可证{facts.limits.licence_days}日内到期（{until(holder)}）"
        else:
            continue
        yield Finding("规范化", f"{holder.name}{told}。", unit_of(holder), advice)


def safety_records(facts: MonthFacts) -> Iterator[Finding]:
    """Food-safety records that nobody keeps in the system yet."""
    missing = ["留样", "晨检", "日管控", "测温", "从业人员健康证明", "现场检查"]
    if not facts.purchases:
        missing.append("进货查验")
    yield Finding(
        "规范化",
        f"全部{len(facts.operating)}个运营助餐点本月没有{'、'.join(missing)}记录，食品安全指标无法统计。",
        bureau(facts),
        "尽快启用留样、晨检、日管控和现场检查的电子记录，次月起按指标统计食品安全情况。",
    )


def prices(facts: MonthFacts) -> Iterator[Finding]:
    """Points whose mean price lies far above the lowest one."""
    means = _mean_prices(facts)
    if len(means) < 2:
        return
    low, high = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
    spread = (means[high] / means[low] - 1) * 100
    if spread > Fraction(facts.limits.price_spread):
        yield Finding(
            "规范化",
            f"{facts.name(high)}餐价均值{text(means[high] / 100, 2)}元，比最低的{facts.name(low)}"
            f"（{text(means[low] / 100, 2)}元）高{text(spread, 1)}%，超过{_plain(facts.limits.price_spread)}%。",
            bureau(facts),
            "对均价差异较大的助餐点开展价格核查，核对备案价、执行价和餐标。",
        )


def kitchens(facts: MonthFacts) -> Iterator[Finding]:
    """One kitchen on which too much of the service rests."""
    found = by_kitchen(facts)
    for code, count in found.items():
        rate = percent(count, facts.servings)
        if rate is not None and rate > Fraction(facts.limits.concentration):
            yield Finding(
                "规范化",
                f"{facts.name(code)}供餐{count:,}份，占全区{text(rate, 1)}%，超过警戒线"
                f"{_plain(facts.limits.concentration)}%，停供将影响相应助餐点。",
                bureau(facts),
                "落实备用供餐方和应急供餐预案，降低对单一厨房的依赖。",
            )


def idle_points(facts: MonthFacts) -> Iterator[Finding]:
    """Operating points below effective operation."""
    for point in facts.operating:
        if not facts.is_effective(point):
            yield Finding(
                "制度化",
                f"{point.name}本月就餐不少于{facts.limits.effective_meals}份的有{facts.busy_days(point)}天，"
                f"未达到有效运营{facts.limits.effective_days}天的要求。",
                unit_of(point),
                "逐点核实未达到有效运营的原因，限期改进，仍不达标的按协议调整或退出。",
            )


def manual_entries(facts: MonthFacts) -> Iterator[Finding]:
    """Points where too many meals are entered by hand (SUB-04); at a door nothing is scanned."""
    totals: dict[str, list[int]] = {}
    for piece in facts.slices:
        if piece.mode == "delivery":
            continue
        pair = totals.setdefault(piece.point, [0, 0])
        pair[0] += piece.servings if piece.method == "manual" else 0
        pair[1] += piece.servings
    for code, (manual, whole) in sorted(totals.items()):
        rate = percent(manual, whole)
        if rate is not None and rate > Fraction(facts.limits.manual_share):
            point = facts.point(code)
            yield Finding(
                "制度化",
                f"{facts.name(code)}手工登记{manual:,}份，占{text(rate, 1)}%，"
                f"超过{_plain(facts.limits.manual_share)}%（检查项SUB-04）。",
                unit_of(point) if point else bureau(facts),
                "核查手工登记的理由、经手人和审批，引导老人持卡或扫码就餐。",
            )


def empty_towns(facts: MonthFacts) -> Iterator[Finding]:
    """Managed towns without an effective point."""
    covered = set(effective_towns(facts))
    for town in facts.managed_towns:
        if town not in covered:
            elders = sum(reach.home.pop60 for reach in facts.reaches if reach.home.town == town)
            yield Finding(
                "普及化",
                f"{facts.name(town)}没有有效运营的助餐点，60岁以上户籍人口{elders:,}人。",
                town_office(facts, town),
                "将没有助餐点的镇（街道）列入年度建设计划，优先利用现有场所和餐饮门店合作设点。",
            )


def spots(facts: MonthFacts) -> Iterator[Finding]:
    """Blank spots, one finding a town, the largest communities named."""
    by_town: dict[str, list] = {}
    for reach in spots_of(facts):
        by_town.setdefault(reach.home.town, []).append(reach)
    for town, found in sorted(by_town.items()):
        elders = sum(reach.home.pop60 for reach in found)
        named = "、".join(
            f"{facts.name(reach.home.division)}{reach.home.pop60:,}人"
            for reach in found[:MOST_SPOTS]
        )
        more = "等" if len(found) > MOST_SPOTS else ""
        yield Finding(
            "普及化",
            f"{facts.name(town)}有空白点{len(found)}个（{facts.limits.gap_pop60}名以上老人、"
            f"{facts.limits.radius_m:,}米内没有运营助餐点），涉及{elders:,}人。",
            town_office(facts, town),
            "按空白点人数排序增设分餐点或开通定期送餐，先解决人数较多的村（社区）。",
            f"人数较多的为{named}{more}。",
        )


FINDINGS: tuple[Callable[[MonthFacts], Iterator[Finding]], ...] = (
    licences,
    safety_records,
    prices,
    kitchens,
    empty_towns,
    spots,
    idle_points,
    manual_entries,
)


def findings(facts: MonthFacts) -> tuple[Finding, ...]:
    """All findings in the order of the report."""
    return tuple(found for rule in FINDINGS for found in rule(facts))


def advice(found: tuple[Finding, ...]) -> tuple[str, ...]:
    """What to do about them, each piece of advice once."""
    return tuple(dict.fromkeys(finding.advice for finding in found))


def bureau(facts: MonthFacts) -> str:
    return f"{facts.district_name}民政局"


def town_office(facts: MonthFacts, town: str) -> str:
    name = facts.name(town)
    return f"{name}办事处" if name.endswith("街道") else f"{name}人民政府"


def unit_of(point: PointFacts) -> str:
    return f"{point.unit}（{point.name}）" if point.unit else point.name


def _mean_prices(facts: MonthFacts) -> dict[str, Fraction]:
    sums: dict[str, list[int]] = {}
    for piece in facts.slices:
        pair = sums.setdefault(piece.point, [0, 0])
        pair[0] += piece.price_fen * piece.servings
        pair[1] += piece.servings
    return {code: Fraction(fen, count) for code, (fen, count) in sums.items() if count > 0}


def _plain(value: float) -> str:
    return f"{value:g}"
