"""The budget in words: stages, rounded forecasts, and what a forecast rests on. Pure."""

import json
from typing import Any

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import display
from mealsvc.policies.wording import SOURCE_NAMES

STAGE_NAMES = {"paid": "已拨付", "committed": "已审批", "claimed": "审核中", "open": "未提交"}
WAN = 1_000_000  # fen


def about(fen: int | None) -> str:
    """A forecast without false precision: 12.3万, 1,234万, below 1万 to the hundred yuan."""
    if fen is None:
        return "—"
    if abs(fen) >= 100 * WAN:
        return f"{fen / WAN:,.0f}万"
    if abs(fen) >= WAN:
        return f"{fen / WAN:.1f}万"
    return f"{round(fen / 10_000) * 100:,}"


def change_word(before_fen: int | None, after_fen: int) -> str:
    """核定, 追加 or 调减."""
    if before_fen is None:
        return "核定"
    return "追加" if after_fen > before_fen else "调减"


def noted(detail: str) -> str:
    """What an approval noted about the budget (`budget_check.check_budget`), from the act's detail:
    the decision that let it pass beyond, or that the year had no budget; else nothing.
    """
    found = json.loads(detail)
    if "beyond" in found:
        missing = "，".join(
            f"{SOURCE_NAMES[one['source']]}资金超出{display(one['missing_fen'])}元"
            for one in found["beyond"]
        )
        return f"超预算决定：{found['decision']}（{missing}）"
    return "审批时本年没有录入预算" if "budget" in found else ""


def basis_of_forecast(report: Any) -> str:
    """One sentence that says how the year was forecast, or why it was not."""
    pattern = report.pattern
    if report.over:
        return "全年已结束，不再推算。"
    if not pattern.enough:
        return "数据不足：至少有两个完整月的就餐记录才能推算全年支出。"
    months = "、".join(f"{month.month}月" for month in pattern.opened)
    season = "，按去年同月与去年这几个月之比调整（0.5至2倍）" if report.seasonal else ""
    return (
        f"推算方法：{months}平均每个供餐日的支出，乘以{chinese_date(pattern.as_of)}以后的供餐日"
        f"（按这几个月星期一至星期日各开餐多少推算）{season}；低和高分别按其中支出最低和最高的一个月推算。"
    )
