"""Drafts that never overwrite each other, photos of a visit, and the conclusion."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.findings.models import Finding
from mealsvc.supervision.inspecting import package, queries, refusals, services
from mealsvc.supervision.inspecting.typed import document_of, filled, typed_of
from mealsvc.supervision.photos.models import Photo
from mealsvc.supervision.visits import refusals as visiting
from mealsvc.supervision.visits.models import Visit, VisitDraft
from mealsvc.supervision.visits.services import cancel
from tests.factories import pictures, tills
from tests.factories import visits as made
from tests.factories.inspections import ready_photo, team
from tests.factories.visits import JUDGE, MAKER, NOW

SECRET = "李老人的家属在场"


@pytest.fixture
def visit(app) -> Visit:
    tills.small_district()
    with writing():
        team()
        return made.visit()


def save(document, revision, by=MAKER, device="手机A1"):
    with writing():
        return services.save_draft(1, document, revision, by, NOW, device)


def test_a_draft_is_sealed_and_comes_back_as_it_was(visit):
    assert save({"statement": SECRET}, 0) == 1
    row = db.session.scalars(select(VisitDraft)).one()
    assert SECRET.encode() not in row.document
    found = queries.draft_of(visit.id)
    assert found is not None and found[1] == {"statement": SECRET}
    assert db.session.get_one(Visit, visit.id).status == "under_way"


def test_a_newer_draft_is_never_overwritten(visit):
    save({"present": "甲"}, 0)
    assert save({"present": "甲乙"}, 1, JUDGE, "手机B2") == 2
    for stale in (0, 1, 3):
        with pytest.raises(refusals.DraftConflict) as told:
            save({"present": "丙"}, stale)
        assert told.value.facts["revision"] == 2
    assert "手机B2" in told.value.message
    found = queries.draft_of(visit.id)
    assert found is not None and found[1] == {"present": "甲乙"}


def test_the_same_draft_sent_again_changes_nothing(visit):
    save({"present": "甲"}, 0)
    assert save({"present": "甲"}, 0) == 1


def test_a_draft_of_the_limit_is_saved_and_one_more_is_refused(visit):
    frame = len(json.dumps({"statement": ""}))
    assert save({"statement": "x" * (services.DRAFT_LENGTH - frame)}, 0) == 1
    with pytest.raises(refusals.BadDraft):
        save({"statement": "x" * (services.DRAFT_LENGTH - frame + 1)}, 1)


def test_a_cancelled_or_signed_visit_takes_neither_draft_nor_photo(visit):
    photo = ready_photo()
    with writing():
        cancel(visit.id, "改期", MAKER, NOW)
    with pytest.raises(visiting.NotOpen):
        save({}, 0)
    with pytest.raises(visiting.NotOpen), writing():
        services.add_photo(visit.id, photo, "key-0001", MAKER, NOW)


def test_a_visit_takes_its_limit_of_photos_and_a_replay_beyond(visit, monkeypatch):
    monkeypatch.setattr(services, "PER_VISIT", 2)
    photo = ready_photo()
    with writing():
        ids = [
            services.add_photo(visit.id, photo, f"key-000{at}", MAKER, NOW).id for at in (1, 2, 2)
        ]
    assert ids == [1, 2, 2]
    with pytest.raises(refusals.VisitPhotosFull), writing():
        services.add_photo(visit.id, photo, "key-0003", MAKER, NOW)


def test_conclusion_and_findings_are_one_transaction(visit, monkeypatch):
    key = "key-of-photo"
    with writing():
        services.add_photo(visit.id, ready_photo(), key, MAKER, NOW)
    bad = {"result": "FAIL", "note": "61℃", "photos": [key], "outcome": "REFER_SAMR",
           "measured": {"core_temp_c": "61"}}  # fmt: skip
    document = signed_by_the_team(made.document(visit, results={"COK-02": bad}))
    with monkeypatch.context() as broken:
        broken.setattr(services, "raise_findings", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError), writing():
            services.conclude(visit.id, document, MAKER_OF_TEAM, NOW)
    assert db.session.get_one(Visit, visit.id, populate_existing=True).status == "planned"
    with writing():
        done = services.conclude(visit.id, document, MAKER_OF_TEAM, NOW)
    assert (done.visit.status, done.visit.grade) == ("signed", "D")
    assert [(one.item, one.outcome) for one in done.findings] == [("COK-02", "REFER_SAMR")]
    with pytest.raises(visiting.NotOpen), writing():
        services.conclude(visit.id, document, MAKER_OF_TEAM, NOW)
    assert db.session.scalar(select(func.count()).select_from(Finding)) == 1


def test_a_patrol_asks_what_is_still_open_at_the_point(visit):
    assert "PRC-01" not in {item.code for item in package.items_of(visit)}
    document = made.document(visit)
    document["results"]["PRC-01"] = {"result": "FAIL", "note": "无标价签"}
    with writing():
        again = made.visit(key="again")
        services.conclude(
            visit.id, signed_by_the_team({**document, "paper": True}), MAKER_OF_TEAM, NOW
        )
    assert "PRC-01" in {item.code for item in package.items_of(again)}


def test_who_is_one_of_the_inspectors_conducts_and_nobody_else(visit):
    people = queries.people_of(visit.id)
    assert [one.lead for one in people] == [True, False]
    assert queries.conducts("inspector-320412", people)
    assert not queries.conducts("town-320412100", people)
    away = [queries.Person(*(*_fields(one)[:-1], "亲属")) for one in people]
    assert not queries.conducts("inspector-320412", away)
    assert queries.conducts("anybody", people[1:]), "nobody of them has an account"


def test_a_long_form_says_the_same_as_the_document_that_it_shows(visit):
    items = package.items_of(visit)
    document = made.document(visit)
    for one in document["results"].values():
        if not one["measured"]:
            del one["measured"]
    document["results"]["SMP-01"] |= {"result": "FAIL", "note": "未留样", "outcome": "INTERVIEW"}
    document["headcount"] = {"counted": 35, "till": None, "at": "2024-05-06T11:45:00+08:00"}
    again = document_of(typed_of(document, items), items, {})
    bare = {part: {**one, "strokes": ""} for part, one in document["signatures"].items()}
    assert again["signatures"] == bare and again["paper"] is True
    for name in ("started_at", "ended_at", "present", "cards_shown", "headcount", "results"):
        assert again[name] == document[name], name


def test_filling_in_passes_touches_no_answer_that_was_given(visit):
    items = package.items_of(visit)
    typed = filled({f"{items[0].code}.result": "FAIL", "present": "甲"}, items)
    assert typed.pop(f"{items[0].code}.result") == "FAIL"
    assert typed.pop("present") == "甲"
    assert set(typed.values()) == {"PASS"} and len(typed) == len(items) - 1


def test_the_phone_is_told_the_limits_of_the_day(visit):
    point = made.the_point()
    told = package.package(visit, point, queries.people_of(visit.id), NOW)
    fields = {(item["code"], one["name"]): one for item in told["items"] for one in item["fields"]}
    assert fields["COK-02", "core_temp_c"]["hint"] == "不低于70℃"
    cold = fields["SMP-02", "temp_c"]
    assert (cold["least"], cold["most"], cold["hint"]) == (0, 8, "0～8℃")
    assert all("PARTIAL" not in item["allowed"] for item in told["items"] if item["critical"])
    assert told["limits"]["per_item"] == 9 and told["draft"] is None
    later = NOW + timedelta(days=1)
    save({"present": "甲"}, 0)
    with writing():
        services.add_photo(visit.id, ready_photo(pictures.jpeg(50, 40)), "key-0001", MAKER, later)
    told = package.package(visit, point, queries.people_of(visit.id), NOW)
    assert told["draft"]["document"] == {"present": "甲"}
    assert told["photos"] == {"key-0001": db.session.scalars(select(Photo.id)).one()}


def signed_by_the_team(document):
    """The same, signed by the people of `team`."""
    names = {"lead": "甲检查", "second": "乙检查", "unit": "王店长"}
    signatures = {part: {"name": name, "strokes": made.STROKES} for part, name in names.items()}
    return {**document, "signatures": signatures}


def _fields(person):
    return tuple(getattr(person, name) for name in queries.Person.__slots__)


MAKER_OF_TEAM = type(MAKER)("user", "inspector-320412")
