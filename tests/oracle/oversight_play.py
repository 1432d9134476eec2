"""Puts a supervised month into the product through its files, and reads what it reports."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from mealsvc.kernel.months import Month
from mealsvc.menus.queries import week_menus
from mealsvc.menus.services import publish
from mealsvc.places.services import point_by_code
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.gathering import gather
from mealsvc.reports.indicators import readings
from mealsvc.reports.measures import Value
from mealsvc.reports.period import Period
from mealsvc.reports.report_forms import place_of
from tests.factories import visits as made
from tests.oracle.oversight import Count
from tests.oracle.oversight_story import KINDS as POINTS
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
    back = (folder / "rejects.csv").read_text("utf-8-sig") if told else ""
    return [(kind, (told, back))] if told else []


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


def differences(story: Story) -> Iterator[str]:
    """Where the product's scores, grades and indicators differ from a count by hand."""
    count = Count(story)
    yield from _visits(story, count)
    year, month = map(int, story.month.split("-"))
    facts = gather(Period.of(Month(year, month)))
    for place, points in (("", list(POINTS)), *((code, [code]) for code in POINTS)):
        here = facts.at(place_of(place))
        read, wanted = readings(here, here), count.of(points)
        if read["N13"].now is not None:
            yield f"{place} N13: no order was issued, mealsvc {read['N13'].now}"
        for name, parts in wanted.items():
            found = read[name].now
            if not _same(name, parts, found):
                yield f"{place} {name}: by hand {parts}, mealsvc {found}"


def _visits(story: Story, count: Count) -> Iterator[str]:
    db.session.rollback()
    rows = db.session.execute(text("SELECT key, score, grade, conclusion FROM visit"))
    got = {key: (score, grade, told) for key, score, grade, told in rows}
    for one in story.visits:
        mine, found = count.graded[one["key"]], got.get(one["key"])
        if found is None or (mine.tenths, mine.grade) != found[:2]:
            yield f"{one['key']}: by hand {mine.tenths} {mine.grade}, mealsvc {found}"
        elif sorted(re.findall(r"[A-Z]{3}-\d\d", found[2])) != mine.failed:
            yield f"{one['key']}: by hand {mine.failed} failed, mealsvc {found[2]}"


def _same(name: str, parts: tuple[Any, Any], found: Value | None) -> bool:
    top, bottom = parts
    if found is None:  # nothing to count
        return bottom == 0 or (name == "N42" and not any(top))
    if name == "N42":
        return found.shown == "、".join(f"{g}级{n}个" for g, n in zip("ABCD", top, strict=True))
    if name == "N22-1":
        return found.numerator == f"{top / 100:,.2f}元" and _number(found.denominator) == bottom
    if name == "N22-2":
        return abs(float(found.shown.rstrip("%")) - 100 * top / bottom) < 0.051
    return _number(found.numerator) == top and (
        name == "N12" or _number(found.denominator) == bottom
    )


def _number(told: str) -> int:
    return int(re.sub(r"[^\d]", "", told))
