"""`mealsvc audit scan`: looks for anomalies in a month, and keeps the leads for the desk."""

import json
import os
from datetime import date
from typing import Any

import click

from mealsvc.kernel.months import Month
from mealsvc.plumbing.shell import MONTH, Shell

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("month", type=MONTH)
@click.option("--day", type=DAY, help="只看涉及这一天的异常（仍按全月的规律判断）")
@click.option("--point", "points", multiple=True, help="只看这个助餐点（编号），可以写多次；不保存")
@click.option("--keep/--no-keep", "keeps", default=True, help="保存扫描结果和线索（默认保存）")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def scan(
    shell: Shell, month: Month, day: Any, points: tuple[str, ...], keeps: bool, as_json: bool
) -> None:
    """扫描一个月的就餐流水，列出异常。异常不等于违规：每条都写明先要排除的正常情形。"""
    if day is not None and day.date() not in month:
        raise click.UsageError(f"{day.date()} 不在 {month} 里。")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: threads only spin
    from mealsvc.auditing.scanning import looking, services, telling
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with shell.application():
        codes = looking.known_points(points) if points else None
        scanned = looking.look(
            month,
            codes,
            lambda done, total: shell.show_progress("扫描助餐点", done, total),
            helped=(os.cpu_count() or 1) > 1 and looking.is_much(month),
        )
        if keeps and codes is None:
            with writing():
                services.keep(scanned, shell.by_command(), clock.now())
        if scanned.failed:
            click.echo(f"没能判断（详见日志）：{'、'.join(scanned.failed)}", err=True)
        found = telling.on_day(scanned.anomalies, day and day.date())
        if as_json:
            click.echo(_as_json(telling.document(month, found)))
        else:
            _show(scanned, found, day and day.date())


def _as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1)


def _show(scanned: Any, found: Any, day: date | None) -> None:
    from mealsvc.auditing.scanning import telling

    when = f"{day}" if day else f"{scanned.month}"
    for line in telling.table(found):
        click.echo(line)
    click.echo(
        f"{when}：{scanned.points} 个助餐点，{scanned.servings} 笔就餐，"
        f"异常 {len(found)} 条，合并为线索 {len(scanned.stories)} 条。",
        err=True,
    )
