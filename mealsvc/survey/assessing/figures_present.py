"""Figures of what there is: people, points, servings, money, coverage."""

from fractions import Fraction

from mealsvc.kernel.dates import chinese_date
from mealsvc.policies.wording import SOURCE_NAMES
from mealsvc.survey.assessing.assessment import Assessment
from mealsvc.survey.assessing.figure_words import (
    Spec,
    Value,
    Work,
    count,
    decimal,
    ratio,
    share,
    wan,
    words,
    yuan,
)
from mealsvc.survey.assessing.ground import Ground

PEOPLE, REGISTER, POINTS = "区划人口记录", "居民名册", "助餐点档案"
LEDGER, CLAIMS, BUDGET = "就餐流水", "月度结算", "预算和结算"
OWN = "只算区直接管理的镇（街道）"


def _registered(*bands: str) -> Work:
    def work(ground: Ground, _: Assessment) -> Value:
        return sum(n for (_, band), n in ground.register.bands.items() if band in bands)

    return work


def _aged_share(ground: Ground, _: Assessment) -> Value:
    bands = ground.register.bands
    aged = sum(n for (_, band), n in bands.items() if band in ("80", "90"))
    return ratio(aged, sum(bands.values()))


def _group(kind: str) -> Work:
    def work(ground: Ground, _: Assessment) -> Value:
        found = ground.standing.total.groups.get(kind)
        return found.known if found else 0

    return work


def _kind(*kinds: str) -> Work:
    def work(ground: Ground, _: Assessment) -> Value:
        return sum(point.operates and point.kind in kinds for point in ground.points)

    return work


def _largest_town(ground: Ground):
    return max(ground.standing.towns, key=lambda row: (row.eligible, row.name), default=None)


def _town_name(ground: Ground, _: Assessment) -> Value:
    found = _largest_town(ground)
    return found.name if found else None


def _town_eligible(ground: Ground, _: Assessment) -> Value:
    found = _largest_town(ground)
    return found.eligible if found else None


def _per(thousand: int, of: str) -> Work:
    def work(ground: Ground, _: Assessment) -> Value:
        return ratio(sum(getattr(one, of) for one in ground.serving) * thousand, ground.eligible)

    return work


def _without(ground: Ground, _: Assessment) -> Value:
    there = {point.town for point in ground.serving}
    return "、".join(row.name for row in ground.standing.towns if row.division not in there) or "无"


def _mean(name: str) -> Work:
    """Fen a serving over the month's points."""

    def work(ground: Ground, _: Assessment) -> Value:
        months = [point.month for point in ground.points]
        whole = sum(getattr(one, name) for one in months)
        return ratio(whole, sum(one.servings for one in months))

    return work


def _mean_price(ground: Ground, _: Assessment) -> Value:
    months = [point.month for point in ground.points]
    whole = sum(one.self_pay_fen + one.subsidy_fen for one in months)
    return ratio(whole, sum(one.servings for one in months))


def _cost(ground: Ground, _: Assessment) -> Value:
    months = [point.month for point in ground.points]
    return sum(one.subsidy_fen + one.delivery_fen + one.operating_fen for one in months)


def _cost_a_serving(ground: Ground, result: Assessment) -> Value:
    whole, servings = _cost(ground, result), sum(one.month.servings for one in ground.points)
    return ratio(whole if isinstance(whole, int) else 0, servings)


def _source(name: str) -> Work:
    """What a source, or the families, pay of all that the month's meals cost."""

    def work(ground: Ground, _: Assessment) -> Value:
        family = sum(point.month.self_pay_fen for point in ground.points)
        parts = {**ground.money.funding, "family": family}
        return ratio(parts.get(name, 0), sum(parts.values()))

    return work


def _budget(ground: Ground, _: Assessment) -> Value:
    return sum(ground.money.budget.values()) or None


def _used(ground: Ground, _: Assessment) -> Value:
    return ratio(sum(ground.money.spent.values()), sum(ground.money.budget.values()))


def _left(ground: Ground, _: Assessment) -> Value:
    given, foreseen = sum(ground.money.budget.values()), ground.money.forecast_fen
    return given - foreseen if given and foreseen is not None else None


def _covered(name: str) -> Work:
    def work(ground: Ground, _: Assessment) -> Value:
        return ratio(getattr(ground.standing.total, name), ground.eligible)

    return work


