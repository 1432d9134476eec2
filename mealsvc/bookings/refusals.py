"""Why a meal is not booked or not cancelled, or a receiving check not taken."""

from mealsvc.kernel.refusals import Refusal


class KitchenOnly(Refusal):
    """{point}是中央厨房，不直接供老人用餐：请选老人去用餐或取餐的助餐点。"""

    code = "kitchen_only"
    field = "point"


class UnknownResident(Refusal):
    """没有找到这位老人，请重新查找。"""

    code = "unknown_resident"


class PastDay(Refusal):
    """{day}已经过去，不能预订。"""

    code = "past_day"
    field = "days"


class TooFarAhead(Refusal):
    """现在最远订到{last}，更晚的请过几天再订。"""

    code = "too_far_ahead"
    field = "days"


class ResidentDeceased(Refusal):
    """该老人登记为已去世，不能预订；如登记有误，请联系所在镇（街道）更正。"""

    code = "resident_deceased"


class PointNotOperating(Refusal):
    """{day}该助餐点不供餐（未开业、已停业或暂停），请换一个助餐点或日期。"""

    code = "point_not_operating"
    field = "point"


class MealNotServed(Refusal):
    """该助餐点不供{meal}，请换一个餐次或助餐点。"""

    code = "meal_not_served"
    field = "meal"


class BookedAlready(Refusal):
    """这一天的{meal}已在{point}订过，不能重复预订；要改请先取消那一份。"""

    code = "booked_already"
    field = "days"


class ServedAlready(Refusal):
    """这一天的{meal}已经用过餐，不用再订，也不能取消。"""

    code = "served_already"
    field = "days"


class DishNotOffered(Refusal):
    """{day}的菜单上没有“{dish}”，请选当日套餐，或换一道菜。"""

    code = "dish_not_offered"
    field = "dish"


class AfterCutoff(Refusal):
    """{meal}已于{at}截单，备餐份数已定。需要加单、减单请找店长办理。"""

    code = "after_cutoff"
    field = "days"


class NoRoom(Refusal):
    """{day}已订满：日供餐能力{capacity}份，没有剩余。请换一个日期或助餐点。"""

    code = "no_room"
    field = "days"


class WhoAsked(Refusal):
    """请选择是哪位家属要求的。"""

    code = "who_asked"
    field = "asked_name"


class PersonalNumber(Refusal):
    """这里不要写电话、证件等号码，只写关系或忌口。"""

    code = "personal_number"
    field = "wish"


class CancelledAlready(Refusal):
    """这份预订已经取消，不用再取消。"""

    code = "cancelled_already"


class BadOrder(Refusal):
    """{what}，请核对后重新填写。"""

    code = "malformed"


class NotSupplied(Refusal):
    """{point}不由本厨房供餐，请在助餐点档案里核对供餐方。"""

    code = "not_supplied"
    field = "point"


class BadTimes(Refusal):
    """时间不对：{what}。请核对后重新填写。"""

    code = "bad_times"
    field = "arrived"


class CorrectedAlready(Refusal):
    """这条记录已经更正过，请打开最新的一条再更正。"""

    code = "corrected_already"


class SentAlready(Refusal):
    """同样的一批餐已经登记发出，不用再登记。确有另一批的，请写明它的保温箱编号。"""

    code = "sent_already"
    field = "container"


class SentAnew(Refusal):
    """供餐方已更正或撤回这一批的发餐记录。请回到收餐页面，按最新的一条验收。"""

    code = "sent_anew"


class NoMeasure(Refusal):
    """有问题没有处理：{faults}。请勾选采取的措施，再保存。"""

    code = "no_measure"
    field = "measures"


class NotReheated(Refusal):
    """再加热要达到{reheat}℃：请量好复热后的中心温度再填写。"""

    code = "not_reheated"
    field = "reheated"


class CheckedAlready(Refusal):
    """这一批餐已经验收。有出入请打开验收记录，点“更正”。"""

    code = "checked_already"
