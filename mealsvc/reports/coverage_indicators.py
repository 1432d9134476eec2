"""普及化: how many elders the service reaches (P11–P21)."""

from collections.abc import Callable
from fractions import Fraction

from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import DOWN, UP, Indicator, Value, per, percent, share, text
from mealsvc.reports.people import AGED, NEEDS_DELIVERY
from mealsvc.reports.point_facts import DISTRICT, TOWN

Work = Callable[[Facts], Value | None]


def towns_covered(facts: Facts) -> Value | None:
    """P11: managed towns with an effective point."""
    return share(len(effective_towns(facts)), len(facts.managed_towns), "个")


def communities_covered(facts: Facts) -> Value | None:
    """P12: communities with an effective point in them or regular delivery to them."""
    own = {reach.home.division for reach in facts.reaches}
    with_point = {point.division for point in facts.effective}
    covered = own & (with_point | facts.delivered_communities)
    return share(len(covered), len(own), "个")


def within(radius_of: Callable[[Facts], int]) -> Work:
    """P13: elders whose community lies within the radius of an operating point."""

    def work(facts: Facts) -> Value | None:
        return share(covered_elders(facts, radius_of(facts)), facts.eligible, "人")

    return work


def points_per_elder(facts: Facts) -> Value | None:
    """P14: effective points to 10,000 elders."""
    count = len(facts.effective)
    eligible = f"{facts.eligible:,}人"
    return per(count * 10_000, facts.eligible, 2, f"{count}个", eligible, "个")


def seats_per_elder(facts: Facts) -> Value | None:
    """P15-1: seats at effective points to 1,000 elders."""
    seats = sum(point.seats for point in facts.effective)
    eligible = f"{facts.eligible:,}人"
    return per(seats * 1000, facts.eligible, 2, f"{seats:,}个", eligible, "个")


def capacity_per_elder(facts: Facts) -> Value | None:
    """P15-2: meals a day that effective points can make, to 1,000 elders."""
    meals = sum(point.daily_capacity for point in facts.effective)
    eligible = f"{facts.eligible:,}人"
    return per(meals * 1000, facts.eligible, 2, f"{meals:,}份", eligible, "份")


def penetration(facts: Facts) -> Value | None:
    """P16: elders with at least one subsidised meal."""
    if not facts.eligible:
        return None
    figure = Fraction(facts.active_elders * 100, facts.eligible)
    eligible = f"{facts.eligible:,}人"
    return per(figure, 1, 2, f"{facts.active_elders:,}人", eligible, "%")


def frequency(facts: Facts) -> Value | None:
    """P17: subsidised meals to an active elder."""
    meals, elders = facts.subsidised, facts.active_elders
    return per(meals, elders, 1, f"{meals:,}份", f"{elders:,}人", "份")


def group_served(kind: str) -> Work:
    """P18, P19: the served share of a group of registered elders."""

    def work(facts: Facts) -> Value | None:
        group = facts.group(kind)
        return share(group.served, group.known, "人")

    return work


def fit(facts: Facts) -> Value | None:
    """P20: each town's share of servings ÷ its share of elders; 1 is fair."""
    matched = fit_by_town(facts)
    if not matched:
        return None
    low, high = min(matched.values()), max(matched.values())
    listed = "，".join(f"{facts.name(code)}{text(value, 2)}" for code, value in matched.items())
    return Value(
        f"{facts.servings:,}份",
        f"{facts.eligible:,}人",
        f"{text(low, 2)}—{text(high, 2)}",
        None,
        f"各镇（街道）依次为：{listed}。",
    )


def blank_spots(facts: Facts) -> Value | None:
    """P21: communities of so many elders without a point within the radius."""
    large = sum(reach.home.pop60 >= facts.limits.gap_pop60 for reach in facts.reaches)
    spots = spots_of(facts)
    elders = sum(reach.home.pop60 for reach in spots)
    if not large:
        return None
    detail = f"空白点60岁以上户籍人口合计{elders:,}人。" if spots else ""
    return Value(f"{len(spots)}个", f"{large}个", f"{len(spots)}个", Fraction(len(spots)), detail)