def _rates(ground: Ground) -> list[tuple[Fraction, str]]:
    towns = [row for row in ground.standing.towns if row.eligible]
    return sorted((Fraction(row.reached, row.eligible), row.name) for row in towns)


def _rate_list(ground: Ground, _: Assessment) -> Value:
    rates = {name: rate for rate, name in _rates(ground)}
    listed = [row.name for row in ground.standing.towns if row.name in rates]
    return "、".join(f"{name}{share()(rates[name])}" for name in listed) or None


def _blank_elders(ground: Ground, _: Assessment) -> Value:
    return sum(row.eligible for row in ground.standing.rows if row.is_spot)


def _blank_largest(ground: Ground, _: Assessment) -> Value:
    spots = sorted(
        (row for row in ground.standing.rows if row.is_spot),
        key=lambda row: (-row.eligible, row.division),
    )
    return "、".join(f"{row.name}（{row.eligible:,}人）" for row in spots[:5]) or "无"


def _total(name: str) -> Work:
    return lambda ground, _: getattr(ground.standing.total, name)


def _money(name: str) -> Work:
    return lambda ground, _: sum(getattr(point.month, name) for point in ground.points)


PEOPLE_FIGURES = (
    Spec("eligible", "60岁以上户籍老人", count("人"), f"60周岁以上户籍人口，{OWN}", PEOPLE, "day", "/coverage", lambda g, _: g.eligible),
    Spec("communities", "村（社区）", count("个"), f"有户籍人口记录的村（社区），{OWN}", PEOPLE, "day", "/divisions?level=community", lambda g, _: len(g.standing.rows)),
    Spec("towns", "镇（街道）", count("个"), "区直接管理的镇（街道）", PEOPLE, "day", "/divisions?level=town", lambda g, _: len(g.standing.towns)),
    Spec("town_largest", "老人最多的镇（街道）", words, f"60岁以上户籍人口最多，{OWN}", PEOPLE, "day", "/coverage", _town_name),
    Spec("town_largest_eligible", "老人最多的镇（街道）的老人", count("人"), f"60岁以上户籍人口，{OWN}", PEOPLE, "day", "/coverage", _town_eligible),
    Spec("registered", "登记在册老人", count("人"), "名册上在世、没有迁出，住在区直接管理的村（社区）的", REGISTER, "day", "/coverage", _total("registered")),
    Spec("register_share", "登记率", share(), "登记在册老人除以60岁以上户籍人口", f"{REGISTER}、{PEOPLE}", "day", "/coverage", _covered("registered")),
    Spec("band_60", "登记的60—69岁老人", count("人"), "名册上在世、没有迁出的，按当天周岁", REGISTER, "day", "/coverage", _registered("60")),
    Spec("band_70", "登记的70—79岁老人", count("人"), "名册上在世、没有迁出的，按当天周岁", REGISTER, "day", "/coverage", _registered("70")),
    Spec("band_80", "登记的80—89岁老人", count("人"), "名册上在世、没有迁出的，按当天周岁", REGISTER, "day", "/coverage", _registered("80")),
    Spec("band_90", "登记的90岁以上老人", count("人"), "名册上在世、没有迁出的，按当天周岁", REGISTER, "day", "/coverage", _registered("90")),
    Spec("aged_80", "登记的80岁以上老人", count("人"), "名册上在世、没有迁出的，按当天周岁", REGISTER, "day", "/coverage", _registered("80", "90")),
    Spec("aged_80_share", "80岁以上占比", share(), "登记的80岁以上老人占登记的60岁以上老人", REGISTER, "day", "/coverage", _aged_share),
    Spec("growth_80", "五年内满80岁的老人", count("人"), "名册上五年内满80周岁的，不计去世和迁出", REGISTER, "day", "/coverage", lambda g, _: g.register.soon_80),
    Spec("living_alone", "登记的独居老人", count("人"), "类别为独居、当天有效的", REGISTER, "day", "/coverage", _group("DJ")),
    Spec("disabled", "登记的失能失智老人", count("人"), "类别为失能、半失能、失智，当天有效的", REGISTER, "day", "/coverage", _group("SN")),
    Spec("destitute", "登记的分散特困老人", count("人"), "类别为分散供养特困、当天有效的", REGISTER, "day", "/coverage", _group("TK")),
    Spec("minimum", "登记的低保老人", count("人"), "类别为最低生活保障、当天有效的", REGISTER, "day", "/coverage", _group("DB")),
)  # fmt: skip

