"""A simulation in plain words, for the console and for the head of its page."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mealsvc.kernel.money import display
from mealsvc.kernel.months import Month
from mealsvc.policies.wording import REASON_NAMES, SOURCE_NAMES
from mealsvc.simulation.rules import DECEASED

IGNORED = (
    "政策里的起止日期在测算时不起作用：它替换同一区划已批准的政策，其他区划的政策照旧。"
    "按就餐当天的年龄、户籍和类别（以现在登记的为准）重算，冲正过的不参加。"
)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
NAMES = {**REASON_NAMES, DECEASED: "已去世"}


def sentence(document: Mapping[str, Any]) -> str:
    """What it comes to: more or less money, for whom, and whether the budget holds."""
    change = document["difference"]["total_fen"]
    if change:
        word = "增加" if change > 0 else "减少"
        base = document["base"]["total_fen"]
        share = f"（{100 * change / base:+.1f}%）" if base else ""
        first = f"按“{document['policy']}”重算，{period(document)}的支出{word} {display(abs(change))} 元{share}"
    else:
        first = f"按“{document['policy']}”重算，{period(document)}的支出不变"
    people = (
        f"{document['winners']:,} 位老人少付，{document['losers']:,} 位多付，"
        f"{document['unchanged']:,} 位不变"
    )
    return f"{first}；{people}。{_budget(document['year'])}"


def period(document: Mapping[str, Any]) -> str:
    """2024年3月, or 2024年3月至2024年5月."""
    first, last = (Month.parse(document["months"][place]).chinese for place in (0, -1))
    return first if first == last else f"{first}至{last}"


def recorded_as(reason: str | None) -> str:
    """How a line stands: subsidised, or at full price and why."""
    return "享受补贴" if reason is None else f"全价（{NAMES.get(reason, reason)}）"


def why_other(was: str | None, now: str | None) -> str:
    """Why the same policies give another answer today."""
    if now == DECEASED:
        return "去世是后来登记的，这份不参加测算"
    if was is None and now is None:
        return "金额不同：年龄、类别或户籍后来更正过，或政策后来定了最后一天"
    caps = {"already_served", "day_cap", "month_cap"}
    if was in caps or now in caps:
        return "名额先后不同：有冲正过的、跨月的或按新事实不再占名额的就餐"
    return "老人的户籍、类别或变动是后来登记的，或政策后来有变化"


def as_json(document: Mapping[str, Any]) -> str:
    """The document as the command prints it and the page gives it out."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def as_text(document: Mapping[str, Any]) -> str:
    """The simulation for a console."""
    base, trial, change = (document[name] for name in ("base", "trial", "difference"))
    rows = [
        ("", "现行政策", "测算政策", "差额"),
        ("补贴份数", *(f"{side['subsidised']:,}" for side in (base, trial, change))),
    ]
    for words, name in (
        ("补贴（元）", "subsidy_fen"),
        ("送餐（元）", "delivery_fen"),
        ("运营（元）", "operating_fen"),
        ("合计（元）", "total_fen"),
    ):
        rows.append((words, *(display(side[name]) for side in (base, trial, change))))
    for source in base["funding"] | trial["funding"]:
        amounts = (display(side["funding"].get(source, 0)) for side in (base, trial, change))
        rows.append((f"其中{SOURCE_NAMES[source]}", *amounts))
    lines = [sentence(document), f"重算 {document['lines']:,} 份。{IGNORED}"]
    lines += ["\t".join(row) for row in rows]
    held = document["recorded"]
    lines.append(
        f"流水账上：补贴 {held['subsidised']:,} 份 {display(held['subsidy_fen'])} 元，"
        f"送餐 {display(held['delivery_fen'])} 元。"
    )
    for one in held["differences"]:
        words = f"{recorded_as(one['recorded'])} → {recorded_as(one['replayed'])}"
        why = why_other(one["recorded"], one["replayed"])
        lines.append(
            f"　与账上不同：{words}，{one['lines']:,} 份，{display(one['subsidy_fen'])} 元（{why}）"
        )
    return "\n".join(lines)


def _budget(year: Mapping[str, Any] | None) -> str:
    if year is None or year["budget"] is None:
        return "还没有填年度预算，不能比较。"
    left = year["budget"] - year["spent"] - year["rest_trial"]
    if left >= 0:
        return f"照这样到年底，{year['year']}年预算够用，约余 {display(left)} 元。"
    before = "现行政策也不够" if year["enough_base"] is False else "现行政策够用"
    return f"照这样到年底，{year['year']}年预算还差约 {display(-left)} 元（{before}）。"
