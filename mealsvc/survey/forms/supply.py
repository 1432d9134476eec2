"""Form B: what a meal point offers and what it costs (助餐点供给表). Pure."""

from mealsvc.survey.forms.fields import Answers, Field, Form, Sums, in_group

KINDS = (
    ("central_kitchen", "中央厨房"),
    ("community_canteen", "社区食堂"),
    ("institution_canteen", "养老机构食堂"),
    ("partner_restaurant", "餐饮门店合作"),
    ("serving_point", "配送分餐点"),
    ("neighbour_table", "邻里互助点"),
)
CATERING = (("self_run", "自营"), ("contracted", "委托承包"), ("ordered", "供餐单位订餐"))
SERVINGS, OTHERS, DELIVERED = "B26", "B28", "B27"
PRICE, INGREDIENTS, PACKING = "B31", "B32", "B33"
FIXED = ("B34", "B35", "B36", "B37")  # rent, wages, energy, other: a month
INCOME = ("B41", "B42", "B43")  # meals, other, subsidy
COST, RESULT = "B45", "B44"


def _money(code: str, label: str, unit: str = "元", hint: str = "", required: bool = True) -> Field:
    return Field(code, label, "money", unit, hint, least=0, most=9_999_999, required=required)


def _count(
    code: str, label: str, unit: str, hint: str = "", required: bool = True, most: int = 999_999
) -> Field:
    return Field(code, label, "count", unit, hint, least=0, most=most, required=required)


SUPPLY = Form(
    "B",
    "助餐点供给表",
    "point",
    (
        *in_group(
            "一、基本情况",
            Field("B01", "类型", "choice", options=KINDS, required=True),
            Field("B08", "供餐方式", "choice", options=CATERING),
            _count("B02", "餐位", "个", most=9_999),
            Field("B03", "建筑面积", "number", "平方米", least=0, most=99_999, required=True),
            Field(
                "B04", "其中厨房面积", "number", "平方米", "没有厨房的填 0", least=0, most=99_999
            ),
            Field("B05", "食品经营许可证编号", "text", hint="没有的不填", most=30),
            Field("B06", "许可证有效期至", "date", hint="如 20260630"),
        ),
        *in_group(
            "二、人员",
            _count("B11", "厨师（含帮厨）", "人", most=999),
            _count("B12", "服务人员（含送餐）", "人", most=999),
            _count("B13", "经常来的志愿者", "人", required=False, most=999),
        ),
        *in_group(
            "三、当月供餐（按时点所在月）",
            _count("B21", "每天最多能供", "份", "按现有厨房和人手，不加班能做多少"),
            _count("B22", "当月供餐天数", "天", most=31),
            _count("B23", "老人早餐", "份", required=False),
            _count("B24", "老人午餐", "份"),
            _count("B25", "老人晚餐", "份", required=False),
            _count("B26", "老人用餐合计", "份", "等于早、午、晚餐之和"),
            _count("B27", "其中送餐上门", "份", "包含在合计内", required=False),
            _count("B28", "另有社会人员用餐", "份", "不在合计内", required=False),
        ),
        *in_group(
            "四、价格和成本",
            _money("B31", "老人套餐价", "元/份", "政府补贴之前的价格"),
            _money("B32", "食材成本", "元/份", "平均一份饭菜的米面油、肉菜和调料"),
            _money("B33", "包装和送餐成本", "元/份", "平均送一份餐要多花的钱", False),
            _money("B34", "当月房租", "元", "免租的填 0"),
            _money("B35", "当月人员工资", "元", "含社保"),
            _money("B36", "当月水电燃气", "元"),
            _money("B37", "当月其他固定支出", "元", "折旧、维修、保险、清洁等", False),
            _money("B45", "当月支出合计", "元", "食材、包装送餐和以上各项"),
        ),
        *in_group(
            "五、收入和盈亏",
            _money("B41", "当月餐费收入", "元", "老人自付和社会人员付的餐费"),
            _money("B42", "当月其他收入", "元", "村集体补助、捐赠等", False),
            _money("B43", "当月应得政府补贴", "元", "就餐、运营、送餐补贴"),
            Field(
                "B44",
                "当月盈亏",
                "money",
                "元",
                "收入合计减支出合计，亏损的前面写负号",
                least=-9_999_999,
                most=9_999_999,
                required=True,
            ),
        ),
        *in_group(
            "六、困难",
            Field(
                "B51",
                "主要困难",
                "choices",
                hint="最多选三项",
                options=(
                    ("cost", "食材涨价"),
                    ("wages", "人工费用高"),
                    ("few", "用餐人数少"),
                    ("price", "价格不能随成本调整"),
                    ("staff", "招人难"),
                    ("site", "场地小或设备旧"),
                    ("carry", "送餐成本高"),
                    ("late", "补贴到账慢"),
                    ("other", "其他"),
                ),
                most=3,
            ),
            Field("B52", "困难的具体情况和建议", "long", most=300),
        ),
    ),
    "由助餐点填写，村（社区）核对。金额填元，可有两位小数。",
    (
        Sums(("B04",), ("B03",), False),
        Sums(("B23", "B24", "B25"), (SERVINGS,)),
        Sums((DELIVERED,), (SERVINGS,), False),
        Sums(FIXED, (COST,), False),
        Sums(INCOME, (COST, RESULT)),
    ),
)


def made_cost(answers: Answers) -> int:
    """Fen that a month costs by its parts: fixed cost, ingredients and packing of what was served."""
    eaten = answers.get(SERVINGS, 0) + answers.get(OTHERS, 0)
    fixed = sum(answers.get(code, 0) for code in FIXED)
    packed = answers.get(DELIVERED, 0) * answers.get(PACKING, 0)
    return fixed + eaten * answers.get(INGREDIENTS, 0) + packed
