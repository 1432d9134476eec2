"""Forms of the policies room."""

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import DayField

LONGEST = 200_000


class DraftForm(FlaskForm):
    """A policy file, uploaded or pasted; what was uploaded is shown for correction."""

    file = FileField("政策文件")
    document = TextAreaField("政策内容", render_kw={"rows": 24, "spellcheck": "false"})

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        return sound and self._read_upload() and self._has_text()

    def _read_upload(self) -> bool:
        if not self.file.data:
            return True
        content = self.file.data.read(LONGEST + 1)
        try:
            self.document.data = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.file.errors = ["文件不是UTF-8编码，请另存为UTF-8后再上传。"]
            return False
        return True

    def _has_text(self) -> bool:
        if not (self.document.data or "").strip():
            self.document.errors = ["请上传政策文件，或把内容粘贴到这里。"]
        elif len(self.document.data or "") > LONGEST:
            self.document.errors = [f"内容太长，请不要超过{LONGEST // 10_000}万字。"]
        return not self.document.errors


class DecideForm(FlaskForm):
    """Nothing but the token against forged requests."""


class EndForm(FlaskForm):
    day = DayField("最后一天", [InputRequired("请输入政策的最后一天。")])
