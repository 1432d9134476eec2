"""老年助餐补贴结算表: a point's month on one sheet, to be signed by hand."""

from collections.abc import Mapping, Sequence

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.meals import LOCAL, MEALS
from mealsvc.kernel.money import capitals
from mealsvc.papers.services import Stamp
from mealsvc.plumbing.pages import fen
from mealsvc.plumbing.paper.document import Paper
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.plumbing.paper.tables import Column
from mealsvc.policies.rules import SOURCES
from mealsvc.reports.settlement_facts import ExtraLine, LateLine, Sheet
from mealsvc.reports.words import SOURCE_TITLES, foot_of

TITLE = "老年助餐补贴结算表"
PREVIEW_MARK = "预览件，不作结算依据"
SIGNERS = ("经办人", "助餐点负责人（盖章）", "镇（街道）初审", "区民政局复核")
NOTE = (
    "注：金额单位为元，时间为北京时间；份数和金额已减去冲正；同一份就餐可以同时享受多个档次，各档份数不相加。"
    "应付＝补贴＋送餐补贴＋运营补贴＋以前月份调整－暂缓；暂缓的流水和审核意见见审核意见表。扫描二维码，或在"
    "核对网页输入页脚的编号和校验码，可以核对；有涂改的，本表无效。"
)
Stamps = Sequence[Stamp | None]


def draw(sheets: Sequence[Sheet], stamps: Stamps, fonts: Mapping[str, str] | None = None) -> bytes:
    """A PDF with one paper for each sheet, pages of each counted from 1; a sheet without a stamp
    is a preview. `fonts`: see `Paper`."""
    first, stamp = sheets[0], stamps[0]
    paper = Paper(
        TITLE,
        **_foot(first, stamp),
        geometry=SHEET,
        demo=first.demo,
        subject=f"{first.month.chinese}{TITLE}",
        fonts=fonts,
    )
    for place, (sheet, stamp) in enumerate(zip(sheets, stamps, strict=True)):
        if place:
            paper.next_part(**_foot(sheet, stamp))
        _write(paper, sheet, stamp)
    return paper.build()


def _foot(sheet: Sheet, stamp: Stamp | None) -> dict[str, str]:
    if stamp is None:
        return {"number": sheet.number, "digest": "", "mark": PREVIEW_MARK}
    return {**foot_of(stamp), "mark": ""}


def _write(paper: Paper, sheet: Sheet, stamp: Stamp | None) -> None:
    figures = sheet.figures
    paper.heading_block(
        f"{sheet.month.chinese}　{sheet.heading['name']}", qr=stamp.url if stamp else ""
    )
    paper.space(0.4)
    _identity(paper, sheet, stamp)
    _counts(paper, sheet)
    _tiers(paper, sheet)
    _funding(paper, sheet)
    _amounts(paper, sheet)
    if sheet.late or sheet.extras or figures["adjustment_fen"]:
        _adjustments(paper, sheet)
    record = [("流水条数", f"{sheet.lines:,} 条"), ("流水摘要（SHA-256）", sheet.digest)]
    if sheet.anchor:
        record.append(("提交时的锚值", sheet.anchor))
    paper.facts(record, per_row=1)
    paper.signatures(SIGNERS)
    paper.note(NOTE)


def _identity(paper: Paper, sheet: Sheet, stamp: Stamp | None) -> None:
    if sheet.submitted_on is None:
        state, when = f"预览（未提交）：{PREVIEW_MARK}", ("数据截至", _as_of(sheet))
    else:
        state, when = "已提交", ("提交日期", chinese_date(sheet.submitted_on))
    paper.facts(
        [
            ("结算编号", stamp.number if stamp else sheet.number),
            ("助餐点", sheet.heading["name"]),
            ("助餐点编号", sheet.point),
            ("运营单位", sheet.heading["unit"] or "未登记"),
            ("统一社会信用代码", sheet.heading["uscc"] or "未登记"),
            ("所在镇（街道）", sheet.heading["town"] or "未登记"),
            when,
            ("状态", state),
        ]
    )


def _as_of(sheet: Sheet) -> str:
    if sheet.as_of is None:
        return "没有流水"
    local = sheet.as_of.astimezone(LOCAL)
    return f"{chinese_date(local.date())} {local:%H:%M}"


