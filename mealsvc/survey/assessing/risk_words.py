"""The risks of an assessment in words: what was found, by which rule, and where it can be seen."""

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction

from mealsvc.survey.assessing.ground import Ground, Point
from mealsvc.survey.assessing.rules.breakeven import BELOW, HOPELESS
from mealsvc.survey.assessing.rules.risks import BAD, WARN, Part, Risk, largest

TOWN_SHARE = 50  # percent of all servings in one town
GROWTH = Fraction(15)  # percent more of 80 and over within five years
NAMED = 5


def risks_of(ground: Ground) -> list[Risk]:
    """Every risk that the records show, the serious ones first."""
    found = [
        *_concentration(ground),
        *_licences(ground),
        *_not_effective(ground),
        *_losing(ground),
        *_one_town(ground),
        *_growth(ground),
        *_funding(ground),
    ]
    return sorted(found, key=lambda one: one.tone != BAD)


def kitchen_part(ground: Ground) -> Part | None:
    """The kitchen that the most servings of the month came from."""
    names = {point.code: point.name for point in ground.points}
    return largest(((one.kitchen, one.month.servings) for one in ground.points), names)


def operator_part(ground: Ground) -> Part | None:
    """The unit whose points served most in the month."""
    return largest(
        ((one.operator, one.month.servings) for one in ground.points if one.operator), {}
    )


def town_part(ground: Ground) -> Part | None:
    """The town whose points served most in the month."""
    return largest(((one.town, one.month.servings) for one in ground.points), ground.names)


def licences_due(ground: Ground) -> list[Point]:
    """Points on duty whose licence is over or ends soon, the earliest first."""
    until = ground.as_of + timedelta(days=ground.limits.licence_days)
    due = [
        (point.licence_expires_on, point)
        for point in ground.points
        if point.operates and point.licence_expires_on and point.licence_expires_on <= until
    ]
    return [point for _, point in sorted(due, key=lambda one: (one[0], one[1].code))]


def named(names: Iterable[str]) -> str:
    """A few names, and how many more there are."""
    listed = list(names)
    more = f"等{len(listed)}个" if len(listed) > NAMED else ""
    return "、".join(listed[:NAMED]) + more


def _concentration(ground: Ground) -> list[Risk]:
    limit, found = ground.limits.one_kitchen, []
    for code, part, noun, what in (
        ("kitchen", kitchen_part(ground), "厨房", "由它供餐"),
        ("operator", operator_part(ground), "运营单位", "由它运营"),
    ):
        if part is None or part.percent <= limit:
            continue
        text = (
            f"{part.name}供应当月{percent(part.percent)}的份数，{part.members}个助餐点{what}；"
            f"一旦停供，每天约{round(Fraction(part.amount, ground.service.days or 1)):,}份没有着落。"
        )
        basis = f"一家{noun}份额超过{percent(limit, 0)}"
        found.append(Risk(code, BAD, f"过于依赖一家{noun}", text, basis, _servings(ground)))
    return found


def _licences(ground: Ground) -> list[Risk]:
    due = licences_due(ground)
    if not due:
        return []
    over = [point for point in due if (point.licence_expires_on or ground.as_of) < ground.as_of]
    words = named(f"{point.name}（{point.licence_expires_on:%Y-%m-%d}）" for point in due)
    text = f"{len(due)}个助餐点的食品经营许可证{f'（其中{len(over)}个已过期）' if over else ''}要尽快换证：{words}。"
    basis = f"许可证在{ground.limits.licence_days}天内到期"
    return [
        Risk("licence", BAD if over else WARN, "许可证快到期", text, basis, "/points?licence=due")
    ]


def _not_effective(ground: Ground) -> list[Risk]:
    weak = [point for point in ground.serving if not ground.is_effective(point)]
    if not weak:
        return []
    limits = ground.limits
    text = f"{len(weak)}个助餐点当月没有达到有效运营：{named(one.name for one in weak)}。"
    basis = f"每月不少于{limits.effective_days}天、每天不少于{limits.effective_meals}份"
    return [Risk("effective", WARN, "有的助餐点没有真正运转起来", text, basis, "/points")]


def _losing(ground: Ground) -> list[Risk]:
    states = {point: point.month.state for point in ground.serving}
    hopeless = [point.name for point, state in states.items() if state == HOPELESS]
    below = [point.name for point, state in states.items() if state == BELOW]
    if not hopeless and not below:
        return []
    parts = [f"{len(hopeless)}个每份都亏：{named(hopeless)}"] if hopeless else []
    parts += [f"{len(below)}个没有达到保本份数：{named(below)}"] if below else []
    known = sum(state is not None for state in states.values())
    text = f"登记成本的{known}个助餐点中，{'；'.join(parts)}。"
    basis = "收入低于成本；成本由助餐点填报"
    return [Risk("losing", BAD if hopeless else WARN, "有的助餐点亏本", text, basis, "#break-even")]


def _one_town(ground: Ground) -> list[Risk]:
    part = town_part(ground)
    if part is None or part.percent <= TOWN_SHARE or len(ground.standing.towns) < 2:
        return []
    text = f"{part.name}的助餐点占全区份数的{percent(part.percent)}，其他镇（街道）用得少。"
    basis = f"一个镇（街道）超过{TOWN_SHARE}%"
    return [Risk("town", WARN, "份数集中在一个镇（街道）", text, basis, _servings(ground))]


def _growth(ground: Ground) -> list[Risk]:
    aged = sum(n for (_, band), n in ground.register.bands.items() if band in ("80", "90"))
    soon = ground.register.soon_80
    if not aged or Fraction(soon * 100, aged) < GROWTH:
        return []
    text = (
        f"名册上五年内有{soon:,}位老人满80周岁，现有80周岁以上{aged:,}位；"
        "不计去世和迁出，送餐和高龄补贴的需要会明显增加。"
    )
    basis = f"五年内满80周岁的超过现有的{percent(GROWTH, 0)}；只看名册，没有登记的不在内"
    return [Risk("growth", WARN, "高龄老人增加", text, basis, "/coverage")]


def _funding(ground: Ground) -> list[Risk]:
    if not ground.money.short:
        return []
    text = "；".join(one.rstrip("。") for one in ground.money.short) + "。"
    basis = f"{ground.money.year}年预算和到年底的预计支出"
    return [Risk("funding", BAD, "经费可能不够", text, basis, f"/budget?year={ground.money.year}")]


def percent(value: Fraction, places: int = 1) -> str:
    """41.7%, rounded half up."""
    scaled = int(value * 10**places + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**places)
    return f"{whole}.{rest:0{places}d}%" if places else f"{whole}%"


def _servings(ground: Ground) -> str:
    return f"/figures?month={ground.month}"
