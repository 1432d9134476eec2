"""The columns of every kind of file: English and Chinese headings, what must be there, parsers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mealsvc.exchange import choices, log_rows, records, values
from mealsvc.kernel.refusals import Refusal
from mealsvc.places.units.rules import DOCUMENTS, RULES

Parser = Callable[..., Any]  # a cell's text, and `today=` where the column is dated


@dataclass(frozen=True)
class Column:
    """One column. Twins (fen and yuan) fill the same `field`; one of them is enough."""

    name: str
    chinese: str
    parse: Parser
    required: bool = False  # the heading must be there, and the cell filled unless `lenient`
    lenient: bool = False
    dated: bool = False  # the parser wants `today=`
    field: str = ""
    unit: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def slot(self) -> str:
        """The record's field that this column fills."""
        return self.field or self.name

    @property
    def label(self) -> str:
        """Both headings, for messages."""
        return f"{self.chinese}（{self.name}）"


@dataclass(frozen=True)
class Kind:
    """One kind of file. `check` looks at a whole row and names the column it finds wrong."""

    name: str
    chinese: str
    record: type[Any]
    columns: tuple[Column, ...]
    check: Callable[[Any], tuple[str, Refusal] | None] = lambda row: None


def _must(name: str, chinese: str, parse: Parser, *aliases: str, dated: bool = False) -> Column:
    return Column(name, chinese, parse, required=True, dated=dated, aliases=aliases)


def _may(name: str, chinese: str, parse: Parser, *aliases: str) -> Column:
    return Column(name, chinese, parse, aliases=aliases)


def _money(name: str, chinese: str, *, required: bool = False) -> tuple[Column, Column]:
    field = f"{name}_fen"
    return (
        Column(field, f"{chinese}分", values.fen, required, field=field, unit="分"),
        Column(name, chinese, values.yuan, required, field=field, unit="元"),
    )


_word, _line, _long = values.text(64), values.text(200), values.text(500)
_key = values.verbatim(64, "流水号")
_count = values.integer(0)
_lon, _lat = values.degrees(180, "经度"), values.degrees(90, "纬度")
_meal, _mode = values.choice(choices.MEAL), values.choice(choices.MODE)
_place = (_may("lon", "经度", _lon), _may("lat", "纬度", _lat))
_ID_ALIASES = ("身份证号码", "公民身份号码", "身份证")


def _malformed(column: str, reason: str) -> tuple[str, Refusal]:
    return column, values.Malformed(reason=reason)


def _half_placed(row: Any) -> tuple[str, Refusal] | None:
    if (row.lon is None) == (row.lat is None):
        return None
    return _malformed("lon" if row.lon is None else "lat", "经度和纬度要一起填写，或都留空。")


def _check_division(row: records.DivisionRow) -> tuple[str, Refusal] | None:
    digits = {"district": 6, "town": 9, "community": 12}[row.level]
    if len(row.code) != digits:
        return _malformed("level", f"级别与区划代码的位数不符：这一级的代码是 {digits} 位。")
    return _half_placed(row)


def _check_point(row: records.PointRow) -> tuple[str, Refusal] | None:
    if row.opened_on and row.closed_on and row.closed_on < row.opened_on:
        return "closed_on", values.BadPeriod()
    return _half_placed(row)


def _check_document(row: records.DocumentRow) -> tuple[str, Refusal] | None:
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        return "valid_to", values.BadPeriod()
    if row.valid_to is None and DOCUMENTS[row.kind].dated:
        return _malformed("valid_to", "这一种要有截止日期，系统才能提前提醒。")
    if not row.point and row.kind not in RULES:
        return _malformed("point", "区里只登记十二项制度；证照、协议要写助餐点编号。")
    return None


def _check_staff(row: records.StaffRow) -> tuple[str, Refusal] | None:
    if row.left_on and row.left_on < row.joined_on:
        return "left_on", values.BadPeriod()
    if row.health_from is None and (row.health_to or row.health_no):
        return _malformed("health_from", "请填写健康证明的发证日期。")
    if row.health_from and row.health_to and row.health_to < row.health_from:
        return "health_to", values.BadPeriod()
    return None


def _check_departure(row: records.DepartureRow) -> tuple[str, Refusal] | None:
    if row.to_on and row.to_on < row.from_on:
        return "to_on", values.BadPeriod()
    return None


