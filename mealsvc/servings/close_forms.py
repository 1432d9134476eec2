"""The form of the day close: what was counted, and why it is not what the ledger says."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField
from wtforms.validators import InputRequired, Optional

from mealsvc.plumbing.forms import WholeField, YuanField, line
from mealsvc.servings.closing import LONGEST_EXPLANATION, Counted

OTHER = "其他"
REASONS = (
    "找零误差",
    "老人欠款未付",
    "老人多付未退",
    "为以前的就餐退款",
    "断网期间的登记还没有上传",
    "本日有登记错误，已经或将要冲正",
    OTHER,
)
SEPARATOR = "："


class SeenField(WholeField):
    """A hidden number that the page carries and nobody types."""

    widget = HiddenField.widget


class CloseForm(FlaskForm):
    """`number` and `last` are what the page showed: the close to come, and the ledger's last line."""

    number = SeenField(validators=[InputRequired()])
    last = SeenField(validators=[InputRequired()])
    drawer = YuanField("钱箱里的现金", [InputRequired("请点清钱箱里的现金后填写，没有填 0。")])
    other = YuanField("扫码、转账等其他收款", [InputRequired("请填写其他收款的合计，没有填 0。")])
    why = RadioField("差额的原因", choices=[(one, one) for one in REASONS], validators=[Optional()])
    note = line("补充说明", longest=LONGEST_EXPLANATION - 40)

    @property
    def seen(self) -> tuple[int, int]:
        return self.number.data or 0, self.last.data or 0

    @property
    def counted(self) -> Counted:
        """What was counted; the explanation is one text, as it is kept."""
        parts = (self.why.data, self.note.data)
        return Counted(self.drawer.data, self.other.data, SEPARATOR.join(filter(None, parts)))

    def explains(self) -> bool:
        """Whether a reason is given that says something; else the message stands at its field."""
        if not self.why.data:
            self.why.errors = ["实收和应收不一致，请选择原因。"]
        elif self.why.data == OTHER and not self.note.data:
            self.note.errors = ["选择“其他”时，请写明原因。"]
        return not self.why.errors and not self.note.errors
