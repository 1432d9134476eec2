"""The commands `checklist add` and `checklist show`."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import Shell
from mealsvc.supervision.checklist import rules


class NoChecklistFile(Refusal):
    """读不到检查表文件 {path}（{why}），请核对文件名；文件应为 UTF-8 编码的 JSON。"""

    code = "no_file"


@click.group("checklist")
def checklist() -> None:
    """检查表。"""


@checklist.command("add")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE.json")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="启用日期；不写为明天")
@click.option("--dry-run", is_flag=True, help="只核对并列出变化，不发布")
@click.pass_obj
def add(shell: Shell, path: Path, first: datetime | None, dry_run: bool) -> None:
    """核对一份检查表并发布为新版本；以前的检查仍用原来的版本。"""
    from mealsvc.kernel.meals import local_date
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.supervision.checklist import services

    document = _text(path)
    with shell.application():
        new, changes = _preview(document)
        for one in changes:
            click.echo(f"{one.code} {_WHAT.get(one.what, one.what)} {one.before} → {one.after}")
        if dry_run:
            click.echo(f"{new.version}：{len(new.items)} 项，没有错误，没有发布。", err=True)
            return
        now = clock.now()
        day = first.date() if first else local_date(now) + timedelta(days=1)
        with writing():
            services.add_version(document, day, shell.by_command(), now)
    click.echo(f"检查表 {new.version} 已发布，{chinese_date(day)}起使用。", err=True)


@checklist.command("show")
@click.option("--version", help="版本号；不写为现行版本")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def show(shell: Shell, version: str | None, as_json: bool) -> None:
    """列出一个版本的检查项；--json 的输出改好后可以用 checklist add 发布。"""
    from mealsvc.kernel.meals import local_date
    from mealsvc.plumbing import clock
    from mealsvc.supervision.checklist import services

    with shell.application():
        shown = (
            services.checklist_of(version)
            if version
            else services.checklist_on(local_date(clock.now()))
        )
    if as_json:
        click.echo(rules.as_json(shown))
        return
    click.echo(f"检查表 {shown.version}：{len(shown.items)} 项，总权重 {shown.weight}")
    for item in shown.items:
        star = "★" if item.critical else "　"
        click.echo(f"{item.code} {star} {item.weight:>2} {item.applies:<4} {item.text}")


_WHAT = {"added": "新增", "retired": "停用"}


def _preview(document: str) -> tuple[rules.Checklist, list[rules.Change]]:
    """As `services.preview`; every mistake goes to stderr before the refusal."""
    from mealsvc.supervision.checklist import services

    try:
        return services.preview(document)
    except Refusal as refusal:
        for mistake in _mistakes(refusal):
            click.echo(mistake, err=True)
        raise


def _mistakes(refusal: Refusal) -> tuple[str, ...]:
    found = refusal.facts.get("mistakes", ())
    return found if isinstance(found, tuple) else ()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise NoChecklistFile(path=path, why=error.strerror or "无法读取") from error
    except UnicodeDecodeError as error:
        raise NoChecklistFile(path=path, why="不是 UTF-8 编码") from error