DIVISIONS = Kind(
    "divisions",
    "区划",
    records.DivisionRow,
    (
        _must("code", "区划代码", values.division),
        _must("name", "名称", _word),
        _must("level", "级别", values.choice(choices.LEVEL)),
        _may("managed_by", "管理主体", _word),
        _may("pop60", "60岁以上户籍人口", _count),
        *_place,
    ),
    _check_division,
)
POINTS = Kind(
    "points",
    "助餐点",
    records.PointRow,
    (
        _must("code", "助餐点编号", _word),
        _must("name", "名称", _line),
        _must("kind", "类型", values.choice(choices.POINT_KIND)),
        _must("division", "区划代码", values.division),
        _may("address", "地址", _line),
        *_place,
        _may("seats", "座位数", _count),
        _may("daily_capacity", "日供餐能力", _count),
        _may("opened_on", "开业日期", values.day),
        _may("closed_on", "停业日期", values.day),
        _may("catering_mode", "供餐方式", values.choice(choices.CATERING_MODE)),
        _may("operator", "运营单位", _line),
        _may("uscc", "统一社会信用代码", values.credit_code),
        _may("licence_no", "食品经营许可证号", _word),
        _may("licence_expires_on", "许可证有效期至", values.day),
        _may("supplier", "供餐方编号", _word),
        _may("lunch_hours", "午餐时段", values.hours),
        _may("dinner_hours", "晚餐时段", values.hours),
    ),
    _check_point,
)
CANDIDATES = Kind(
    "candidates",
    "候选点位",
    records.CandidateRow,
    (
        _must("code", "编号", _word),
        _may("name", "名称", _line),
        _may("division", "区划代码", values.division),
        _must("lon", "经度", _lon),
        _must("lat", "纬度", _lat),
        _may("daily_capacity", "日供餐能力", _count),
        *_money("build_cost", "建设费用"),
    ),
)
RESIDENTS = Kind(
    "residents",
    "老年人",
    records.ResidentRow,
    (
        _must("id_number", "身份证号", values.id_number, *_ID_ALIASES, dated=True),
        _must("name", "姓名", _word),
        _must("hukou_division", "户籍区划", values.region),
        _may("residence_division", "居住区划", values.region),
        _may("address", "住址", _line),
        _may("phone", "电话", values.phone),
        _may("categories", "类别", values.categories),
        _may("card_no", "卡号", _word),
        _may("enrolled_on", "登记日期", values.day),
        *_place,
    ),
    _half_placed,
)
DEPARTURES = Kind(
    "departures",
    "去世、迁出与入住机构",
    records.DepartureRow,
    (
        _must("id_number", "身份证号", values.id_number, *_ID_ALIASES),
        _must("event", "事件", values.choice(choices.EVENT)),
        _must("from_on", "起", values.day, "起始日期"),
        _may("to_on", "止", values.day, "截止日期"),
        _may("source", "来源", _line),
    ),
    _check_departure,
)
SERVINGS = Kind(
    "servings",
    "就餐记录",
    records.ServingRow,
    (
        _must("key", "流水号", _key),
        _must("point", "助餐点编号", _word),
        _must("credential", "凭证", values.verbatim(200, "凭证")),
        _must("served_at", "就餐时间", values.instant),
        _must("meal", "餐次", _meal),
        _must("mode", "方式", _mode),
        Column("price_fen", "价格分", values.price_fen, True, True, field="price_fen", unit="分"),
        Column("price", "价格", values.price_yuan, True, True, field="price_fen", unit="元"),
        _may("method", "核验方式", values.choice(choices.METHOD)),
        _may("operator", "操作员", _word),
        _may("device", "设备", _word),
    ),
)
REVERSALS = Kind(
    "reversals",
    "冲正记录",
    records.ReversalRow,
    (
        _must("key", "流水号", _key),
        _must("reverses", "原流水号", _key),
        _must("reason", "原因", _line),
        _must("at", "时间", values.instant),
    ),
)
BUDGET = Kind(
    "budget",
    "预算",
    records.BudgetRow,
    (
        _must("year", "年度", values.integer(2000, 2100)),
        _must("source", "资金来源", values.choice(choices.SOURCE)),
        *_money("amount", "金额", required=True),
        _may("division", "区划代码", values.division),
        _may("basis", "依据", _line),
    ),
)
PURCHASES = Kind(
    "purchases",
    "进货记录",
    records.PurchaseRow,
    (
        _must("point", "助餐点编号", _word),
        _must("date", "日期", values.day),
        _must("item", "品名", _line),
        _must("quantity_kg", "数量公斤", values.decimal("0.001", "1000000", 3)),
        _may("supplier", "供货者", _line),
        _may("batch", "批号", _word),
        _may("expires_on", "保质期至", values.day),
    ),
)
MENUS = Kind(
    "menus",
    "食谱",
    records.MenuRow,
    (
        _must("point", "助餐点编号", _word),
        _must("date", "日期", values.day),
        _must("meal", "餐次", _meal),
        _must("name", "菜名", _line),
        _must("kind", "类别", values.choice(choices.DISH_KIND)),
        *_money("price", "价格"),
        _may("portion_g", "份量克", values.decimal("0", "100000", 2)),
        _may("salt_g", "盐克", values.decimal("0", "1000", 3)),
        _may("allergens", "过敏原", _long),
        _may("diet", "适宜标识", values.diet),
    ),
)
_number, _yes = values.decimal("0", "1000000", 2), log_rows.yes_or_no
LOGS = Kind(
    "logs",
    "食品安全日志",
    records.LogRow,
    (
        _must("key", "流水号", _key),
        _must("point", "助餐点编号", _word),
        _must("kind", "日志", values.choice(choices.LOG_KIND), "日志种类"),
        _must("day", "日期", values.day),
        _may("meal", "餐次", _meal),
        _may("subject", "对象", values.text(60), "菜品", "设备", "人员", "品名"),
        _may("at", "时间", log_rows.moment),
        _may("device", "设备类型", values.choice(choices.COLD_DEVICE)),
        _may("method", "消毒方式", values.choice(choices.DISINFECTION)),
        _may("temp_c", "温度", values.decimal("-60", "300", 2)),
        _may("grams", "重量克", _number, "重量"),
        _may("menu_grams", "菜单份量克", _number, "菜单份量"),
        _may("minutes", "分钟", _number),
        _may("seconds", "秒", _number),
        _may("ppm", "有效氯浓度", _number),
        _may("quantity_kg", "数量公斤", _number, "数量"),
        _may("kept_until", "保存到", values.instant),
        _may("supplier", "供货者", _line),
        _may("batch", "批号", _word),
        _may("expires_on", "保质期至", values.day),
        _may("licence", "供货者许可证", _yes),
        _may("certificate", "合格证明", _yes),
        _may("sound", "感官正常", _yes),
        _may("off_duty", "已离岗", _yes),
        _may("result", "结果", _word),
        _may("items", "有问题的项目", _line),
        _may("place", "存放位置", _line),
        _may("how", "处理方式", _line),
        _may("collector", "收运单位", _line),
        _may("found", "情况", _long),
        _may("people", "涉及人员", _line),
        _may("decided", "决定事项", _long),
        _may("reported", "报告情况", _line),
        _may("person", "登记人", _word, "留样人", "检查人"),
        _may("note", "备注", _line),
        _may("action", "措施", values.text(200), "采取的措施"),
    ),
    log_rows.check,
)
UNIT_DOCUMENTS = Kind(
    "documents",
    "证照、协议和制度",
    records.DocumentRow,
    (
        _must("kind", "种类", values.choice(choices.UNIT_DOCUMENT)),
        _may("point", "助餐点编号", _word),
        _may("number", "编号", _word, "文号"),
        _may("issuer", "发证单位", _line, "签约方"),
        _may("valid_from", "有效期起", values.day),
        _may("valid_to", "有效期至", values.day),
        _may("note", "备注", _line),
    ),
    _check_document,
)
_issued = {"parse": values.past_day, "dated": True}
STAFF = Kind(
    "staff",
    "从业人员",
    records.StaffRow,
    (
        _must("point", "助餐点编号", _word),
        _must("name", "姓名", values.text(40)),
        _must("post", "岗位", values.choice(choices.POST)),
        _must("joined_on", "到岗日期", values.day),
        _may("left_on", "离岗日期", values.day),
        _may("handles_food", "接触直接入口食品", _yes),
        _may("volunteer", "志愿者", _yes),
        _may("health_no", "健康证明编号", _word),
        Column("health_from", "健康证明发证日期", **_issued),
        _may("health_to", "健康证明有效期至", values.day),
        Column("trained_on", "培训考核日期", **_issued),
        Column("officer_from", "食品安全员任命日期", **_issued),
        Column("director_from", "食品安全总监任命日期", **_issued),
    ),
    _check_staff,
)
INSPECTIONS = Kind(
    "inspections",
    "检查记录",
    records.InspectionRow,
    (
        _must("key", "检查编号", values.verbatim(64, "检查编号")),
        *(
            Column(name, chinese, str, required=True, lenient=True, aliases=tuple(aliases))
            for name, chinese, *aliases in (
                ("point", "助餐点编号"),
                ("started_at", "开始时间"),
                ("ended_at", "结束时间"),
                ("lead", "主检"),
                ("second", "协检"),
                ("item", "检查项", "检查项编号"),
                ("result", "结果"),
            )
        ),
        _may("kind", "检查类型", str),
        _may("mode", "检查方式", str, "模式"),
        _may("measured", "实测值", str),
        _may("note", "备注", str, "发现的情况"),
        _may("outcome", "处理方式", str),
        _may("counted", "清点份数", str),
        _may("till_count", "收银记录份数", str),
        _may("counted_at", "清点时间", str),
        _may("present", "在场人员", str),
        _may("statement", "单位意见", str),
        _may("refused_why", "拒签原因", str),
        _may("witness", "见证人", str),
        _may("plan", "检查计划编号", str),
    ),
)
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        DIVISIONS,
        POINTS,
        CANDIDATES,
        RESIDENTS,
        DEPARTURES,
        BUDGET,
        MENUS,
        SERVINGS,
        REVERSALS,
        PURCHASES,
        LOGS,
        UNIT_DOCUMENTS,
        STAFF,
        INSPECTIONS,
    )
}
