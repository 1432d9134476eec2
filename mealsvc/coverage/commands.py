"""The command `coverage`: who is within reach, and where the next points should go."""

import json
from datetime import datetime

import click

from mealsvc.plumbing.shell import Shell


@click.group()
def coverage() -> None:
    """服务覆盖。"""


@coverage.command()
@click.option(
    "--radius", type=click.FloatRange(min=0, min_open=True), help="服务半径（米），默认取系统参数"
)
@click.option(
    "--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="按这一天运营的助餐点，默认今天"
)
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def summary(shell: Shell, radius: float | None, on: datetime | None, as_json: bool) -> None:
    """统计服务半径内外的60岁以上人口，列出空白点。"""
    from mealsvc.coverage.services import coverage_summary
    from mealsvc.kernel.meals import local_date
    from mealsvc.plumbing import clock

    with shell.application():
        day = local_date(clock.now()) if on is None else on.date()
        found = coverage_summary(radius, day)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"{found['radius_m']}米内覆盖 {found['covered']:,} 人，共 {found['eligible']:,} 人"
        f"（{found['rate']:.1%}）；空白点 {len(found['gaps'])} 个。"
    )
    for town in found["towns"]:
        click.echo(f"{town['code']}\t{town['covered']:,}/{town['eligible']:,}")
