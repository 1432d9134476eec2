"""Leads of a scan, put in as rows: what the desk shows, whatever the rules find."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from mealsvc.auditing.scanning.models import AuditScan, Lead, LeadEdition, LeadLine
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db, writer, writing
from mealsvc.servings.desk import Desk
from mealsvc.servings.models import Serving
from tests.factories import tills

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)


def scan(month: int = 202405, **values: Any) -> AuditScan:
    """A scan of a month."""
    row = AuditScan(
        **{
            "month": month,
            "division": "320412",
            "servings": 100,
            "anomalies": 3,
            "leads": 3,
            "expected_false": 700,
            "limits": "{}",
            "counts": "{}",
            "last_sequence": 1,
            "started_at": NOW,
            "ended_at": NOW,
            "by": "system",
        }
        | values
    )
    db.session.add(row)
    db.session.flush()
    return row


def lead(
    point: str | None,
    rules: str = "A06",
    lines: Sequence[Serving] = (),
    made: AuditScan | None = None,
    **values: Any,
) -> Lead:
    """An open lead with one edition about these lines."""
    made = made or scan()
    point_id = db.session.scalar(select(MealPoint.id).where(MealPoint.code == point))
    story = str(values.pop("story", f"{point}/{rules}"))
    state = values.pop("state", "open")
    row = Lead(
        month=made.month, point_id=point_id, story=story, state=state, edition=1, found_at=NOW
    )
    db.session.add(row)
    db.session.flush()
    days = sorted(one.served_on for one in lines)
    told = {rule: {"lines": len(lines)} for rule in rules.split(",")}
    values.setdefault("evidence", json.dumps(told))
    edition(row, made, rules, lines, days=days, **values)
    return row


def edition(
    row: Lead,
    made: AuditScan,
    rules: str,
    lines: Sequence[Serving],
    number: int = 1,
    days: Sequence[Any] = (),
    **values: Any,
) -> LeadEdition:
    """An edition of a lead, its latest."""
    written = LeadEdition(
        **{
            "lead_id": row.id,
            "number": number,
            "scan_id": made.id,
            "severity": "high",
            "weight": 1000 + row.id,
            "rules": rules,
            "title": f"{rules} 疑点{row.id}",
            "summary": "12分钟里登记了40笔，间隔几乎一样。平时同一时段每小时30笔。",
            "honest": "先排除断网后补传。再看当天是否有集体用餐。",
            "evidence": "{}",
            "from_on": days[0] if days else None,
            "to_on": days[-1] if days else None,
            "servings": len(lines),
            "residents": len({one.resident_id for one in lines}),
            "subsidy_fen": sum(one.subsidy_fen for one in lines),
        }
        | values
    )
    db.session.add(written)
    row.edition = number
    db.session.flush()
    db.session.add_all(
        LeadLine(lead_id=row.id, number=number, sequence=one.sequence, rules=rules) for one in lines
    )
    db.session.flush()
    return written


def servings_of(point: str, most: int = 1_000) -> list[Serving]:
    """The servings of a point, the first ones first."""
    rows = select(Serving).join(MealPoint, MealPoint.id == Serving.point_id)
    rows = rows.where(MealPoint.code == point, Serving.reverses.is_(None))
    return list(db.session.scalars(rows.order_by(Serving.sequence).limit(most)))


def about(sequence: int) -> int:
    """A lead of P01 about one line; its number."""
    with writing():
        line = db.session.get_one(Serving, sequence)
        return lead("P01", "A06,A12", [line]).id


def two_points() -> None:
    """Thirty elders at P01 on 6, 7 and 8 May, in one order; twelve at P02 on 6 May."""
    tills.small_district()
    tills.lunchroom()
    orders = [
        tills.order(
            f"{point}-{day}-{at}",
            card,
            point=point,
            served_at=tills.a_day(day) + timedelta(minutes=at),
        )
        for day, point, cards in ((6, "P02", 12), (6, "P01", 30), (7, "P01", 30), (8, "P01", 30))
        for at, card in enumerate(tills.CARDS[-cards:] if point == "P01" else tills.CARDS[:cards])
    ]
    with writing():
        Desk().record(writer(), orders, tills.SHELL, orders[-1].served_at)
