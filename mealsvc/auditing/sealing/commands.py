"""`mealsvc audit seal`, `witness` and `export`: what goes to whoever does not trust us."""

import json
from pathlib import Path

import click

from mealsvc.kernel.months import Month
from mealsvc.plumbing.shell import MONTH, Shell

OUT = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def seal(shell: Shell, as_json: bool) -> None:
    """封存上次封存以来的记录；服务不必停，每晚也会自动封存。没有新记录的，什么也不做。"""
    from mealsvc.auditing.sealing.queries import last_seal
    from mealsvc.auditing.sealing.rules import in_groups
    from mealsvc.auditing.sealing.services import seal as seal_now
    from mealsvc.plumbing import clock

    with shell.application():
        made = seal_now(shell.by_command(), clock.now())
        last = last_seal()
    if as_json:
        told = last and {"number": last.id, "to": last.to_seq, "digest": last.digest}
        click.echo(json.dumps({"sealed": made is not None, "last": told}, ensure_ascii=False))
    elif last is not None:
        done = "已封存" if made else "没有新的记录，上次封存"
        click.echo(
            f"{done}：第 {last.id} 次，到操作留痕第 {last.to_seq} 行，"
            f"摘要 {in_groups(last.digest)}。",
            err=True,
        )


@click.command()
@click.option("--out", type=OUT, required=True, help="写到这个JSON文件")
@click.pass_obj
def witness(shell: Shell, out: Path) -> None:
    """导出各次封存的摘要，交给见证方（发邮件、打印）保存；不含个人信息，不含密钥。"""
    from mealsvc.auditing.sealing.witness import note_witness, witness_file
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with shell.application():
        content = witness_file(clock.now())
        with writing():
            note_witness("file", shell.by_command())
        _write(out, content)
    click.echo(f"已写入 {out}，请交给见证方保存。", err=True)


@click.command()
@click.option("--month", type=MONTH, required=True, help="月份，例如 2024-05")
@click.option("--point", "points", multiple=True, help="只导出这个助餐点（编号），可以写多次")
@click.option("--out", type=OUT, required=True, help="写到这个ZIP文件")
@click.pass_obj
def export(shell: Shell, month: Month, points: tuple[str, ...], out: Path) -> None:
    """导出一个月的流水和证明，连同独立核对程序 verify.py；老人只有编号，没有姓名和证件号码。"""
    from mealsvc.auditing.sealing.exporting import export_proof, note_export
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with shell.application():
        part, chosen = out.with_name(f".{out.name}.part"), points or None
        try:
            with part.open("wb") as file:
                lines = export_proof(month, chosen, file, clock.now())
            with writing():
                note_export(month, chosen, lines, shell.by_command())
            part.replace(out)
        except OSError as error:
            raise _cannot_write(out, error) from error
        finally:
            part.unlink(missing_ok=True)
    click.echo(
        f"已写入 {out}（流水 {lines:,} 条）。核对：解压后运行 python3 verify.py --witness 见证摘要。",
        err=True,
    )


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def _cannot_write(path: Path, error: OSError) -> Exception:
    from mealsvc.auditing.sealing.refusals import CannotWriteExport

    return CannotWriteExport(path=path, why=error.strerror or error)
