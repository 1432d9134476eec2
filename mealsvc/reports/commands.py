"""The command `report`: papers from the shell."""

from datetime import datetime
from pathlib import Path

import click

from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import MONTH, Shell
from mealsvc.reports.case_commands import CASES, print_case
from mealsvc.reports.supervision_commands import (
    DAY,
    SUPERVISION,
    asked_of,
    place_asked,
    print_supervision,
)
from mealsvc.reports.survey_commands import SURVEY, print_survey


class CannotWritePaper(Refusal):
    """无法写入文件 {path}：{why}。请检查目录和权限后重试。"""

    code = "cannot_write"


CARDS = "cards"
MONTHLY = ("settlement", "town-summary", "district-summary", "opinions", SUPERVISION)
# what each kind needs beside the month: (may name a point, may name a division, must name one)
ASKS = {
    "settlement": (True, False, False),
    "town-summary": (False, True, True),
    "opinions": (True, False, True),
}


@click.command()
@click.argument("kind", type=click.Choice([*MONTHLY, *CASES, CARDS, SURVEY]), metavar="KIND")
@click.option("--month", type=MONTH, help="月份，例如 2024-05，用于 cards 以外的各种")
@click.option("--quarter", help="季度，例如 2024-Q2，用于 supervision")
@click.option("--from", "from_on", type=DAY, help="从这一天起，用于 supervision")
@click.option("--to", "to_on", type=DAY, help="到这一天止，用于 supervision")
@click.option(
    "--point", help="这一个助餐点（编号），用于 settlement、opinions、supervision 和 cards"
)
@click.option(
    "--division",
    help="镇（街道）的区划代码，用于 town-summary 和 supervision；老人户籍或居住的区划，用于 cards",
)
@click.option("--brief", "form", flag_value="brief", help="只印一页简报，用于 supervision")
@click.option("--card", "form", flag_value="card", help="只印一页助餐点成绩单，用于 supervision")
@click.option("--number", help="文书的文号，例如 武民助检〔2024〕0001号，用于监督文书")
@click.option("--round", "round_number", help="摸排的编号，用于 survey；不写取最近一轮")
@click.option("--resident", "residents", multiple=True, help="R000123，可以写多次，用于 cards")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="写到这个PDF文件；survey 也可以是 .docx",
)
@click.pass_obj
def report(
    shell: Shell,
    kind: str,
    month: Month | None,
    quarter: str | None,
    from_on: datetime | None,
    to_on: datetime | None,
    point: str | None,
    division: str | None,
    form: str | None,
    number: str | None,
    round_number: str | None,
    residents: tuple[str, ...],
    out: Path,
) -> None:
    """打印PDF：结算表（settlement）、镇街汇总表（town-summary）、区汇总表（district-summary）、
    审核意见表（opinions）、督查报告（supervision）、助餐卡（cards），
    检查笔录和结果告知书（inspection）、整改通知书（rectification）或检查通知书（notice），
    调研报告（survey，PDF或DOCX）。

    settlement 不带 --point 时，该月各助餐点的结算表依次写入同一个文件。已提交月份的结算文件编号
    出具并保存，再次打印是同一个文件；未提交的印为预览件。cards 要说明是谁的卡：一个助餐点所在
    村社区、一个区划，或逐个老人；没有卡的发给新卡号。supervision 的期间是一个月、一个季度或
    不超过366天的起止日期，范围是全区、一个镇（街道）或一个助餐点。inspection、rectification、
    notice 取这个助餐点（该月）最近的一份，或按 --number 的文号取。survey 取最近一轮（或 --round、
    --month 那一轮）摸排：锁定前是征求意见稿，锁定后编号出具；没有摸排的，按系统记录写。
    """
    if kind == SURVEY:
        asked = (quarter, from_on, to_on, form, point, division, number, *residents)
        _print_survey(shell, round_number, month, any(asked), out)
        return
    if round_number is not None:
        raise click.UsageError("--round 只用于 survey。")
    times = (quarter, from_on, to_on, form)
    if kind == SUPERVISION:
        period, place = asked_of(month, *times[:3]), place_asked(point, division, residents, form)
        _told(out, print_supervision(shell, period, place, form or "", out, _write))
        return
    if any(times):
        raise click.UsageError("--quarter、--from、--to、--brief 和 --card 只用于 supervision。")
    if kind in CASES:
        _print_case(shell, kind, month, point, number, bool(division or residents), out)
        return
    if number:
        raise click.UsageError(f"--number 只用于 {'、'.join(CASES)}。")
    if kind == CARDS:
        _check_whose(month, point, division, residents)
        _print_cards(shell, point, division, residents, out)
        return
    if month is None:
        raise click.UsageError("请用 --month 写明月份，例如 --month 2024-05。")
    _check_asked(kind, point, division, residents)
    _print_month(shell, kind, month, point or division or "", out)


def _print_survey(
    shell: Shell, number: str | None, month: Month | None, elsewhere: bool, out: Path
) -> None:
    if elsewhere:
        raise click.UsageError("survey 是全区的，只带 --round 或 --month。")
    _told(out, print_survey(shell, number, month, out, _write))


def _print_case(
    shell: Shell,
    kind: str,
    month: Month | None,
    point: str | None,
    number: str | None,
    elsewhere: bool,
    out: Path,
) -> None:
    if elsewhere:
        raise click.UsageError(f"{kind} 用 --point 或 --number，不带 --division 和 --resident。")
    _told(out, print_case(shell, kind, month, point, number, out, _write))


def _check_asked(
    kind: str, point: str | None, division: str | None, residents: tuple[str, ...]
) -> None:
    by_point, by_division, needed = ASKS.get(kind, (False, False, False))
    if residents or (point and not by_point) or (division and not by_division):
        raise click.UsageError(
            "--point 用于 settlement、opinions、supervision 和 cards，--division 用于 "
            "town-summary、supervision 和 cards，--resident 只用于 cards；区汇总表是全区的。"
        )
    if needed and not (point or division):
        wanted = "--point 写明助餐点" if by_point else "--division 写明镇（街道）的区划代码"
        raise click.UsageError(f"请用 {wanted}。")


def _check_whose(
    month: Month | None, point: str | None, division: str | None, residents: tuple[str, ...]
) -> None:
    if month is not None:
        raise click.UsageError("cards 不分月份，不带 --month。")
    if sum(map(bool, (point, division, residents))) != 1:
        raise click.UsageError("请用 --point、--division 或 --resident 中的一种写明是谁的卡。")


def _print_month(shell: Shell, kind: str, month: Month, place: str, out: Path) -> None:
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.reports import services

    with shell.application():
        printing = services.settled(kind, month, place)
        with writing():
            paper = services.hand_over(printing, shell.by_command(), clock.now())
        _write(out, paper)
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


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing: a paper that exists is whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CannotWritePaper(path=path, why=error.strerror or error) from error
