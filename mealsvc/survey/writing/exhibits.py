"""The tables, charts and maps that stand in the text, by code: each from the scene's plain values."""

from collections.abc import Callable
from fractions import Fraction

from mealsvc.coverage.mapping.rules import Planned
from mealsvc.coverage.mapping.services import map_on
from mealsvc.kernel.months import Month
from mealsvc.plumbing.pages import fen
from mealsvc.survey.assessing.figure_words import fixed, rounded
from mealsvc.survey.assessing.rules.breakeven import ABOVE, BELOW, HOPELESS, Economics
from mealsvc.survey.writing.maps import plain_of
from mealsvc.survey.writing.rules.blocks import Block, Chart, Col, Grid, Map
from mealsvc.survey.writing.scene import Plan, Scene

MOST_ROWS = 20  # of a table in the text; the annex has all
NOTHING = "—"
STATES = {ABOVE: "达到", BELOW: "未达到", HOPELESS: "不抵变动成本"}


def exhibits_of(scene: Scene) -> dict[str, Block]:
    """Every exhibit that there is something to show of."""
    made = {code: work(scene) for code, (_, _, work) in EXHIBITS.items()}
    return {code: block for code, block in made.items() if block is not None}


def towns(scene: Scene) -> Grid:
    """各镇（街道）人口、设施和覆盖"""
    rows = [*scene.ground.standing.towns, scene.ground.standing.total]
    lines = [
        (
            row.name or "合计",
            count(row.eligible),
            count(row.registered),
            count(row.active),
            count(row.points),
            count(row.seats),
            count(row.capacity),
            percent(row.reached, row.eligible),
        )
        for row in rows
    ]
    return Grid(
        "各镇（街道）人口、设施和覆盖",
        (
            Col("镇（街道）", 1.5),
            Col("60岁以上（人）", 1.2, "right"),
            Col("登记（人）", 1.0, "right"),
            Col("当月就餐（人）", 1.1, "right"),
            Col("助餐点（个）", 1.0, "right"),
            Col("座位（个）", 0.9, "right"),
            Col("日供餐能力（份）", 1.15, "right"),
            Col("覆盖率", 0.9, "right"),
        ),
        tuple(lines[:-1]),
        ("合计", *lines[-1][1:]),
        f"覆盖率为{scene.ground.standing.radius_m:,}米内有助餐点的老人占60岁以上户籍老人的比例；"
        "座位和日供餐能力为有效运营的助餐点。",
    )


def months(scene: Scene) -> Chart | None:
    if not scene.months:
        return None
    labels = tuple(_short(month) for month, _ in scene.months)
    served = tuple(float(number) for _, number in scene.months)
    return Chart("各月供餐份数", "columns", "份", labels, (("份数", served),))


def demand(scene: Scene) -> Grid | None:
    """Demand by age band, towns added up: what is wished, and what would be paid for."""
    found = scene.found
    if not found.demand:
        return None
    rows = []
    for band in dict.fromkeys(row.band for row in found.demand):
        own = [row for row in found.demand if row.band == band]
        wish, paying = (
            sum((getattr(row, name).mid for row in own), Fraction(0))
            for name in ("a_day", "paying_day")
        )
        eligible, answered = sum(row.eligible for row in own), sum(row.answered for row in own)
        week = one_place(wish * 7 / eligible) if eligible else NOTHING
        rows.append((band, count(eligible), count(answered), week, whole(wish), whole(paying)))
    return Grid(
        "分年龄段的就餐需求",
        (
            Col("年龄段", 1.2),
            Col("老人（人）", 1.1, "right"),
            Col("答卷（份）", 1.0, "right"),
            Col("人均每周想吃（份）", 1.3, "right"),
            Col("按意愿每天（份）", 1.3, "right"),
            Col("按现价每天（份）", 1.3, "right"),
        ),
        tuple(rows),
        (
            "全区",
            count(sum(row.eligible for row in found.demand)),
            count(sum(row.answered for row in found.demand)),
            NOTHING,
            whole(found.wanted.mid),
            whole(found.paying.mid) if found.paying else NOTHING,
        ),
        "按现价：只算愿意付到现在平均自付的老人。答卷不足的镇（街道）和年龄段借用全区同年龄段的答卷。",
    )


