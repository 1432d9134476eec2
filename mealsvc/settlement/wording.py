"""A settlement in words and columns, for the shell."""

from typing import Any

from mealsvc.kernel.money import display
from mealsvc.settlement.acts import STATE_NAMES


def as_text(document: dict[str, Any]) -> str:
    """One line a point and a line of totals; amounts in yuan."""
    lines = [f"{document['month']} 结算：{STATE_NAMES[document['status']]}"]
    for entry in document["points"]:
        lines.append(
            f"{entry['point']}\t{STATE_NAMES[entry['status']]}\t{entry['servings']}份"
            f"\t补贴{entry['subsidised']}份\t补贴{display(entry['subsidy_fen'])}元"
            f"\t应付{display(entry['payable_fen'])}元"
        )
    total = document["total"]
    lines.append(
        f"合计\t{total['servings']}份\t补贴{display(total['subsidy_fen'])}元"
        f"\t应付{display(total['payable_fen'])}元"
    )
    if not document["points"]:
        lines.append("该月没有就餐记录或调整。")
    return "\n".join(lines)
