"""The command `simulate`: months replayed under another policy, from the shell."""

from pathlib import Path

import click

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import MONTH, Shell


class NoPolicyFile(Refusal):
    """读不到政策文件 {path}（{why}），请核对文件名；文件应为 UTF-8 编码的 TOML。"""

    code = "no_file"


@click.command()
@click.argument("policy", type=click.Path(path_type=Path), metavar="POLICY.toml")
@click.argument("month", type=MONTH)
@click.option("--to", type=MONTH, help="一直测算到这个月（含）；不写就只测算一个月")
@click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")
@click.pass_obj
def simulate(shell: Shell, policy: Path, month: Month, to: Month | None, as_json: bool) -> None:
    """把一个月或几个月的就餐按另一份政策重算一遍；不写入任何数据。

    政策文件里的起止日期在测算时不起作用：它替换同一区划已批准的政策。按 Ctrl+C 随时停下。
    """
    from mealsvc.plumbing import clock
    from mealsvc.policies.document import read_policy
    from mealsvc.simulation import services, wording

    last = to or month
    if last < month:
        raise click.UsageError("--to 不能早于开始的月份。")
    draft = read_policy(_text(policy))

    def watch(done: int, total: int) -> bool:
        shell.show_progress("测算", done, total)
        return True

    with shell.application():
        months = services.months_between(month, last)
        document = services.simulate(draft, months, clock.now(), watch)
    click.echo(wording.as_json(document).rstrip() if as_json else wording.as_text(document))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise NoPolicyFile(path=path, why=error.strerror or "无法读取") from error
    except UnicodeDecodeError as error:
        raise NoPolicyFile(path=path, why="不是 UTF-8 编码") from error