def demand_chart(scene: Scene) -> Chart | None:
    """Expected demand at today's price beside capacity by town."""
    rows = [row for row in scene.found.towns if row.demand or row.capacity]
    if not scene.found.basis or not rows:
        return None
    return Chart(
        "各镇（街道）每日需求（按现价）和供餐能力",
        "pairs",
        "份",
        tuple(row.name for row in rows),
        (
            ("推算每日需求", tuple(float(rounded(row.demand)) for row in rows)),
            ("每日供餐能力", tuple(float(row.capacity) for row in rows)),
        ),
    )


def coverage_map(scene: Scene) -> Map:
    ground = scene.ground
    view = map_on(ground.as_of, standing=ground.standing)
    return Map("老年助餐服务覆盖图", plain_of(view))


def coverage(scene: Scene) -> Chart | None:
    """Towns by their rate, the lowest last."""
    rows = [row for row in scene.ground.standing.towns if row.eligible]
    rows.sort(key=lambda row: (-Fraction(row.reached, row.eligible), row.division))
    rates = tuple(round(row.reached * 100 / row.eligible, 1) for row in rows)
    if not rows:
        return None
    radius = f"{scene.ground.standing.radius_m:,}米"
    names = tuple(row.name for row in rows)
    return Chart(f"各镇（街道）{radius}服务半径覆盖率", "bars", "%", names, (("覆盖率", rates),))


def gaps(scene: Scene) -> Grid | None:
    """Demand and capacity by town, the largest gap first."""
    rows = scene.found.gaps
    if not scene.found.basis or not rows:
        return None
    return Grid(
        "各镇（街道）供需缺口（份/天）",
        (
            Col("镇（街道）", 1.4),
            Col("推算需求", 1.0, "right"),
            Col("需求区间", 1.5, "right"),
            Col("供餐能力", 1.0, "right"),
            Col("目前日均", 1.0, "right"),
            Col("缺口", 1.0, "right"),
        ),
        tuple(
            (
                row.name,
                whole(row.demand),
                f"{whole(row.low)}—{whole(row.high)}",
                count(row.capacity),
                whole(row.served),
                whole(row.gap) if row.gap > 0 else "无",
            )
            for row in rows
        ),
        note="推算需求按现价；缺口为推算需求减去本镇（街道）助餐点的每日供餐能力，“无”为能力不低于需求。",
    )


def economics(scene: Scene) -> Grid | None:
    """Points with costs, those that lose most first."""
    known = [one for one in scene.found.points if one.known]
    if not known:
        return None
    known.sort(key=lambda one: (one.result_fen or 0, one.point))
    return Grid(
        "助餐点收支平衡" + (f"（差额最大的{MOST_ROWS}个）" if len(known) > MOST_ROWS else ""),
        economics_columns(),
        tuple(map(economics_row, known[:MOST_ROWS])),
        note="每份收入为老人自付加按份补贴，均为当月平均；保本份数为同样供餐天数下当月不亏的日均份数；月结余负数为差额。",
    )


def economics_columns() -> tuple[Col, ...]:
    return (
        Col("助餐点", 2.3),
        Col("日均份数", 0.9, "right"),
        Col("每份收入（元）", 1.0, "right"),
        Col("每份变动成本（元）", 1.1, "right"),
        Col("月固定成本（元）", 1.2, "right"),
        Col("保本份数", 0.9, "right"),
        Col("月结余（元）", 1.2, "right"),
        Col("保本", 1.0, "center"),
    )


def economics_row(one: Economics) -> tuple[str, ...]:
    income = Fraction(one.growing_fen, one.servings) if one.servings else None
    return (
        one.name,
        whole(one.servings_day),
        NOTHING if income is None else fen(rounded(income)),
        NOTHING if one.variable_fen is None else fen(one.variable_fen),
        NOTHING if one.fixed_fen is None else fen(one.fixed_fen),
        NOTHING if one.break_even_day is None else count(one.break_even_day),
        NOTHING if one.result_fen is None else fen(one.result_fen),
        STATES.get(one.state or "", NOTHING),
    )


def plans(scene: Scene) -> Grid | None:
    if not scene.plans:
        return None
    return Grid(
        "布点方案比较",
        (
            Col("方案", 1.9),
            Col("新增（个）", 0.8, "right"),
            Col("覆盖前（人）", 1.1, "right"),
            Col("覆盖后（人）", 1.1, "right"),
            Col("覆盖率", 0.9, "right"),
            Col("建设费用（元）", 1.3, "right"),
            Col("每年补贴（元）", 1.3, "right"),
            Col("最优", 0.8, "center"),
        ),
        tuple(
            (
                plan.name,
                count(len(plan.answer.sites)),
                count(plan.answer.covered_before),
                count(plan.answer.covered_after),
                percent(plan.answer.covered_after, plan.answer.eligible),
                _money(plan.answer.cost_fen),
                _money(plan.yearly_fen),
                "已证明" if plan.answer.optimal else "未证明",
            )
            for plan in scene.plans
        ),
        note="覆盖人数按各方案测算时的服务半径；每年补贴按测算用就餐比例和供餐天数估算。",
    )


