"""All that an inspector's phone needs for one visit, as JSON: it works without network from then on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mealsvc.kernel.meals import local_date
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.outlook import outlook
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist import fields, measures
from mealsvc.supervision.checklist import rules as scoring
from mealsvc.supervision.checklist.items import MODE_NAMES, RESULT_NAMES, Item
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.findings.rules import OUTCOMES
from mealsvc.supervision.inspecting import rules
from mealsvc.supervision.inspecting.queries import Person, draft_of
from mealsvc.supervision.photos.queries import photos_of
from mealsvc.supervision.photos.services import MOST_BYTES
from mealsvc.supervision.visits import rules as visiting
from mealsvc.supervision.visits import signing, traits
from mealsvc.supervision.visits.models import Visit

LIMITS = {
    "photo_bytes": MOST_BYTES,
    "per_item": rules.PER_ITEM,
    "per_visit": rules.PER_VISIT,
    "note": rules.NOTE_LENGTH,
}


def package(visit: Visit, point: MealPoint, people: list[Person], now: datetime) -> dict[str, Any]:
    """The visit, its items with what is measured, and what was entered so far."""
    checklist = checklist_of(visit.checklist)
    today = local_date(now)
    thresholds = signing.limits_on(today)
    kind = visiting.KINDS[visit.kind]
    return {
        "visit": {
            "id": visit.id,
            "kind": visit.kind,
            "kind_name": kind.name,
            "mode": visit.mode,
            "mode_name": MODE_NAMES[visit.mode],
            "two": kind.two,
            "own": kind.own,
            "planned_on": visit.planned_on.isoformat(),
            "status": visit.status,
            "reason": visit.reason,
            "checklist": visit.checklist,
        },
        "point": {"code": point.code, "name": point.name, "address": point.address},
        "people": [
            {"name": one.name, "card": one.card_no, "office": one.office, "lead": one.lead}
            for one in people
            if not one.recused_why
        ],
        "groups": list(checklist.groups.items()),
        "items": [item_facts(item, thresholds) for item in items_of(visit)],
        "results": list(RESULT_NAMES.items()),
        "outcomes": [[code, one.name, one.follows] for code, one in OUTCOMES.items()],
        "usual_outcome": visiting.USUAL_OUTCOME,
        "recusals": list(rules.RECUSALS),
        "limits": {**LIMITS, "deviation": int(value_on("visit.count_deviation", today))},
        "draft": draft_facts(visit.id),
        "photos": {one.key: one.id for one in photos_of(f"visit/{visit.id}")},
        "result": result_facts(visit),
    }


def items_of(visit: Visit) -> tuple[Item, ...]:
    """The items that the visit asks; on a patrol those still open at the point too."""
    still_open = outlook().open_items([visit.point_id]).get(visit.point_id, ())
    return scoring.items_for(
        checklist_of(visit.checklist), visit.mode, traits.read(visit.traits), still_open
    )


def item_facts(item: Item, thresholds: Mapping[str, str]) -> dict[str, Any]:
    """One item as the phone shows it."""
    return {
        "code": item.code,
        "group": item.group,
        "text": item.text,
        "basis": item.basis,
        "method": item.method,
        "weight": item.weight,
        "critical": item.critical,
        "allowed": item.allowed,
        "headcount": item.code == fields.HEADCOUNT,
        "limits": {key: thresholds[key] for key in measures.special_keys(item)},
        "fields": [rules.field_facts(one, thresholds) for one in fields.fields_of(item)],
        "phrases": rules.phrases_of(item),
    }


def draft_facts(visit_id: int) -> dict[str, Any] | None:
    """What the server has of an unsigned visit."""
    found = draft_of(visit_id)
    if found is None:
        return None
    draft, document = found
    return {
        "revision": draft.revision,
        "saved_at": draft.saved_at.isoformat(),
        "by": draft.by.partition(":")[2],
        "device": draft.device,
        "document": document,
    }


def result_facts(visit: Visit) -> dict[str, Any] | None:
    """What a signed visit came to."""
    if visit.status != visiting.SIGNED:
        return None
    return {
        "number": visit.number,
        "score": scoring.shown(visit.score),
        "grade": visit.grade,
        "conclusion": visit.conclusion,
        "started_at": visit.started_at.isoformat() if visit.started_at else "",
        "ended_at": visit.ended_at.isoformat() if visit.ended_at else "",
        "signed_by": visit.signed_by.partition(":")[2],
        "signed_at": visit.signed_at.isoformat() if visit.signed_at else "",
    }
