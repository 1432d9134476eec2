"""Why a menu is not changed or published, and why a price is not filed."""

from mealsvc.kernel.refusals import Refusal


class PastMenu(Refusal):
    """{day} 已经过去，当天的菜单留作检查依据，不能再改。"""

    code = "past_menu"


class DishExists(Refusal):
    """这一餐已有“{name}”，请直接修改那道菜，或换一个菜名。"""

    code = "dish_exists"
    field = "name"


class NothingToPublish(Refusal):
    """没有可以公布的菜单：先加菜；已经过去的日子不能再公布。"""

    code = "nothing_to_publish"


class AboveFiled(Refusal):
    """{day}{meal}“{name}”价格{price}元，高于备案价{filed}元，不能公布。请改价，或先备案新的价格。"""

    code = "above_filed_price"


class BackdatedPrice(Refusal):
    """生效日期不能早于今天：价格只能从今天或以后起备案。"""

    code = "bad_period"
    field = "effective_from"


class ElderAbovePublic(Refusal):
    """老年价不能高于公示价，请核对。"""

    code = "elder_above_public"
    field = "elder_price"


class PriceOutOfRange(Refusal):
    """价格应在0.01元至{limit}元之间，请核对。"""

    code = "bad_price"
    field = "public_price"


class AlreadyFiled(Refusal):
    """“{name}”在 {day} 已有一条备案，已有的备案不能改：请换一个生效日期。"""

    code = "already_filed"
    field = "effective_from"


class SamePrice(Refusal):
    """与当时执行的备案价相同，不必重复备案。"""

    code = "same_price"
    field = "elder_price"


class NotInForce(Refusal):
    """“{name}”在 {day} 没有执行中的备案价，不用终止。"""

    code = "not_in_force"
    field = "effective_from"