def plan_map(scene: Scene, plan: Plan | None, word: str) -> Map | None:
    """The map with the plan's sites, numbered as the text names them."""
    if plan is None or not plan.sites:
        return None
    sites = [
        Planned(number, site.name, site.lon, site.lat) for number, site in enumerate(plan.sites, 1)
    ]
    view = map_on(scene.ground.as_of, extra_sites=sites, standing=scene.ground.standing)
    return Map(f"{word}方案布点图（{plan.name}）", plain_of(view))


def trials(scene: Scene) -> Grid | None:
    if not scene.found.trials:
        return None
    return Grid(
        "补贴政策测算",
        (
            Col("方案", 2.0),
            Col("现行每年（元）", 1.3, "right"),
            Col("方案每年（元）", 1.3, "right"),
            Col("每份自付（元）", 1.2, "right"),
            Col("受益（人）", 0.9, "right"),
            Col("减少（人）", 0.9, "right"),
        ),
        tuple(
            (
                one.name,
                _money(one.base_year_fen),
                _money(one.trial_year_fen),
                f"{fen(rounded(one.base_self_pay_fen))}→{fen(rounded(one.trial_self_pay_fen))}",
                count(one.winners),
                count(one.losers),
            )
            for one in scene.found.trials
        ),
        note="按已发生的就餐流水重算，折合成一年；受益、减少为补贴变多、变少的老人。",
    )


def rules(scene: Scene) -> Grid:
    """监督制度清单"""
    serving = len(scene.ground.serving)
    return Grid(
        "监督制度清单",
        (
            Col("序号", 0.6, "center"),
            Col("制度", 2.6),
            Col("区级（执行日期）", 1.5, "center"),
            Col("已执行的助餐点", 1.4, "center"),
            Col("下一步", 1.6),
        ),
        tuple(
            (
                str(number),
                rule.name,
                rule.district or "未印发",
                f"{rule.points}/{serving}",
                _next_step(bool(rule.district), rule.points >= serving),
            )
            for number, rule in enumerate(scene.rules, 1)
        ),
    )


def _next_step(district: bool, points: bool) -> str:
    if not district:
        return "区级印发"
    return "按年复核" if points else "督促助餐点落实"


def count(number: int | None) -> str:
    return NOTHING if number is None else f"{number:,}"


def whole(value: Fraction) -> str:
    return f"{rounded(value):,}"


def one_place(value: Fraction) -> str:
    return fixed(value, 1)


def percent(part: int, of: int) -> str:
    return f"{fixed(Fraction(part * 100, of), 1)}%" if of else NOTHING


def _money(amount: int | None) -> str:
    """In whole yuan."""
    return NOTHING if amount is None else f"{rounded(Fraction(amount, 100)):,}"


def _short(month: Month) -> str:
    return f"{month.year % 100}年{month.month}月"


EXHIBITS: dict[str, tuple[str, str, Callable[[Scene], Block | None]]] = {
    "towns": ("表", "各镇（街道）人口、设施和覆盖", towns),
    "months": ("图", "各月供餐份数", months),
    "demand": ("表", "分年龄段的就餐需求", demand),
    "demand_chart": ("图", "各镇（街道）每日需求和供餐能力", demand_chart),
    "map": ("图", "服务覆盖图", coverage_map),
    "coverage": ("图", "各镇（街道）覆盖率", coverage),
    "gaps": ("表", "各镇（街道）供需缺口", gaps),
    "economics": ("表", "助餐点收支平衡", economics),
    "plans": ("表", "布点方案比较", plans),
    "plan_near": ("图", "近期方案布点图", lambda scene: plan_map(scene, scene.near, "近期")),
    "plan_mid": ("图", "中期方案布点图", lambda scene: plan_map(scene, scene.mid, "中期")),
    "trials": ("表", "补贴政策测算", trials),
    "rules": ("表", "监督制度清单", rules),
}
"""By code: 图 or 表, what it is called, what makes it."""
SIGNS = {code: sign for code, (sign, _, _) in EXHIBITS.items()}
