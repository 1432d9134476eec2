"""A simulation as an XLSX workbook: one sheet for each table of its page."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from mealsvc.policies.wording import CATEGORY_NAMES, SOURCE_NAMES
from mealsvc.simulation import wording

Cells = Sequence[object]
_PARTS = (
    ("补贴", "subsidy_fen"),
    ("送餐", "delivery_fen"),
    ("运营", "operating_fen"),
    ("合计", "total_fen"),
)
_PEOPLE = ("老人", "少付", "多付", "份数", "现行补贴（元）", "测算补贴（元）", "差额（元）")


class Fen(int):
    """An amount that is shown in yuan."""


_AMOUNTS = ("现行（元）", "测算（元）", "差额（元）")


def workbook(answer: Mapping[str, Any], people: bool) -> bytes:
    """The file; `people` tells whether the reader may see the register: counts by category, single elders."""
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": wording.EPOCH})  # the same answer gives the same bytes
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"})
    for name, heads, rows in _sheets(answer, people):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, len(heads) - 1, 14)
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head, bold)
        for line, row in enumerate(rows, 1):
            for place, one in enumerate(row):
                if isinstance(one, Fen):
                    sheet.write_number(line, place, one / 100, money)
                elif isinstance(one, int):
                    sheet.write_number(line, place, one)
                else:
                    sheet.write_string(line, place, str(one or ""))
    book.close()
    return stream.getvalue()


def _sheets(
    answer: Mapping[str, Any], people: bool
) -> list[tuple[str, Sequence[str], list[Cells]]]:
    base, trial = answer["base"], answer["trial"]
    costs: list[Cells] = [(words, *_pair(base[name], trial[name])) for words, name in _PARTS]
    for source, words in SOURCE_NAMES.items():
        if source in base["funding"] or source in trial["funding"]:
            pair = _pair(base["funding"].get(source, 0), trial["funding"].get(source, 0))
            costs.append((f"其中{words}", *pair))
    notes: list[Cells] = [(wording.sentence(answer),), (wording.IGNORED,)]
    found = [
        ("说明", ("结论",), notes),
        ("支出", ("项目", *_AMOUNTS), costs),
        ("各月", ("月份", "份数", *_AMOUNTS), _beside(answer["by_month"], "month")),
        ("按年龄", ("年龄", *_PEOPLE), [_person(one["band"], one) for one in answer["bands"]]),
    ]
    if people:
        named = [
            _person(CATEGORY_NAMES.get(one["category"], "没有类别"), one)
            for one in answer["categories"]
        ]
        found.append(("按类别", ("类别", *_PEOPLE), named))
    towns = [_person(one["name"] or one["town"], one) for one in answer["towns"]]
    found.append(("按镇街", ("镇街", *_PEOPLE), towns))
    found.append(("助餐点", ("助餐点", "份数", *_AMOUNTS), _beside(answer["points"], "name")))
    if people:
        found.append(_elders(answer))
    return found


def _elders(answer: Mapping[str, Any]) -> tuple[str, Sequence[str], list[Cells]]:
    elders: list[Cells] = [
        (
            one["resident"],
            one["name"],
            one["servings"],
            *_pair(one["self_pay_base_fen"], one["self_pay_trial_fen"]),
        )
        for one in answer["residents"]
    ]
    return "变化最大的老人", ("编号", "姓名", "份数", *_AMOUNTS), elders


def _pair(base: int, trial: int) -> tuple[Fen, Fen, Fen]:
    return Fen(base), Fen(trial), Fen(trial - base)


def _beside(rows: Sequence[Mapping[str, Any]], name: str) -> list[Cells]:
    return [(one[name], one["servings"], *_pair(one["base_fen"], one["trial_fen"])) for one in rows]


def _person(name: str, one: Mapping[str, Any]) -> Cells:
    counts = (one[key] for key in ("residents", "winners", "losers", "servings"))
    return (name, *counts, *_pair(one["base_fen"], one["trial_fen"]))
