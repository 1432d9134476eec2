"""The console command. Exit status: 0 done, 1 refused (one line says why), 2 wrong usage."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import config
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal

ROOT = Path(__file__).resolve().parent.parent


class MonthType(click.ParamType):
    """A month such as 2024-05."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: Any, ctx: Any) -> Month:
        try:
            return Month.parse(value)
        except ValueError:
            self.fail(f"“{value}”不是月份，请写成 2024-05 的样子。", param, ctx)


MONTH = MonthType()
as_json = click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """老年助餐管理系统。"""


def main(args: list[str] | None = None, **options: Any) -> None:
    """Runs a command; a refusal is one line on stderr and exit status 1."""
    try:
        cli.main(args, prog_name="mealsvc", **options)
    except (Refusal, config.ConfigError) as refusal:
        click.echo(f"未办理：{refusal}", err=True)
        sys.exit(1)


def by_command() -> Actor:
    """Whoever has the shell is trusted, and named in the trail."""
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "shell"
    return Actor("command", name)


@contextmanager
def application() -> Iterator[Any]:
    """The application with its context; refuses a database that was never made."""
    from mealsvc.app import create_app

    app = create_app()
    with app.app_context():
        yield app


def show(document: Any) -> None:
    """Prints one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


@cli.command()
def init() -> None:
    """建立或升级数据库；可以重复执行。"""
    from mealsvc.setup import prepare

    click.echo(prepare(by_command()), err=True)


@cli.command()
@click.argument("month", type=MONTH)
@click.option("--point", help="只结算这一个助餐点（编号）")
@click.option("--submit", "submits", is_flag=True, help="提交并冻结该月")
@as_json
def settle(month: Month, point: str | None, submits: bool, as_json: bool) -> None:
    """计算一个月的结算；--submit 提交并冻结。"""
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.settlement.services import settlement_of, submit

    with application():
        if submits:
            with writing():
                submit(month, point, by_command(), clock.now())
        document = settlement_of(month, point)
    if as_json:
        show(document)
        return
    from mealsvc.settlement.wording import as_text

    click.echo(as_text(document))
