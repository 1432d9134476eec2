"""What a checklist consists of: items, groups, modes, and the results that an item may have. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

FULL, DAILY, PATROL, AUDIT = "full", "daily", "patrol", "audit"
MODE_NAMES = {FULL: "全项检查", DAILY: "日常自查", PATROL: "巡查", AUDIT: "补贴核查"}
PASS, PARTIAL, FAIL, NA = "PASS", "PARTIAL", "FAIL", "NA"
RESULT_NAMES = {PASS: "合格", PARTIAL: "部分合格", FAIL: "不合格", NA: "不适用"}
ALL = "ALL"
APPLIES_NAMES = {ALL: "全部", "COOK": "现场加工", "DIST": "分餐点收餐", "DLV": "送餐上门"}
DEFAULT_MODES = {
    DAILY: ("STF-02", "COK-02", "COK-03", "SMP-01", "DIS-01", "COL-01", "PRC-01", "AGE-02"),
    AUDIT: (
        *(f"SUB-0{number}" for number in range(1, 6)),
        *("PRC-02", "PRC-04", "SMP-04"),
    ),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is checked. `critical`: a key item (关键项). `fields` says what is measured."""

    code: str
    group: str
    group_name: str
    text: str
    gloss: str
    basis: str
    weight: int
    critical: bool
    method: str
    applies: str
    fields: str

    def applies_to(self, traits: Collection[str]) -> bool:
        """Whether a point with these traits (COOK, DIST, DLV) is asked this item."""
        return self.applies == ALL or self.applies in traits

    @property
    def allowed(self) -> tuple[str, ...]:
        """The results that may be given: a key item is never half kept."""
        return (PASS, FAIL, NA) if self.critical else (PASS, PARTIAL, FAIL, NA)


@dataclass(frozen=True)
class Checklist:
    """One version: its groups (code → name) and items in their order, and the codes of two modes."""

    version: str
    groups: Mapping[str, str]
    items: tuple[Item, ...]
    modes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: DEFAULT_MODES)

    @property
    def by_code(self) -> dict[str, Item]:
        return {item.code: item for item in self.items}

    @property
    def weight(self) -> int:
        return sum(item.weight for item in self.items)
