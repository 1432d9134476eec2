"""Signing a visit: the document is checked, counted, scored, numbered and locked, all at once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from mealsvc.accounts.persons import is_one_of
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import parse_instant
from mealsvc.kernel.meals import local_date
from mealsvc.papers.numbering import WORD, take_number
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, micros
from mealsvc.plumbing.outlook import outlook
from mealsvc.settings.services import value_on
from mealsvc.supervision.checklist import fields, measures
from mealsvc.supervision.checklist.items import PASS
from mealsvc.supervision.checklist.rules import Score, conclusion, score
from mealsvc.supervision.checklist.services import checklist_of
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits import refusals, rules, traits
from mealsvc.supervision.visits.document import BUILT_IN, Entered, Problem, check
from mealsvc.supervision.visits.models import (
    Inspector,
    Visit,
    VisitDraft,
    VisitInspector,
    VisitPhoto,
    VisitResult,
    VisitSignature,
)
from mealsvc.supervision.visits.queries import served_by
from mealsvc.supervision.visits.services import open_visit
from mealsvc.trail.services import record

CLOCKS_DIFFER = timedelta(minutes=10)


def sign(visit_id: int, document: Any, by: Actor, now: datetime) -> Visit:
    """Signs a visit: afterwards the database refuses every change of it.

    Raises `BadDocument` (with `facts["problems"]`), `NoticeNeeded`, `NotYours`, `NotOpen`, `Ahead`.
    """
    visit = open_visit(visit_id)
    if rules.KINDS[visit.kind].planned and not visit.notice_number:
        raise refusals.NoticeNeeded()
    people = _people(visit.id)
    entered = read(visit, document, now)
    if isinstance(entered, list):
        raise _refused(entered)
    _check_inspector(people, by, entered.paper, visit.made_at)
    if entered.ended_at > now + CLOCKS_DIFFER:
        raise refusals.Ahead()
    system = entered.headcount and served_by(visit.point_id, entered.headcount.at)
    photos = _photos(visit, entered)
    problems = [
        *_strangers(visit, entered, people),
        *_missing_photos(entered, photos),
        *_deviations(entered, system, local_date(entered.started_at)),
    ]
    if problems:
        raise _refused(problems)
    result = score(
        checklist_of(visit.checklist), {code: one.result for code, one in entered.results.items()}
    )
    return _close(visit, entered, result, system, photos, by, now)


def read(visit: Visit, document: Any, now: datetime) -> Entered | list[Problem]:
    """The document against the visit's checklist, the point's open items and that day's thresholds."""
    return check(
        document,
        checklist_of(visit.checklist),
        visit.mode,
        traits.read(visit.traits),
        outlook().open_items([visit.point_id]).get(visit.point_id, ()),
        kind=visit.kind,
        limits=limits_on(_day_of(document, now)),
    )


def count_problems(point_id: int, entered: Entered, day: date) -> list[Problem]:
    """What signing would say about the diners counted at a point."""
    system = entered.headcount and served_by(point_id, entered.headcount.at)
    return _deviations(entered, system, day)


def limits_on(day: date) -> Mapping[str, str]:
    """The thresholds of measured values as they hold on a day."""
    return {**BUILT_IN, **{key: value_on(key, day) for key in sorted(measures.threshold_keys())}}


