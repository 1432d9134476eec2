"""依据总表: every item, threshold, indicator, log and paper with its basis, read off the data themselves.

    mealsvc basis --shipped > docs/basis.md

`shipped()` is what the program comes with, `in_force(day)` what this installation goes by on a day.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mealsvc.coverage.rules import walk_of
from mealsvc.kernel.dates import chinese_date
from mealsvc.places.units.rules import DOCUMENTS
from mealsvc.reports.indicators import CHAPTERS
from mealsvc.reports.supervision.catalogue import BLANK, COMMON, PAPERS
from mealsvc.settings.values import DEFAULTS
from mealsvc.supervision.checklist.items import APPLIES_NAMES, Checklist
from mealsvc.supervision.checklist.rules import read
from mealsvc.supervision.checklist.services import FIRST_FILE
from mealsvc.supervision.logs.kinds import KINDS

TO_CHECK, CHECKED, LOCAL = "待核对原文", "已核对", "本地文件待提供"
OWN = "系统约定"
STATES = (CHECKED, TO_CHECK, LOCAL, OWN)
_OF_HERE = re.compile(r"(^|[；/，（、])区|服务协议|本地规定|用餐标准（区定）")
# What a report fills into a definition: words of its time, and thresholds by their settings' keys.
WORDS = {"end": "期末", "noun": "本期"}
HOLES = {
    "effective_days": "point.effective_days",
    "effective_meals": "point.effective_meals",
    "radius_m": "coverage.radius_m",
    "walk": "coverage.walk",
    "near_m": "coverage.near_m",
    "gap_pop60": "coverage.gap_pop60",
    "manual_share": "audit.manual_share",
    "rectify_days": "report.rectify_days",
    "licence_days": "report.licence_days",
    "price_spread": "report.price_spread",
    "concentration": "report.concentration",
    "satisfaction": "satisfaction.target",
    "settle_days": "payment.days",
    "drill_months": "drill.months",
}
HOLE = re.compile(r"\{(\w+)\}")
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the reference: its code in addresses, title, what it is, heads and rows; the last
    two columns are always basis and state."""

    code: str
    title: str
    about: str
    heads: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold as the table shows it."""

    key: str
    name: str
    value: str
    unit: str
    from_on: date
    basis: str
    verified: bool


def shipped() -> list[Part]:
    """The reference of a new installation; needs no database."""
    thresholds = [
        Threshold(
            one.key, one.name, one.value, one.unit, one.effective_from, one.basis, one.verified
        )
        for one in DEFAULTS
    ]
    return _parts(read(FIRST_FILE.read_text(encoding="utf-8")), thresholds)


def in_force(day: date) -> list[Part]:
    """The reference of this installation on a day: its checklist, and its thresholds as they hold."""
    from mealsvc.supervision.checklist.services import checklist_on

    return _parts(checklist_on(day), thresholds_on(day))


def thresholds_on(day: date) -> list[Threshold]:
    """Every threshold as it holds on a day; the built-in value before any is stored."""
    from sqlalchemy import select

    from mealsvc.plumbing.db import db
    from mealsvc.settings.models import Setting

    stored = select(Setting).where(Setting.effective_from <= day).order_by(Setting.effective_from)
    held = {row.key: row for row in db.session.scalars(stored)}
    return [
        Threshold(
            one.key, one.name, row.value, one.unit, row.effective_from, row.basis, row.verified
        )
        for one in DEFAULTS
        for row in [held.get(one.key, one)]
    ]


def markdown(parts: Sequence[Part]) -> str:
    """The reference as docs/basis.md."""
    lines = [
        "# 依据总表",
        "",
        "本页由 `mealsvc basis --shipped` 从程序自带的数据生成，请勿手改；网页 `/basis` 显示本系统当前的取值。",
        f"状态：{CHECKED}＝已与原文核对；{TO_CHECK}＝印发前请核对条款和文字；{LOCAL}＝由区民政局提供后在设置中写明；"
        f"{OWN}＝产品约定，可按区里规定修改。",
    ]
    for part in parts:
        lines += ["", f"## {part.title}（{len(part.rows)}）", "", part.about, ""]
        lines.append(f"| {' | '.join(part.heads)} |")
        lines.append(f"|{'---|' * len(part.heads)}")
        lines += [f"| {' | '.join(map(_cell, row))} |" for row in part.rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def state_of(basis: str, verified: bool = False) -> str:
    """What is known of a basis: of the district's own papers, of the product, to be checked."""
    if verified:
        return CHECKED
    if _OF_HERE.search(basis):
        return LOCAL
    return OWN if basis.startswith((OWN, "检查表")) else TO_CHECK