def _counts(paper: Paper, sheet: Sheet) -> None:
    figures = sheet.figures
    full_price = figures["servings"] - figures["subsidised"]
    heads = ("就餐份数", "其中享受补贴", "其中全价", "冲正条数", "以前月份迟到条数")
    values = (
        figures["servings"],
        figures["subsidised"],
        full_price,
        figures["reversed"],
        figures["late"],
    )
    columns = [Column(head, align="right") for head in heads]
    paper.table(columns, [[f"{value:,}" for value in values]], caption="一、就餐份数")


def _tiers(paper: Paper, sheet: Sheet) -> None:
    figures = sheet.figures
    columns = [
        Column("档次", 0.9),
        Column("类别", 0.6, "center"),
        Column("享受条件", 3.4),
        Column("份数", 0.8, "right"),
        Column("补贴金额", 1.2, "right"),
    ]
    rows = [
        (
            rule["rule"],
            *sheet.tiers.get(rule["rule"], ("", "")),
            f"{rule['count']:,}",
            fen(rule["subsidy_fen"]),
        )
        for rule in figures["rules"]
    ]
    total = ("合计", "", "享受补贴份数", f"{figures['subsidised']:,}", fen(figures["subsidy_fen"]))
    paper.table(
        columns, rows, total=total, caption="二、按补贴档次", empty="本月没有享受补贴的就餐"
    )


def _funding(paper: Paper, sheet: Sheet) -> None:
    own, late = sheet.figures["funding"], sheet.figures["adjustment_funding"]
    columns = [
        Column("资金来源", 2),
        Column("补贴、送餐、运营", 1.5, "right"),
        Column("以前月份调整", 1.5, "right"),
        Column("合计", 1.5, "right"),
    ]
    rows = [
        _money_row(SOURCE_TITLES[source], own.get(source, 0), late.get(source, 0))
        for source in SOURCES
        if source in own or source in late
    ]
    total = _money_row("合计", sum(own.values()), sum(late.values()))
    paper.table(columns, rows, total=total, caption="三、按资金来源", empty="本月没有资金支出")


def _money_row(title: str, own: int, late: int) -> tuple[str, str, str, str]:
    return title, fen(own), fen(late), fen(own + late)


def _amounts(paper: Paper, sheet: Sheet) -> None:
    figures = sheet.figures
    names = {
        "price_fen": "餐价合计",
        "self_pay_fen": "老人自付",
        "subsidy_fen": "补贴",
        "delivery_fen": "送餐补贴",
        "operating_fen": "运营补贴",
        "adjustment_fen": "以前月份调整",
        "held_fen": "暂缓",
        "payable_fen": "应付",
    }
    columns = [Column(head, align="right") for head in names.values()]
    paper.table(columns, [[fen(figures[name]) for name in names]], caption="四、金额汇总")
    payable = figures["payable_fen"]
    pairs = [("应付金额（小写）", f"{fen(payable)} 元"), ("应付金额（大写）", capitals(payable))]
    if sheet.operating:
        parts = (f"{code}：{words}＝{fen(amount)}元" for code, words, amount in sheet.operating)
        pairs.append(("运营补贴的计算", "；".join(parts)))
    if payable < 0:
        pairs.append(("说明", "应付为负数，冲抵下月应付金额。"))
    paper.facts(pairs, per_row=1)


def _adjustments(paper: Paper, sheet: Sheet) -> None:
    columns = [
        Column("流水号", 2.6),
        Column("就餐日期", 1.1, "center"),
        Column("餐次", 0.6, "center"),
        Column("更正内容", 3.2),
        Column("金额", 0.9, "right"),
    ]
    rows = [_late_row(line) for line in sheet.late] + [_extra_row(line) for line in sheet.extras]
    listed = sum(line.amount_fen for line in (*sheet.late, *sheet.extras))
    rest = sheet.figures["adjustment_fen"] - listed
    if rest:
        rows.append(("", "", "", "以上各份的运营补贴（按份计）", fen(rest)))
    total = ("合计", "", "", "", fen(sheet.figures["adjustment_fen"]))
    paper.table(columns, rows, total=total, caption="五、以前月份调整明细")


def _late_row(line: LateLine) -> tuple[str, str, str, str, str]:
    what = "补记就餐" if line.corrects is None else f"冲正 {line.corrects}"
    why = f"（{line.why}）" if line.why else ""
    return (
        line.key,
        f"{line.served_on:%Y-%m-%d}",
        MEALS[line.meal],
        what + why,
        fen(line.amount_fen),
    )


def _extra_row(line: ExtraLine) -> tuple[str, str, str, str, str]:
    day = f"{line.served_on:%Y-%m-%d}"
    return line.key, day, MEALS[line.meal], f"原流水：{line.why}", fen(line.amount_fen)
