"""Form A: what the elders of a community need (村（社区）需求表). Pure.

Families of the family-planning scheme (JS) are not counted: nobody but the register may hold that.
"""

from mealsvc.survey.forms.fields import Field, Form, Sums, in_group

YES_NO = (("yes", "是"), ("no", "否"))
AGES = ("A01", "A02", "A03", "A04")
GROUPS = {
    "A11": "TK",
    "A12": "DB",
    "A13": "DBB",
    "A14": "SN",
    "A15": "CJ",
    "A16": "YF",
    "A17": "DJ",
    "A18": "KC",
    "A19": "LS",
}
WISH_OUT, WISH_HOME, NO_WISH, ASKED, ELIGIBLE = "A31", "A32", "A33", "A30", "A05"
MEALS = {"A34": "breakfast", "A35": "lunch", "A36": "dinner"}
DAYS = {"A41": 1.5, "A42": 3.5, "A43": 6.0}  # meals a week: the middle of each band
PRICES = ("A51", "A52", "A53", "A54", "A55")  # up to 5, 8, 10, 12 yuan, above


def _people(code: str, label: str, hint: str = "", required: bool = False) -> Field:
    return Field(code, label, "count", "人", hint, least=0, most=99_999, required=required)


COMMUNITY = Form(
    "A",
    "村（社区）需求表",
    "community",
    (
        *in_group(
            "一、60周岁以上户籍老人",
            _people("A01", "60至69周岁", "按时点满周岁数，住在养老机构的不算", True),
            _people("A02", "70至79周岁", required=True),
            _people("A03", "80至89周岁", required=True),
            _people("A04", "90周岁以上", required=True),
            _people("A05", "合计", "等于以上四栏之和", True),
        ),
        *in_group(
            "二、重点对象（一人符合几类的，每类都算）",
            _people("A11", "分散供养特困人员"),
            _people("A12", "最低生活保障对象"),
            _people("A13", "最低生活保障边缘家庭"),
            _people("A14", "失能、半失能、失智"),
            _people("A15", "重度残疾（一、二级）"),
            _people("A16", "重点优抚对象"),
            _people("A17", "独居", "一个人住，子女不在身边", True),
            _people("A18", "空巢", "只有老年夫妻同住", True),
            _people("A19", "留守", "子女外出半年以上"),
            _people("A20", "80周岁以上独居", "包含在独居人数内"),
        ),
        *in_group(
            "三、助餐意愿（按实际问到的人填）",
            _people("A30", "本次实际问到", "上门、电话或集中询问到的老人人数", True),
            _people("A31", "愿意到助餐点就餐", required=True),
            _people("A32", "需要送餐上门", required=True),
            _people("A33", "不需要或说不准", "前三栏之和等于实际问到的人数", True),
            _people("A34", "想吃早餐", "一人想吃几顿的，每顿都算"),
            _people("A35", "想吃午餐", required=True),
            _people("A36", "想吃晚餐"),
        ),
        *in_group(
            "四、每周想吃几天（愿意助餐的人）",
            _people("A41", "1至2天"),
            _people("A42", "3至4天"),
            _people("A43", "5天以上"),
        ),
        *in_group(
            "五、自己最多愿意为一顿午餐付多少",
            _people("A51", "不超过5元"),
            _people("A52", "5元以上至8元"),
            _people("A53", "8元以上至10元"),
            _people("A54", "10元以上至12元"),
            _people("A55", "12元以上"),
        ),
        *in_group(
            "六、饮食需要（一人有几样的，每样都算）",
            _people("A61", "软烂、好嚼"),
            _people("A62", "少盐"),
            _people("A63", "少糖"),
            _people("A64", "其他忌口"),
        ),
        *in_group(
            "七、最远愿意走多少路（愿意到点就餐的人）",
            _people("A71", "300米以内", "慢走约6分钟"),
            _people("A72", "300米以上至500米", "慢走约10分钟"),
            _people("A73", "500米以上至1公里", "慢走约20分钟"),
            _people("A74", "1公里以上"),
        ),
        *in_group(
            "八、困难和说明",
            Field(
                "A81",
                "办好助餐的主要困难",
                "choices",
                hint="最多选三项",
                options=(
                    ("site", "没有合适场地"),
                    ("operator", "没有单位愿意运营"),
                    ("spread", "老人住得分散"),
                    ("few", "用餐人数少"),
                    ("price", "老人嫌价格高"),
                    ("carry", "送餐没有人手"),
                    ("money", "缺少经费"),
                    ("other", "其他"),
                ),
                most=3,
            ),
            Field("A82", "困难的具体情况", "long", hint="不写老人姓名、证件号码和电话", most=300),
            Field("A91", "备注", "long", most=200),
        ),
    ),
    "由村（社区）填写。以时点当天的户籍老人为准，数字填整数，没有的填 0。",
    (
        Sums(AGES, (ELIGIBLE,)),
        *(Sums((code,), (ELIGIBLE,), False) for code in GROUPS),
        Sums(("A20",), ("A17",), False),
        Sums(("A20",), ("A03", "A04"), False),
        Sums((ASKED,), (ELIGIBLE,), False),
        Sums((WISH_OUT, WISH_HOME, NO_WISH), (ASKED,)),
        *(Sums((code,), (WISH_OUT, WISH_HOME), False) for code in MEALS),
        Sums(tuple(DAYS), (WISH_OUT, WISH_HOME), False),
        Sums(PRICES, (WISH_OUT, WISH_HOME), False),
        Sums(("A71", "A72", "A73", "A74"), (WISH_OUT,), False),
    ),
)
