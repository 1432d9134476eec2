"""Form E: what was said at a town's meeting (镇级座谈记录). Pure."""

from mealsvc.survey.forms.fields import Field, Form, Sums, in_group

PEOPLE = ("E11", "E12", "E13", "E14", "E15")
TOPICS = {"E21": "需求", "E22": "供给", "E23": "经费", "E24": "人员", "E25": "监管"}
EXAMPLES, SUGGESTIONS, DECISIONS = "E31", "E32", "E33"
_NO_NAMES = "写事情，不写老人姓名、证件号码和电话"


def _people(code: str, label: str, required: bool = False) -> Field:
    return Field(code, label, "count", "人", least=0, most=999, required=required)


MEETING = Form(
    "E",
    "镇级座谈记录",
    "town",
    (
        *in_group(
            "一、会议情况",
            Field("E01", "日期", "date", hint="如 20240520", required=True),
            Field("E02", "地点", "text", most=60, required=True),
        ),
        *in_group(
            "二、参加人数（只记人数，不记姓名）",
            _people("E11", "老人代表"),
            _people("E12", "村（社区）干部"),
            _people("E13", "助餐点和供餐单位"),
            _people("E14", "镇（街道）部门"),
            _people("E15", "人大代表、志愿者等"),
            Field(
                "E16",
                "合计",
                "count",
                "人",
                "等于以上各栏之和",
                least=1,
                most=999,
                required=True,
            ),
        ),
        *in_group(
            "三、大家反映的情况",
            Field("E21", "需求方面", "long", hint=_NO_NAMES, most=500, required=True),
            Field("E22", "供给方面", "long", most=500, required=True),
            Field("E23", "经费方面", "long", most=500),
            Field("E24", "人员方面", "long", most=500),
            Field("E25", "监管方面", "long", most=500),
        ),
        *in_group(
            "四、例子、建议和会上议定的事",
            Field(EXAMPLES, "典型例子", "long", hint=_NO_NAMES, most=500),
            Field(SUGGESTIONS, "意见建议", "long", most=500, required=True),
            Field(DECISIONS, "议定事项", "long", hint="谁来办、什么时候办好", most=500),
        ),
    ),
    "由镇（街道）社会事业办公室填写，一次座谈填一份。",
    (Sums(PEOPLE, ("E16",)),),
)
