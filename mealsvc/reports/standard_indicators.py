"""规范化: price (N2), dining standards (N3) and dining units (N4)."""

from fractions import Fraction
from math import sqrt

from mealsvc.kernel.dates import chinese_date
from mealsvc.places.rules import KIND_NAMES
from mealsvc.reports.facts import Facts
from mealsvc.reports.measures import (
    DOWN,
    UP,
    Indicator,
    Target,
    Value,
    number_of,
    per,
    rounded,
    share,
    text,
    yuan,
)
from mealsvc.reports.point_facts import DISTRICT, TOWN, PointFacts, Slice
from mealsvc.reports.safety_indicators import prices_posted

WIDE = (DISTRICT, TOWN)
BANDS = ((60, 69), (70, 79), (80, 89), (90, 200))


def mean_price(facts: Facts) -> Value | None:
    """N22-1: the mean price, with each kind of point and each town beside it."""
    fen = sum(piece.price_fen * piece.servings for piece in facts.slices)
    count = facts.servings
    kinds = _means(facts, lambda point: KIND_NAMES.get(point.kind, point.kind))
    towns = _means(facts, lambda point: facts.name(point.town))
    detail = f"按类型：{kinds}。按镇（街道）：{towns}。" if count else ""
    return per(Fraction(fen, 100), count, 2, f"{yuan(fen)}元", f"{count:,}份", "元", detail)


def price_spread(facts: Facts) -> Value | None:
    """N22-2: the coefficient of variation of the price, in percent."""
    count = facts.servings
    if count <= 0:
        return None
    mean = Fraction(sum(piece.price_fen * piece.servings for piece in facts.slices), count)
    square = sum((piece.price_fen - mean) ** 2 * piece.servings for piece in facts.slices)
    deviation = Fraction(rounded(Fraction(sqrt(max(Fraction(square) / count, 0))), 2))
    return per(deviation * 100, mean, 1, f"{yuan(deviation)}元", f"{yuan(mean)}元", "%")


def self_pay(facts: Facts) -> Value | None:
    """N23: what an elder pays for a subsidised meal, by age band and tier."""
    paid = [piece for piece in facts.slices if piece.tier is not None]
    fen, count = sum(piece.self_pay_fen for piece in paid), sum(piece.servings for piece in paid)
    if count <= 0:
        return None
    bands = [
        (f"{low}—{high}岁" if high < 200 else f"{low}岁以上",
         [piece for piece in paid if low <= piece.age <= high])
        for low, high in BANDS
    ]  # fmt: skip
    tiers = [
        (tier, [piece for piece in paid if piece.tier == tier])
        for tier in sorted({piece.tier for piece in paid if piece.tier is not None})
    ]
    detail = f"按年龄：{_each(bands)}。按补贴档：{_each(tiers)}。"
    return per(Fraction(fen, 100), count, 2, f"{yuan(fen)}元", f"{count:,}份", "元", detail)


def undeclared(facts: Facts) -> Value | None:
    """N24: prices that were charged without a filing, or above it."""
    if "filed" not in facts.kept or not facts.prices:
        return None
    return number_of(sum(one.undeclared for one in facts.prices.values()), "次")


def elder_to_public(facts: Facts) -> Value | None:
    """N25: what elders paid by filed prices, measured by what the public pays for the same."""
    elder = sum(one.elder_fen for one in facts.prices.values())
    public = sum(one.public_fen for one in facts.prices.values())
    above = sum(one.above for one in facts.prices.values())
    detail = f"其中高于社会价的{above:,}份。" if above else ""
    return per(elder, public, 2, f"{yuan(elder)}元", f"{yuan(public)}元", "", detail)


def menus_published(facts: Facts) -> Value | None:
    """N31: point-weeks with a menu published before Monday; without any menu there is no record."""
    weeks = sum(one.weeks_operating for one in facts.menus.values())
    if not any(one.sets or one.weeks_published for one in facts.menus.values()):
        return None
    return share(sum(one.weeks_published for one in facts.menus.values()), weeks, "点周")


