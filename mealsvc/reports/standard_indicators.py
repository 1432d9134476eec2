"""规范化: food safety (N1), price (N2), dining standards (N3) and dining units (N4)."""

from fractions import Fraction
from math import sqrt

from mealsvc.kernel.dates import chinese_date
from mealsvc.places.rules import KIND_NAMES
from mealsvc.reports.facts import MonthFacts, PointFacts, Slice
from mealsvc.reports.measures import Indicator, Value, no_records, per, rounded, share, text, yuan

BANDS = ((60, 69), (70, 79), (80, 89), (90, 200))


def mean_price(facts: MonthFacts) -> Value | None:
    """N22-1: the mean price, with each kind of point and each town beside it."""
    fen = sum(piece.price_fen * piece.servings for piece in facts.slices)
    count = facts.servings
    kinds = _means(facts, lambda point: KIND_NAMES.get(point.kind, point.kind))
    towns = _means(facts, lambda point: facts.name(point.town))
    detail = f"按类型：{kinds}。按镇（街道）：{towns}。" if count else ""
    return per(Fraction(fen, 100), count, 2, f"{yuan(fen)}元", f"{count:,}份", "元", detail)


def price_spread(facts: MonthFacts) -> Value | None:
    """N22-2: the coefficient of variation of the price, in percent."""
    count = facts.servings
    if count <= 0:
        return None
    mean = Fraction(sum(piece.price_fen * piece.servings for piece in facts.slices), count)
    square = sum((piece.price_fen - mean) ** 2 * piece.servings for piece in facts.slices)
    deviation = Fraction(rounded(Fraction(sqrt(max(Fraction(square) / count, 0))), 2))
    return per(deviation * 100, mean, 1, f"{yuan(deviation)}元", f"{yuan(mean)}元", "%")


def self_pay(facts: MonthFacts) -> Value | None:
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


def menus_filed(facts: MonthFacts) -> Value | None:
    """N31: point-weeks with a menu ÷ operating point-weeks; without any menu there is no record."""
    if not facts.menus.weeks_with_menu:
        return None
    return share(facts.menus.weeks_with_menu, facts.menus.weeks_operating, "点周")


def sets_complete(facts: MonthFacts) -> Value | None:
    """N32: meals whose menu has all agreed parts ÷ meals whose dishes were entered."""
    return share(facts.menus.meals_complete, facts.menus.meals_with_dishes, "餐")


def licences_valid(facts: MonthFacts) -> Value | None:
    """N41: points whose own or supplier's licence is in date; the agreement has no record yet."""
    need = [point for point in facts.operating if needs_licence(facts, point)]
    valid = sum(holds_licence(facts, point) for point in need)
    return share(valid, len(need), "个", detail="协议有效期暂无记录，未计入。")


def comings_and_goings(facts: MonthFacts) -> Value:
    """N43: points opened, closed, suspended and resumed in the month, with their names."""
    month = facts.month
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


def largest_kitchen(facts: MonthFacts) -> Value | None:
    """N44-1: the largest supplying kitchen's share of the servings."""
    kitchens = by_kitchen(facts)
    if not kitchens:
        return None
    code, count = max(kitchens.items(), key=lambda item: (item[1], item[0]))
    return share(count, facts.servings, "份", detail=f"最大供餐方为{facts.name(code)}。")


def concentration(facts: MonthFacts) -> Value | None:
    """N44-2: Herfindahl–Hirschman index of the kitchens' shares, 10,000 for a single one."""
    kitchens = by_kitchen(facts)
    if not kitchens:
        return None
    squares = sum(count * count for count in kitchens.values()) * 10_000
    whole = facts.servings**2
    return per(squares, whole, 0, f"{len(kitchens)}个", f"{facts.servings:,}份", "")


def by_kitchen(facts: MonthFacts) -> dict[str, int]:
    """Servings by the kitchen that cooked them: a point without a supplier cooks itself."""
    totals: dict[str, int] = {}
    for code, count in facts.by_point().items():
        point = facts.point(code)
        kitchen = point.kitchen if point else code
        totals[kitchen] = totals.get(kitchen, 0) + count
    return {code: count for code, count in totals.items() if count > 0}


def needs_licence(facts: MonthFacts, point: PointFacts) -> bool:
    """Who cooks shows a licence, who is supplied its supplier's; a neighbour's table neither."""
    return point.cooks or bool(point.supplier)


def licence_holder(facts: MonthFacts, point: PointFacts) -> PointFacts | None:
    return point if point.cooks else facts.point(point.supplier)


def holds_licence(facts: MonthFacts, point: PointFacts) -> bool:
    holder = licence_holder(facts, point)
    if holder is None or not holder.licence_no or holder.licence_expires_on is None:
        return False
    return holder.licence_expires_on >= facts.last_day


def until(point: PointFacts) -> str:
    """有效期至2024年6月15日; says so where it is not on record."""
    expires = point.licence_expires_on
    return "有效期未登记" if expires is None else f"有效期至{chinese_date(expires)}"


