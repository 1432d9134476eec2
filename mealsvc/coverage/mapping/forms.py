"""The form that takes a file of boundaries in."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField, ValidationError

from mealsvc.coverage.mapping.outlines import SHIFTED_WORDS
from mealsvc.plumbing.forms import line

SYSTEMS = (
    ("wgs84", "WGS-84 或 CGCS2000（国家测绘标准）"),
    ("gcj02", "GCJ-02（高德、腾讯地图）"),
    ("bd09", "BD-09（百度地图）"),
)


class BoundaryForm(FlaskForm):
    file = FileField("边界文件（GeoJSON）", [FileRequired("请选择一个 GeoJSON 文件。")])
    system = SelectField("坐标系", choices=SYSTEMS)
    source = line("资料来源", "请写明边界从哪里来，如“区民政局区划图 2024年版”。", 80)

    def validate_system(self, field: SelectField) -> None:
        if field.data != "wgs84":
            raise ValidationError(SHIFTED_WORDS)


class DropForm(FlaskForm):
    """Nothing but the token against forged requests."""
