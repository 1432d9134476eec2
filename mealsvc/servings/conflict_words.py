"""What became of a meal without network, in words. Pure."""

from mealsvc.policies.wording import REASON_NAMES
from mealsvc.servings.models import UploadConflict
from mealsvc.servings.refusals import ClockInDoubt

REFUSED_NAMES = {
    "unknown_resident": "名册里没有这位老人",
    "unknown_point": "没有这个助餐点",
    "point_not_operating": "助餐点当日未在运营",
    "resident_deceased": "老人登记为已去世",
    "key_conflict": "流水号与另一笔记录重复",
    "bad_price": "餐价无法识别，或高于上限、备案价",
    "in_future": "就餐时间比服务器时间晚",
    "malformed": "内容无法识别",
}


def why(conflict: UploadConflict) -> str:
    """The reason behind the code: of a full price, or of a refusal."""
    return REASON_NAMES.get(conflict.code) or REFUSED_NAMES.get(conflict.code, "")


def refused_before(conflict: UploadConflict) -> tuple[str, str]:
    """Code and sentence for a till that sends again what was refused, or waits for the manager."""
    if conflict.outcome == "clock":
        settled = "设备时钟有疑问，店长已确认没有用餐，未登记。"
        waiting = ClockInDoubt().message
        return ClockInDoubt.code, waiting if conflict.settled_at is None else settled
    return conflict.code, f"没有登记：{why(conflict) or conflict.code}。已交店长处理。"
