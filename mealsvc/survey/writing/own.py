"""The figures that only the report needs: kept plans, rules in force, targets, what was done; and what
other places did, cited with its source."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from sqlalchemy import func, select

from mealsvc.kernel.dates import chinese_date
from mealsvc.menus.models import FiledPrice
from mealsvc.places.units.rules import RULES
from mealsvc.plumbing.db import db
from mealsvc.policies.models import SubsidyPolicy
from mealsvc.settings.services import value_on
from mealsvc.settlement.models import SettlementBatch
from mealsvc.supervision.complaints.models import Rating
from mealsvc.supervision.logs.models import LogEntry
from mealsvc.survey.assessing.figure_words import count, share, wan
from mealsvc.survey.assessing.figures import Figure
from mealsvc.survey.assessing.ground import Ground
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.rounds.models import SurveyRound
from mealsvc.survey.rounds.services import states_of
from mealsvc.survey.writing.rules.examples import ALL
from mealsvc.survey.writing.scene import Plan, RuleState, full_points, kitchens_supplying

PAID = ("paid", "closed")
GOOD_STARS = 4
Value = int | Fraction | str | None


def own_figures(
    row: SurveyRound | None,
    ground: Ground,
    plans: tuple[Plan, ...],
    rules: tuple[RuleState, ...],
) -> dict[str, Figure]:
    """By code; all begin with `w.` or, for other places, with `ref.`."""
    made = [
        *(_survey(row) if row else ()),
        *_targets(ground),
        *_rules(ground, rules),
        *_practice(ground),
        *_plans(ground, plans),
        *(one for name, plan in _named(plans).items() for one in _plan(name, plan, ground)),
        *_examples(),
    ]
    return {one.code: one for one in made}


def _figure(
    code: str,
    name: str,
    value: Value,
    text: str,
    definition: str,
    source: str,
    as_of: str,
    url: str = "",
) -> Figure:
    told = "无记录" if value is None else text
    return Figure(code, name, value, told, definition, as_of, source, url)


def _survey(row: SurveyRound) -> list[Figure]:
    """How many sheets of the round count."""
    at, url = chinese_date(row.as_of), f"/surveys/{row.id}"
    states = states_of(row.id)
    by_form = {
        form: sum(
            number for (of, state), number in states.items() if of == form and state == "accepted"
        )
        for form in row.forms
    }
    whole = sum(by_form.values())
    left = sum(number for (_, state), number in states.items() if state == "left")
    listed = "、".join(
        f"{FORMS[form].name}{number:,}份" for form, number in by_form.items() if number
    )
    source = f"摸排{row.number}"
    return [
        _figure("w.round", "摸排编号", row.number, row.number, "下发时取得的编号", source, at, url),
        _figure("w.sheets", "已汇总的填报表", whole, count("份")(whole), "已通过区汇总的表，按表计", source, at, url),
        _figure("w.sheets_list", "各类填报表", listed or None, listed, "已通过区汇总的表，按种类", source, at, url),
        _figure("w.left_out", "缺报的表", left or None, count("份")(left), "区列为缺报、没有数据的表", source, at, url),
    ]  # fmt: skip


def _targets(ground: Ground) -> list[Figure]:
    day, source = ground.as_of, "参数"
    at = chinese_date(day)
    target = Fraction(value_on("survey.coverage_target", day)) / 100
    kitchen = Fraction(value_on("survey.one_kitchen", day)) / 100
    sample = int(value_on("survey.sample_size", day))
    return [
        _figure("w.coverage_target", "服务半径覆盖率目标", target, share(0)(target), "参数：服务半径覆盖率目标", source, at, "/settings"),
        _figure("w.one_kitchen", "一家厨房占比警戒线", kitchen, share(0)(kitchen), "参数：一家厨房供餐占比过高", source, at, "/settings"),
        _figure("w.sample_least", "问卷最少份数", sample, count("份")(sample), "参数：问卷最少份数", source, at, "/settings"),
    ]  # fmt: skip


def _rules(ground: Ground, rules: tuple[RuleState, ...]) -> list[Figure]:
    at, source = chinese_date(ground.as_of), "制度文件登记"
    held = sum(bool(rule.district) for rule in rules)
    missing = [rule.name for rule in rules if not rule.district]
    full, serving = full_points(ground, ground.as_of), len(ground.serving)
    return [
        _figure("w.rules_district", "区级已执行的制度", held, count("项")(held), f"{len(RULES)}项制度中区级印发并有效的", source, at, "/units/district"),
        _figure("w.rules_missing", "区级尚缺的制度", len(missing), count("项")(len(missing)), f"{len(RULES)}项制度中区级没有印发或已失效的", source, at, "/units/district"),
        _figure("w.rules_missing_names", "区级尚缺的制度名称", "、".join(missing) or None, "、".join(missing), "区级没有印发或已失效的制度", source, at, "/units/district"),
        _figure("w.rules_full_points", "制度齐全的助餐点", full, count("个")(full), f"{len(RULES)}项制度都有效的运营助餐点", source, at, "/units"),
        _figure("w.points_operating", "运营助餐点", serving, count("个")(serving), "当天正式运营、供老人用餐的", "助餐点档案", at, "/points"),
    ]  # fmt: skip


def _practice(ground: Ground) -> list[Figure]:
    day, month = ground.as_of, ground.month
    at, of = chinese_date(day), month.chinese
    policy = _policy(ground, day)
    kitchens, supplied = kitchens_supplying(ground)
    logs = _count(
        select(func.count()).where(
            LogEntry.day.between(month.first_day, month.last_day), LogEntry.withdrawn_at.is_(None)
        )
    )
    filed = _count(select(func.count()).where(FiledPrice.effective_from <= day, ~FiledPrice.ended))
    rated = Rating.rated_on <= day
    ratings = _count(select(func.count()).select_from(Rating).where(rated))
    good = _count(select(func.count()).select_from(Rating).where(rated, Rating.stars >= GOOD_STARS))
    batches = _count(
        select(func.count()).select_from(SettlementBatch).where(SettlementBatch.month <= month.key)
    )
    paid = _count(
        select(func.count())
        .select_from(SettlementBatch)
        .where(SettlementBatch.month <= month.key, SettlementBatch.status.in_(PAID))
    )
    return [
        _figure("w.policy", "现行补贴政策", policy and f"《{policy.title}》", f"《{policy.title}》" if policy else "", "时点有效的补贴政策", "补贴政策", at, "/policies"),
        _figure("w.policy_from", "现行补贴政策执行日期", policy and chinese_date(policy.effective_from), chinese_date(policy.effective_from) if policy else "", "政策的生效日期", "补贴政策", at, "/policies"),
        _figure("w.kitchens_supplying", "向其他助餐点供餐的厨房", kitchens or None, count("家")(kitchens), "运营助餐点登记的供餐单位，去重", "助餐点档案", at, "/points"),
        _figure("w.points_supplied", "由厨房供餐的助餐点", supplied or None, count("个")(supplied), "登记了供餐单位的运营助餐点", "助餐点档案", at, "/points"),
        _figure("w.logs_month", "当月食品安全日志", logs or None, count("条")(logs), "晨检、留样、消毒、测温等日志，撤销的不计", "食品安全日志", of, "/logs"),
        _figure("w.filed_prices", "备案价格", filed or None, count("条")(filed), "时点以前备案、没有终止的价格", "备案价", at, "/prices"),
        _figure("w.ratings", "满意度评价", ratings or None, count("条")(ratings), "扫码、柜台、回访的评价", "满意度记录", at, "/satisfaction"),
        _figure("w.ratings_good", "满意的评价占比", Fraction(good, ratings) if ratings else None, share()(Fraction(good, ratings)) if ratings else "", "四星、五星的评价占全部评价", "满意度记录", at, "/satisfaction"),
        _figure("w.batches", "已提交的月度结算", batches or None, count("批")(batches), "截至供餐月份各助餐点提交的月度结算", "月度结算", of, "/settlements"),
        _figure("w.batches_paid", "已拨付的月度结算", paid or None, count("批")(paid), "其中已拨付或归档的", "月度结算", of, "/settlements"),
    ]  # fmt: skip


def _plans(ground: Ground, plans: tuple[Plan, ...]) -> list[Figure]:
    number, at = len(plans), chinese_date(ground.as_of)
    told = count("个")(number)
    return [
        _figure("w.plans", "保存的布点方案", number or None, told, "全区的、在现有助餐点上新增的方案，取最近几个", "布点方案", at, "/coverage/plans")
    ]  # fmt: skip


def _named(plans: tuple[Plan, ...]) -> Mapping[str, Plan]:
    """The plan of fewest sites is the near one, that of most the later one."""
    if not plans:
        return {}
    return {"near": plans[0]} | ({"mid": plans[-1]} if len(plans) > 1 else {})


def _plan(name: str, plan: Plan, ground: Ground) -> list[Figure]:
    answer, url, word = plan.answer, "/coverage/plan", "近期" if name == "near" else "中期"
    source, at = f"布点方案“{plan.name}”", chinese_date(ground.as_of)
    sites = "、".join(f"{number}.{site.name}" for number, site in enumerate(plan.sites, 1))
    bound = count("人")(answer.bound)
    proof = "已证明为最优" if answer.optimal else f"尚未证明最优，任何选点覆盖不超过{bound}"

    def made(code: str, what: str, value: Value, text: str, definition: str) -> Figure:
        return _figure(
            f"w.{name}_{code}", f"{word}方案{what}", value, text, definition, source, at, url
        )

    before, after = answer.rate_before, answer.rate
    return [
        made("name", "名称", plan.name, plan.name, "保存的布点方案"),
        made("count", "新增助餐点", len(plan.sites), count("个")(len(plan.sites)), "方案选中的候选点位"),
        made("sites", "新增点位", sites or None, sites, "方案选中的候选点位，编号同图"),
        made("before", "覆盖前", answer.covered_before, count("人")(answer.covered_before), "新增前服务半径内的60岁以上户籍老人"),
        made("after", "覆盖后", answer.covered_after, count("人")(answer.covered_after), "新增后服务半径内的60岁以上户籍老人"),
        made("rate_before", "覆盖前覆盖率", before, share()(before), "新增前服务半径内的占60岁以上户籍老人"),
        made("rate_after", "覆盖后覆盖率", after, share()(after), "新增后服务半径内的占60岁以上户籍老人"),
        made("build", "建设费用", answer.cost_fen, wan(answer.cost_fen or 0), "选中候选点位的建设费用合计"),
        made("yearly", "每年补贴", plan.yearly_fen, wan(plan.yearly_fen or 0), plan.assumption or "新增覆盖的老人每年的补贴"),
        made("proof", "测算结论", proof, proof, "求解结果是否证明最优"),
    ]  # fmt: skip


def _examples() -> list[Figure]:
    return [
        _figure(one.code, f"{one.place}：{one.name}", one.text, one.text, "外地公开做法", one.basis, one.year)
        for one in ALL
    ]  # fmt: skip


def _policy(ground: Ground, day: date) -> SubsidyPolicy | None:
    """The policy in force on the day, the newest where there are several."""
    ended = func.coalesce(SubsidyPolicy.ended_on, SubsidyPolicy.effective_to)
    rows = (
        select(SubsidyPolicy)
        .where(
            SubsidyPolicy.status == "approved",
            SubsidyPolicy.division.startswith(ground.district[:6]),
            SubsidyPolicy.effective_from <= day,
            (ended.is_(None)) | (ended >= day),
        )
        .order_by(SubsidyPolicy.effective_from.desc(), SubsidyPolicy.id.desc())
        .limit(1)
    )
    return db.session.scalar(rows)


def _count(statement) -> int:
    return db.session.scalar(statement) or 0
