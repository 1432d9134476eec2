"""Why a line is held, sent back or taken back: the coded reasons that reviewers choose from."""

REASONS = {
    "not_eaten": "老人反映未就餐",
    "deceased": "就餐时老人已去世",
    "not_eligible": "不符合补贴条件",
    "proxy": "疑似代刷、空刷",
    "burst": "短时间集中登记",
    "off_hours": "不在供餐时段",
    "over_capacity": "超过供餐能力",
    "by_hand": "手工登记依据不足",
    "price": "价格与备案不符",
    "duplicate": "疑似重复登记",
    "other": "其他（写明情况）",
}
