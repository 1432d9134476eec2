"""The commands `report` and `coverage`: papers and reach, from the shell."""

import json
from datetime import datetime
from pathlib import Path

import click

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import MONTH, Shell


class CannotWritePaper(Refusal):
    """无法写入文件 {path}：{why}。请检查目录和权限后重试。"""

    code = "cannot_write"


@click.command()
@click.argument("kind", type=click.Choice(["settlement", "supervision"]), metavar="KIND")
@click.option("--month", type=MONTH, required=True, help="月份，例如 2024-05")
@click.option("--point", help="只打印这一个助餐点（编号），用于 settlement")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="写到这个PDF文件"
)
@click.pass_obj
def report(shell: Shell, kind: str, month: Month, point: str | None, out: Path) -> None:
    """打印结算表（settlement）或督查报告（supervision）为PDF文件。

    settlement 不带 --point 时，该月各助餐点的结算表依次写入同一个文件。
    """
    from mealsvc.plumbing.db import writing
    from mealsvc.reports import services

    if kind == services.SUPERVISION and point:
        raise click.UsageError("督查报告是全区的，不能带 --point。")
    with shell.application():
        if kind == services.SETTLEMENT:
            paper = services.settlement_sheets(month, point)
        else:
            paper = services.supervision_report(month)
        _write(out, paper)
        with writing():
            services.note_printing(kind, month, point or "", shell.by_command())
    click.echo(f"已写入 {out}（{len(paper):,} 字节）。", err=True)


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


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: a paper that exists is whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CannotWritePaper(path=path, why=error.strerror or error) from error
