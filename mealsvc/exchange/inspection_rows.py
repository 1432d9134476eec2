"""Rows of a file of inspections: each row one item's result, the rows of a key one document. Pure.

Cells stay text until the whole inspection is there, so that one bad row keeps its inspection out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mealsvc.exchange import choices, values
from mealsvc.exchange.values import Malformed
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy, tidy_code

NEVER = datetime.min.replace(tzinfo=UTC)
ON_PAPER = "见纸质记录"


class InspectionIncomplete(Refusal):
    """{reason}"""

    code = "inspection_incomplete"


class UnknownInspector(Refusal):
    """检查人员名册里没有这个姓名或证件号，或同名的不止一人（请写证件号）。"""

    code = "unknown_inspector"


class UnknownPlan(Refusal):
    """没有这个编号的检查计划，请核对。"""

    code = "unknown_plan"


def measured(cell: str) -> dict[str, str]:
    """`core_temp_c=75;sampled_items=3`: measured values by name."""
    found: dict[str, str] = {}
    for part in tidy(cell).replace("；", ";").split(";"):
        name, equals, value = part.partition("=")
        if part.strip() and not (equals and name.strip()):
            raise Malformed(reason="实测值请写成 名称=数值，多个用分号隔开，如 core_temp_c=75。")
        if part.strip():
            found[name.strip()] = value.strip()
    return found


def item_code(cell: str) -> str:
    """A checklist item's code."""
    return tidy_code(cell).upper()[:20]


_count, _name = values.integer(0, 100_000), values.text(64)
_FACTS: Mapping[str, Callable[[str], Any]] = {
    "point": _name,
    "kind": values.choice(choices.VISIT_KIND),
    "mode": values.choice(choices.VISIT_MODE),
    "started_at": values.instant,
    "ended_at": values.instant,
    "lead": _name,
    "second": _name,
    "plan": _name,
    "counted": _count,
    "till_count": _count,
    "counted_at": values.instant,
    "present": values.text(200),
    "statement": values.text(1000),
    "refused_why": values.text(200),
    "witness": values.text(50),
}
_RESULTS: Mapping[str, Callable[[str], Any]] = {
    "item": item_code,
    "result": values.choice(choices.ITEM_RESULT),
    "measured": measured,
    "note": values.text(1000),
    "outcome": values.choice(choices.FINDING_OUTCOME),
}
_NEEDED = ("point", "started_at", "ended_at", "item", "result")
_USUAL = {"kind": "contract_patrol", "mode": "full"}


@dataclass(slots=True)
class Inspection:
    """What the rows of one key say together; `wrong` is what is wrong, by line."""

    facts: dict[str, Any] = field(default_factory=lambda: dict(_USUAL))
    results: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    wrong: dict[int, Refusal] = field(default_factory=dict)

    def document(self, lead: str, second: str) -> dict[str, Any]:
        """The document that a phone would have sent, transcribed from paper."""
        facts = self.facts
        present = facts.get("present") or ON_PAPER
        signed = {"lead": lead, "second": second}
        if facts.get("refused_why"):
            signed["witness"] = facts.get("witness", "")
        else:
            signed["unit"] = present[:50]
        counted = None
        if facts.get("counted") is not None:
            at = facts.get("counted_at") or facts["started_at"]
            counted = {
                "counted": facts["counted"],
                "till": facts.get("till_count"),
                "at": format_instant(at),
            }
        return {
            "started_at": format_instant(facts["started_at"]),
            "ended_at": format_instant(facts["ended_at"]),
            "present": present,
            "cards_shown": True,
            "results": self.results,
            "headcount": counted,
            "statement": facts.get("statement") or "",
            "refused_why": facts.get("refused_why") or "",
            "paper": True,
            "signatures": {part: {"name": name} for part, name in signed.items() if name},
        }


def began(row: Any) -> datetime:
    """When the row says that its inspection began; before everything where nobody can read it."""
    try:
        return values.instant(tidy_code(row.started_at or ""))
    except Refusal:
        return NEVER


def gathered(rows: Sequence[Any]) -> Inspection:
    """The rows of one key read together."""
    found = Inspection()
    told: dict[str, Any] = {}
    for row in rows:
        try:
            for name, value in _parsed(row, _FACTS):
                if told.setdefault(name, value) != value:
                    reason = "同一次检查的各行要写得一样，请核对。"
                    raise Malformed(reason=reason, column=name)
            _add_result(found, row)
        except Refusal as refusal:
            found.wrong[row.line] = refusal
    found.facts |= told
    return found


def _add_result(found: Inspection, row: Any) -> None:
    result = dict(_parsed(row, _RESULTS))
    for name in _NEEDED:
        if getattr(row, name) is None:
            raise Malformed(reason="请填写这一格。", column=name)
    code = result.pop("item")
    if code in found.results:
        raise Malformed(reason="同一次检查里这一项写了两行，请只留一行。", column="item")
    found.results[code], found.lines[code] = result, row.line


def _parsed(row: Any, parsers: Mapping[str, Callable[[str], Any]]) -> Iterable[tuple[str, Any]]:
    for name, parse in parsers.items():
        cell = getattr(row, name)
        if cell is None:
            continue
        try:
            yield name, parse(cell)
        except Refusal as refusal:
            raise Malformed(reason=refusal.message, column=name) from None