def sets_complete(facts: Facts) -> Value | None:
    """N32: menus that have all agreed parts ÷ menus whose dishes were entered."""
    menus = facts.menus.values()
    return share(sum(one.sets_complete for one in menus), sum(one.sets for one in menus), "餐")


def nutrition(facts: Facts) -> Value | None:
    """N33: weighed lunches inside the band; those without weights are told beside it."""
    menus = facts.menus.values()
    bare = sum(one.days_without_weights for one in menus)
    detail = f"另有{bare:,}个食谱日没有录入份量，未计入。" if bare else ""
    inside = sum(one.days_in_band for one in menus)
    return share(inside, sum(one.days_with_weights for one in menus), "天", detail)


def diets(facts: Facts) -> Value | None:
    """N34: operating days with a low-salt, low-sugar or soft choice; none marked is no record."""
    menus = facts.menus.values()
    if not any(one.sets for one in menus):
        return None
    return share(
        sum(one.diet_days for one in menus), sum(one.operating_days for one in menus), "点天"
    )


def repeats(facts: Facts) -> Value | None:
    """N35: main dishes that came again at their point within a fortnight."""
    menus = facts.menus.values()
    served = sum(one.main_served for one in menus)
    return share(served - sum(one.main_distinct for one in menus), served, "道")


def papers_valid(facts: Facts) -> Value | None:
    """N41: points whose licence and agreement are in date; where the district keeps no agreements
    yet, those whose own or supplier's licence is."""
    if "agreements" in facts.kept:
        both = sum(facts.papers[point.code].valid for point in facts.operating)
        return share(both, len(facts.operating), "个")
    need = [point for point in facts.operating if needs_licence(facts, point)]
    valid = sum(holds_licence(facts, point) for point in need)
    return share(valid, len(need), "个", detail="协议有效期暂无记录，未计入。")


def grades(facts: Facts) -> Value | None:
    """N42: the points by the grade of their last inspection."""
    found = [facts.grades[point.code] for point in facts.operating if point.code in facts.grades]
    if not found:
        return None
    each = {grade: sum(one == grade for one, _ in found) for grade in "ABCD"}
    shown = "、".join(f"{grade}级{number}个" for grade, number in each.items())
    first, last = min(day for _, day in found), max(day for _, day in found)
    never = len(facts.operating) - len(found)
    detail = f"评级日期为{chinese_date(first)}至{chinese_date(last)}，未评级{never}个。"
    return Value(f"{len(found)}个", f"{len(facts.operating)}个", shown, None, detail)


def comings_and_goings(facts: Facts) -> Value:
    """N43: points opened, closed, suspended and resumed, with their names."""
    month = facts.period
    opened = [p for p in facts.points if p.opened_on is not None and p.opened_on in month]
    closed = [p for p in facts.points if p.closed_on is not None and p.closed_on in month]
    paused = [p for p in facts.points if any(start in month for start, _ in p.suspended)]
    resumed = [p for p in facts.points if any(end and end in month for _, end in p.suspended)]
    moves = (("新开", opened), ("停业", closed), ("暂停", paused), ("恢复", resumed))
    shown = "、".join(f"{word}{len(points)}个" for word, points in moves)
    detail = "".join(
        f"{word}：{'、'.join(point.name for point in points)}。" for word, points in moves if points
    )
    return Value(f"{sum(len(points) for _, points in moves)}个", "", shown, None, detail)


def largest_kitchen(facts: Facts) -> Value | None:
    """N44-1: the largest supplying kitchen's share of the servings."""
    kitchens = by_kitchen(facts)
    if not kitchens:
        return None
    code, count = max(kitchens.items(), key=lambda item: (item[1], item[0]))
    return share(count, facts.servings, "份", detail=f"最大供餐方为{facts.name(code)}。")


