"""The form of the import page."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import InputRequired

from mealsvc.exchange.columns import KINDS

KIND_CHOICES = [("", "请选择"), *((kind.name, kind.chinese) for kind in KINDS.values())]


class UploadForm(FlaskForm):
    """Which kind of file, and the file."""

    kind = SelectField("内容", [InputRequired("请选择文件的内容。")], choices=KIND_CHOICES)
    file = FileField("文件", [FileRequired("请选择 CSV 或 XLSX 文件。")])
