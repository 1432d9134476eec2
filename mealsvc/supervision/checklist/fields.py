"""What is measured for each item: its name in the record, how people call it, its unit, its limit.

The checklist's `fields` texts, spelled out for phone and paper. Pure: thresholds come in by key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mealsvc.supervision.checklist.items import Item

NUMBER, COUNT, DAY, TEXT, CHOICE, CLOCK, YUAN = (
    "number", "count", "day", "text", "choice", "time", "yuan"
)  # fmt: skip
BOUGHT = "bought"
DISINFECTION = {
    "steam": "蒸煮",
    "infrared": "红外",
    "washer": "洗碗机",
    "chlorine": "含氯",
    BOUGHT: "集中消毒或一次性",
}
YES = {"yes": "是", "no": "否"}
CATERING = {"self_run": "自营", "contracted": "委托承包", "ordered": "供餐单位订餐"}


@dataclass(frozen=True, slots=True)
class Field:
    """One measured value. `needed`: it must be filled in unless the item does not apply.

    Limits: `least`, `most` are thresholds of a number, each a setting's key or a number, `span` a
    setting with both ends; `whole_of` names the field that it has to reach, `part_of` the one of
    which it may be at most `most` percent; `after_today`: a day that must not be past; `good` the
    one right choice.
    """

    name: str
    label: str
    unit: str = ""
    kind: str = NUMBER
    needed: bool = True
    least: str = ""
    most: str = ""
    span: str = ""
    whole_of: str = ""
    part_of: str = ""
    after_today: bool = False
    good: str = ""
    options: Mapping[str, str] | None = None


def _count(name: str, label: str, unit: str = "份", **more: Any) -> Field:
    return Field(name, label, unit, COUNT, **more)


def _temp(name: str, label: str, **more: Any) -> Field:
    return Field(name, label, "℃", NUMBER, **more)


# By item. Head counts (SUB-02) are entered once for the visit, not here.
FIELDS: dict[str, tuple[Field, ...]] = {
    "QUA-01": (
        Field("licence_no", "许可证编号", kind=TEXT),
        Field("valid_to", "有效期至", kind=DAY, after_today=True),
    ),
    "QUA-03": (Field("agreement_valid_to", "服务协议有效期至", kind=DAY, after_today=True),),
    "QUA-04": (Field("catering_mode", "供餐方式", kind=CHOICE, options=CATERING),),
    "STF-01": (
        _count("valid", "健康证明有效人数", "人", whole_of="total"),
        _count("total", "接触直接入口食品的人数", "人"),
    ),
    "STF-02": (
        _count("days_with_check", "有晨检记录的天数", "天", whole_of="operating_days"),
        _count("operating_days", "抽查的供餐天数", "天"),
    ),
    "STF-04": (_count("diners_per_meal", "平均每餐用餐人数", "人"),),
    "STF-05": (Field("last_training_date", "最近一次培训考核日期", kind=DAY),),
    "ENV-04": (_count("video_keep_days", "录像保存天数", "天", least="video.keep_days"),),
    "PUR-02": (
        _count("sampled_items", "抽查品种数", "种"),
        _count("ok_items", "证票齐全品种数", "种", whole_of="sampled_items"),
    ),
    "PUR-03": (
        Field(
            "missing_columns",
            "台账缺少的栏目（名称、规格、数量、批号或日期、保质期、进货日期、供货者、地址、联系方式；齐全填“无”）",
            kind=TEXT,
            good="无",
        ),
    ),
    "COK-02": (_temp("core_temp_c", "中心温度（两个品种中较低的）", least="cook.core_c"),),
    "COK-03": (
        _temp("hold_temp_c", "存放温度"),
        _count("minutes_in_zone", "在8～60℃存放时间", "分钟", needed=False),
    ),
    "COK-04": (_temp("room_temp_c", "专间温度（没有专间不填）", needed=False, most="coldroom.c"),),
    "SMP-01": (Field("grams", "留样重量（最少的一份）", "克", least="sample.min_grams"),),
    "SMP-02": (
        _temp("temp_c", "留样柜温度", span="sample.temp_c"),
        Field("hours_kept", "最早一份已存放或将存放", "小时", least="sample.min_hours"),
    ),
    "SMP-04": (
        _count("dishes_sampled", "留样品种数", "种", whole_of="dishes_served"),
        _count("dishes_served", "当餐供应品种数", "种"),
    ),
    "DIS-01": (
        Field("method", "消毒方式", kind=CHOICE, options=DISINFECTION),
        _temp("temp_c", "温度", needed=False),
        Field("minutes", "时间", "分钟", needed=False),
        Field("ppm", "有效氯浓度", "mg/L", needed=False),
    ),
    "DIS-02": (
        _count("days_logged", "有消毒记录的天数", "天", whole_of="operating_days"),
        _count("operating_days", "抽查的供餐天数", "天"),
    ),
    "COL-01": (
        _temp("chill_c", "冷藏温度", span="fridge.c"),
        _temp("freeze_c", "冷冻温度（没有冷冻柜不填）", needed=False, most="freezer.c"),
    ),
    "DLV-02": (
        Field("cooked_at", "烧熟时刻", kind=CLOCK),
        Field("delivered_at", "送达时刻", kind=CLOCK),
        _temp("core_temp_c", "送达时中心温度"),
    ),
    "DLV-03": (
        Field("seal_ok", "封签完好", kind=CHOICE, options=YES, good="yes"),
        Field("label_ok", "标注齐全", kind=CHOICE, options=YES, good="yes"),
    ),
    "DLV-04": (
        _count("no_answer_closed", "已闭环的无人应答", "次", whole_of="no_answer"),
        _count("no_answer", "无人应答", "次"),
    ),
    "DLV-05": (
        _count("receipts", "验收记录", "次", whole_of="deliveries"),
        _count("deliveries", "到餐", "次"),
    ),
    "PRC-02": (
        Field("list", "原价", "元", YUAN),
        Field("discount", "企业优惠", "元", YUAN),
        Field("subsidy", "政府补贴", "元", YUAN),
        Field("self_pay", "老人实付", "元", YUAN),
    ),
    "PRC-03": (
        Field("price_filed", "备案价", "元", YUAN),
        Field("price_charged", "执行价", "元", YUAN),
    ),
    "PRC-04": (Field("low_price_7_days", "最近7天最低成交价", "元", YUAN),),
    "STD-01": (Field("menu_published_at", "本周食谱公示日期", kind=DAY),),
    "STD-02": (
        Field("parts", "套餐组成", kind=TEXT),
        Field("grams", "抽称重量", "克"),
        Field("standard_grams", "标准重量", "克"),
    ),
    "STD-04": (
        Field("salt_g", "每份用盐", "克", needed=False, most="menu.lunch_salt_g"),
        Field("oil_g", "每份用油", "克", needed=False),
    ),
    "SUB-01": (
        _count("matched", "人证一致", "人", whole_of="sampled"),
        _count("sampled", "抽查人数", "人"),
    ),
    "SUB-03": (_count("mismatch_count", "不符合条件的笔数", "笔", most="0"),),
    "SUB-04": (
        _count("manual", "手工补录", "笔", part_of="total", most="audit.manual_share"),
        _count("total", "全部就餐", "笔"),
    ),
    "SUB-05": (Field("self_pay_floor", "抽查小票中老人最低自付", "元", YUAN),),
    "UNT-01": (
        _count("days_done", "日管控已做", "天"),
        _count("weeks_done", "周排查已做", "次"),
        _count("months_done", "月调度已做", "次"),
    ),
    "UNT-02": (Field("last_drill_date", "最近一次演练日期", kind=DAY),),
    "UNT-03": (Field("satisfaction", "最近一期满意度", "%", least="satisfaction.target"),),
    "UNT-04": (_count("open_findings", "未整改到位的问题", "项", most="0"),),
}
HEADCOUNT = "SUB-02"  # measured by the head count of the visit
_OTHER = (Field("found", "实测情况", kind=TEXT),)


def fields_of(item: Item) -> tuple[Field, ...]:
    """What is measured for an item; one free text for an item of a later version that asks something."""
    if item.code == HEADCOUNT:
        return ()
    return FIELDS.get(item.code) or (_OTHER if item.fields else ())
