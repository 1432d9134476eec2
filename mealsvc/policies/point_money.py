"""What a policy file says about money for points: operating money by month, grants for building."""

import re

from mealsvc.places.rules import KIND_NAMES
from mealsvc.policies.construction import LEAST_FEN
from mealsvc.policies.reading import Table
from mealsvc.policies.rules import Construction, Funding, Operating, Stage, Step

ONE_STAGE = (Stage("验收合格", 100),)
_HUNDRED = 100
_STEPS_HINT = "[{ from = 1, per_serving_fen = 50 }, { from = 1001, per_serving_fen = 30 }]"
_STAGES_HINT = '[{ name = "验收合格", percent = 60 }, { name = "运营满一年", percent = 40, after_months = 12 }]'
_PREFIX = re.compile(r"[0-9]{2,12}")
_NAME = re.compile(r"\S{1,20}")
_LONGEST_MONTHS = 120


def operating(table: Table, code: str) -> Operating:
    """One [[operating]]: per serving, by steps of volume, by lump sum, for so many stars."""
    entry = Operating(
        code=code,
        per_serving_fen=table.whole("per_serving_fen", 0),
        monthly_fen=table.whole("monthly_fen", 0),
        min_daily_average=table.whole("min_daily_average", 0),
        min_days=table.whole("min_days", 0, 31),
        funding=shares(table),
        steps=_steps(table),
        min_stars=table.whole("min_stars", 1, 5),
    )
    if not any(map(table.has, ("per_serving_fen", "monthly_fen", "steps"))):
        table.refuse("", "请填写 per_serving_fen、steps 或 monthly_fen")
    for key in ("min_daily_average", "min_days"):
        if table.has(key) and not table.has("monthly_fen"):
            table.refuse(key, f"{key} 只能和 monthly_fen 一起用")
    if table.has("min_stars") and table.has("per_serving_fen"):
        table.refuse(
            "min_stars", "min_stars 不能和 per_serving_fen 一起用，请另写一条只按星级的运营补贴"
        )
    return entry


def construction(table: Table, code: str) -> Construction:
    """One [[construction]]: how much for which kinds of points, and in which stages."""
    amount = table.whole("amount_fen", LEAST_FEN)
    percent = table.whole("percent_of_cost", 1, _HUNDRED)
    max_fen = table.whole("max_fen", LEAST_FEN)
    if table.has("amount_fen") == table.has("percent_of_cost"):
        table.refuse("percent_of_cost", "amount_fen 和 percent_of_cost 请填写其中一项，只填一项")
    elif table.has("max_fen") and not table.has("percent_of_cost"):
        table.refuse("max_fen", "max_fen 只能和 percent_of_cost 一起用")
    kinds = table.choices("kinds", KIND_NAMES)
    if not table.has("kinds"):
        table.refuse("kinds", f"请填写 kinds，补贴哪些类型的助餐点：{'、'.join(KIND_NAMES)}")
    return Construction(
        code=code,
        kinds=kinds or frozenset(),
        divisions=table.prefixes("divisions", _PREFIX),
        amount_fen=amount,
        percent_of_cost=percent,
        max_fen=max_fen,
        stages=_stages(table),
        funding=shares(table),
    )


def shares(table: Table) -> Funding:
    """Funding in shares, each above 0."""
    funding = table.funding()
    if funding is not None and (not funding or any(weight == 0 for _, weight in funding)):
        table.refuse("funding", "funding 请填写各资金来源的份额，至少一项，每项大于0")
    return funding or ()


def _steps(table: Table) -> tuple[Step, ...]:
    steps: list[Step] = []
    for item in table.items("steps", _STEPS_HINT):
        first, fen = item.whole("from", 1), item.whole("per_serving_fen", 0)
        for key in ("from", "per_serving_fen"):
            if not item.has(key):
                item.refuse(key, f"请填写 {key}")
        if first is not None and steps and first <= steps[-1].first:
            item.refuse("from", f"from 要大于前一档的 {steps[-1].first}，从小到大写")
        item.finish()
        steps.append(Step(first or 1, fen or 0))
    return tuple(steps)


def _stages(table: Table) -> tuple[Stage, ...]:
    """The stages, one for everything if none is written; no stage is due before an earlier one."""
    if not table.has("stages"):
        return ONE_STAGE
    stages: list[Stage] = []
    for item in table.items("stages", _STAGES_HINT):
        name = item.text("name", _NAME, "这一期的名称，20字以内")
        percent = item.whole("percent", 1, _HUNDRED)
        months = item.whole("after_months", 0, _LONGEST_MONTHS)
        if not item.has("percent"):
            item.refuse("percent", "请填写 percent")
        if name and name in {stage.name for stage in stages}:
            item.refuse("name", f"name 重复：前面已有 {name}")
        if stages and (months or 0) < (stages[-1].after_months or 0):
            item.refuse("after_months", "after_months 不能早于前一期")
        item.finish()
        stages.append(Stage(name, percent or 0, months))
    total = sum(stage.percent for stage in stages)
    if stages and all(stage.percent for stage in stages) and total != _HUNDRED:
        table.refuse("stages", f"stages 的 percent 合计 {total}，应等于100")
    return tuple(stages)
