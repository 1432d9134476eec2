"""Puts a supervised month into the product through its files, and reads what it reports."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from mealsvc.menus.queries import week_menus
from mealsvc.menus.services import publish
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from tests.factories import visits as made
from tests.oracle.oversight_story import Story
from tests.oracle.play import run

KINDS = ("divisions", "points", "residents", "servings", "reversals", "menus", "purchases")
LATER = ("logs", "documents", "staff", "inspections")


def put(story: Story, folder: Path) -> list[tuple[str, Any]]:
    """Imports every file; whoever was refused, as (kind, codes)."""
    refused = []
    for kind in KINDS:
        refused += _import(kind, story, folder)
    _publish(story)
    plan = _plan(story)
    for row in story.files["inspections"]:
        row["plan"] = plan if row["plan"] else ""
    for kind in LATER:
        refused += _import(kind, story, folder)
    return refused


def _import(kind: str, story: Story, folder: Path) -> list[tuple[str, Any]]:
    rows = story.files.get(kind, [])
    if not rows:
        return []
    columns = list(dict.fromkeys(name for row in rows for name in row))
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    status, answer, err = run("import", kind, path, "--json", "--rejects", folder / "rejects.csv")
    if status:
        return [(kind, err)]
    told = json.loads(answer)["rejected"]
    return [(kind, told, (folder / "rejects.csv").read_text("utf-8-sig"))] if told else []


def _publish(story: Story) -> None:
    for code, on, at in story.published:
        place = point_by_code(code)
        assert place is not None
        monday = on - timedelta(days=on.weekday())
        with writing():
            menus = [one for (day, _), one in week_menus(place.id, monday).items() if day == on]
            publish(place, menus, made.MAKER, at.astimezone(UTC))


def _plan(story: Story) -> str:
    """The number of an approved plan for the month."""
    first = datetime.combine(story.first, datetime.min.time(), UTC)
    now = first - timedelta(days=20)
    asked = made.proposal(points=story.planned, from_on=story.first, to_on=story.last)
    with writing():
        made.inspectors()
        plan = made.services.plan_visit(asked, made.MAKER, now)
        made.services.decide_plan(plan.id, True, "", made.JUDGE, now)
        return plan.number


def rows_of(question: str) -> list[Any]:
    db.session.rollback()
    return list(db.session.execute(text(question)))