FACILITY_FIGURES = (
    Spec("points", "运营助餐点", count("个"), "当天正式运营、供老人用餐的；没有餐位的中央厨房不算", POINTS, "day", "/points?status=operating&kind=serving", lambda g, _: len(g.serving)),
    Spec("kitchens", "中央厨房", count("个"), "当天正式运营的中央厨房", POINTS, "day", "/points?kind=central_kitchen", _kind("central_kitchen")),
    Spec("points_canteen", "社区食堂", count("个"), "当天正式运营", POINTS, "day", "/points?kind=community_canteen", _kind("community_canteen")),
    Spec("points_institution", "养老机构食堂", count("个"), "当天正式运营", POINTS, "day", "/points?kind=institution_canteen", _kind("institution_canteen")),
    Spec("points_partner", "餐饮门店合作", count("个"), "当天正式运营", POINTS, "day", "/points?kind=partner_restaurant", _kind("partner_restaurant")),
    Spec("points_serving", "配送分餐点", count("个"), "当天正式运营", POINTS, "day", "/points?kind=serving_point", _kind("serving_point")),
    Spec("points_neighbour", "邻里互助点", count("个"), "当天正式运营", POINTS, "day", "/points?kind=neighbour_table", _kind("neighbour_table")),
    Spec("points_effective", "有效运营助餐点", count("个"), "当月达到有效运营天数和每天份数的运营助餐点", f"{POINTS}、{LEDGER}", "month", "/points", lambda g, _: len(g.effective)),
    Spec("effective_share", "有效运营率", share(), "有效运营助餐点占运营助餐点", f"{POINTS}、{LEDGER}", "month", "/points", lambda g, _: ratio(len(g.effective), len(g.serving))),
    Spec("seats", "餐位", count("个"), "运营助餐点的餐位", POINTS, "day", "/points", lambda g, _: sum(p.seats for p in g.serving)),
    Spec("capacity", "日供餐能力", count("份"), "运营助餐点每天最多能供的份数", POINTS, "day", "/points", lambda g, _: sum(p.capacity for p in g.serving)),
    Spec("seats_per_1000", "千名老人餐位", decimal("个"), "运营助餐点餐位除以60岁以上户籍人口，乘以1,000", f"{POINTS}、{PEOPLE}", "day", "/coverage", _per(1000, "seats")),
    Spec("capacity_per_1000", "千名老人日供餐能力", decimal("份"), "日供餐能力除以60岁以上户籍人口，乘以1,000", f"{POINTS}、{PEOPLE}", "day", "/coverage", _per(1000, "capacity")),
    Spec("elders_per_point", "平均每个助餐点对应的老人", count("人"), "60岁以上户籍人口除以运营助餐点", f"{POINTS}、{PEOPLE}", "day", "/coverage", lambda g, _: ratio(g.eligible, len(g.serving))),
    Spec("towns_with_point", "有助餐点的镇（街道）", count("个"), "有运营助餐点的区直接管理的镇（街道）", POINTS, "day", "/coverage", lambda g, _: len({p.town for p in g.serving} & {r.division for r in g.standing.towns})),
    Spec("towns_without", "没有助餐点的镇（街道）", words, "没有运营助餐点的区直接管理的镇（街道）", POINTS, "day", "/coverage", _without),
)  # fmt: skip