def effective_towns(facts: Facts) -> list[str]:
    """Managed towns in which an effective point stands."""
    present = {point.town for point in facts.effective}
    return [town for town in facts.managed_towns if town in present]


def covered_elders(facts: Facts, radius_m: float) -> int:
    return sum(reach.home.pop60 for reach in facts.reaches if reach.within(radius_m))


def spots_of(facts: Facts):
    """The blank spots, the largest first."""
    from mealsvc.coverage.rules import gaps

    return gaps(facts.reaches, facts.limits.radius_m, facts.limits.gap_pop60)


def town_rates(facts: Facts) -> dict[str, Fraction]:
    """Each managed town's covered share of elders in percent, in order of code."""
    sums: dict[str, list[int]] = {town: [0, 0] for town in facts.managed_towns}
    for reach in facts.reaches:
        pair = sums[reach.home.town]
        pair[0] += reach.home.pop60 if reach.within(facts.limits.radius_m) else 0
        pair[1] += reach.home.pop60
    return {code: percent(part, whole) or Fraction(0) for code, (part, whole) in sums.items()}


def fit_by_town(facts: Facts) -> dict[str, Fraction]:
    """P20 for each managed town with elders."""
    elders: dict[str, int] = {}
    for reach in facts.reaches:
        elders[reach.home.town] = elders.get(reach.home.town, 0) + reach.home.pop60
    towns = {point.code: point.town for point in facts.points}
    meals: dict[str, int] = {}
    for code, count in facts.by_point().items():
        town = towns.get(code, "")
        meals[town] = meals.get(town, 0) + count
    if not facts.servings:
        return {}
    return {
        code: Fraction(meals.get(code, 0) * facts.eligible, facts.servings * count)
        for code, count in sorted(elders.items())
        if count
    }


