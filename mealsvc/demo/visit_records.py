"""What the demo's inspectors measured, and what they found wrong: by point, mode and month."""

from collections.abc import Mapping
from typing import NamedTuple

PARTIAL, FAIL = "PARTIAL", "FAIL"
BY_DATE, AT_ONCE = "RECTIFY_BY_DATE", "ON_SITE_FIX"
CONSEQUENCE = "逾期不改或整改不到位的，按服务协议暂停补贴或者暂停运营，并移送有关部门处理。"
SIGNED = ("WJ003", "patrol", 5)  # the one that was signed on the screen, with photos


class Wrong(NamedTuple):
    """An item that was not in order, with what was measured instead."""

    item: str
    result: str
    note: str
    measured: Mapping[str, str] = {}
    outcome: str = BY_DATE


MEASURED: dict[str, dict[str, str]] = {
    "QUA-01": {"licence_no": "见许可证公示", "valid_to": "2027-06-30"},
    "QUA-03": {"agreement_valid_to": "2026-12-31"},
    "STF-01": {"valid": "6", "total": "6"},
    "STF-02": {"days_with_check": "22", "operating_days": "22"},
    "PUR-02": {"sampled_items": "3", "ok_items": "3"},
    "COK-02": {"core_temp_c": "78.4"},
    "COK-03": {"hold_temp_c": "64.0", "minutes_in_zone": "0"},
    "SMP-01": {"grams": "138"},
    "SMP-02": {"temp_c": "4.2", "hours_kept": "48"},
    "SMP-04": {"dishes_sampled": "5", "dishes_served": "5"},
    "DIS-01": {"method": "steam", "temp_c": "100", "minutes": "12"},
    "DIS-02": {"days_logged": "22", "operating_days": "22"},
    "COL-01": {"chill_c": "4.0", "freeze_c": "-18.0"},
    "DLV-02": {"cooked_at": "10:05", "delivered_at": "11:20", "core_temp_c": "66.0"},
    "PRC-02": {"list": "15.00", "discount": "2.00", "subsidy": "3.00", "self_pay": "10.00"},
    "PRC-03": {"price_filed": "13.00", "price_charged": "13.00"},
    "PRC-04": {"low_price_7_days": "13.00"},
    "STD-02": {"parts": "大荤、小荤、素、汤、主食", "grams": "640", "standard_grams": "650"},
    "SUB-01": {"matched": "10", "sampled": "10"},
    "SUB-03": {"mismatch_count": "0"},
    "SUB-04": {"manual": "6", "total": "620"},
}
WRONG: dict[tuple[str, str, int], tuple[Wrong, ...]] = {
    ("WJ001", "full", 11): (
        Wrong("QUA-02", PARTIAL, "投诉电话未在醒目处公示。"),
        Wrong("STD-03", PARTIAL, "未提供小份或半份。"),
    ),
    ("WJ002", "full", 11): (Wrong("ENV-03", FAIL, "餐厨废弃物台账缺10月下旬记录。"),),
    ("WJ003", "full", 11): (
        Wrong("COL-02", FAIL, "冷藏柜内生熟混放，半成品未标注日期。"),
        Wrong("PRC-03", PARTIAL, "备案价目表未更新。"),
    ),
    ("WJ006", "full", 11): (
        Wrong("DLV-05", PARTIAL, "10月有3天收餐验收未记温度。"),
        Wrong("AGE-05", PARTIAL, "签到册摆放在就餐区，露出姓名和电话。", outcome=AT_ONCE),
    ),
    ("WJ008", "full", 11): (
        Wrong("PUR-03", FAIL, "进货台账缺供货者地址和联系方式。"),
        Wrong("SMP-03", PARTIAL, "留样标签无留样人。", outcome=AT_ONCE),
        Wrong("UNT-01", PARTIAL, "周排查缺2周。"),
    ),
    ("WJ009", "full", 11): (Wrong("ENV-02", PARTIAL, "后门防蝇帘破损。"),),
    ("WJ008", "full", 3): (
        Wrong("PUR-03", FAIL, "进货台账仍缺供货者联系方式。"),
        Wrong("PUR-02", FAIL, "抽查3个品种，2个无检验证明。", {"ok_items": "1"}),
        Wrong("ENV-01", PARTIAL, "粗加工水池荤素未分开标识。"),
        Wrong("ENV-03", FAIL, "垃圾桶无盖。"),
        Wrong("STF-05", FAIL, "两名人员培训考核超期。"),
        Wrong("COL-03", PARTIAL, "大米直接放在地面。"),
        Wrong("SMP-04", FAIL, "留样记录与当日菜单少一个品种。", {"dishes_sampled": "4"}),
        Wrong("STD-01", PARTIAL, "本周食谱周一上午才张贴。"),
        Wrong("UNT-01", FAIL, "周排查缺3周，月调度未记录。"),
        Wrong("AGE-01", PARTIAL, "洗手间门口地面湿滑，无提示。"),
    ),
    ("WJ010", "full", 3): (
        Wrong("DIS-02", FAIL, "消毒记录缺5天。", {"days_logged": "17"}),
        Wrong("PRC-01", PARTIAL, "价目牌字迹不清。"),
        Wrong("STD-02", FAIL, "抽称一份比约定少14%。", {"grams": "560"}),
        Wrong("UNT-02", FAIL, "无事故处置方案。"),
        Wrong("AGE-03", FAIL, "急救箱药品过期。"),
        Wrong("DLV-05", FAIL, "抽查10天，3天无收餐验收。"),
    ),
    ("WJ003", "patrol", 5): (
        Wrong(
            "COK-03",
            FAIL,
            "11时20分实测红烧肉保温温度54.2℃，已存放45分钟，未再加热。",
            {"hold_temp_c": "54.2", "minutes_in_zone": "45"},
        ),
    ),
    ("WJ008", "patrol", 5): (
        Wrong("SMP-01", FAIL, "当日午餐红烧肉留样96克，不足125克。", {"grams": "96"}),
        Wrong("QUA-03", FAIL, "服务协议原件不在场，未能核验。"),
    ),
    ("WJ007", "patrol", 5): (
        Wrong("AGE-02", FAIL, "就餐区一只灭火器压力不足，当场更换。"),
    ),
    ("WJ001", "audit", 5): (
        Wrong("SUB-04", PARTIAL, "手工登记占4.1%，有2笔未写理由。", {"manual": "25", "total": "610"}),
    ),
}  # fmt: skip
THESE_DAYS: dict[str, tuple[Wrong, ...]] = {
    "WJ006": (Wrong("DIS-01", FAIL, "消毒柜显示88℃，未达到100℃。", {"temp_c": "88"}),),
    "WJ009": (Wrong("PRC-02", FAIL, "收银台未分项标示补贴和老人实付。"),),
}
