"""Forms of a new checklist version."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import DayField


class VersionForm(FlaskForm):
    """A file to look at first; what was read goes along with the confirmation."""

    file = FileField("检查表文件（JSON）")
    document = HiddenField()
    effective_from = DayField("启用日期", [InputRequired("请填写启用日期。")])