def _means(facts: MonthFacts, group_of) -> str:
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
FOOD_SAFETY = (
    Indicator("N11", "检查合格率", "评为A、B、C级的检查次数占全部检查次数的比例", "合格检查", "全部检查", "%", INSPECTIONS, no_records),
    Indicator("N12", "★项不合格数", "检查中判为不合格的关键项数", "不合格★项", "", "项", INSPECTIONS, no_records),
    Indicator("N13", "整改按期完成率", "期限内办结的整改项占到期整改项的比例", "按期办结", "到期整改", "%", ("整改记录",), no_records),
    Indicator("N14", "留样合规率", "留样合规的菜品数占供应菜品数的比例", "合规留样", "供应菜品", "%", ("留样记录",), no_records),
    Indicator("N15", "健康证有效率", "健康证明在有效期内的在岗人员占应持证在岗人员的比例，应为100%", "有效持证", "应持证", "%", ("从业人员健康证明记录",), no_records),
    Indicator("N16", "日管控完成率", "有日管控记录的供餐日占全部供餐日的比例", "有记录日", "供餐日", "%", ("日管控记录", "晨检记录"), no_records),
    Indicator("N17", "温度合规率", "在规定范围内的测温读数占全部读数的比例", "合规读数", "全部读数", "%", ("测温记录",), no_records),
    Indicator("N18", "食安事件、投诉", "每万份就餐的食品安全事件和投诉件数", "事件和投诉", "就餐份数", "件", ("食品安全事件记录", "投诉记录"), no_records),
)  # fmt: skip
PRICE = (
    Indicator("N21", "明码标价合格率", "价格类检查项合格数占检查数的比例", "合格项", "检查项", "%", INSPECTIONS, no_records),
    Indicator("N22-1", "套餐均价", "补贴前餐价合计除以就餐份数，已减冲正", "餐价合计", "就餐", "元", ("就餐流水",), mean_price),
    Indicator("N22-2", "餐价离散度", "各份餐价的标准差除以均价（变异系数）", "标准差", "均价", "%", ("就餐流水",), price_spread),
    Indicator("N23", "老人平均自付", "享受补贴的就餐中老人自付合计除以份数", "自付合计", "享受补贴", "元", ("就餐流水",), self_pay),
    Indicator("N24", "未备案调价次数", "执行价与备案价不一致的次数", "未备案调价", "", "次", ("备案价记录",), no_records),
    Indicator("N25", "老人价与社会价之比", "同一套餐老人价除以社会价，应不高于1", "老人价", "社会价", "", ("社会价记录",), no_records),
)  # fmt: skip
STANDARDS = (
    Indicator("N31", "食谱公示率", "录入了当周食谱的点周数占有供餐的点周数的比例；周以周一落在本月计，录入时间未记录，不作提前公示的判断", "有食谱", "有供餐", "%", ("食谱记录",), menus_filed),
    Indicator("N32", "套餐结构达标率", "食谱含大荤、小荤、素、汤、主食五类的餐数占录入了菜品的餐数的比例", "五类齐全", "录入菜品", "%", ("食谱菜品记录",), sets_complete),
    Indicator("N33", "营养达标率", "营养在参考范围内的食谱日占录入份量的食谱日的比例", "达标日", "有份量日", "%", ("带量食谱的营养记录",), no_records),
    Indicator("N34", "慢病餐供应率", "当日提供低盐、低糖或软食的助餐点占运营助餐点的比例", "有供应", "运营助餐点", "%", ("慢病餐标识记录",), no_records),
    Indicator("N35", "菜品重复率", "每点每两周内重复的主菜占主菜总数的比例", "重复主菜", "主菜", "%", ("连续两周的食谱记录",), no_records),
)  # fmt: skip
UNITS = (
    Indicator("N41", "许可证有效率", "本点或供餐方食品经营许可证在有效期内的助餐点占应持证运营助餐点的比例；协议部分暂无记录", "许可证有效", "应持证", "%", ("许可证记录",), licences_valid),
    Indicator("N42", "等级分布", "各助餐点最近一次检查等级A、B、C、D的个数", "评级助餐点", "", "个", INSPECTIONS, no_records),
    Indicator("N43", "准入退出", "本期新开、停业、暂停、恢复的助餐点个数", "变动", "", "个", ("助餐点档案",), comings_and_goings),
    Indicator("N44-1", "最大供餐方占比", "供餐最多的厨房的份数占就餐份数的比例；没有供餐方的助餐点按自行加工计", "最大供餐方", "就餐", "%", ("就餐流水",), largest_kitchen),
    Indicator("N44-2", "供餐集中度（HHI）", "各供餐厨房份额的平方和乘以10,000，独家供餐为10,000", "供餐方", "就餐", "", ("就餐流水",), concentration),
)  # fmt: skip
