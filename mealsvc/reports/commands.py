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


CARDS = "cards"


@click.command()
@click.argument("kind", type=click.Choice(["settlement", "supervision", CARDS]), metavar="KIND")
@click.option("--month", type=MONTH, help="月份，例如 2024-05，用于 settlement 和 supervision")
@click.option("--point", help="只打印这一个助餐点（编号），用于 settlement 和 cards")
@click.option("--division", help="户籍或居住在这个区划的老人，用于 cards")
@click.option("--resident", "residents", multiple=True, help="R000123，可以写多次，用于 cards")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="写到这个PDF文件"
)
@click.pass_obj
def report(
    shell: Shell,
    kind: str,
    month: Month | None,
    point: str | None,
    division: str | None,
    residents: tuple[str, ...],
    out: Path,
) -> None:
    """打印结算表（settlement）、督查报告（supervision）或助餐卡（cards）为PDF文件。

    settlement 不带 --point 时，该月各助餐点的结算表依次写入同一个文件。cards 要说明是谁的卡：
    一个助餐点所在村社区、一个区划，或逐个老人；没有卡的发给新卡号。
    """
    whose = [text for text in (point, division, *residents) if text]
    if kind == CARDS:
        _check_whose(month, point, division, residents)
        _print_cards(shell, point, division, residents, out)
        return
    if month is None:
        raise click.UsageError("请用 --month 写明月份，例如 --month 2024-05。")
    if whose != ([point] if point else []) or (kind != "settlement" and point):
        raise click.UsageError("督查报告是全区的；--division 和 --resident 只用于 cards。")
    _print_month(shell, kind, month, point, out)


def _check_whose(
    month: Month | None, point: str | None, division: str | None, residents: tuple[str, ...]
) -> None:
    if month is not None:
        raise click.UsageError("cards 不分月份，不带 --month。")
    if sum(map(bool, (point, division, residents))) != 1:
        raise click.UsageError("请用 --point、--division 或 --resident 中的一种写明是谁的卡。")


def _print_month(shell: Shell, kind: str, month: Month, point: str | None, out: Path) -> None:
    from mealsvc.plumbing.db import writing
    from mealsvc.reports import services

    with shell.application():
        if kind == services.SETTLEMENT:
            paper = services.settlement_sheets(month, point)
        else:
            paper = services.supervision_report(month)
        _write(out, paper)
        with writing():
            services.note_printing(kind, month, point or "", shell.by_command())
    _told(out, paper)


def _print_cards(
    shell: Shell, point: str | None, division: str | None, residents: tuple[str, ...], out: Path
) -> None:
    from mealsvc.plumbing import clock
    from mealsvc.reports.meal_cards import print_cards, wanted_of

    with shell.application():
        wanted = wanted_of(point, division, residents)
        subject = point or division or (residents[0] if len(residents) == 1 else "")
        paper = print_cards(wanted, subject, shell.by_command(), clock.now())
        _write(out, paper)
    _told(out, paper)


def _told(out: Path, paper: bytes) -> None:
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
