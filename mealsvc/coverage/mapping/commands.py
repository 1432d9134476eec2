"""`mealsvc coverage boundaries`: takes the boundaries of a GeoJSON file in."""

from pathlib import Path

import click

from mealsvc.plumbing.shell import Shell


@click.command("boundaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="资料来源，默认用文件名")
@click.pass_obj
def boundaries(shell: Shell, file: Path, source: str | None) -> None:
    """导入区划边界（GeoJSON，WGS-84）；同一个文件再导入一次没有变化。"""
    from mealsvc.coverage.mapping import boundaries as kept
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with shell.application():
        outlines, read = kept.read_boundaries(file.read_bytes())
        with writing():
            report = kept.keep(outlines, read, source or file.name, shell.by_command(), clock.now())
    for one in (*report.bad, *report.odd):
        click.echo(f"第 {one.number} 个要素 {one.name}：{one.reason}。", err=True)
    click.echo(
        f"新增或更新 {report.changed} 个边界，{report.same} 个与原来相同，{len(report.bad)} 个没有采用。"
    )
