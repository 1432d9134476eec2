"""The kinds of log, what an entry of each says, and by which thresholds it is judged. Pure.

`facts` of an entry holds, in JSON, those of its kind's facts that were given: numbers in the unit
named here, codes of the choices, days and instants in ISO 8601. `subject` is what the entry is
about, `meal` is empty for what belongs to a whole day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

NUMBER, TEXT, CODE, DAY, INSTANT, FLAG, ITEMS = (
    "number", "text", "code", "day", "instant", "flag", "items"
)  # fmt: skip
DAY_LOG, MEAL_LOG, WEEK_LOG, MONTH_LOG, EVENT_LOG = "day", "meal", "week", "month", "event"

FIT, ABSENT = "normal", "absent"
HEALTH = {
    FIT: "正常",
    "fever": "发热",
    "diarrhoea": "腹泻",
    "throat": "咽部炎症",
    "skin": "手部化脓或皮肤病",
    "other": "其他不适",
    ABSENT: "今天不上班",
}
METHODS = {
    "steam": "蒸煮",
    "infrared": "红外",
    "washer": "洗碗机",
    "chlorine": "含氯消毒液",
    "bought": "集中消毒或一次性",
}
CHILLER, FREEZER, SAMPLE_FRIDGE, COLD_ROOM = "chiller", "freezer", "sample_fridge", "cold_room"
DEVICES = {
    CHILLER: "冷藏柜",
    FREEZER: "冷冻柜",
    SAMPLE_FRIDGE: "留样柜",
    COLD_ROOM: "专间",
}
WASTES = ("厨余垃圾", "废弃油脂", "其他垃圾")
DISPOSALS = ("按厨余垃圾处理", "其他")
RECEIPTS = {"accepted": "收下", "refused": "拒收退货"}
OK, WRONG, NOT_HERE = "ok", "wrong", "na"
ANSWERS = {OK: "正常", WRONG: "有问题", NOT_HERE: "今天没有"}
CONTROL = {
    "STF-02": "晨检做了，身体不适的人已离岗",
    "COK-02": "热菜烧熟煮透，中心温度量过",
    "COK-03": "成品热藏、冷藏温度合格，没有久放",
    "SMP-01": "每餐每个菜都留样了",
    "DIS-01": "餐具一餐一消毒，参数达标",
    "COL-01": "冷藏冷冻温度一天记录两次，都合格",
    "PRC-01": "菜品、套餐、配送费明码标价",
    "AGE-02": "通道畅通，灭火器、燃气、用电安全",
}
"""The items of the checklist's daily mode in plain words."""
KITCHEN_ONLY = frozenset(("STF-02", "COK-02", "COK-03", "SMP-01", "COL-01"))
"""Those that apply only where meals are cooked."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an entry says. Numbers lie between `low` and `high`, both allowed."""

    name: str
    chinese: str
    shape: str = TEXT
    unit: str = ""
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    low: float = 0
    high: float = 1_000_000


@dataclass(frozen=True, slots=True)
class LogKind:
    """A kind of log. `subject` is what the subject is called, "" where there is none to name.

    `once`: a second entry about the same subject, day and meal is refused unless one of both was
    out of range. `keys`: the thresholds that judge it. `basis`: why it is kept at all.
    """

    code: str
    chinese: str
    per: str
    subject: str
    facts: tuple[Fact, ...]
    keys: tuple[str, ...] = ()
    once: bool = False
    basis: str = ""

    @property
    def by_meal(self) -> bool:
        return self.per == MEAL_LOG

    def fact(self, name: str) -> Fact | None:
        return next((one for one in self.facts if one.name == name), None)


_TEMP = Fact("temp_c", "温度", NUMBER, "℃", True, low=-60, high=300)
_GRAMS = Fact("grams", "重量", NUMBER, "克", True, high=100_000)
_MINUTES = Fact("minutes", "时间", NUMBER, "分钟", high=10_000)
_PERSON = Fact("person", "登记人")
_NOTE = Fact("note", "备注")