def digest_of(visit: Visit) -> str:
    """SHA-256 over everything that was signed, as the database holds it; the trail keeps the same."""
    content = {
        "visit": [getattr(visit, name) for name in _SIGNED],
        "at": [
            at and micros(at)
            for at in (visit.started_at, visit.ended_at, visit.counted_at, visit.signed_at)
        ],
        "inspectors": _listed(VisitInspector, visit, "inspector_id", "lead", "recused_why"),
        "results": _listed(VisitResult, visit, "item", "result", "note", "measured", "outcome"),
        "photos": [
            list(row)
            for row in db.session.execute(
                select(VisitPhoto.item, Photo.sha256)
                .join(Photo, Photo.id == VisitPhoto.photo_id)
                .where(VisitPhoto.visit_id == visit.id)
                .order_by(VisitPhoto.item, VisitPhoto.photo_id)
            )
        ],
        "signatures": [
            [row.part, row.name, _fingerprint(row.strokes)]
            for row in db.session.scalars(
                select(VisitSignature)
                .where(VisitSignature.visit_id == visit.id)
                .order_by(VisitSignature.part)
            )
        ],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


_SIGNED = (
    "number", "point_id", "kind", "mode", "checklist", "traits", "present", "cards_shown",
    "recusal", "counted", "till_count", "system_count", "statement", "refused_why", "score",
    "grade", "conclusion",
)  # fmt: skip


def _close(
    visit: Visit,
    entered: Entered,
    result: Score,
    system: int | None,
    photos: Mapping[str, int],
    by: Actor,
    now: datetime,
) -> Visit:
    today = local_date(now)
    number = take_number("record", today.year, value_on(WORD, today))
    _keep_rows(visit, entered, photos, now)
    db.session.execute(delete(VisitDraft).where(VisitDraft.visit_id == visit.id))
    count = entered.headcount
    values = {
        "number": number,
        "status": rules.SIGNED,
        "started_at": entered.started_at,
        "ended_at": entered.ended_at,
        "present": entered.present,
        "cards_shown": entered.cards_shown,
        "recusal": entered.recusal,
        "counted": count and count.counted,
        "till_count": count and count.till,
        "system_count": system,
        "counted_at": count and count.at,
        "statement": entered.statement,
        "refused_why": entered.refused_why,
        "score": result.points,
        "grade": result.grade,
        "conclusion": conclusion(result),
        "signed_at": now,
        "signed_by": str(by),
    }
    for name, value in values.items():
        setattr(visit, name, value)
    db.session.flush()
    told = {"number": number, "score": result.points, "grade": result.grade}
    told |= {"failed_key": list(result.failed_key), "paper": entered.paper}
    record(by, "visits.sign", f"visit/{visit.id}", {**told, "digest": digest_of(visit)})
    return visit


def _keep_rows(visit: Visit, entered: Entered, photos: Mapping[str, int], now: datetime) -> None:
    for code, one in entered.results.items():
        measured = json.dumps(dict(one.measured), ensure_ascii=False, sort_keys=True)
        db.session.add(
            VisitResult(
                visit_id=visit.id,
                item=code,
                result=one.result,
                note=one.note,
                measured=measured,
                outcome=one.outcome,
            )
        )
        db.session.add_all(
            VisitPhoto(visit_id=visit.id, item=code, photo_id=photos[key]) for key in one.photos
        )
    db.session.add_all(
        VisitSignature(
            visit_id=visit.id,
            part=part,
            name=one.name,
            strokes=vault().seal(one.strokes) if one.strokes else None,
            signed_at=now,
        )
        for part, one in entered.signatures.items()
    )
    db.session.flush()


def _check_inspector(people: Sequence[Any], by: Actor, paper: bool, since: datetime) -> None:
    """One of the visit's inspectors signs, or anybody with the right where none has an account or
    the record was signed on paper; never the person of one who keeps away.
    """
    logins = {one.login for one in people if one.login and not one.recused_why}
    away = {one.login for one in people if one.login and one.recused_why}
    if by.kind != "user":
        return
    stranger = logins and by.name not in logins and not paper
    if stranger or (away and is_one_of(by.name, away, since)):
        raise refusals.NotYours()


def _strangers(visit: Visit, entered: Entered, people: Sequence[Any]) -> list[Problem]:
    """Signatures of inspectors who were not sent, or who keep away."""
    if rules.KINDS[visit.kind].own:
        return []
    names = {one.name for one in people if not one.recused_why}
    return [
        Problem("", part, f"{one.name}不是这次检查的检查人员，请核对，或先更换检查人员。")
        for part, one in entered.signatures.items()
        if part in (rules.LEAD, rules.SECOND) and one.name not in names
    ]


def _photos(visit: Visit, entered: Entered) -> dict[str, int]:
    wanted = {key for one in entered.results.values() for key in one.photos}
    found = select(Photo.key, Photo.id).where(
        Photo.key.in_(wanted), Photo.subject == f"visit/{visit.id}"
    )
    return dict(db.session.execute(found).all()) if wanted else {}


def _missing_photos(entered: Entered, photos: Mapping[str, int]) -> list[Problem]:
    return [
        Problem(code, "photos", "有照片还没有上传完，请等上传完成后再签字。")
        for code, one in entered.results.items()
        if any(key not in photos for key in one.photos)
    ]


def _deviations(entered: Entered, system: int | None, day: date) -> list[Problem]:
    """A pass of the servings' item although counts differ too much, and nobody wrote why."""
    one, count = entered.results.get(fields.HEADCOUNT), entered.headcount
    if one is None or count is None or system is None or one.result != PASS or one.note:
        return []
    percent = int(value_on("visit.count_deviation", day))
    return [
        Problem(
            fields.HEADCOUNT,
            "counted",
            f"现场清点{count.counted}份，{what}{number}份，相差超过{percent}%。"
            "请改结果，或在备注里写明理由。",
        )
        for what, number in (("系统", system), ("收银记录", count.till))
        if number is not None and rules.deviates(count.counted, number, percent)
    ]


def _refused(problems: Sequence[Problem]) -> refusals.BadDocument:
    first = problems[0]
    said = f"{first.item} {first.message}".strip()
    return refusals.BadDocument(count=len(problems), first=said, problems=tuple(problems))


def _people(visit_id: int) -> Sequence[Any]:
    return db.session.execute(
        select(Inspector.id, Inspector.name, Inspector.login, VisitInspector.recused_why)
        .join(VisitInspector, VisitInspector.inspector_id == Inspector.id)
        .where(VisitInspector.visit_id == visit_id)
    ).all()


def _day_of(document: Any, now: datetime) -> date:
    """The visit's day: that of its beginning, or today where the document does not say."""
    given = document.get("started_at") if isinstance(document, dict) else None
    try:
        return local_date(parse_instant(given if isinstance(given, str) else ""))
    except ValueError:
        return local_date(now)


def _listed(table: Any, visit: Visit, *names: str) -> list[list[Any]]:
    rows = select(*(getattr(table, name) for name in names)).where(table.visit_id == visit.id)
    return [list(row) for row in db.session.execute(rows.order_by(getattr(table, names[0])))]


def _fingerprint(strokes: bytes | None) -> str:
    return "" if strokes is None else hashlib.sha256(vault().open(strokes).encode()).hexdigest()
