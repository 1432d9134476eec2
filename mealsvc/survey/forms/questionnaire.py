"""Form D: twenty questions to the elders that were drawn (老人抽样问卷). Pure."""

from mealsvc.survey.forms.fields import Field, Form, in_group

OUTCOME, DONE = "D00", "done"
REPLACED = ("refused", "away")  # somebody else of the same stratum is asked instead
OUTSIDE = ("moved", "deceased", "institution")  # did not belong into the draw
EATS, WISH, DAYS, MEALS, PRICE, WALK, CARRY = "D06", "D09", "D10", "D11", "D12", "D13", "D14"
DISH, COST, CARE = "D16", "D17", "D18"

_ASKED = (OUTCOME, (DONE,))
_GRADES = (
    ("s5", "很满意"),
    ("s4", "满意"),
    ("s3", "一般"),
    ("s2", "不满意"),
    ("s1", "很不满意"),
)


def _one(
    code: str,
    label: str,
    *options: tuple[str, str],
    hint: str = "",
    asked_if: tuple[str, tuple[str, ...]] = _ASKED,
    required: bool = True,
) -> Field:
    return Field(
        code, label, "choice", hint=hint, options=options, required=required, asked_if=asked_if
    )


def _many(
    code: str,
    label: str,
    *options: tuple[str, str],
    hint: str = "可以多选",
    asked_if: tuple[str, tuple[str, ...]] = _ASKED,
    most: float | None = None,
    required: bool = True,
) -> Field:
    return Field(
        code,
        label,
        "choices",
        hint=hint,
        options=options,
        most=most,
        required=required,
        asked_if=asked_if,
    )


_EATEN = (EATS, ("yes",))
_WISHES = (WISH, ("out", "home", "both"))

QUESTIONNAIRE = Form(
    "D",
    "老人抽样问卷",
    "person",
    (
        Field(
            OUTCOME,
            "访问结果",
            "choice",
            hint="不是“完成”的，下面不用填",
            options=(
                (DONE, "完成"),
                ("refused", "不愿回答"),
                ("away", "三次没有遇到"),
                ("moved", "已不在本地居住"),
                ("institution", "已入住养老机构"),
                ("deceased", "已去世"),
            ),
            required=True,
            group="访问情况（调查员填写）",
        ),
        *in_group(
            "一、您的情况",
            _one(
                "D01",
                "您平时和谁一起住？",
                ("alone", "一个人住"),
                ("spouse", "只和老伴住"),
                ("family", "和子女同住"),
                ("other", "和其他人住"),
            ),
            _one(
                "D02",
                "家里平时谁做饭？",
                ("self", "自己做"),
                ("spouse", "老伴做"),
                ("family", "子女做"),
                ("helper", "保姆或护理员做"),
                ("nobody", "常常不做、凑合吃"),
            ),
            _one(
                "D03",
                "您自己买菜做饭吃力吗？",
                ("easy", "不吃力"),
                ("hard", "有些吃力"),
                ("unable", "做不了"),
            ),
            _many(
                "D04",
                "医生有没有叮嘱您饮食上注意什么？",
                ("none", "没有"),
                ("salt", "少盐（血压高）"),
                ("sugar", "少糖（血糖高）"),
                ("soft", "软烂（牙口或吞咽不好）"),
                ("fat", "少油（血脂高）"),
                ("other", "其他"),
            ),
        ),
        *in_group(
            "二、现在怎么用餐",
            _one(
                "D05",
                "您知道附近的老年助餐点吗？",
                ("known", "知道在哪里"),
                ("heard", "只是听说过"),
                ("unknown", "不知道"),
            ),
            _one(
                EATS,
                "过去一个月，您吃过助餐点的饭吗？",
                ("yes", "吃过"),
                ("no", "没吃过"),
                hint="送到家里的也算",
            ),
            Field(
                "D07",
                "过去一个月大约吃了多少天？",
                "count",
                "天",
                "第6题“吃过”的填",
                least=1,
                most=31,
                required=True,
                asked_if=_EATEN,
            ),
            _many(
                "D08",
                "没去吃，主要是什么原因？",
                ("unknown", "不知道有"),
                ("far", "太远"),
                ("price", "嫌贵"),
                ("taste", "不合口味"),
                ("home", "习惯在家吃"),
                ("legs", "腿脚不便"),
                ("papers", "不会办手续"),
                ("other", "其他"),
                hint="第6题“没吃过”的填，最多选三项",
                asked_if=(EATS, ("no",)),
                most=3,
            ),
        ),
        *in_group(
            "三、您的想法",
            _one(
                WISH,
                "今后您愿意吃助餐点的饭吗？",
                ("out", "愿意到点上吃"),
                ("home", "愿意送到家里"),
                ("both", "到点上和送到家都行"),
                ("no", "不愿意"),
                ("unsure", "说不准"),
            ),
            Field(
                DAYS,
                "每周想吃几天？",
                "count",
                "天",
                "第9题愿意的填",
                least=1,
                most=7,
                required=True,
                asked_if=_WISHES,
            ),
            _many(
                MEALS,
                "想吃哪几顿？",
                ("breakfast", "早餐"),
                ("lunch", "午餐"),
                ("dinner", "晚餐"),
                hint="第9题愿意的填，可以多选",
                asked_if=_WISHES,
            ),
            Field(
                PRICE,
                "一顿午餐，您自己最多愿意付多少钱？",
                "money",
                "元",
                "减去补贴以后、自己掏的钱",
                least=0,
                most=100,
                required=True,
                asked_if=_ASKED,
            ),
            _one(
                WALK,
                "走到助餐点，最多愿意走多久？",
                ("m5", "5分钟以内"),
                ("m10", "10分钟以内"),
                ("m15", "15分钟以内"),
                ("any", "再远也行"),
                ("none", "走不了"),
            ),
            _one(
                CARRY,
                "您需要送餐上门吗？",
                ("daily", "平时就需要"),
                ("sometimes", "生病或天气不好时需要"),
                ("no", "不需要"),
            ),
            _many(
                "D15",
                "您最希望饭菜怎么样？",
                ("soft", "软烂"),
                ("light", "清淡"),
                ("meat", "荤素搭配"),
                ("change", "花样多"),
                ("local", "本地口味"),
                ("hot", "热乎"),
                hint="最多选三项",
                most=3,
            ),
        ),
        *in_group(
            "四、您满意吗（第6题“吃过”的填）",
            _one(DISH, "对饭菜满意吗？", *_GRADES, asked_if=_EATEN),
            _one(COST, "对价格满意吗？", *_GRADES, asked_if=_EATEN),
            _one(CARE, "对服务和卫生满意吗？", *_GRADES, asked_if=_EATEN),
        ),
        *in_group(
            "五、其他",
            _one(
                "D19",
                "您平时用手机做什么？",
                ("pay", "会付款或预约"),
                ("chat", "会看消息和视频"),
                ("call", "只打电话"),
                ("none", "不用手机"),
            ),
            Field(
                "D20",
                "对助餐还有什么建议？",
                "long",
                hint="不写姓名、证件号码和电话",
                most=200,
                asked_if=_ASKED,
            ),
        ),
    ),
    "由调查员当面念给老人听，按老人的回答填写。不记姓名，回答只用于改进助餐服务。",
)
