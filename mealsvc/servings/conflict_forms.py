"""The form with which the manager settles what came back differently after hours without network."""

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from mealsvc.plumbing.forms import line
from mealsvc.plumbing.pages import cn_date
from mealsvc.servings.conflict_words import choice
from mealsvc.servings.models import UploadConflict
from mealsvc.servings.uploads import choices_of, days_of

LONGEST = 100


class SettleForm(FlaskForm):
    """`day` is asked only where the till's clock was in doubt."""

    settlement = RadioField("处理办法", validators=[InputRequired("请选择处理办法。")])
    day = SelectField("就餐日期", validate_choice=False)
    note = line("备注", longest=LONGEST)

    def of(self, conflict: UploadConflict) -> "SettleForm":
        """The same form with the choices that this conflict leaves."""
        self.settlement.choices = [(one, choice(conflict, one)) for one in choices_of(conflict)]
        self.day.choices = [(day.isoformat(), cn_date(day)) for day in days_of(conflict)]
        return self
