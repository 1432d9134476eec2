"""Where an indicator's figures come from, in words and as the tables behind them."""

from mealsvc.reports.measures import Indicator

POINTS = ("助餐点档案", ("meal_point", "point_suspension"))
SOURCES: dict[str, tuple[str, tuple[str, ...]]] = {
    "coverage": ("区划人口、助餐点档案", ("division", "meal_point")),
    "ledger": ("就餐流水", ("serving", "daily_tally", "decision")),
    "people": ("就餐流水、居民名册", ("serving", "resident", "resident_fact")),
    "money": (
        "结算、拨付、预算记录",
        ("settlement_batch", "batch_act", "payment_line", "payment_order", "budget_line"),
    ),
    "menus": ("食谱", ("menu_item", "menu_day")),
    "purchases": ("进货台账", ("purchase",)),
    "visits": ("检查记录", ("visit", "visit_result", "visit_signature")),
    "orders": ("问题和整改记录", ("finding", "rectification_order", "order_item")),
    "logs": ("食品安全日志、食谱", ("log_entry", "menu_item")),
    "units": ("证照、人员档案", ("unit_document", "staff_member", "staff_paper", "unit_event")),
    "prices": ("备案价、就餐流水", ("filed_price", "serving")),
    "voices": ("投诉和评价", ("complaint", "rating")),
    "cases": ("核查案件", ("audit_case", "case_act", "line_hold", "clawback")),
}


def sources_of(indicator: Indicator) -> str:
    """就餐流水、居民名册"""
    names = [SOURCES[part][0] for part in indicator.parts] or [POINTS[0]]
    return "、".join(dict.fromkeys("、".join(names).split("、")))


def tables_of(indicator: Indicator) -> tuple[str, ...]:
    """The tables that it is read from, each once."""
    parts = [SOURCES[part][1] for part in indicator.parts] or [POINTS[1]]
    return tuple(dict.fromkeys(table for tables in parts for table in tables))
