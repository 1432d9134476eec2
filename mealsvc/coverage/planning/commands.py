"""The command `coverage plan`: where the next points should go."""

import json
from datetime import datetime
from fractions import Fraction
from math import isfinite
from typing import Any

import click

from mealsvc.kernel.money import display, yuan
from mealsvc.plumbing.shell import Shell


def _radius(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not isfinite(value):
        raise click.BadParameter("请写成米数，如 1000。")
    return value


def _rate(ctx: click.Context, param: click.Parameter, value: str | None) -> Fraction | None:
    """A fraction of 1, or a per cent with its sign."""
    if value is None:
        return None
    try:
        text = value.strip()
        rate = Fraction(text[:-1]) / 100 if text.endswith(("%", "％")) else Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(-1)
    if not 0 < rate <= 1:
        raise click.BadParameter("请写成 0.8 或 80% 的样子，不超过 1。")
    return rate


def _money(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        fen = yuan(value)
    except ValueError:
        fen = -1
    if fen < 0:
        raise click.BadParameter("请写成元，最多两位小数，如 500000。")
    return fen


@click.command()
@click.option("--add", type=click.IntRange(min=1), help="最多新增几个点")
@click.option(
    "--radius",
    type=click.FloatRange(min=0, min_open=True),
    callback=_radius,
    help="服务半径（米），默认取系统参数",
)
@click.option(
    "--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="按这一天运营的助餐点，默认今天"
)
@click.option("--target", callback=_rate, help="目标覆盖率（0.8 或 80%）：用最少的点达到")
@click.option("--budget", callback=_money, help="建设预算（元）：没有建设费用的候选点不参加")
@click.option("--capacity", is_flag=True, help="计入日供餐能力：来就餐的老人不超过能力")
@click.option("--equity", is_flag=True, help="先抬高覆盖率最低的镇（街道），再求覆盖最多")
@click.option("--scratch", is_flag=True, help="不计现有助餐点，从零布点")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def plan(
    shell: Shell,
    add: int | None,
    radius: float | None,
    on: datetime | None,
    target: Fraction | None,
    budget: int | None,
    capacity: bool,
    equity: bool,
    scratch: bool,
    as_json: bool,
) -> None:
    """测算新点设在哪些候选点位覆盖的老人最多，给出最优证明；不写入任何数据。

    optimal 为 true 表示已证明最优：covered_after 等于上限 bound。超过系统参数“布点测算最长用时”的，
    给出当时最好的方案和上限，optimal 为 false。
    """
    if add is None and target is None and budget is None:
        raise click.UsageError("请用 --add、--target 或 --budget 写明新增几个点、目标或预算。")
    from mealsvc.coverage.planning.reading import uptake_on
    from mealsvc.coverage.planning.rules import Question
    from mealsvc.coverage.planning.services import plan as planned
    from mealsvc.kernel.meals import local_date
    from mealsvc.plumbing import clock
    from mealsvc.settings.services import value_on

    with shell.application():
        day = local_date(clock.now()) if on is None else on.date()
        metres = float(value_on("coverage.radius_m", day)) if radius is None else radius
        uptake = uptake_on(day) if capacity else None
        question = Question(metres, add, target, budget, uptake, equity, scratch)
        answer = planned(question, day)
    if as_json:
        click.echo(json.dumps(document(question, answer), ensure_ascii=False, indent=1))
        return
    for line in _words(question, answer):
        click.echo(line)


def document(question: Any, answer: Any) -> dict[str, Any]:
    """The answer as JSON; what was asked beyond a number and a radius adds its own names."""
    told: dict[str, Any] = {
        "radius_m": question.radius_m,
        "add": question.add,
        "sites": list(answer.sites),
        "covered_before": answer.covered_before,
        "covered_after": answer.covered_after,
        "optimal": answer.optimal,
        "bound": answer.bound,
    }
    if question.target is not None:
        told |= {"target": float(question.target), "met": answer.met, "fewest": answer.fewest}
    if question.budget_fen is not None:
        told |= {"budget_fen": question.budget_fen, "cost_fen": answer.cost_fen}
    if question.uptake is not None:
        told["uptake"] = float(question.uptake)
    if question.equity:
        towns = [
            {"code": one.code, "eligible": one.eligible, "before": one.before, "after": one.after}
            for one in answer.towns
        ]
        told |= {"equity": True, "towns": towns}
    return told


def _words(question: Any, answer: Any) -> list[str]:
    proof = "已证明最优" if answer.optimal else f"未证明最优，上限 {answer.bound:,} 人"
    lines = [
        f"{question.radius_m}米内：{answer.covered_before:,} → {answer.covered_after:,} 人，"
        f"共 {answer.eligible:,} 人（{float(answer.rate):.1%}），{proof}。"
    ]
    if answer.met is False:
        lines.append(f"达不到目标 {float(question.target):.1%}：现有候选点和限制下这是最好的结果。")
    if question.target is not None and answer.fewest is not None:
        lines.append(f"至少需要 {answer.fewest} 个点。")
    if answer.cost_fen is not None:
        lines.append(f"建设费用 {display(answer.cost_fen)} 元。")
    return [*lines, *(answer.sites or ["没有能增加覆盖的候选点。"])]
