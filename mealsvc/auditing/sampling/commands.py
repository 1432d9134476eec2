"""`mealsvc audit sample`: draws a month's sample, keeps it, or proves a kept one."""

import csv
import json
from pathlib import Path
from typing import Any

import click

from mealsvc.kernel.months import Month
from mealsvc.plumbing.shell import MONTH, Shell

METHODS = ("stratified", "mus")


@click.command("sample")
@click.argument("month", type=MONTH, required=False)
@click.option(
    "--method", type=click.Choice(METHODS), help="stratified 按助餐点分层（默认），mus 按补贴金额"
)
@click.option("--seed", help="种子；不给就生成一个并打印")
@click.option("--size", type=click.IntRange(min=1), help="样本量；不给就按参数推算")
@click.option("--confidence", type=click.IntRange(50, 99), help="置信度百分比，默认按参数")
@click.option("--point", help="只抽这一个助餐点（编号）")
@click.option("--keep", "keeps", is_flag=True, help="编号保存，供回访")
@click.option("--redraw", metavar="NUMBER", help="按种子重抽这个编号的样本，证明一致")
@click.option(
    "--lines", type=click.Path(dir_okay=False, path_type=Path), help="把抽样总体写成CSV，供他人重抽"
)
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def sample(
    shell: Shell, month: Month | None, as_json: bool, lines: Path | None, **asked: Any
) -> None:
    """从一个月的有补贴流水中抽取审计样本；同样的种子抽出同样的流水。"""
    redrawn = asked.pop("redraw")
    if (month is None) is (redrawn is None) or (redrawn is not None and any(asked.values())):
        raise click.UsageError("请给出月份 YYYY-MM，或者只用 --redraw 给出样本编号。")
    from mealsvc.auditing.sampling import services

    with shell.application():
        if redrawn is not None:
            row = services.sample_by_number(redrawn)
            made, number = services.redraw(row), row.number
        else:
            made, number = _drawn(shell, month, **asked)
        document = services.document_of(made, number)
        if lines:
            _write_lines(lines, made.lines)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    _say(document)
    if redrawn:
        click.echo(f"重抽一致：样本 {number} 的 {len(document['items'])} 笔与种子抽出的完全相同。")


def _drawn(shell: Shell, month: Any, **asked: Any) -> Any:
    """Draws and, if asked, keeps: the drawing and its number."""
    from mealsvc.auditing.sampling import services
    from mealsvc.auditing.sampling.refusals import UnknownPoint
    from mealsvc.kernel.text import is_storable, tidy
    from mealsvc.places.services import point_by_code
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.settlement.area import district

    point, seed = tidy(asked["point"] or ""), tidy(asked["seed"] or "")
    if point and point_by_code(point) is None:
        raise UnknownPoint(point=point)
    if len(seed) > services.LONGEST_SEED or not is_storable(seed):
        raise click.UsageError(f"种子最多{services.LONGEST_SEED}个字，不能有看不见的字符。")
    order = services.Order(
        month,
        district(),
        asked["method"] or METHODS[0],
        seed,
        asked["confidence"],
        asked["size"],
        point,
    )
    made, number = services.look(order), None
    if asked["keeps"]:
        with writing():
            number = services.keep(made, shell.by_command(), clock.now()).number
    return made, number


def _write_lines(path: Path, lines: Any) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("sequence", "key", "point", "subsidy_fen"))
        writer.writerows(lines)


def _say(document: Any) -> None:
    from mealsvc.auditing.sampling.services import METHODS as NAMES
    from mealsvc.kernel.money import display

    whole = document["population"]
    name = NAMES[document["method"]]
    number = document.get("number")
    click.echo(f"{document['month']} 审计样本{f'（{number}）' if number else '（未保存）'} {name}")
    click.echo(f"种子：{document['seed']}　置信度：{document['confidence']}%")
    click.echo(
        f"总体：{whole['servings']:,} 笔，补贴 {display(whole['subsidy_fen'])} 元，"
        f"摘要 {whole['digest'][:16]}，流水截至第 {whole['last_sequence']} 号"
    )
    click.echo(f"样本：{len(document['items']):,} 笔")
    for one in document["items"]:
        click.echo(
            f"{one['place']:>5}  {one['key']:<24} {one['point']:<8} {one['date']} {one['meal']:<9}"
            f" {one['resident']}  {display(one['subsidy_fen'])} 元  {one['stratum']} {one['why']}"
        )