ELDERS = "60岁以上户籍人口"
BY_COMMUNITY = "需求按村（社区）中心点计"
PEOPLE = ("区划人口记录",)
REGISTER = ("居民类别记录",)
WIDE = (DISTRICT, TOWN)
MAP, MEALS, FED = ("coverage", "ledger"), ("coverage", "ledger", "people"), ("people",)
PLAN = "系统约定：普及化"
COVERAGE = (
    Indicator("P11", "镇（街道）覆盖率", "有有效运营助餐点的镇（街道）占区直接管理的镇（街道）的比例", "已覆盖", "区直管", "%", ("区划记录",), towns_covered, MAP, PLAN, (DISTRICT,), UP, records=("towns",)),
    Indicator("P12", "村（社区）覆盖率", "有有效运营助餐点或定期送餐（{noun}送餐不少于{effective_days}天）的村（社区）占区直接管理的村（社区）的比例", "已覆盖", "区直管", "%", ("区划记录",), communities_covered, MEALS, PLAN, WIDE, UP, records=("communities",)),
    Indicator("P13-1", "近距离覆盖率", f"居住地距运营助餐点直线{{near_m}}米以内的{ELDERS}占比，{BY_COMMUNITY}", "覆盖", ELDERS, "%", PEOPLE, within(lambda facts: facts.limits.near_m), MAP, PLAN, WIDE, UP, records=("communities",)),
    Indicator("P13-2", "服务半径覆盖率", f"居住地距运营助餐点在政策服务半径{{radius_m}}米以内的{ELDERS}占比，{BY_COMMUNITY}", "覆盖", ELDERS, "%", PEOPLE, within(lambda facts: facts.limits.radius_m), MAP, PLAN, WIDE, UP, records=("communities",)),
    Indicator("P13-3", "15分钟步行覆盖率", f"居住地距运营助餐点在步行折算的直线距离以内（{{walk}}）的{ELDERS}占比，{BY_COMMUNITY}", "覆盖", ELDERS, "%", PEOPLE, within(lambda facts: facts.limits.walk_m), MAP, PLAN, WIDE, UP, records=("communities",)),
    Indicator("P14", "万名老人助餐点数", f"有效运营助餐点数除以{ELDERS}，乘以10,000", "有效运营助餐点", ELDERS, "个", PEOPLE, points_per_elder, MAP, PLAN, WIDE, UP, records=("operating", "communities")),
    Indicator("P15-1", "千名老人餐位数", f"有效运营助餐点座位数除以{ELDERS}，乘以1,000", "座位", ELDERS, "个", PEOPLE, seats_per_elder, MAP, PLAN, WIDE, UP, records=("operating", "communities")),
    Indicator("P15-2", "千名老人日供餐能力", f"有效运营助餐点日供餐能力除以{ELDERS}，乘以1,000", "日供餐能力", ELDERS, "份", PEOPLE, capacity_per_elder, MAP, PLAN, WIDE, UP, records=("operating", "communities")),
    Indicator("P16", "渗透率", f"{{noun}}享受过补贴就餐的老人占{ELDERS}的比例", "享受补贴老人", ELDERS, "%", PEOPLE, penetration, MEALS, PLAN, WIDE, UP, records=("servings", "communities")),
    Indicator("P17", "活跃频次", "享受补贴份数除以享受过补贴就餐的老人数，期间超过一个月的也不折算到月", "享受补贴", "老人", "份", ("就餐流水",), frequency, ("ledger", "people"), PLAN, better=UP, records=("servings",)),
    Indicator("P18-1", "特困老人覆盖率", "登记的分散特困老人中{noun}享受过补贴就餐的比例", "已服务", "登记", "%", REGISTER, group_served("TK"), FED, PLAN, WIDE, UP, records=("servings",)),
    Indicator("P18-2", "低保老人覆盖率", "登记的低保老人中{noun}享受过补贴就餐的比例", "已服务", "登记", "%", REGISTER, group_served("DB"), FED, PLAN, WIDE, UP, records=("servings",)),
    Indicator("P18-3", "失能失智老人覆盖率", "登记的失能、半失能、失智老人中{noun}享受过补贴就餐的比例", "已服务", "登记", "%", REGISTER, group_served("SN"), FED, PLAN, WIDE, UP, records=("servings",)),
    Indicator("P18-4", "独居老人覆盖率", "登记的独居老人中{noun}享受过补贴就餐的比例", "已服务", "登记", "%", REGISTER, group_served("DJ"), FED, PLAN, WIDE, UP, records=("servings",)),
    Indicator("P18-5", "80岁以上老人覆盖率", "登记的80周岁以上老人中{noun}享受过补贴就餐的比例", "已服务", "登记", "%", REGISTER, group_served(AGED), FED, PLAN, WIDE, UP, records=("servings",)),
    Indicator("P19", "送餐覆盖率", "登记的失能或80周岁以上独居老人中{noun}有送餐到户的比例", "已送餐", "登记", "%", REGISTER, group_served(NEEDS_DELIVERY), FED, PLAN, WIDE, UP, records=("servings_brought",)),
    Indicator("P20", "布局匹配度", "各镇（街道）就餐份额除以老人份额，1为相当；密度分级暂无面积记录", "就餐", "老人", "", PEOPLE, fit, MAP, PLAN, (DISTRICT,), records=("days", "communities")),
    Indicator("P21", "空白点", "60岁以上户籍人口达到{gap_pop60}人而服务半径{radius_m}米内没有运营助餐点的村（社区）", "空白点", "达到人数的村（社区）", "个", PEOPLE, blank_spots, MAP, PLAN, WIDE, DOWN, additive=True, records=("spots", "communities")),
)  # fmt: skip
