"""What became of a meal without network, and what each way to settle it means, in words."""

from datetime import date

from mealsvc.kernel.dates import chinese_date
from mealsvc.kernel.money import display
from mealsvc.policies.wording import REASON_NAMES
from mealsvc.servings.models import UploadConflict
from mealsvc.servings.refusals import ClockInDoubt
from mealsvc.servings.uploads import (
    ABSORB,
    CLOCK,
    COLLECT,
    PAID,
    RECORD,
    REFUND,
    REFUSED,
    REVERSE,
    SETTLEMENTS,
    VOID,
    difference_of,
)

REFUSED_NAMES = {
    "unknown_resident": "名册里没有这位老人",
    "unknown_point": "没有这个助餐点",
    "point_not_operating": "助餐点当日未在运营",
    "resident_deceased": "老人登记为已去世",
    "key_conflict": "流水号与另一笔记录重复",
    "bad_price": "餐价无法识别，或高于上限、备案价",
    "malformed": "内容无法识别",
}


def why(conflict: UploadConflict) -> str:
    """The reason behind the code: of a full price, or of a refusal."""
    if conflict.outcome == CLOCK:
        return "设备时钟可疑，不能确定是哪一天的餐"
    return REASON_NAMES.get(conflict.code) or REFUSED_NAMES.get(conflict.code, conflict.code)


def became(conflict: UploadConflict) -> str:
    """What became of the meal, in one sentence."""
    if conflict.settlement == RECORD:
        return f"已按店长确认的日期登记，老人应付{display(conflict.self_pay_fen or 0)}元。"
    if conflict.outcome == CLOCK:
        return "没有登记。" if conflict.settlement else "还没有登记：要先确认就餐日期。"
    if conflict.outcome == REFUSED:
        return f"没有登记：{why(conflict)}。"
    reason = f"，原因：{why(conflict)}" if conflict.code else ""
    kind = "按全价登记" if conflict.code else "已登记，但金额不同"
    return f"{kind}，老人应付{display(conflict.self_pay_fen or 0)}元{reason}。"


def choice(conflict: UploadConflict, settlement: str) -> str:
    """One way to settle, as the manager chooses it."""
    amount = display(abs(difference_of(conflict)))
    match settlement:
        case "collect":
            return f"向老人补收差额{amount}元"
        case "refund":
            return f"退还老人差额{amount}元"
        case "absorb" if conflict.outcome != REFUSED:
            return f"由助餐点承担差额{amount}元"
    return SETTLEMENTS[settlement]


def consequence(conflict: UploadConflict, settlement: str, day: date | None) -> str:
    """What the manager is about to do."""
    amount = display(abs(difference_of(conflict)))
    shown = display(conflict.shown_self_pay_fen)
    subsidy = display(max(conflict.price_fen - conflict.shown_self_pay_fen, 0))
    return {
        COLLECT: f"请当面向老人补收{amount}元。系统里的登记不变。",
        REFUND: f"请当面退还老人{amount}元。系统里的登记不变。",
        ABSORB: (
            f"这一餐不登记、没有补贴，少收的{subsidy}元由助餐点承担，不再向老人收取。"
            if conflict.outcome == REFUSED
            else f"少收的{amount}元由助餐点承担，不再向老人收取。系统里的登记不变，日结时请写明原因。"
        ),
        REVERSE: f"将冲正这一餐：原记录保留，另记一笔负数。请退还老人已付的{shown}元。",
        VOID: f"这一餐不登记。如果已经收了老人{shown}元，请退还。",
        PAID: f"这一餐不登记、没有补贴：已当场收全价{display(conflict.price_fen)}元。",
        RECORD: (
            f"将按{chinese_date(day) if day else '所选日期'}登记这一餐，补贴由系统按那一天计算。"
            f"当时告诉老人自付{shown}元。"
        ),
    }[settlement]


def refused_before(conflict: UploadConflict) -> tuple[str, str]:
    """Code and sentence for a till that sends again what was refused, or waits for the manager."""
    if conflict.outcome == CLOCK:
        settled = "设备时钟可疑，店长已确认作废，没有登记。"
        waiting = ClockInDoubt().message
        return ClockInDoubt.code, waiting if conflict.settled_at is None else settled
    return conflict.code, f"没有登记：{why(conflict)}。已交店长处理。"
