"""What the interface refuses before a serving is even looked at, and the status of each refusal."""

from mealsvc.kernel.refusals import Refusal
from mealsvc.servings.refusals import DayAlreadyClosed


class KeyMissing(Refusal):
    """缺少流水号：请在 Idempotency-Key 请求头（批量时在每笔的 key）中给出，1至64个可见字符。"""

    code = "malformed"
    field = "key"


class OutsideOwnPoint(Refusal):
    """这台设备或账号不属于该助餐点，只能办理本点的业务。"""

    code = "forbidden"
    field = "point"


class UnknownTill(Refusal):
    """没有编号为“{point}”的助餐点，请核对助餐点编号。"""

    code = "unknown_point"
    field = "point"


class TooMany(Refusal):
    """一次最多上传{most}笔，请分批上传。"""

    code = "too_large"


class AmountChanged(Refusal):
    """金额有变化：现在补贴{subsidy}元，老人实付{self_pay}元。请重新核对后再登记。"""

    code = "amount_changed"
    field = "expected_self_pay_fen"


_STATUS: dict[type[Refusal] | str, int] = {
    KeyMissing: 400,
    OutsideOwnPoint: 403,
    DayAlreadyClosed: 403,
    UnknownTill: 404,
    TooMany: 413,
    "unknown_serving": 404,
    "already_reversed": 409,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a refusal: 422 but for a few."""
    return _STATUS.get(type(refusal)) or _STATUS.get(refusal.code, 422)


def status_of_code(code: str) -> int:
    """The same for a refusal of which only the code was kept."""
    return _STATUS.get(code, 422)