_ALL = (
    LogKind(
        "morning_check", "晨检", DAY_LOG, "人员",
        (Fact("result", "身体状况", CODE, required=True, choices=HEALTH),
         Fact("off_duty", "已离岗", FLAG), Fact("staff", "人员编号", NUMBER, high=2**53),
         _PERSON, _NOTE),
        once=True, basis="操作规范14；检查项STF-02",
    ),
    LogKind(
        "sample", "留样", MEAL_LOG, "菜品",
        (_GRAMS, Fact("place", "存放位置"), Fact("temp_c", "留样柜温度", NUMBER, "℃", low=-60, high=300),
         Fact("kept_until", "保存到", INSTANT), Fact("person", "留样人"), _NOTE),
        ("sample.min_grams", "sample.min_hours", "sample.temp_c"),
        once=True, basis="实施条例28；检查项SMP-01至04",
    ),
    LogKind(
        "sample_disposed", "留样处理", MEAL_LOG, "菜品",
        (Fact("kept_until", "应保存到", INSTANT), Fact("how", "怎么处理"), Fact("person", "处理人"), _NOTE),
        ("sample.min_hours",), once=True, basis="操作规范7.9",
    ),
    LogKind(
        "core_temp", "中心温度", MEAL_LOG, "菜品", (_TEMP, _PERSON, _NOTE),
        ("cook.core_c",), basis="检查项COK-02",
    ),
    LogKind(
        "hold_temp", "热藏冷藏温度", MEAL_LOG, "菜品",
        (_TEMP, Fact("minutes", "已放置", NUMBER, "分钟", high=10_000), _PERSON, _NOTE),
        ("hold.hot_c", "hold.cold_c", "hold.danger_minutes", "cook.core_c"),
        basis="检查项COK-03",
    ),
    LogKind(
        "cold_store", "冷藏冷冻", DAY_LOG, "设备",
        (Fact("device", "设备类型", CODE, required=True, choices=DEVICES), _TEMP, _PERSON, _NOTE),
        ("fridge.c", "freezer.c", "sample.temp_c", "coldroom.c", "fridge.readings_a_day"),
        basis="食品安全法56；检查项COL-01",
    ),
    LogKind(
        "disinfection", "餐具消毒", MEAL_LOG, "消毒物品",
        (Fact("method", "消毒方式", CODE, required=True, choices=METHODS),
         Fact("temp_c", "温度", NUMBER, "℃", low=-60, high=300), _MINUTES,
         Fact("seconds", "时间", NUMBER, "秒", high=10_000),
         Fact("ppm", "有效氯浓度", NUMBER, "mg/L", high=100_000),
         Fact("certificate", "有合格证明、在有效期内", FLAG), _PERSON, _NOTE),
        ("disinfect.steam", "disinfect.infrared", "disinfect.washer", "disinfect.chlorine"),
        basis="食品安全法33、56、58；检查项DIS-01、02",
    ),
    LogKind(
        "purchase_check", "进货查验", EVENT_LOG, "品名",
        (Fact("quantity_kg", "数量", NUMBER, "公斤", True), Fact("supplier", "供货者", required=True),
         Fact("batch", "批号"), Fact("expires_on", "保质期至", DAY),
         Fact("licence", "供货者许可证", FLAG), Fact("certificate", "合格证明", FLAG),
         Fact("sound", "感官正常", FLAG),
         Fact("result", "查验结果", CODE, required=True, choices=RECEIPTS), _PERSON, _NOTE),
        basis="食品安全法53；检查项PUR-02、03",
    ),
    LogKind(
        "waste", "废弃物", EVENT_LOG, "种类",
        (Fact("quantity_kg", "数量", NUMBER, "公斤", True), Fact("collector", "收运单位"), _PERSON, _NOTE),
        basis="操作规范11；检查项ENV-03",
    ),
    LogKind(
        "daily_control", "日管控", DAY_LOG, "",
        (Fact("items", "检查项目", ITEMS, required=True, choices=CONTROL),
         Fact("person", "食品安全员", required=True), _NOTE),
        once=True, basis="集中用餐规定；检查项UNT-01",
    ),
    LogKind(
        "weekly_check", "周排查", WEEK_LOG, "",
        (Fact("result", "排查结果", CODE, required=True, choices={OK: "没有发现问题", WRONG: "发现问题"}),
         Fact("found", "排查情况", required=True), Fact("person", "排查人", required=True), _NOTE),
        ("selfcheck.days",), once=True, basis="集中用餐规定；检查项UNT-01",
    ),
    LogKind(
        "monthly_meeting", "月调度", MONTH_LOG, "",
        (Fact("people", "参加人员", required=True), Fact("found", "会议情况", required=True),
         Fact("decided", "决定事项", required=True), Fact("person", "主持人", required=True), _NOTE),
        once=True, basis="集中用餐规定；检查项UNT-01",
    ),
    LogKind(
        "weighing", "抽称份量", MEAL_LOG, "菜品",
        (_GRAMS, Fact("menu_grams", "菜单份量", NUMBER, "克", True, low=1, high=100_000), _PERSON, _NOTE),
        ("visit.portion_deviation",), basis="检查项STD-02",
    ),
    LogKind(
        "incident", "食品安全事件", EVENT_LOG, "事件",
        (Fact("found", "经过", required=True), Fact("people", "涉及人数"),
         Fact("reported", "报告给谁、什么时候", required=True), _PERSON, _NOTE),
        basis="食品安全法103",
    ),
)  # fmt: skip
KINDS: dict[str, LogKind] = {kind.code: kind for kind in _ALL}
LOG_NAMES = {kind.code: kind.chinese for kind in _ALL}
READINGS = ("core_temp", "hold_temp", "cold_store")
"""The temperatures that indicator N17 counts."""
