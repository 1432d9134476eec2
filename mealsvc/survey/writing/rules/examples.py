"""外地经验: what other places did, as found in public reports; each is cited with place and year, and
its wording is still to be checked against the original. Pure."""

from typing import NamedTuple

CHECK = "（待核对原文）"
REPORTED = "公开报道，转载件，待核对原文"


class Example(NamedTuple):
    """One place's practice; `text` is what the report prints, `basis` where it was read."""

    code: str
    place: str
    year: str
    name: str
    text: str
    basis: str = REPORTED


SUBSIDY, MONEY, BUILDING, WATCH = "补贴标准", "多方筹资", "设施建设和运营", "核验和监管"

EXAMPLES: dict[str, tuple[Example, ...]] = {
    SUBSIDY: (
        Example(
            "ref.tianning",
            "常州市天宁区",
            "2022年",
            "午餐补贴",
            "60—79岁每餐补3元（区2元、镇1元），80岁以上每餐补4元（区、镇各2元），特殊困难老人另有叠加",
        ),
        Example(
            "ref.jianye",
            "南京市建邺区",
            "年份待核",
            "助餐补贴",
            "困难老人早餐补1元、午餐和晚餐各补2元，其他75岁以上老人补0.5元、1元和1元，为失能老人送餐每餐补3元",
        ),
        Example(
            "ref.beijing",
            "北京市",
            "2022年",
            "助餐补贴",
            "基本养老服务对象每人每天补5元，结账时抵扣，另按每人每天3元补助运营单位",
        ),
    ),
    MONEY: (
        Example(
            "ref.zhenjiang",
            "镇江高新区",
            "2025年",
            "两个渠道出资",
            "一份8元的餐，市级财政和慈善总会各补3元，老人自付2元",
        ),
        Example(
            "ref.pinggang",
            "常州市钟楼区五星街道平岗村",
            "2024年",
            "村集体出资",
            "每餐成本16元，老人付1元，其余由村集体承担，惠及130名老人",
        ),
    ),
    BUILDING: (
        Example(
            "ref.liyang",
            "溧阳市",
            "2025年",
            "选点次序和建设补贴",
            "优先在撤并乡镇集镇和老人超过200人的自然村设点，边远村庄用邻里互助、中心户，2026年起停止建设补贴",
            "溧阳市2025年9月12日通知（公开件前半部分），待核对原文",
        ),
        Example(
            "ref.wenzhou",
            "温州市",
            "年份待核",
            "建设补助",
            "按建设成本的50%补助，食堂不超过10万元，助餐点不超过5万元",
        ),
        Example(
            "ref.huangpu",
            "上海市黄浦区",
            "2024年",
            "运营补助",
            "按区级平台记录的份数补助运营单位，65—74岁每份0.8元，75岁以上每份1.5元",
        ),
        Example(
            "ref.losses",
            "北京市",
            "年份待核",
            "运营单位的反映",
            "接受调查的40家运营单位中，55%反映价格跟不上成本、亏损扩大",
        ),
    ),
    WATCH: (
        Example(
            "ref.huangxiang",
            "无锡市黄巷街道",
            "年份待核",
            "身份核验",
            "一人一卡、一餐一刷，困难老人、其他老人和社会人员分别为10元、12元和15元",
        ),
        Example(
            "ref.dongtou",
            "温州市洞头区",
            "2021年",
            "资金闭环",
            "资格核对、就餐计数、数据推送、资金拨付成一个闭环，补助按系统记录的份数按月拨付",
        ),
    ),
}

ALL = tuple(example for group in EXAMPLES.values() for example in group)
