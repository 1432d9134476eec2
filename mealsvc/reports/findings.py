"""Findings (存在问题): one more finding is one function and one line. Each rests on figures."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from mealsvc.reports.coverage_indicators import effective_towns, spots_of
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import percent, text
from mealsvc.reports.point_facts import DISTRICT, POINT
from mealsvc.reports.problem import Finding, bureau, town_office, unit_of
from mealsvc.reports.standard_indicators import by_kitchen, licence_holder, needs_licence, until

MOST_SPOTS = 3  # named in one finding; the rest is counted


RECORDS = {
    "sample": "留样",
    "morning_check": "晨检",
    "daily_control": "日管控",
    "readings": "测温",
    "health": "从业人员健康证明",
    "visits": "现场检查",
    "purchases": "进货查验",
}


def rectification(facts: Facts) -> Iterator[Finding]:
    """What inspections found and is not put right: late orders first, then those not yet due."""
    owed = [item for item in facts.due if item.open]
    for item in sorted(owed, key=lambda one: (one.deadline or date.max, one.point, one.item)):
        point = facts.point(item.point)
        late = item.deadline is not None and item.deadline < facts.last_day and not item.ahead
        state = "逾期未办结" if late else "整改中" if item.order_id else "待处理"
        number = f"，{item.number}" if item.number else ""
        star = "★" if item.critical else ""
        yield Finding(
            "规范化",
            f"{facts.name(item.point)}检查项{star}{item.item}不符合要求：{item.fact}（{state}{number}）。",
            unit_of(point) if point else facts.name(item.point),
            "对已下达的整改逐项复查，逾期未改的按协议处理；属市场监管、消防等部门职责的及时移送。",
            deadline=item.deadline,
            person=facts.managers.get(item.point, ""),
            grave=item.critical or late,
        )


def papers(facts: Facts) -> Iterator[Finding]:
    """Key papers of a point that ran out or are not on record, but for licences (see `licences`)."""
    if not facts.kept & {"agreements", "health"}:
        return
    for point in facts.operating:
        lacking = facts.papers[point.code].lacking if point.code in facts.papers else ""
        words = [word for word in lacking.split("，") if word and "食品经营许可证" not in word]
        if words:
            yield Finding(
                "规范化",
                f"{point.name}{'、'.join(words)}。",
                unit_of(point),
                "补办、续签到期的服务协议和健康证明，补办前不得安排相应人员接触食品。",
                person=facts.managers.get(point.code, ""),
                grave=True,
            )


def licences(facts: Facts) -> Iterator[Finding]:
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
        ended = expires is None or expires < facts.last_day
        yield Finding(
            "规范化",
            f"{holder.name}{told}。",
            unit_of(holder),
            advice,
            person=facts.managers.get(holder.code, ""),
            grave=ended,
        )


def safety_records(facts: Facts) -> Iterator[Finding]:
    """Food-safety records that nobody keeps in the system yet."""
    kept = set(facts.kept)
    kept |= {"readings"} if any(log.readings for log in facts.logs.values()) else set()
    kept |= {"visits"} if facts.grades or any(one.done for one in facts.visits) else set()
    kept |= {"purchases"} if facts.purchases or "purchase_check" in kept else set()
    missing = [name for code, name in RECORDS.items() if code not in kept]
    if missing and facts.place.level == DISTRICT:
        yield Finding(
            "规范化",
            f"全部{len(facts.operating)}个运营助餐点{facts.period.noun}没有{'、'.join(missing)}记录，"
            "相应的食品安全指标无法统计。",
            bureau(facts),
            f"尽快启用{'、'.join(missing)}的电子记录，下期起按指标统计食品安全情况。",
        )


def prices(facts: Facts) -> Iterator[Finding]:
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


def undeclared(facts: Facts) -> Iterator[Finding]:
    """Points that charged without a filing, or above it."""
    if "filed" not in facts.kept:
        return
    for code, one in sorted(facts.prices.items()):
        point = facts.point(code)
        if one.undeclared and point:
            yield Finding(
                "规范化",
                f"{point.name}有{one.undeclared}个价格没有备案或高于备案价。",
                unit_of(point),
                "核对收取的餐价与备案价，多收的退还，需要调价的先备案。",
                person=facts.managers.get(code, ""),
            )


def kitchens(facts: Facts) -> Iterator[Finding]:
    """One kitchen on which too much of the service rests."""
    if facts.place.level == POINT:
        return
    found = by_kitchen(facts)
    for code, number in found.items():
        rate = percent(number, facts.servings)
        if rate is not None and rate > Fraction(facts.limits.concentration):
            yield Finding(
                "规范化",
                f"{facts.name(code)}供餐{number:,}份，占{'全区' if facts.place.level == DISTRICT else '本镇（街道）'}"
                f"{text(rate, 1)}%，超过警戒线"
                f"{_plain(facts.limits.concentration)}%，停供将影响相应助餐点。",
                bureau(facts),
                "落实备用供餐方和应急供餐预案，降低对单一厨房的依赖。",
            )


def idle_points(facts: Facts) -> Iterator[Finding]:
    """Operating points below effective operation."""
    for point in facts.operating:
        if not facts.is_effective(point):
            yield Finding(
                "制度化",
                f"{point.name}{facts.period.noun}就餐不少于{facts.limits.effective_meals}份的有"
                f"{facts.busy_days(point)}天，未达到有效运营{facts.limits.effective_days}天的要求。",
                unit_of(point),
                "逐点核实未达到有效运营的原因，限期改进，仍不达标的按协议调整或退出。",
                person=facts.managers.get(point.code, ""),
            )


def manual_entries(facts: Facts) -> Iterator[Finding]:
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
                person=facts.managers.get(code, ""),
            )


def never_inspected(facts: Facts) -> Iterator[Finding]:
    """Operating points that no inspector has ever visited, where inspections are recorded at all."""
    if not facts.grades and not any(one.done for one in facts.visits):
        return
    never = [point for point in facts.operating if point.code not in facts.grades]
    if never:
        named = "、".join(point.name for point in never[:MOST_SPOTS])
        yield Finding(
            "制度化",
            f"{len(never)}个运营助餐点没有检查记录：{named}{'等' if len(never) > MOST_SPOTS else ''}。",
            bureau(facts),
            "把没有检查记录的助餐点列入下期检查计划。",
        )


def empty_towns(facts: Facts) -> Iterator[Finding]:
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


def spots(facts: Facts) -> Iterator[Finding]:
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


FINDINGS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    rectification,
    licences,
    papers,
    safety_records,
    prices,
    undeclared,
    kitchens,
    empty_towns,
    spots,
    idle_points,
    manual_entries,
    never_inspected,
)


def findings(facts: Facts) -> tuple[Finding, ...]:
    """All findings in the order of the report."""
    return tuple(found for rule in FINDINGS for found in rule(facts))


def advice(found: tuple[Finding, ...]) -> tuple[str, ...]:
    """What to do about them, each piece of advice once."""
    return tuple(dict.fromkeys(finding.advice for finding in found))


def _mean_prices(facts: Facts) -> dict[str, Fraction]:
    sums: dict[str, list[int]] = {}
    for piece in facts.slices:
        pair = sums.setdefault(piece.point, [0, 0])
        pair[0] += piece.price_fen * piece.servings
        pair[1] += piece.servings
    return {code: Fraction(fen, meals) for code, (fen, meals) in sums.items() if meals > 0}


def _plain(value: float) -> str:
    return f"{value:g}"
