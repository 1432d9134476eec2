"""Official numbers (文号): per bureau, series and year, without a gap: 武民助检〔2026〕0001号."""

from sqlalchemy import select

from mealsvc.papers.models import NumberSeries
from mealsvc.plumbing.db import db

SERIES = {
    "plan": "计",
    "notice": "通",
    "record": "检",
    "order": "改",
    "reinspection": "复",
    "referral": "移",
    "interview": "谈",
    "measure": "停",
    "resume": "恢",
    "receipt": "达",
    "complaint": "诉",
    "sample": "抽",
    "case": "核",
    "survey": "摸",
}
WORD = "paper.word"


def take_number(series: str, year: int, word: str) -> str:
    """The next number of the series, inside `writing()`; given back if the transaction is undone.

    `word` is the bureau's (setting `paper.word`), `series` a key of `SERIES`.
    """
    key = f"{word}{SERIES[series]}"
    row = db.session.scalar(select(NumberSeries).filter_by(series=key, year=year))
    if row is None:
        row = NumberSeries(series=key, year=year, last=0)
        db.session.add(row)
    row.last += 1
    db.session.flush()
    return f"{key}〔{year}〕{row.last:04d}号"
