"""What the register refuses, in the words that people read."""

from typing import ClassVar

from mealsvc.kernel.refusals import Refusal


class UnknownResident(Refusal):
    """名册里没有这个人，请核对身份证号，或先登记。"""

    code: ClassVar[str] = "unknown_resident"
    field: ClassVar[str | None] = "id_number"


class Duplicate(Refusal):
    """同一文件里这个人已经出现过，只保留第一行。请删去多余的行。"""

    code: ClassVar[str] = "duplicate"
    field: ClassVar[str | None] = "id_number"


class AlreadyRegistered(Refusal):
    """这个身份证号已经登记，编号 {ref}。请打开该档案修改，不要重复登记。"""

    code: ClassVar[str] = "duplicate"
    field: ClassVar[str | None] = "id_number"


class CardTaken(Refusal):
    """这个卡号已经属于另一位老人，请核对卡号；确要换人，请先在原持卡人处换卡。"""

    code: ClassVar[str] = "card_taken"
    field: ClassVar[str | None] = "card_no"


class CardHeld(Refusal):
    """这位老人已有正常使用的卡，请选择“换卡”，旧卡会同时作废。"""

    code: ClassVar[str] = "card_held"
    field: ClassVar[str | None] = "card_no"


class UnknownCard(Refusal):
    """这张卡不存在或不属于这位老人，请刷新页面后再选。"""

    code: ClassVar[str] = "unknown_card"
    field: ClassVar[str | None] = "card"


class CardNotActive(Refusal):
    """这张卡现在的状态不能这样办理，请刷新页面，看清卡的状态后再办。"""

    code: ClassVar[str] = "card_status"
    field: ClassVar[str | None] = "card"


class BadPeriod(Refusal):
    """止于日期早于起始日期，请核对这两个日期。"""

    code: ClassVar[str] = "bad_period"
    field: ClassVar[str | None] = "to_on"


class UnknownCategory(Refusal):
    """有不认识的类别，请从列表中选择。"""

    code: ClassVar[str] = "unknown_category"
    field: ClassVar[str | None] = "value"


class MissingStart(Refusal):
    """请输入从哪一天起。"""

    code: ClassVar[str] = "malformed"
    field: ClassVar[str | None] = "from_on"


class FactExists(Refusal):
    """从这一天起的同样记录已经有了，请改它的截止日期，不要重复添加。"""

    code: ClassVar[str] = "duplicate"
    field: ClassVar[str | None] = "from_on"


class UnknownFact(Refusal):
    """这条记录已经不在了，请刷新页面。"""

    code: ClassVar[str] = "unknown_fact"


class MissingReason(Refusal):
    """请输入查看理由，至少4个字，例如“核对发卡身份”。"""

    code: ClassVar[str] = "missing_reason"
    field: ClassVar[str | None] = "reason"
