"""The thresholds that a new installation starts with; `verified` False: check before printing."""

from datetime import date
from typing import NamedTuple


class Default(NamedTuple):
    """One threshold: key, value as text, unit, legal basis, the day it holds from, verified or not."""

    key: str
    name: str
    value: str
    unit: str
    basis: str
    effective_from: date
    verified: bool


_FIRST = date(2022, 1, 1)
_GB31654 = date(2022, 2, 22)

DEFAULTS = (
    Default("serving.price_limit_fen", "单餐价格上限", "20000", "分", "系统约定", _FIRST, True),
    Default(
        "menu.set_meal_parts",
        "套餐结构",
        "大荤,小荤,素,汤,主食",
        "",
        "用餐标准：一大荤一小荤一素一汤一主食；检查项STD-02",
        _FIRST,
        True,
    ),
    Default(
        "menu.lunch_salt_g",
        "午餐用盐参考上限",
        "2",
        "克",
        "WS/T 556-2017；每日5克、午餐占40%推算",
        _FIRST,
        False,
    ),
    Default(
        "menu.lunch_vegetables_g",
        "午餐蔬菜参考下限",
        "120",
        "克",
        "WS/T 556-2017：每日300至400克、午餐占40%推算",
        _FIRST,
        True,
    ),
    Default(
        "price.flag_days",
        "政策生效前调价提醒",
        "7",
        "天",
        "明码标价和禁止价格欺诈规定第十七条；检查项PRC-04",
        _FIRST,
        True,
    ),
    Default(
        "service.complaint_phone",
        "菜单上的监督电话",
        "12345 热线",
        "",
        "政务服务便民热线；有专线的改为专线",
        _FIRST,
        True,
    ),
    Default(
        "point.effective_days",
        "有效运营：月供餐天数",
        "20",
        "天",
        "指标口径：有效运营",
        _FIRST,
        True,
    ),
    Default(
        "point.effective_meals", "有效运营：日均份数", "5", "份", "指标口径：有效运营", _FIRST, True
    ),
    Default(
        "coverage.radius_m",
        "服务半径",
        "1000",
        "米",
        "一刻钟居家养老服务圈；北京2022年指引",
        _FIRST,
        True,
    ),
    Default(
        "coverage.walk_m",
        "15分钟步行直线距离",
        "550",
        "米",
        "步速0.8米/秒、绕行1.3倍推算",
        _FIRST,
        True,
    ),
    Default(
        "coverage.gap_pop60",
        "空白点：60岁以上人口",
        "200",
        "人",
        "溧阳市2025年通知：200名以上老人",
        _FIRST,
        True,
    ),
    Default(
        "licence.warn_workdays",
        "证照到期提醒",
        "90,30,15",
        "工作日",
        "食品经营许可和备案管理办法：到期前90至15个工作日申请延续",
        _FIRST,
        False,
    ),
    Default(
        "sample.min_grams",
        "每品种留样量",
        "125",
        "克",
        "GB 31654-2021；餐饮服务食品安全操作规范7.9",
        _GB31654,
        True,
    ),
    Default(
        "sample.min_hours",
        "留样时间",
        "48",
        "小时",
        "GB 31654-2021；餐饮服务食品安全操作规范7.9",
        _GB31654,
        True,
    ),
    Default(
        "sample.temp_c", "留样温度", "0-8", "℃", "餐饮服务食品安全操作规范：冷藏", _GB31654, False
    ),
    Default("cook.core_c", "烧熟中心温度", "70", "℃", "GB 31654-2021；操作规范7.4", _GB31654, True),
    Default("hold.hot_c", "热藏温度", "60", "℃", "GB 31654-2021；操作规范7.7", _GB31654, True),
    Default("hold.cold_c", "冷藏温度", "8", "℃", "GB 31654-2021；操作规范7.7", _GB31654, True),
    Default("hold.danger_minutes", "8～60℃存放时限", "120", "分钟", "操作规范7.8", _GB31654, False),
    Default("deliver.eat_by_hours_hot", "热链食用时限", "4", "小时", "操作规范8.3", _GB31654, True),
    Default(
        "deliver.eat_by_hours_cold", "冷链食用时限", "24", "小时", "操作规范8.3", _GB31654, False
    ),
    Default(
        "delivery.window_breakfast",
        "早餐送达时段",
        "06:30-08:30",
        "时段",
        "服务约定",
        _FIRST,
        False,
    ),
    Default(
        "delivery.window_lunch", "午餐送达时段", "10:30-12:30", "时段", "服务约定", _FIRST, False
    ),
    Default(
        "delivery.window_dinner", "晚餐送达时段", "16:30-18:00", "时段", "服务约定", _FIRST, False
    ),
    Default(
        "delivery.no_answer_minutes",
        "无人应答多久须上报",
        "15",
        "分钟",
        "检查项DLV-04；探访关爱",
        _FIRST,
        True,
    ),
    Default("fridge.c", "冷藏柜温度", "0-8", "℃", "操作规范：冷藏", _GB31654, False),
    Default("freezer.c", "冷冻柜温度", "-12", "℃", "操作规范：冷冻", _GB31654, False),
    Default("training.months", "特定餐饮单位培训间隔", "6", "月", "操作规范14", _GB31654, False),
    Default("selfcheck.days", "特定餐饮单位自查间隔", "7", "天", "操作规范13", _GB31654, False),
    Default(
        "officer.director_threshold",
        "须配食品安全总监的每餐用餐人数",
        "300",
        "人",
        "集中用餐单位落实食品安全主体责任监督管理规定",
        date(2025, 4, 15),
        True,
    ),
    Default("audit.turns_per_meal", "每餐翻台次数上限", "3", "次", "异常规则A10", _FIRST, True),
    Default("audit.opening_grace_min", "营业时段宽限", "10", "分钟", "异常规则A08", _FIRST, True),
    Default(
        "audit.manual_share",
        "手工登记占比上限",
        "3",
        "%",
        "异常规则A09；检查项SUB-04",
        _FIRST,
        True,
    ),
    Default("audit.manual_a_day", "每天手工登记上限", "10", "笔", "异常规则A09", _FIRST, True),
    Default("audit.burst", "集中登记：秒,笔", "60,10", "", "异常规则A06", _FIRST, True),
    Default(
        "audit.burst_gap", "集中登记：间隔秒,连续笔数", "4,20", "", "异常规则A06", _FIRST, True
    ),
    Default("audit.replay", "名单重放：次序相关系数", "0.9", "", "异常规则A07", _FIRST, True),
    Default("audit.even_percent", "每日份数过于平稳", "2", "%", "异常规则A11", _FIRST, True),
    Default(
        "audit.volume_percent",
        "份数偏离常态",
        "30",
        "%",
        "结算审核：与前六个月平均相比",
        _FIRST,
        True,
    ),
    Default(
        "audit.new_elders",
        "新增老人突增：倍标准差,最少人数",
        "3,10",
        "",
        "异常规则A20",
        _FIRST,
        True,
    ),
    Default("report.rectify_days", "督查整改时限", "15", "天", "督查报告：整改清单", _FIRST, True),
    Default(
        "report.licence_days",
        "督查报告：许可证临期",
        "30",
        "天",
        "督查报告：到期前30日内提示延续",
        _FIRST,
        True,
    ),
    Default(
        "report.price_spread", "助餐点均价高低差", "20", "%", "督查报告：用餐价格", _FIRST, True
    ),
    Default(
        "cards.help",
        "助餐卡上印的咨询方式",
        "政务服务热线 12345",
        "",
        "国办发〔2020〕53号：12345政务服务便民热线",
        _FIRST,
        True,
    ),
    Default(
        "budget.warn_used", "经费预算使用提醒线", "90", "%", "系统约定：经费保障", _FIRST, True
    ),
    Default(
        "budget.short_days",
        "预计多少天内用完算紧急",
        "90",
        "天",
        "系统约定：追加预算一般要一个季度",
        _FIRST,
        True,
    ),
    Default("report.concentration", "供餐集中度警戒线", "40", "%", "指标口径N44", _FIRST, True),
    Default("booking.days_ahead", "最远可提前预订", "14", "天", "系统约定", _FIRST, True),
    Default(
        "booking.cutoff_days",
        "预订截单提前天数（早餐,午餐,晚餐）",
        "1,0,0",
        "天",
        "系统约定：供餐单位当餐加工（食品安全法57），早餐须前一天备料",
        _FIRST,
        True,
    ),
    Default("booking.cutoff_breakfast", "早餐截单", "18:00", "时刻", "系统约定", _FIRST, True),
    Default("booking.cutoff_lunch", "午餐截单", "09:00", "时刻", "系统约定", _FIRST, True),
    Default("booking.cutoff_dinner", "晚餐截单", "14:30", "时刻", "系统约定", _FIRST, True),
    Default(
        "notice.working_days",
        "结算公示最短工作日",
        "5",
        "工作日",
        "惯例5个或7个工作日，本地规定待核对",
        _FIRST,
        False,
    ),
    Default(
        "notice.contact",
        "公示和追回通知上的联系单位和电话",
        "（未设置）",
        "",
        "由区业务管理提供；未设置时留空待填",
        _FIRST,
        True,
    ),
    Default(
        "clawback.days",
        "追回款退回时限",
        "15",
        "天",
        "系统约定，本地规定待核对",
        _FIRST,
        False,
    ),
)