SERVICE_FIGURES = (
    Spec("as_of", "时点", words, "摸排的时点；没有摸排的为有就餐记录的最后一个月的月末", "摸排", "day", "/figures?month={month}", lambda g, _: chinese_date(g.as_of)),
    Spec("service_month", "供餐月份", words, "时点以前最后一个有就餐记录的完整月份", LEDGER, "month", "/figures?month={month}", lambda g, _: g.month.chinese),
    Spec("first_day", "开始供餐", words, "流水账上第一份就餐的日期", LEDGER, "total", "/figures", lambda g, _: chinese_date(g.service.first_on) if g.service.first_on else None),
    Spec("servings_total", "累计就餐", count("份"), "从开始供餐到时点，减去冲正", LEDGER, "total", "/figures", lambda g, _: g.service.servings_total),
    Spec("servings_month", "当月就餐", count("份"), "供餐月份的份数，减去冲正，迟到的流水不在内", LEDGER, "month", "/figures?month={month}", lambda g, _: g.service.servings),
    Spec("serving_days", "当月供餐天数", count("天"), "有就餐的天数", LEDGER, "month", "/figures?month={month}", lambda g, _: g.service.days),
    Spec("servings_day", "日均就餐", count("份"), "当月就餐除以有就餐的天数", LEDGER, "month", "/figures?month={month}", lambda g, _: ratio(g.service.servings, g.service.days)),
    Spec("servings_day_share", "每天用餐的老人占比", share(2), "日均就餐除以60岁以上户籍人口", f"{LEDGER}、{PEOPLE}", "month", "/figures?month={month}", lambda g, _: ratio(Fraction(g.service.servings, g.service.days), g.eligible) if g.service.days else None),
    Spec("active_elders", "当月享受补贴的老人", count("人"), "当月至少有一份享受补贴的，每人算一次，住在区直接管理的村（社区）", f"{LEDGER}、{REGISTER}", "month", "/coverage", _total("active")),
    Spec("penetration", "渗透率", share(2), "当月享受补贴的老人占60岁以上户籍人口", f"{LEDGER}、{PEOPLE}", "month", "/coverage", _covered("active")),
    Spec("frequency", "活跃频次", decimal("份", 1), "当月享受补贴的份数除以享受补贴的老人", LEDGER, "month", "/coverage", lambda g, _: ratio(g.standing.total.servings, g.standing.total.active)),
    Spec("delivery_servings", "当月送餐", count("份"), "当月送餐上门的份数，减去冲正", LEDGER, "month", "/figures?month={month}", lambda g, _: g.service.delivered),
    Spec("delivery_share", "送餐占比", share(), "送餐上门的份数占当月就餐", LEDGER, "month", "/figures?month={month}", lambda g, _: ratio(g.service.delivered, g.service.servings)),
    Spec("capacity_use", "供餐能力利用率", share(), "日均就餐除以运营助餐点的日供餐能力", f"{LEDGER}、{POINTS}", "month", "/points", lambda g, _: ratio(Fraction(g.service.servings, g.service.days), sum(p.capacity for p in g.serving)) if g.service.days else None),
    Spec("mean_price", "平均餐价", yuan, "当月餐费（自付加补贴）除以份数", CLAIMS, "month", "/settlements?month={month}", _mean_price),
    Spec("mean_self_pay", "平均自付", yuan, "当月老人自付除以份数", CLAIMS, "month", "/settlements?month={month}", _mean("self_pay_fen")),
    Spec("mean_subsidy", "平均补贴", yuan, "当月补贴（不含送餐和运营补贴）除以份数", CLAIMS, "month", "/settlements?month={month}", _mean("subsidy_fen")),
)  # fmt: skip

MONEY_FIGURES = (
    Spec("year", "预算年度", words, "供餐月份所在的年", BUDGET, "year", "/budget?year={year}", lambda g, _: f"{g.money.year}年"),
    Spec("budget_year", "年度预算", wan, "当年各来源预算合计", BUDGET, "year", "/budget?year={year}", _budget),
    Spec("spent_year", "当年支出", wan, "当年各月结算和建设补贴，含未提交的月份", BUDGET, "year", "/budget?year={year}", lambda g, _: sum(g.money.spent.values())),
    Spec("budget_share", "预算使用率", share(), "当年支出除以年度预算", BUDGET, "year", "/budget?year={year}", _used),
    Spec("forecast_year", "全年预计支出", wan, "当年支出加到年底的预计支出，按最近完整月份每个供餐日的支出", BUDGET, "year", "/budget?year={year}", lambda g, _: g.money.forecast_fen),
    Spec("budget_left", "全年预计结余", wan, "年度预算减全年预计支出，负数为缺口", BUDGET, "year", "/budget?year={year}", _left),
    Spec("subsidy_month", "当月就餐补贴", wan, "补贴给老人的金额，减去冲正", CLAIMS, "month", "/settlements?month={month}", _money("subsidy_fen")),
    Spec("cost_month", "当月公共支出", wan, "就餐补贴、送餐补贴、运营补贴合计", CLAIMS, "month", "/settlements?month={month}", _cost),
    Spec("cost_per_serving", "每份公共支出", yuan, "当月公共支出除以份数", CLAIMS, "month", "/settlements?month={month}", _cost_a_serving),
    *(
        Spec(f"source_{code}", f"{SOURCE_NAMES[code]}资金占比", share(), "当月公共支出和老人自付合计中该来源的比例", CLAIMS, "month", "/settlements?month={month}", _source(code))
        for code in ("district", "town", "village", "lottery", "charity")
    ),
    Spec("source_family", "老人自付占比", share(), "当月公共支出和老人自付合计中老人自付的比例", CLAIMS, "month", "/settlements?month={month}", _source("family")),
)  # fmt: skip

