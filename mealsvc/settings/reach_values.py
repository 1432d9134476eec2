"""The thresholds of reach: coverage, plans for new points, surveys, what citizens are told."""

from mealsvc.settings.defaults import FIRST, Default

DEFAULTS = (
    Default("coverage.walk", "步行：步速米每秒,绕行系数,分钟", "0.8,1.3,15", "", "一刻钟居家养老服务圈；老人步速和绕行系数为系统约定", FIRST, True),
    Default("coverage.near_m", "近距离半径", "500", "米", "指标口径P13：500米以内", FIRST, True),
    Default("outreach.quiet_days", "联系名单：多少天没就餐算未就餐", "30", "天", "系统约定", FIRST, True),
    Default("outreach.new_days", "联系名单：新近满龄、新登记的天数", "60", "天", "系统约定", FIRST, True),
    Default("outreach.usual_meals", "联系名单：30天内在一处就餐几次算常去", "8", "次", "系统约定", FIRST, True),
    Default("outreach.regular_meals", "联系名单：30天内就餐几次算常客", "12", "次", "系统约定", FIRST, True),
    Default("outreach.stopped_days", "联系名单：常客几天没来要问一问", "7", "天", "探访关爱：常来的老人几天不来，先问平安", FIRST, True),
    Default("outreach.again_days", "联系名单：联系过的几天后再列入", "30", "天", "系统约定", FIRST, True),
    Default("outreach.retry_days", "联系名单：无人接听的几天后再列入", "2", "天", "系统约定", FIRST, True),
    Default("plan.uptake", "测算用：每天来就餐的老人占比", "5", "%", "系统约定：按摸排结果修改", FIRST, False),
    Default("plan.seconds", "布点测算最长用时", "60", "秒", "系统约定：到时给出当时最好的方案和上限", FIRST, True),
    Default("plan.run_days", "测算用：全年供餐天数", "300", "天", "系统约定", FIRST, True),
    Default("survey.sample_size", "问卷最少份数", "384", "份", "95%置信度、误差不超过5%的简单随机样本量", FIRST, True),
    Default("survey.reserve", "问卷替补名单占抽取人数", "30", "%", "系统约定：不愿回答、三次没有遇到的，在同一层内替补", FIRST, True),
    Default("survey.due_days", "摸排表填报时限", "10", "工作日", "系统约定", FIRST, True),
    Default("survey.tolerance", "填报与名册相差多少要说明", "10", "%", "系统约定", FIRST, True),
    Default("survey.one_kitchen", "一家厨房供餐占比过高", "40", "%", "指标口径N44：一处停供影响过大", FIRST, True),
    Default("survey.seat_turns", "一个餐位一天能坐几人", "2", "人", "系统约定：午餐约坐两轮，按各点实际修改", FIRST, True),
    Default("survey.licence_days", "研判提示许可证到期的天数", "90", "天", "系统约定：换证办理时间", FIRST, True),
    Default("survey.coverage_target", "服务半径覆盖率目标", "80", "%", "系统约定：按本区养老服务设施规划修改", FIRST, False),
    Default("public.register_where", "到哪里登记", "户籍所在村（社区）居民委员会，或镇（街道）社会事业办公室", "", "系统约定：按本区实际修改", FIRST, False),
    Default("public.register_needs", "登记要带什么", "本人身份证、户口簿；代办的另带代办人身份证", "", "系统约定：按本区实际修改", FIRST, False),
    Default("public.notice_months", "网上公示结束后再留", "6", "个月", "系统约定：公示期满后名单即不再显示，只留各点合计", FIRST, True),
    Default("public.service_phone", "咨询电话", "12345 热线", "", "政务服务便民热线；有专线的改为专线", FIRST, True),
)  # fmt: skip
