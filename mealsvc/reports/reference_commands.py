"""The command `basis`: every item, threshold, indicator and paper with its basis."""

import json
from dataclasses import asdict

import click

from mealsvc.plumbing.shell import Shell


@click.command()
@click.option("--shipped", is_flag=True, help="程序自带的数据，不读数据库")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def basis(shell: Shell, shipped: bool, as_json: bool) -> None:
    """打印依据总表：检查项、参数、指标、监督文书、日志和证照，各自的依据和核对状态。"""
    from mealsvc.reports import reference

    if shipped:
        parts = reference.shipped()
    else:
        from mealsvc.kernel.meals import local_date
        from mealsvc.plumbing import clock

        with shell.application():
            parts = reference.in_force(local_date(clock.now()))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in parts], ensure_ascii=False, indent=1))
        return
    click.echo(reference.markdown(parts), nl=False)
