"""What an import did, counted: the JSON document, and the same in a few Chinese sentences."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from mealsvc.exchange.columns import KINDS
from mealsvc.exchange.importers.base import CREATED, UNCHANGED, UPDATED, Outcome
from mealsvc.kernel.money import display
from mealsvc.kernel.refusals import Refusal
from mealsvc.policies.wording import REASON_NAMES

CODES = {
    "malformed": "格式不对",
    "bad_id_number": "身份证号不正确",
    "bad_birth_date": "出生日期不正确",
    "unknown_category": "不认识的类别",
    "bad_period": "起止日期不对",
    "duplicate": "同一文件里重复",
    "card_taken": "卡号已属他人",
    "unknown_point": "没有这个助餐点",
    "unknown_resident": "名册里没有这个人",
    "point_not_operating": "助餐点当日未运营",
    "resident_deceased": "老人已去世",
    "key_conflict": "流水号已用于别的记录",
    "bad_price": "价格不对",
    "in_future": "时间晚于现在",
    "unknown_serving": "没有原流水",
    "already_reversed": "已经冲正过",
    "not_reversible": "冲正不能再冲正",
    "action_missing": "超出规定而没有写措施",
    "logged_already": "已经登记过",
    "unknown_inspector": "没有这个检查人员",
    "inspection_incomplete": "检查不完整，或同一次检查有坏行",
    "unknown_plan": "没有这个检查计划",
    "plan_needed": "行政检查没有批准的计划",
    "over_cap": "超过年度检查频次",
    "recused": "检查人员应当回避",
    "inspector_elsewhere": "检查人员不管辖该点",
    "point_not_open": "助餐点当日没有开业",
}


class Counts:
    """Counts of one import; `rows` is what was read."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.results: Counter[str] = Counter({CREATED: 0, UPDATED: 0, UNCHANGED: 0})
        self.rejected: Counter[str] = Counter()

    @property
    def rows(self) -> int:
        return self.results.total() + self.rejected.total()

    def reject(self, code: str) -> None:
        """Count a row that stays out."""
        self.rejected[code] += 1

    def add(self, outcome: Outcome) -> None:
        """Count one row's outcome."""
        if isinstance(outcome, Refusal):
            self.reject(outcome.code)
        else:
            self._add_good(outcome)

    def document(self) -> dict[str, Any]:
        """The counts as `--json` prints them."""
        return {
            "kind": self.kind,
            "rows": self.rows,
            **self.results,
            "rejected": _by_code(self.rejected),
        }

    def _add_good(self, outcome: Any) -> None:
        self.results[outcome] += 1


class ServingCounts(Counts):
    """Counts of servings; amounts and reasons are those of new lines only."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.results = Counter({"recorded": 0, "subsidised": 0, "replayed": 0})
        self.full_price: Counter[str] = Counter()
        self.subsidy_fen = 0

    @property
    def rows(self) -> int:
        return self.results["recorded"] + self.results["replayed"] + self.rejected.total()

    def document(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "rows": self.rows,
            **self.results,
            "full_price": _by_code(self.full_price),
            "rejected": _by_code(self.rejected),
            "subsidy_fen": self.subsidy_fen,
        }

    def _add_good(self, outcome: Any) -> None:
        if not outcome.fresh:
            self.results["replayed"] += 1
            return
        self.results["recorded"] += 1
        self.subsidy_fen += outcome.subsidy_fen
        if outcome.reason is None:
            self.results["subsidised"] += 1
        else:
            self.full_price[outcome.reason] += 1


def counts_for(kind: str) -> Counts:
    """Empty counts for a kind of file."""
    return ServingCounts(kind) if kind == "servings" else Counts(kind)


def kind_name(kind: str) -> str:
    """What people call this kind of file."""
    return KINDS[kind].chinese if kind in KINDS else "补贴政策"


def figures(document: dict[str, Any]) -> list[tuple[str, str]]:
    """The counts as labels and figures, in the order in which people ask for them."""
    pairs = [("读到", f"{document['rows']:,} 行")]
    if "recorded" in document:
        pairs += [
            ("新记录", f"{document['recorded']:,} 行"),
            ("其中享受补贴", f"{document['subsidised']:,} 行"),
            ("补贴金额", f"{display(document['subsidy_fen'])} 元"),
            ("重复（未改动）", f"{document['replayed']:,} 行"),
        ]
    else:
        pairs += [
            ("新增", f"{document['created']:,} 行"),
            ("更新", f"{document['updated']:,} 行"),
            ("未变", f"{document['unchanged']:,} 行"),
        ]
    return [*pairs, ("退回", f"{sum(document['rejected'].values()):,} 行")]


def reasons(document: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Why rows were recorded at full price or sent back: group, words, count; the most first."""
    return [
        *_worded("全价", REASON_NAMES, document.get("full_price", {})),
        *_worded("退回", CODES, document["rejected"]),
    ]


def as_text(document: dict[str, Any]) -> str:
    """The counts in a few lines for the shell."""
    lines = [f"{kind_name(document['kind'])}："]
    lines += [f"  {label} {figure}" for label, figure in figures(document)]
    lines += [f"  {group}·{words}：{count:,} 行" for group, words, count in reasons(document)]
    return "\n".join(lines)


def _worded(
    group: str, words: dict[str, str], counts: dict[str, int]
) -> Iterator[tuple[str, str, int]]:
    for code, count in sorted(counts.items(), key=lambda item: -item[1]):
        yield group, words.get(code, code), count


def _by_code(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
