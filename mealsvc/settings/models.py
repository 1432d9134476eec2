"""The one table of thresholds."""

from datetime import date

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from mealsvc.plumbing.db import Base


class Setting(Base):
    """A threshold as it holds from a day on: its value as text, its legal basis, whether verified."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    verified: Mapped[bool] = mapped_column(default=False)
