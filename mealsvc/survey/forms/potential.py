"""Form C: what could become a meal point (潜在资源表). Pure."""

from mealsvc.survey.forms.community import YES_NO
from mealsvc.survey.forms.fields import Field, Form

ROWS, ANY = "C01", "C03"
NAME, KIND, ADDRESS, AREA, KITCHEN, GROUND = "C11", "C12", "C13", "C14", "C15", "C16"
WILLING, SEATS, CAPACITY, COST, LON, LAT = "C17", "C18", "C19", "C20", "C21", "C22"

POTENTIAL = Form(
    "C",
    "潜在资源表",
    "community",
    (
        Field(
            ANY,
            "本村（社区）有没有可用的资源",
            "choice",
            options=(("yes", "有"), ("no", "没有")),
            required=True,
            group="一、有无资源",
        ),
        Field(
            ROWS,
            "可用的资源",
            "rows",
            hint="养老机构、单位食堂、餐饮门店、闲置房屋等，一处一行",
            most=12,
            group="二、资源清单",
            asked_if=(ANY, ("yes",)),
            required=True,
            columns=(
                Field(NAME, "名称", "text", most=40, required=True),
                Field(
                    KIND,
                    "类别",
                    "choice",
                    options=(
                        ("care_home", "养老机构"),
                        ("unit_canteen", "单位食堂"),
                        ("restaurant", "餐饮门店"),
                        ("idle_room", "闲置房屋"),
                        ("other", "其他"),
                    ),
                    required=True,
                ),
                Field(ADDRESS, "地址", "text", most=60),
                Field(AREA, "面积", "number", "平方米", least=0, most=99_999),
                Field(KITCHEN, "有厨房", "choice", options=YES_NO),
                Field(GROUND, "在一楼", "choice", options=YES_NO),
                Field(
                    WILLING,
                    "产权人是否愿意",
                    "choice",
                    options=(("yes", "愿意"), ("talk", "可以谈"), ("no", "不愿意")),
                    required=True,
                ),
                Field(SEATS, "可设餐位", "count", "个", least=0, most=9_999),
                Field(CAPACITY, "每天可供", "count", "份", least=0, most=99_999),
                Field(COST, "改造费用", "money", "元", "估算", least=0, most=99_999_999),
                Field(LON, "经度", "number", "度", "知道的填", least=73, most=136),
                Field(LAT, "纬度", "number", "度", "知道的填", least=3, most=54),
            ),
        ),
        Field("C02", "备注", "long", most=200, group="三、备注"),
    ),
    "由村（社区）填写。可以改成助餐点、或愿意挂牌供餐的地方，一处填一行，最多十二处。",
)
