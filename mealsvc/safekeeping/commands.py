"""The commands `backup` and `restore`."""

import json
from pathlib import Path

import click

from mealsvc.plumbing.shell import Shell


@click.command()
@click.argument("dest", type=click.Path(path_type=Path), metavar="DEST")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def backup(shell: Shell, dest: Path, as_json: bool) -> None:
    """把数据库备份成一个文件；服务不必停。DEST 是文件名，或已有的文件夹。

    备份里没有密钥：secret.key 和 data.key 要另存一处，没有 data.key 就不能恢复。
    """
    from mealsvc.plumbing import clock
    from mealsvc.safekeeping.backup import back_up

    with shell.application():
        made = back_up(dest, shell.by_command(), clock.now(), shell.show_progress)
    told = {
        "path": str(made.path),
        "sequence": made.sequence,
        "rows": made.rows,
        "bytes": made.bytes,
        "sha256": made.digest,
        "seconds": made.seconds,
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(
        f"已备份到 {made.path}：{made.rows:,} 行，{made.bytes / 1e6:,.1f} MB，"
        f"用时 {made.seconds:.1f} 秒，到操作留痕第 {made.sequence} 行为止。\n"
        f"SHA-256 {made.digest}\n"
        "备份里没有密钥：请确认 data.key 已另存一处。请把备份文件拷到另一台机器或移动硬盘。",
        err=True,
    )


@click.command()
@click.argument("src", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="SRC")
@click.option("--replace", is_flag=True, help="数据库里已有数据时，用备份换掉它")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def restore(shell: Shell, src: Path, replace: bool, as_json: bool) -> None:
    """从备份文件恢复数据库。先停止服务。

    文件、密钥、每一行流水和操作留痕都核对通过才会换上；有一样不对，数据库原样不动。
    """
    from mealsvc.kernel.dates import parse_instant
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.pages import local_time
    from mealsvc.safekeeping.restore import restore as put_back

    with shell.bare_application():
        done = put_back(src, replace, shell, shell.by_command(), clock.now(), shell.show_progress)
    told = {
        "created_at": done.created_at,
        "sequence": done.sequence,
        "rows": done.rows,
        "epoch": done.epoch,
        "aside": str(done.aside) if done.aside else None,
        "missing": done.missing,
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    when = local_time(parse_instant(done.created_at))
    lines = [
        f"已恢复到 {when} 的备份：{done.rows:,} 行，操作留痕到第 {done.sequence} 行，核对通过。",
        "现在可以启动服务。收银平板联网后，会自动重发它们留着的登记：已有的不会重复，没有的会补上。",
        "备份之后在电脑上做的事（停用账号、收回设备、修改档案、导入、提交结算）不在库里，请对照记录重做。",
        "所有人需要重新登录。请把恢复的时间和原因书面告诉见证方，从新的锚和新的封存接着留。",
    ]
    if done.missing:
        lines.append(
            f"注意：这不是最新的一份备份，后来的备份还多 {done.missing} 行操作留痕。"
            "平板可能已不再保留那一段的登记：找得到后来的备份，请改用它重做一次。"
        )
    if done.aside:
        lines.append(f"原来的数据库留在 {done.aside}，确认无误后可以删除。")
    click.echo("\n".join(lines), err=True)
