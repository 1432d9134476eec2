"""What a public notice shows: amounts of its points, and who ate how often, masked."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import case, func, select

from mealsvc.kernel.masking import mask_name
from mealsvc.kernel.months import Month
from mealsvc.places.queries import division_names
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from mealsvc.servings.models import Serving
from mealsvc.settlement.batches import held_of
from mealsvc.settlement.rules import Held

Diners = tuple[tuple[str, str, int], ...]
"""Masked name, village, subsidised servings; nothing else of anybody leaves this module."""


def amounts_of(month: Month, rows: Any) -> list[dict[str, Any]]:
    """What each batch of a month (with its point) shows: its claim less what is held in it."""
    held = held_of(month, [point.id for _, point in rows])
    return [_amount(batch, point, held.get(point.id, Held()).fen) for batch, point in rows]


def _amount(batch: Any, point: Any, held_fen: int) -> dict[str, Any]:
    claim = json.loads(batch.document)
    carved = held_fen if batch.held_fen is None else batch.held_fen
    return {
        "point": point,
        "status": batch.status,
        "servings": claim["servings"],
        "subsidised": claim["subsidised"],
        "held_fen": carved,
        "payable_fen": claim["payable_fen"] - carved,
    }


def diners_of(month: Month, points: Iterable[int]) -> dict[int, Diners]:
    """Who had subsidised servings at each point in the month: masked, by village, then name."""
    net = func.sum(case((Serving.reverses.is_(None), 1), else_=-1))
    rows = db.session.execute(
        select(
            Serving.point_id,
            Resident.name,
            Resident.residence_division,
            Resident.hukou_division,
            net.label("servings"),
        )
        .join(Resident, Resident.id == Serving.resident_id)
        .where(
            Serving.settle_month == month.key,
            Serving.point_id.in_(points),
            ~Serving.late,
            Serving.reason.is_(None),
        )
        .group_by(
            Serving.point_id,
            Resident.id,
            Resident.name,
            Resident.residence_division,
            Resident.hukou_division,
        )
        .having(net > 0)
    ).all()
    names = division_names({row.residence_division or row.hukou_division for row in rows})
    found: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for row in rows:
        village = names.get(row.residence_division or row.hukou_division, "其他")
        found[row.point_id].append((mask_name(row.name), village, int(row.servings)))
    return {
        point: tuple(sorted(people, key=lambda one: (one[1], one[0], one[2])))
        for point, people in found.items()
    }
