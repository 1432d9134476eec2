"""What several papers of supervision read: head, point, inspectors, photos, items of the checklist."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.places.models import MealPoint, Operator
from mealsvc.places.queries import division_names
from mealsvc.places.rules import KIND_NAMES
from mealsvc.places.units.models import StaffMember
from mealsvc.plumbing.db import db
from mealsvc.plumbing.paper.official import small
from mealsvc.reports.gathering import is_demo
from mealsvc.reports.settlement_facts import bureau
from mealsvc.reports.supervision.shapes import Head, Person, Place, Shot
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist.items import Item
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.photos.models import Photo, PhotoFile
from mealsvc.supervision.visits.models import Inspector

UNSET = "（"  # a setting as a new installation has it: nobody has set it yet
IN_CHARGE = "manager"  # the post in units.rules.POSTS
TOWN_DIGITS = 9


def head_on(day: date) -> Head:
    """Issuer, contact and complaint line as they hold on a day."""
    contact = value_on("paper.contact", day)
    return Head(
        issuer=bureau(),
        contact="" if contact.startswith(UNSET) else contact,
        complaint=value_on("service.complaint_phone", day),
        demo=is_demo(),
    )


def places_of(point_ids: Collection[int], day: date) -> dict[int, Place]:
    """Points by id, with unit, town and person in charge on that day: three questions for any number."""
    rows = db.session.execute(
        select(MealPoint, Operator)
        .outerjoin(Operator, Operator.id == MealPoint.operator_id)
        .where(MealPoint.id.in_(point_ids))
    ).all()
    towns = division_names({point.division[:TOWN_DIGITS] for point, _ in rows})
    heads = _in_charge(point_ids, day)
    return {
        point.id: Place(
            code=point.code,
            name=point.name,
            kind=KIND_NAMES.get(point.kind, point.kind),
            address=point.address,
            unit=unit.name if unit else "",
            uscc=(unit.uscc or "") if unit else "",
            town=towns.get(point.division[:TOWN_DIGITS], ""),
            person="、".join(heads[point.id]),
        )
        for point, unit in rows
    }


def place_of(point_id: int, day: date) -> Place:
    return places_of([point_id], day)[point_id]


def _in_charge(point_ids: Collection[int], day: date) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = select(StaffMember.point_id, StaffMember.name).where(
        StaffMember.point_id.in_(point_ids),
        StaffMember.post == IN_CHARGE,
        StaffMember.joined_on <= day,
        (StaffMember.left_on.is_(None)) | (StaffMember.left_on >= day),
    )
    for point_id, name in db.session.execute(rows.order_by(StaffMember.id)):
        found[point_id].append(name)
    return found


def inspectors_of(ids: Iterable[int]) -> dict[int, Person]:
    """Inspectors by id."""
    rows = db.session.scalars(select(Inspector).where(Inspector.id.in_(set(ids))))
    return {one.id: Person(one.name, one.card_no, one.office) for one in rows}


def items_of(version: str) -> Callable[[str], Item]:
    """Finds items of one version of the checklist by code; an unknown code stands for itself."""
    known = checklist_of(version).by_code

    def item(code: str) -> Item:
        return known.get(code) or Item(code, "", "", code, "", "", 0, False, "", "ALL", "")

    return item


def places_in(version: str) -> dict[str, int]:
    """Where each item stands in a version of the checklist."""
    return {item.code: at for at, item in enumerate(checklist_of(version).items)}


def shots_of(photo_ids: Collection[int]) -> Callable[[int, str], Shot]:
    """Photos with their small pictures, read at once; then by id, with what each shows."""
    rows = db.session.execute(
        select(Photo, PhotoFile.content)
        .join(PhotoFile, PhotoFile.photo_id == Photo.id)
        .where(Photo.id.in_(photo_ids))
    )
    found = {photo.id: (photo, small(content)) for photo, content in rows}

    def shot(photo_id: int, of: str) -> Shot:
        photo, jpeg = found[photo_id]
        return Shot(of, photo.taken_at, _where(photo), photo.sha256, jpeg)

    return shot


def _where(photo: Photo) -> str:
    if photo.lon is None or photo.lat is None:
        return ""
    return f"{photo.lon:.5f}，\n{photo.lat:.5f}"


def named(actors: Iterable[str]) -> dict[str, str]:
    """The names behind actors such as `user:zhang`, as a paper prints them."""
    logins = {actor: actor.partition(":")[2] for actor in actors if actor}
    rows: Any = db.session.execute(
        select(Account.login, Account.name).where(Account.login.in_(set(logins.values())))
    )
    names = {row.login: row.name for row in rows}
    return {actor: names.get(login) or login for actor, login in logins.items()}