def _parts(checklist: Checklist, thresholds: Sequence[Threshold]) -> list[Part]:
    makers: Mapping[str, Callable[[], Part]] = {
        "items": lambda: _items(checklist),
        "settings": lambda: _settings(thresholds),
        "indicators": lambda: _indicators({one.key: one.value for one in thresholds}),
        "papers": _papers,
        "logs": _logs,
        "documents": _documents,
    }
    return [make() for make in makers.values()]


def _items(checklist: Checklist) -> Part:
    rows = tuple(
        (
            f"{item.code}{'★' if item.critical else ''}",
            item.group_name,
            item.text,
            item.method,
            APPLIES_NAMES.get(item.applies, item.applies),
            str(item.weight),
            item.basis,
            state_of(item.basis),
        )
        for item in checklist.items
    )
    return Part(
        "items",
        "检查项",
        f"检查表 {checklist.version} 版，★为关键项。",
        ("编号", "分组", "检查内容", "方法", "适用", "权重", "依据", "状态"),
        rows,
    )


def _settings(thresholds: Sequence[Threshold]) -> Part:
    rows = tuple(
        (
            one.key,
            one.name,
            f"{one.value}{one.unit}",
            chinese_date(one.from_on),
            one.basis,
            CHECKED if one.verified else TO_CHECK,
        )
        for one in thresholds
    )
    return Part(
        "settings",
        "参数和限值",
        "限值在设置页修改，须写明依据和生效日期；以前的日子按当时的取值算。",
        ("参数", "名称", "取值", "生效日期", "依据", "状态"),
        rows,
    )


def _indicators(values: Mapping[str, str]) -> Part:
    rows = tuple(
        (
            one.code,
            f"{chapter.name}：{one.name}",
            _filled(one.definition, values),
            f"{one.top} ÷ {one.bottom}" if one.bottom else one.top,
            one.unit or "—",
            "、".join(one.needs) or "—",
            one.basis if one.target is None else f"{one.basis}；要求：{one.target.basis}",
            state_of(one.basis),
        )
        for chapter in CHAPTERS
        for one in chapter.indicators
    )
    return Part(
        "indicators",
        "督查指标",
        "督查报告的每个指标：口径、怎样计算、来自哪些记录。",
        ("编号", "指标", "口径", "计算", "单位", "来源记录", "依据", "状态"),
        rows,
    )


def _filled(definition: str, values: Mapping[str, str]) -> str:
    """The definition for any time, with the thresholds as they hold."""

    def said(hole: re.Match[str]) -> str:
        value = WORDS.get(hole[1]) or values[HOLES[hole[1]]]
        return walk_of(value).words if hole[1] == "walk" else value

    return HOLE.sub(said, definition)


def _papers() -> Part:
    rows = [
        (kind.title, one.label, one.basis, state_of(one.basis, one.verified))
        for kind in (*PAPERS.values(), BLANK)
        for one in kind.fields
    ]
    rows += [("每份文书", one.label, one.basis, state_of(one.basis)) for one in COMMON]
    return Part(
        "papers",
        "监督文书",
        "每份文书必须写明的内容；版式按 GB/T 9704—2012 的版心、字号和行距。",
        ("文书", "内容", "依据", "状态"),
        tuple(rows),
    )


def _logs() -> Part:
    rows = tuple(
        (one.chinese, "、".join(one.keys) or "—", one.basis, state_of(one.basis))
        for one in KINDS.values()
    )
    return Part(
        "logs",
        "食品安全日志",
        "助餐点每天登记的日志，和判定用的参数。",
        ("日志", "判定参数", "依据", "状态"),
        rows,
    )


def _documents() -> Part:
    rows = tuple(
        (one.name, one.advice, one.basis, state_of(one.basis)) for one in DOCUMENTS.values()
    )
    return Part(
        "documents",
        "证照和制度",
        "助餐点应持有的证照、协议和制度。",
        ("名称", "到期怎么办", "依据", "状态"),
        rows,
    )
