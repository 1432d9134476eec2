"""The commands `import` and `export`: files in and out, from the shell."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import click

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import Shell

IMPORTED = (
    "divisions",
    "points",
    "candidates",
    "residents",
    "departures",
    "policy",
    "budget",
    "menus",
    "servings",
    "reversals",
    "purchases",
    "logs",
    "documents",
    "staff",
    "inspections",
)
EXPORTED = ("servings", "settlement", "settlement-lines", "payment", "residents", "budget")
EVERY_S = 0.5  # between two lines of progress


class CannotWrite(Refusal):
    """无法写入文件 {path}：{why}。请检查目录和权限后重试。"""

    code = "cannot_write"


@click.command("import")
@click.argument("kind", type=click.Choice(IMPORTED), metavar="KIND")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="只预演：逐行判断，不写入任何数据")
@click.option("--rejects", type=click.Path(path_type=Path), help="把退回的行写到这个 CSV 文件")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def import_(
    shell: Shell, kind: str, file: Path, dry_run: bool, rejects: Path | None, as_json: bool
) -> None:
    """导入 CSV 或 XLSX 文件（policy 为 TOML）：好的行留下，坏的行逐行报告；重复导入不改变任何数据。

    KIND：divisions points candidates residents departures policy budget menus servings
    reversals purchases logs documents staff inspections
    """
    from mealsvc.exchange.counts import as_text
    from mealsvc.exchange.importing import import_file, import_policy_file

    with shell.application():
        if kind == "policy":
            report = import_policy_file(file, shell.by_command(), rehearse=dry_run)
        else:
            out_file = _written(rejects) if rejects else nullcontext()
            with out_file as out, _progress() as watch:
                report = import_file(
                    kind,
                    file,
                    shell.by_command(),
                    filename=file.name,
                    rehearse=dry_run,
                    rejects_to=out,
                    watch=watch,
                )
    for warning in report.warnings:
        click.echo(warning, err=True)
    if report.touched is not None:
        facts = f"{report.touched.first}-{report.touched.last}"
        where = "" if dry_run else f"请到网页办理：/corrections?facts={facts}"
        click.echo(f"{report.touched.sentence}{where}", err=True)
    if as_json:
        click.echo(json.dumps(report.document, ensure_ascii=False))
        return
    click.echo(as_text(report.document))
    for reject in () if rejects else report.first:
        click.echo(f"  第 {reject.line} 行 {reject.column}：{reject.message}", err=True)
    if dry_run:
        click.echo("以上是预演，没有写入任何数据。", err=True)


@click.command()
@click.argument("kind", type=click.Choice(EXPORTED), metavar="KIND")
@click.option("--month", metavar="YYYY-MM", help="哪个月（residents、budget 不需要）")
@click.option("--year", metavar="YYYY", type=click.IntRange(2000, 2099), help="budget 的年度")
@click.option("--out", required=True, type=click.Path(path_type=Path), help=".csv 或 .xlsx 文件")
@click.pass_obj
def export(shell: Shell, kind: str, month: str | None, year: int | None, out: Path) -> None:
    """导出一个月的就餐记录、结算表、结算明细、拨付明细，一年的经费预算执行，或脱敏的老人名册。

    KIND：servings settlement settlement-lines payment residents budget
    """
    from mealsvc.exchange.exports import export_table
    from mealsvc.exchange.sheets import export_ending

    asked = _year(year) if kind == "budget" else _month(kind, month)
    ending = export_ending(out.name)
    with shell.application(), _written(out) as stream:
        count = export_table(kind, asked, stream, ending, shell.by_command())
    click.echo(f"已导出 {count:,} 行到 {out}。", err=True)


def _year(year: int | None) -> int:
    if year is None:
        raise click.UsageError("请用 --year 指明年度，写成 2024 的样子。")
    return year


def _month(kind: str, text: str | None) -> Month | None:
    if text is None:
        if kind == "residents":
            return None
        raise click.UsageError("请用 --month 指明月份，写成 2024-05 的样子。")
    try:
        return Month.parse(text)
    except ValueError:
        raise click.BadParameter("月份请写成 2024-05 的样子。", param_hint="--month") from None


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner reads, in place once it is complete."""
    draft = path.with_name(f".{path.name}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            yield stream
        draft.replace(path)
    except OSError as error:
        raise CannotWrite(path=path, why=error.strerror or error) from error
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], bool]]:
    """Writes how far it is to a terminal, over and over on one line; into a file nothing."""
    last = 0.0
    shown = False

    def watch(done: int, total: int) -> bool:
        nonlocal last, shown
        if sys.stderr.isatty() and time.monotonic() - last > EVERY_S:
            last, shown = time.monotonic(), True
            click.echo(f"\r已处理 {done:,} / 约 {total:,} 行", err=True, nl=False)
        return True

    try:
        yield watch
    finally:
        if shown:
            click.echo("", err=True)
