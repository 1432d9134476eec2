"""The closed lists of the files: each code beside the Chinese words that clerks write for it."""

from mealsvc.kernel.meals import MEALS, METHODS, MODES
from mealsvc.places.units.rules import DOCUMENTS, POSTS
from mealsvc.supervision.checklist.items import MODE_NAMES, RESULT_NAMES
from mealsvc.supervision.logs.kinds import DEVICES, LOG_NAMES
from mealsvc.supervision.logs.kinds import METHODS as DISINFECTION_NAMES
from mealsvc.supervision.visits.rules import KIND_NAMES, OUTCOME_NAMES

Choices = dict[str, tuple[str, ...]]


def _plain(names: dict[str, str]) -> Choices:
    return {code: (chinese,) for code, chinese in names.items()}


MEAL = _plain(MEALS)
MODE = _plain(MODES)
METHOD = _plain(METHODS)
LEVEL: Choices = {
    "district": ("区县", "区", "县", "县市区"),
    "town": ("镇街", "镇", "街道", "乡", "乡镇", "镇街道"),
    "community": ("村社区", "村", "社区"),
}
POINT_KIND: Choices = {
    "central_kitchen": ("中央厨房", "集体用餐配送单位"),
    "community_canteen": ("社区食堂", "长者食堂", "老年食堂"),
    "institution_canteen": ("养老机构食堂", "机构食堂"),
    "partner_restaurant": ("餐饮门店合作", "合作餐厅", "餐饮门店", "老年餐桌"),
    "serving_point": ("配送分餐点", "分餐点", "配送点"),
    "neighbour_table": ("邻里互助", "中心户", "邻里互助点"),
}
CATERING_MODE: Choices = {
    "self_run": ("自营",),
    "contracted": ("委托承包", "承包", "委托"),
    "ordered": ("订餐", "外购"),
}
EVENT: Choices = {
    "deceased": ("去世", "死亡"),
    "moved_out": ("迁出",),
    "institution": ("入住机构", "入住养老机构"),
}
SOURCE: Choices = {
    "district": ("区", "区财政", "区级"),
    "town": ("镇", "镇街", "镇财政", "街道", "镇级"),
    "village": ("村", "村社区", "村集体", "社区"),
    "lottery": ("福彩", "福彩公益金"),
    "charity": ("慈善", "慈善捐赠"),
}
LOG_KIND: Choices = _plain(LOG_NAMES) | {"hold_temp": (LOG_NAMES["hold_temp"], "热藏温度")}
COLD_DEVICE = _plain(DEVICES)
DISINFECTION: Choices = _plain(DISINFECTION_NAMES) | {"bought": ("集中消毒", "一次性")}
YES_NO: Choices = {"yes": ("是", "有", "1", "√"), "no": ("否", "无", "0", "×")}
UNIT_DOCUMENT: Choices = _plain({code: one.name for code, one in DOCUMENTS.items()}) | {
    "agreement": ("助餐服务协议", "服务协议"),
    "liability": ("食品安全责任险或公众责任险", "食品安全责任险", "公众责任险", "责任险"),
    "supplier_licence": ("供餐单位食品经营许可证复印件", "供餐单位许可证"),
    "business_licence": ("营业执照或登记证书", "营业执照"),
    "fire": ("消防安全检查合格证明或承诺", "消防"),
}
POST = _plain(POSTS)
VISIT_KIND, VISIT_MODE = _plain(KIND_NAMES), _plain(MODE_NAMES)
ITEM_RESULT, FINDING_OUTCOME = _plain(RESULT_NAMES), _plain(OUTCOME_NAMES)
DISH_KIND: Choices = dict.fromkeys(("大荤", "小荤", "素", "汤", "主食", "套餐"), ())
CATEGORY: Choices = {
    "TK": ("特困", "特困供养", "特困供养人员"),
    "DB": ("低保", "最低生活保障对象"),
    "DBB": ("低保边缘", "最低生活保障边缘家庭"),
    "ZCX": ("支出型困难", "支出型困难家庭"),
    "SN": ("失能",),
    "CJ": ("残疾", "重度残疾"),
    "JS": ("计生特殊家庭", "计划生育特殊家庭"),
    "YF": ("优抚", "重点优抚对象"),
    "DJ": ("独居",),
    "KC": ("空巢",),
    "LS": ("留守",),
    "LM": ("劳模",),
}


def spellings(choices: Choices) -> dict[str, str]:
    """Every accepted spelling, lower case, to its code."""
    return {word.casefold(): code for code, words in choices.items() for word in (code, *words)}
