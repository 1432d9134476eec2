"""Forms of inspectors, plans and visits."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from mealsvc.plumbing.forms import DayField, WholeField, line, storable
from mealsvc.supervision.checklist.items import MODE_NAMES
from mealsvc.supervision.visits import rules

# Several forms on one page share one token, which the guard checks before the view is called.
GUARDED = {"csrf": False}


class TickField(SelectMultipleField):
    """Several of a list, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


class InspectorForm(FlaskForm):
    name = line("姓名", "请填写姓名。", 50)
    card_no = line("证件号（执法证或检查证）", "请填写证件号。", 50)
    office = line("单位", "请填写所在单位。", 60)
    division = SelectField("管辖范围", [InputRequired("请选择管辖范围。")])
    login = line("登录名", longest=32)


class ChangeInspectorForm(FlaskForm):
    office = line("单位", "请填写所在单位。", 60)
    login = line("登录名", longest=32)
    active = BooleanField("仍担任检查人员")


class InterestForm(FlaskForm):
    about = line("助餐点编号或运营单位名称", "请填写要回避的助餐点编号或运营单位名称。", 60)
    why = line("回避理由", "请写明理由，如“近亲属在该单位任职”。", 100)


class PlanForm(FlaskForm):
    title = line("计划名称", "请填写计划名称，如“2024年第二季度检查”。", 60)
    kind = SelectField(
        "检查种类",
        choices=[(code, kind.name) for code, kind in rules.KINDS.items() if not kind.own],
    )
    mode = SelectField("检查方式", choices=list(MODE_NAMES.items()))
    source = SelectField("任务来源", choices=list(rules.SOURCES.items()))
    basis = line("检查依据", "请填写依据，如年度检查计划的文号。", 200)
    from_on = DayField("计划开始", [InputRequired("请填写开始日期。")])
    to_on = DayField("计划结束", [InputRequired("请填写结束日期。")])
    choose = RadioField(
        "助餐点怎么定", choices=[("draw", "随机抽取（双随机）"), ("hand", "指定")], default="draw"
    )
    count = WholeField("抽取几个", [Optional()])
    town = SelectField("抽取范围", choices=[("", "全部镇街")])
    seed = line("抽取种子", longest=60)
    points = TickField("指定的助餐点")
    staff = RadioField(
        "检查人员怎么定",
        choices=[("draw", "每个助餐点随机抽取两人"), ("hand", "指定（第一人主检）")],
        default="draw",
    )
    inspectors = TickField("指定的检查人员", coerce=int)


class DecideForm(FlaskForm):
    decision = RadioField(
        "审批结果",
        [InputRequired("请选择批准或不批准。")],
        choices=[("approve", "批准"), ("refuse", "不批准")],
    )
    why = line("审批意见", longest=200)


class WhyForm(FlaskForm):
    why = line("理由", "请写明理由。", 200)


class VisitForm(FlaskForm):
    """A visit without a plan: the kind decides what is asked."""

    point = SelectField("助餐点", [InputRequired("请选择助餐点。")])
    kind = SelectField(
        "检查种类",
        choices=[(code, kind.name) for code, kind in rules.KINDS.items() if not kind.planned],
        default=rules.PATROL,
    )
    mode = SelectField("检查方式", choices=list(MODE_NAMES.items()), default="patrol")
    planned_on = DayField("检查日期", [InputRequired("请填写检查日期。")])
    late = BooleanField("已经检查过，按纸质记录补录（日期可以早于今天）")
    inspectors = TickField("检查人员", coerce=int)
    lead = SelectField("主检", coerce=_whole, choices=[("", "第一位")])
    unannounced = BooleanField("直接检查，不提前告知单位")
    reason = TextAreaField(
        "事由", [Length(max=200, message="请不要超过200个字。"), storable], render_kw={"rows": 2}
    )


class MoveForm(FlaskForm):
    planned_on = DayField("改到哪一天", [InputRequired("请填写检查日期。")])
    unannounced = BooleanField("直接检查，不提前告知单位")
    reason = line("理由", longest=200)


class PeopleForm(FlaskForm):
    inspectors = TickField("检查人员", coerce=int)
    lead = SelectField("主检", coerce=_whole, choices=[("", "第一位")])


class RecuseForm(FlaskForm):
    inspector = SelectField("回避的检查人员", coerce=_whole, choices=[])
    why = line("回避理由", "请写明理由。", 100)


class ArrangeForm(FlaskForm):
    """Common answers for the visits of a plan; the days come by point."""

    unannounced = BooleanField("直接检查，不提前通知（通知书带到现场）")
    reason = line("直接检查的理由", longest=200)


def offer_lead(form: Any, people: list[tuple[int, str]]) -> None:
    """Who may lead is who may go."""
    form.lead.choices = [("", "勾选的第一位"), *people]