_BY_CENTRE = "按村（社区）中心点到运营助餐点的直线距离"
COVERAGE_FIGURES = (
    Spec("radius_m", "服务半径", count("米"), "政策服务半径", "参数", "day", "/settings", lambda g, _: g.standing.radius_m),
    Spec("near_m", "近距离", count("米"), "近距离半径", "参数", "day", "/settings", lambda g, _: g.standing.near_m),
    Spec("walk_m", "步行折算距离", count("米"), "老人步行15分钟折算的直线距离", "参数", "day", "/settings", lambda g, _: g.standing.walk_m),
    Spec("walk_words", "步行折算办法", words, "步速、绕行系数、分钟", "参数", "day", "/settings", lambda g, _: g.standing.walk_words),
    Spec("covered", "服务半径覆盖的老人", count("人"), f"{_BY_CENTRE}，在服务半径内的60岁以上户籍人口", f"{PEOPLE}、{POINTS}", "day", "/coverage", _total("reached")),
    Spec("covered_rate", "服务半径覆盖率", share(), f"{_BY_CENTRE}，在服务半径内的占60岁以上户籍人口", f"{PEOPLE}、{POINTS}", "day", "/coverage", _covered("reached")),
    Spec("near_rate", "近距离覆盖率", share(), f"{_BY_CENTRE}，在近距离半径内的占60岁以上户籍人口", f"{PEOPLE}、{POINTS}", "day", "/coverage", _covered("near")),
    Spec("walk_rate", "15分钟步行覆盖率", share(), f"{_BY_CENTRE}，在步行折算距离内的占60岁以上户籍人口", f"{PEOPLE}、{POINTS}", "day", "/coverage", _covered("walked")),
    Spec("located_share", "有住址位置的老人占比", share(), "登记在册老人中有自己住址经纬度的", REGISTER, "day", "/coverage", lambda g, _: ratio(g.standing.total.own_known, g.standing.total.registered)),
    Spec("blank_spots", "空白点", count("个"), "60岁以上户籍人口达到规定人数、服务半径内没有运营助餐点的村（社区）", f"{PEOPLE}、{POINTS}", "day", "/coverage", _total("spots")),
    Spec("blank_elders", "空白点的老人", count("人"), "各空白点的60岁以上户籍人口合计", f"{PEOPLE}、{POINTS}", "day", "/coverage", _blank_elders),
    Spec("blank_largest", "老人最多的空白点", words, "按60岁以上户籍人口，最多列五个", f"{PEOPLE}、{POINTS}", "day", "/coverage", _blank_largest),
    Spec("lowest_town", "覆盖率最低的镇（街道）", words, "服务半径覆盖率最低的", f"{PEOPLE}、{POINTS}", "day", "/coverage", lambda g, _: _rates(g)[0][1] if _rates(g) else None),
    Spec("lowest_town_rate", "最低的镇（街道）覆盖率", share(), "服务半径覆盖率", f"{PEOPLE}、{POINTS}", "day", "/coverage", lambda g, _: _rates(g)[0][0] if _rates(g) else None),
    Spec("towns_below_half", "覆盖率不到一半的镇（街道）", count("个"), "服务半径覆盖率低于50%的", f"{PEOPLE}、{POINTS}", "day", "/coverage", lambda g, _: sum(rate * 2 < 1 for rate, _ in _rates(g))),
    Spec("coverage_list", "各镇（街道）覆盖率", words, "服务半径覆盖率，按区划代码排列", f"{PEOPLE}、{POINTS}", "day", "/coverage", _rate_list),
)  # fmt: skip

PRESENT: tuple[Spec, ...] = (
    *PEOPLE_FIGURES,
    *FACILITY_FIGURES,
    *SERVICE_FIGURES,
    *MONEY_FIGURES,
    *COVERAGE_FIGURES,
)
