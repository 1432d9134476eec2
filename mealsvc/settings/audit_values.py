"""The thresholds of audits: scans, cases, samples and call-backs."""

from mealsvc.settings.defaults import FIRST, Default

DEFAULTS = (
    Default("audit.travel", "两点就餐：少于分钟,远于米", "30,3000", "", "异常规则A05", FIRST, True),
    Default("audit.every_day", "天天不缺：至少多少个供餐日", "60", "天", "异常规则A12", FIRST, True),
    Default("audit.price_rise", "提价：超过百分比,政策开始或申报前天数", "10,7", "", "异常规则A15", FIRST, True),
    Default("audit.purchase_band", "每份用料偏离本点中位数", "40", "%", "异常规则A16", FIRST, True),
    Default("audit.till_difference", "收款与系统差额：百分比,元每天", "1,100", "", "异常规则A18", FIRST, True),
    Default("audit.phone_elders", "一个电话最多登记老人", "3", "人", "异常规则A19", FIRST, True),
    Default("audit.override_share", "验证通过又人工更改占比", "1", "%", "异常规则A23", FIRST, True),
    Default("audit.clock", "设备时钟：偏差分钟,断网补传小时", "5,24", "", "异常规则A24", FIRST, True),
    Default("audit.top_share", "人均次数、老人占比远高于同类：前百分之", "1", "%", "异常规则A26", FIRST, True),
    Default("audit.false_leads", "每月容许的误报线索（统计类规则合计）", "1", "条", "系统约定：误报率按全月控制", FIRST, True),
    Default("audit.night", "每晚自动扫描时刻", "02:30", "", "系统约定：当月和上月各扫一次", FIRST, True),
    Default("audit.case_days", "核查询问答复时限", "5", "工作日", "异常规则：核查流程", FIRST, False),
    Default("audit.sample", "审计抽样：笔数百分比,置信度百分比", "5,95", "", "异常规则：随机5%加全部高等级疑点", FIRST, True),
    Default("audit.sample_least", "每个助餐点至少抽取", "5", "笔", "系统约定：每层都有样本", FIRST, True),
    Default("audit.tolerable", "可容忍差错占补贴", "2", "%", "系统约定：抽样规模按此推算", FIRST, True),
    Default("audit.calls_a_line", "电话回访最多拨打次数", "3", "次", "系统约定：三次未接改为入户", FIRST, True),
)  # fmt: skip