def concentration(facts: Facts) -> Value | None:
    """N44-2: Herfindahl–Hirschman index of the kitchens' shares, 10,000 for a single one."""
    kitchens = by_kitchen(facts)
    if not kitchens:
        return None
    squares = sum(count * count for count in kitchens.values()) * 10_000
    whole = facts.servings**2
    return per(squares, whole, 0, f"{len(kitchens)}个", f"{facts.servings:,}份", "")


def by_kitchen(facts: Facts) -> dict[str, int]:
    """Servings by the kitchen that cooked them: a point without a supplier cooks itself."""
    totals: dict[str, int] = {}
    for code, count in facts.by_point().items():
        point = facts.point(code)
        kitchen = point.kitchen if point else code
        totals[kitchen] = totals.get(kitchen, 0) + count
    return {code: count for code, count in totals.items() if count > 0}


def needs_licence(facts: Facts, point: PointFacts) -> bool:
    """Who cooks shows a licence, who is supplied its supplier's; a neighbour's table neither."""
    return point.cooks or bool(point.supplier)


def licence_holder(facts: Facts, point: PointFacts) -> PointFacts | None:
    return point if point.cooks else facts.point(point.supplier)


def holds_licence(facts: Facts, point: PointFacts) -> bool:
    holder = licence_holder(facts, point)
    if holder is None or not holder.licence_no or holder.licence_expires_on is None:
        return False
    return holder.licence_expires_on >= facts.last_day


def until(point: PointFacts) -> str:
    """有效期至2024年6月15日; says so where it is not on record."""
    expires = point.licence_expires_on
    return "有效期未登记" if expires is None else f"有效期至{chinese_date(expires)}"


def _means(facts: Facts, group_of) -> str:
    sums: dict[str, list[int]] = {}
    points = {point.code: point for point in facts.points}
    for piece in facts.slices:
        pair = sums.setdefault(group_of(points[piece.point]), [0, 0])
        pair[0] += piece.price_fen * piece.servings
        pair[1] += piece.servings
    return "，".join(
        f"{name}{text(Fraction(fen, 100 * count), 2)}元"
        for name, (fen, count) in sums.items()
        if count > 0
    )


def _each(groups: list[tuple[str, list[Slice]]]) -> str:
    parts = []
    for name, pieces in groups:
        count = sum(piece.servings for piece in pieces)
        if count > 0:
            fen = sum(piece.self_pay_fen for piece in pieces)
            parts.append(f"{name}{text(Fraction(fen, 100 * count), 2)}元")
    return "，".join(parts)


