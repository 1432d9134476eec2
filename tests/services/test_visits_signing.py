"""Signing: what it counts, what it refuses, what it locks, and what the trail remembers."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import bind_accounts
from mealsvc.accounts.services import add_user
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.supervision.checklist.items import FAIL, NA, PASS
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits import inspectors as register
from mealsvc.supervision.visits import queries, refusals, services, signing
from mealsvc.supervision.visits.models import (
    Visit,
    VisitDraft,
    VisitInspector,
    VisitPhoto,
    VisitResult,
    VisitSignature,
)
from mealsvc.trail.models import TrailEvent
from tests.factories import tills
from tests.factories import visits as made
from tests.factories.visits import MAKER, NAMES, NOW, STROKES

AT = datetime(2024, 5, 6, 3, 45, tzinfo=UTC)  # 11:45 in Shanghai
FAILED = {"result": FAIL, "note": "未烧透", "photos": ["k1"], "measured": {"core_temp_c": "60"}}


@pytest.fixture
def district(app):
    tills.small_district()
    with writing():
        made.inspectors()
    return app


def sign(visit=None, by=MAKER, **changed):
    with writing():
        one = visit or made.visit()
        return signing.sign(one.id, made.document(one, **changed), by, NOW)


def problems(**changed):
    with pytest.raises(refusals.BadDocument) as refused:
        sign(**changed)
    db.session.rollback()
    return [(one.item, one.field) for one in refused.value.facts["problems"]]


def keep_photo(key, subject):
    row = Photo(
        key=key, subject=subject, width=1, height=1, original_sha256="a", sha256=f"of {key}",
        received_at=NOW, by="x",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def trail_of(action):
    rows = select(TrailEvent).where(TrailEvent.action == action).order_by(TrailEvent.seq)
    return db.session.scalars(rows).all()


def test_signing_keeps_everything_and_computes_score_grade_and_number(district):
    with writing():
        visit = made.visit()
        photo = keep_photo("k1", f"visit/{visit.id}")
        db.session.add(
            VisitDraft(visit_id=visit.id, document=b"x", revision=1, saved_at=NOW, by="x")
        )
    sign(visit, results={"COK-02": FAILED, "SUB-02": {"result": NA}}, headcount=None)
    one = db.session.get_one(Visit, visit.id, populate_existing=True)
    # 17 key items of a kitchen weigh 78; without SUB-02 (5) 73, of which COK-02 (5) was not earned.
    assert (one.status, one.number, one.score, one.grade) == (
        "signed", "武民助检〔2024〕0001号", 932, "D",
    )  # fmt: skip
    assert one.conclusion.endswith("得分93.2分，关键项不合格1项（COK-02），等级D。")
    row = db.session.get_one(VisitResult, (one.id, "COK-02"))
    assert (row.note, json.loads(row.measured), row.outcome) == (
        "未烧透", {"core_temp_c": "60"}, "RECTIFY_BY_DATE",
    )  # fmt: skip
    assert db.session.scalars(select(VisitPhoto.photo_id)).all() == [photo]
    assert db.session.get(VisitDraft, one.id) is None
    signature = db.session.get_one(VisitSignature, (one.id, "lead"))
    assert signature.strokes and STROKES.encode() not in signature.strokes
    assert vault().open(signature.strokes) == STROKES


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # (card, minutes before the count, mode, point): which of them the system had then
        ([], 0),
        ([("C001", 0, "dine_in", "P01")], 1),
        ([("C001", -1, "dine_in", "P01")], 0),  # served a minute later
        ([("C001", 5, "take_away", "P01"), ("C002", 9, "dine_in", "P01")], 2),
        ([("C001", 5, "delivery", "P01")], 0),  # eaten elsewhere
        ([("C001", 5, "dine_in", "P02")], 0),
    ],
)
def test_the_system_counts_what_was_eaten_or_taken_there_by_that_minute(district, lines, expected):
    for number, (card, minutes, mode, point) in enumerate(lines):
        at = AT - timedelta(minutes=minutes)
        tills.serve(f"K{number}", card, served_at=at, mode=mode, point=point)
    assert queries.served_by(1, AT) == expected


def test_what_was_reversed_or_is_another_meal_is_not_counted(district):
    tills.serve("K1", "C001", served_at=AT)
    tills.serve("K2", "C002", served_at=AT)
    dinner = AT + timedelta(hours=6)
    tills.serve("K3", "C003", served_at=dinner, meal="dinner")
    with writing() as connection:
        reverse_serving(connection, "R1", "K1", "登错人", None, tills.SHELL, AT)
    assert queries.served_by(1, AT) == 1
    assert queries.served_by(1, dinner) == 1
    assert queries.served_by(1, AT - timedelta(days=1)) == 0


def count(counted, till=None):
    return {"counted": counted, "till": till, "at": "2024-05-06T11:45:00+08:00"}


def test_a_count_that_differs_too_much_passes_only_with_a_reason(district):
    for number, card in enumerate(("C001", "C002", "C003")):
        tills.serve(f"K{number}", card, served_at=AT)
    assert problems(headcount=count(2)) == [("SUB-02", "counted")]
    assert problems(headcount=count(3, till=5)) == [("SUB-02", "counted")]
    explained = {"result": PASS, "note": "一位老人刚离开"}
    done = sign(headcount=count(2, till=3), results={"SUB-02": explained})
    assert (done.counted, done.system_count, done.till_count) == (2, 3, 3)


def test_a_count_that_agrees_passes(district):
    tills.serve("K1", "C001", served_at=AT)
    done = sign(headcount=count(1, till=1))
    assert (done.counted, done.system_count, done.counted_at) == (1, 1, AT)


def test_every_problem_is_handed_back_at_once(district):
    assert problems(present="", results={"COK-02": None, "PUR-01": {"result": "PARTIAL"}}) == [
        ("", "present"), ("PUR-01", "result"), ("PUR-01", "note"), ("PUR-01", "photos"),
        ("COK-02", "result"),
    ]  # fmt: skip
    assert trail_of("visits.sign") == []


def test_a_photo_must_have_arrived_and_belong_to_this_visit(district):
    assert problems(results={"COK-02": FAILED}) == [("COK-02", "photos")]
    with writing():
        keep_photo("k1", "visit/99")
    assert problems(results={"COK-02": FAILED}) == [("COK-02", "photos")]


@pytest.mark.parametrize("name", ["丙检查", "王店长"])
def test_only_those_who_were_sent_sign_as_inspectors(district, name):
    others = {"lead": NAMES[0], "second": name, "unit": "王店长"}
    stranger = {part: {"name": one, "strokes": STROKES} for part, one in others.items()}
    assert problems(signatures=stranger) == [("", "second")]


def test_who_was_recused_does_not_sign(district):
    with writing():
        visit = made.visit()
        services.recuse(visit.id, 2, "亲属", MAKER, NOW)
    with pytest.raises(refusals.BadDocument):
        sign(visit)


def test_who_was_recused_signs_no_paper_record_either_under_any_account(district):
    with writing():
        for login in ("away", "same", "clerk"):
            add_user(login, "inspector", "320412", "某人", MAKER, NOW)
        ids = db.session.scalars(select(Account.id).order_by(Account.id)).all()[-3:]
        register.change_inspector(2, "区民政局", "away", True, MAKER)
        visit = made.visit(inspectors=(1, 2, 3))
        services.recuse(visit.id, 2, "亲属", MAKER, NOW)
        bind_accounts(ids[0], ids[1], MAKER)
    names = {"lead": NAMES[0], "second": NAMES[2], "unit": "王店长"}
    signatures = {part: {"name": name} for part, name in names.items()}
    for login in ("away", "same"):
        with pytest.raises(refusals.NotYours):
            sign(visit, by=Actor("user", login), paper=True, signatures=signatures)
        db.session.rollback()
    clerk = Actor("user", "clerk")
    assert sign(visit, by=clerk, paper=True, signatures=signatures).signed_by == str(clerk)


def test_an_account_signs_own_visits_only(district):
    with writing():
        for login in ("own", "other"):
            add_user(login, "inspector", "320412", "某人", MAKER, NOW)
        register.change_inspector(1, "区民政局", "own", True, MAKER)
        visit = made.visit()
    with pytest.raises(refusals.NotYours):
        sign(visit, by=Actor("user", "other"))
    db.session.rollback()
    assert sign(visit, by=Actor("user", "own")).signed_by == "user:own"


def test_an_administrative_inspection_is_not_signed_before_its_notice(district):
    with writing():
        plan = made.approved()
        visit = made.visit(
            kind="admin_inspection", mode="full", plan_id=plan.id, unannounced=True, reason="线索"
        )
    with pytest.raises(refusals.NoticeNeeded):
        sign(visit)
    db.session.rollback()
    with writing():
        services.notice(visit.id, MAKER, NOW)
    assert sign(visit).grade == "A"


def test_a_visit_does_not_end_in_the_future(district):
    ahead = {"ended_at": "2024-05-06T12:41:00+08:00"}
    with pytest.raises(refusals.Ahead):
        sign(**ahead)


def test_a_self_check_is_signed_by_the_unit(district):
    with writing():
        visit = made.visit(kind="self_check", mode="daily", inspectors=(), lead=None)
    unit = {"unit": {"name": "王店长", "strokes": STROKES}}
    assert sign(visit, signatures=unit, cards_shown=False).grade == "A"


def test_the_database_refuses_every_change_of_what_was_signed(district):
    sign()
    for statement in (
        update(Visit).values(score=1000),
        delete(Visit),
        update(VisitResult).values(result="PASS"),
        delete(VisitResult),
        update(VisitSignature).values(name="别人"),
        delete(VisitSignature),
    ):
        with pytest.raises(DBAPIError), writing():
            db.session.execute(statement)
        db.session.rollback()


def test_a_visit_is_signed_once(district):
    visit = sign()
    with pytest.raises(refusals.NotOpen):
        sign(visit)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(VisitSignature)) == 3
    assert len(trail_of("visits.sign")) == 1


def test_the_trail_keeps_the_digest_of_all_that_was_signed(district):
    visit = sign(results={"SUB-02": {"result": NA}}, headcount=None)
    told = json.loads(trail_of("visits.sign")[0].detail)
    db.session.expire_all()
    fresh = db.session.get_one(Visit, visit.id)
    assert told["digest"] == signing.digest_of(fresh)
    assert NAMES[0] not in trail_of("visits.sign")[0].detail
    fresh.conclusion = "别的结论"
    with db.session.no_autoflush:
        assert told["digest"] != signing.digest_of(fresh)
    db.session.rollback()
    with writing():
        db.session.execute(update(VisitInspector).values(recused_why="事后改的"))
    assert told["digest"] != signing.digest_of(db.session.get_one(Visit, visit.id))


def test_records_are_numbered_without_a_gap_also_after_a_refusal(district):
    sign()
    with pytest.raises(refusals.BadDocument):
        sign(present="")
    db.session.rollback()
    assert sign().number == "武民助检〔2024〕0002号"
