"""The thresholds of supervision: what logs, inspections, prices and papers are judged by."""

from datetime import date

from mealsvc.settings.defaults import FIRST, GB31654, Default

_COLLECTIVE = date(2025, 4, 15)

DEFAULTS = (
    Default("disinfect.steam", "蒸煮消毒：℃,分钟", "100,10", "", "操作规范附录；GB 14934-2016", GB31654, False),
    Default("disinfect.infrared", "红外消毒：℃,分钟", "120,10", "", "操作规范附录；GB 14934-2016", GB31654, False),
    Default("disinfect.washer", "洗碗机消毒：℃,秒", "85,40", "", "操作规范附录；GB 14934-2016", GB31654, False),
    Default("disinfect.chlorine", "含氯消毒：mg/L,分钟", "250,5", "", "操作规范附录；GB 14934-2016", GB31654, False),
    Default("coldroom.c", "专间温度上限", "25", "℃", "操作规范：专间", GB31654, False),
    Default("cool.curve", "冷却：60→21℃分钟,→8℃分钟", "120,120", "", "操作规范7.7", GB31654, False),
    Default("store.gap_cm", "食品离墙离地", "10", "厘米", "操作规范6；检查项COL-03", GB31654, True),
    Default("fridge.readings_a_day", "冷藏冷冻每天记录次数", "2", "次", "检查项COL-01；食品安全法56", GB31654, True),
    Default("logs.back_days", "食品安全日志最多补录几天前", "3", "天", "系统约定：当天登记，补录另行标明", FIRST, True),
    Default("records.other_years", "日志保存年限", "2", "年", "操作规范15", GB31654, False),
    Default("records.after_expiry_months", "进货记录保存至保质期满后", "6", "月", "食品安全法50", FIRST, True),
    Default("training.other_months", "其他餐饮单位培训间隔", "12", "月", "操作规范14", GB31654, False),
    Default("health.months", "健康证明有效期", "12", "月", "食品安全法45：每年检查", FIRST, True),
    Default("drill.months", "应急演练间隔", "12", "月", "食品安全法102；检查项UNT-02", FIRST, True),
    Default("video.keep_days", "明厨亮灶录像保存", "30", "天", "检查项ENV-04；区要求", FIRST, False),
    Default("visit.cap_a_year", "每年行政检查次数上限", "2", "次", "国办发〔2024〕54号：公布年度检查频次上限", date(2024, 12, 27), False),
    Default("visit.notice_days", "检查通知提前", "3", "工作日", "养老机构行政检查办法（2023年1月1日起）", date(2023, 1, 1), False),
    Default("visit.same_items_months", "上级查过后不重复检查", "3", "月", "食品生产经营监督检查管理办法（总局令49号）42", date(2022, 3, 15), True),
    Default("visit.every_months", "每点至少检查间隔", "24", "月", "食品生产经营监督检查管理办法（总局令49号）22", date(2022, 3, 15), True),
    Default("visit.count_deviation", "现场清点与系统份数偏差", "5", "%", "异常规则A28；检查项SUB-02", FIRST, True),
    Default("visit.portion_deviation", "抽称份量偏差", "10", "%", "检查项STD-02", FIRST, True),
    Default("visit.weights", "双随机权重：等级,异常,临期,日志缺,久未查", "30,20,20,15,15", "", "系统约定：风险分级抽查", FIRST, True),
    Default("order.days", "限期整改", "10", "工作日", "系统约定，本地规定待核对", FIRST, False),
    Default("order.key_hours", "关键项不合格下达整改", "24", "小时", "检查表评分规则", FIRST, True),
    Default("order.escalate_days", "逾期多少工作日报区", "3", "工作日", "系统约定：逾期当天报镇街", FIRST, True),
    Default("order.repeat_months", "重复问题认定期限", "12", "月", "检查项UNT-04", FIRST, True),
    Default("complaint.days", "投诉办结时限", "5", "工作日", "服务协议，本地规定待核对", FIRST, False),
    Default("complaint.scans_a_day", "扫码评价、投诉：每个网络地址每点每天", "10", "次", "系统约定：防止重复刷评", FIRST, True),
    Default("satisfaction.least_answers", "满意度：少于多少人评价只供参考", "10", "人", "系统约定：人数太少偶然性大", FIRST, True),
    Default("satisfaction.target", "满意度目标", "85", "%", "检查项UNT-03；服务协议", FIRST, False),
    Default("nutrition.kinds", "午餐品种下限", "4", "种", "WS/T 556-2017、DB4403/T 578-2025推算", FIRST, False),
    Default("nutrition.protein_dishes_g", "午餐肉鱼蛋参考量", "60-80", "克", "WS/T 556-2017：每日量按午餐40%推算（生重）", FIRST, False),
    Default("payment.days", "审批后应拨付天数", "30", "天", "系统约定，本地规定待核对：指标Z15", FIRST, False),
    Default("paper.word", "监督文书发文字号", "武民助", "", "由区民政局确定", FIRST, False),
    Default("paper.five_bans", "检查通知书上的“五个严禁”", "逐利检查；接受馈赠、报酬、福利待遇；参加宴请、娱乐、旅游等活动；由被检查单位支付消费开支或者转嫁检查费用；乘检查之机谋取其他利益", "", "国办发〔2024〕54号，文字待与原文核对", date(2024, 12, 27), False),
    Default("paper.contact", "监督文书联系人和电话", "（未设置）", "", "由区业务管理提供；未设置时留空待填", FIRST, True),
)  # fmt: skip