INSPECTIONS = ("检查记录",)
LOCAL_PRICE = "区老年助餐价格备案要求"
AGREED = "服务协议：用餐标准"
LICENCE = "食品安全法第三十五条；服务协议"
PRICE = (
    Indicator("N21", "明码标价合格率", "检查表中价格类检查项（PRC）判为合格的项数占已判定项数的比例，不适用的和单位自查不计", "合格项", "检查项", "%", INSPECTIONS, prices_posted, ("visits",), "价格法第十三条；检查表PRC各项", better=UP, records=("price_items_passed", "price_items")),
    Indicator("N22-1", "套餐均价", "补贴前餐价合计除以就餐份数，已减冲正", "餐价合计", "就餐", "元", ("就餐流水",), mean_price, records=("days",)),
    Indicator("N22-2", "餐价离散度", "各份餐价的标准差除以均价（变异系数）", "标准差", "均价", "%", ("就餐流水",), price_spread, better=DOWN, records=("days",)),
    Indicator("N23", "老人平均自付", "享受补贴的就餐中老人自付合计除以份数", "自付合计", "享受补贴", "元", ("就餐流水",), self_pay, better=DOWN, records=("days",)),
    Indicator("N24", "未备案调价次数", "没有备案价或高于备案价收取的价格个数，同一点、同一餐次、同一价格计一次", "未备案调价", "", "次", ("备案价记录",), undeclared, ("prices",), LOCAL_PRICE, better=DOWN, target=Target(DOWN, lambda facts: 0, LOCAL_PRICE), additive=True, records=("undeclared",)),
    Indicator("N25", "老人价与社会价之比", "按备案价收取的就餐，老人价合计除以同名社会价合计，应不高于1", "老人价", "社会价", "", ("社会价记录",), elder_to_public, ("prices",), LOCAL_PRICE, better=DOWN, target=Target(DOWN, lambda facts: 1, LOCAL_PRICE), records=("filed_prices",)),
)  # fmt: skip
STANDARDS = (
    Indicator("N31", "食谱公示率", "周一之前公布了当周食谱（至少一天）的点周数占有供餐的点周数的比例；周以周一落在{noun}计", "按时公布", "有供餐", "%", ("食谱记录",), menus_published, ("menus",), AGREED, better=UP, records=("menu_weeks_in_time", "menu_weeks")),
    Indicator("N32", "套餐结构达标率", "食谱含约定各类菜品（大荤、小荤、素、汤、主食）的餐数占录入了菜品的餐数的比例", "各类齐全", "录入菜品", "%", ("食谱菜品记录",), sets_complete, ("menus",), AGREED, better=UP, records=("menu_incomplete",)),
    Indicator("N33", "营养达标率", "午餐食谱的盐、蔬菜、肉鱼蛋份量（肉鱼蛋为上桌份量，只看下限）和品种数都在参考范围内的天数占录入了份量的天数的比例；录入了份量指荤菜、素菜的份量和菜、汤的用盐都已录入，主食未录用盐的按零计", "达标日", "有份量日", "%", ("带量食谱的份量记录",), nutrition, ("menus",), "WS/T 556-2017推算；服务协议", better=UP, records=("menu_lunches_inside", "menu_lunches")),
    Indicator("N34", "慢病餐供应率", "当日提供低盐、低糖或软食的点天数占供餐点天数的比例", "有供应", "供餐", "%", ("慢病餐标识记录",), diets, ("menus",), AGREED, better=UP, records=("menu_no_diet",)),
    Indicator("N35", "菜品重复率", "每点每两周内重复的主菜（大荤、小荤）份次占主菜份次的比例", "重复主菜", "主菜", "%", ("连续两周的食谱记录",), repeats, ("menus",), AGREED, better=DOWN, records=("menu_repeats",)),
)  # fmt: skip
UNITS = (
    Indicator("N41", "证照协议有效率", "{end}本点或供餐方食品经营许可证（邻里助餐点为健康承诺）和服务协议都在有效期内的助餐点占运营助餐点的比例", "证照协议有效", "运营助餐点", "%", ("许可证记录", "服务协议记录"), papers_valid, ("units",), LICENCE, better=UP, target=Target(UP, lambda facts: 100, LICENCE), records=("papers",)),
    Indicator("N42", "等级分布", "各运营助餐点截至{end}最近一次检查的等级A、B、C、D的个数，单位自查不计", "评级助餐点", "运营助餐点", "个", INSPECTIONS, grades, ("visits",), "检查表评分规则", records=("grades", "operating")),
    Indicator("N43", "准入退出", "{noun}新开、停业、暂停、恢复的助餐点个数", "变动", "", "个", ("助餐点档案",), comings_and_goings, (), records=("changes",)),
    Indicator("N44-1", "最大供餐方占比", "供餐最多的厨房的份数占就餐份数的比例；没有供餐方的助餐点按自行加工计", "最大供餐方", "就餐", "%", ("就餐流水",), largest_kitchen, levels=WIDE, better=DOWN, target=Target(DOWN, lambda facts: Fraction(str(facts.limits.concentration)), "系统参数：供餐集中度警戒线"), records=("days",)),
    Indicator("N44-2", "供餐集中度（HHI）", "各供餐厨房份额的平方和乘以10,000，独家供餐为10,000", "供餐方", "就餐", "", ("就餐流水",), concentration, levels=WIDE, better=DOWN, records=("days",)),
)  # fmt: skip
