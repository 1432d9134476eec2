"""Samples from the draw to the last answer: what they hold, who calls whom, and what stays secret."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from mealsvc.accounts.persons import bind_accounts
from mealsvc.accounts.services import disable_user
from mealsvc.auditing.sampling import calling, queries, refusals, services
from mealsvc.auditing.sampling.calling import Taken
from mealsvc.auditing.sampling.models import AuditSample, CallAnswer, SampleItem
from mealsvc.auditing.sampling.rules.answers import Said
from mealsvc.auditing.scanning.models import Denial
from mealsvc.kernel.meals import local_date
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writer, writing
from mealsvc.residents.models import Resident
from mealsvc.servings.services import freeze_month, reverse_serving
from mealsvc.supervision.visits.models import Inspector, InspectorInterest
from mealsvc.trail.models import TrailEvent
from tests.factories import leads, samples, tills
from tests.factories.verb import BY

PHONE = "13900001111"
YES, NO, NOBODY = Said("confirmed"), Said("denied"), Said("no_answer")

pytestmark = pytest.mark.ground(by=samples.served_days)


@pytest.fixture
def may(app, monkeypatch):
    """24 subsidised lunches at two points."""
    monkeypatch.setattr(clock, "now", lambda: tills.LUNCH + timedelta(days=30))


def keys_of(made):
    return {one.key for one in made.lines}


def answer(row, sequence, said, account=None, way="call", words=""):
    with writing():
        taken, now = Taken(way, said, words), clock.now()
        return calling.answer(row.id, sequence, taken, account and account.id, BY, now)


def actions():
    db.session.rollback()
    rows = select(TrailEvent.action).where(TrailEvent.actor == str(BY)).order_by(TrailEvent.seq)
    return list(db.session.scalars(rows))


def test_only_subsidised_lines_that_stand_are_drawn_from(may):
    with writing():
        reverse_serving(writer(), "X1", "A06-C001", "登记错误", None, BY, clock.now())
    tills.serve("FULL", "C003", served_at=tills.a_day(6))  # too young: full price
    made = samples.looked()
    assert len(made.lines) == 23 and {"A06-C001", "FULL", "X1"}.isdisjoint(keys_of(made))
    assert made.population["subsidy_fen"] == sum(one.fen for one in made.lines)


def test_a_late_line_is_drawn_in_the_month_in_which_it_settles(may):
    with writing():
        freeze_month(1, "P01", 202405, BY)
    tills.serve("LATE", "C001", served_at=tills.a_day(20))
    assert "LATE" not in keys_of(samples.looked())
    assert keys_of(samples.looked(month=Month(2024, 6))) == {"LATE"}


def test_a_sample_is_redrawn_the_same_whatever_happens_later(may):
    kept = samples.drawn("mus", size=10)
    tills.serve("NEW", "C001", served_at=tills.a_day(21))
    with writing():
        reverse_serving(writer(), "X1", "A06-C001", "登记错误", None, BY, clock.now())
        found = leads.lead("P01", lines=leads.servings_of("P01"))
    made = services.redraw(db.session.get_one(AuditSample, kept.id))
    assert [one.line.sequence for one in made.drawn.items] == samples.lines_of(kept)
    assert found.id and not made.plan["leads"]


def test_a_sample_that_its_seed_does_not_draw_is_told(may):
    kept = samples.drawn(size=10)
    db.session.expunge(kept)
    kept.seed = "S-2"
    with pytest.raises(refusals.NotTheSame, match="抽出的流水不同"):
        services.redraw(kept)
    other = samples.drawn(size=10)
    db.session.expunge(other)
    other.population = json.dumps({**json.loads(other.population), "digest": "0" * 64})
    with pytest.raises(refusals.NotTheSame, match="当时的流水"):
        services.redraw(other)


def test_every_point_has_its_least_and_a_size_is_shared_out(may):
    assert samples.looked().plan["wanted"] == {"P01": 5, "P02": 5}
    assert samples.looked(size=8).plan["wanted"] == {"P01": 6, "P02": 2}
    assert samples.looked(point="P02").plan["wanted"] == {"P02": 5}


def test_grave_leads_are_examined_whole_and_dismissed_ones_are_not(may):
    lines = leads.servings_of("P01")
    with writing():
        leads.lead("P01", lines=lines[:3], story="a")
        leads.lead("P01", lines=lines[3:5], story="b", state="dismissed")
        leads.lead("P01", lines=lines[5:7], story="c", severity="case")
    for method in ("mus", "stratified"):
        made = samples.looked(method)
        sure = [one.line.sequence for one in made.drawn.items if one.stratum == "leads"]
        assert sure == [one.sequence for one in lines[:3]]


def test_without_a_seed_each_draw_has_its_own(may):
    one, other = (services.look(services.Order(samples.MAY, "320412")) for _ in range(2))
    assert one.seed != other.seed and len(one.seed) == 16


def test_nothing_to_draw_and_impossible_wishes_are_refused(may):
    with pytest.raises(refusals.NothingToDraw):
        samples.looked(month=Month(2031, 1))
    for wish in ({"confidence": 100}, {"confidence": 20}, {"size": 0}):
        with pytest.raises(refusals.BadShare):
            samples.looked(**wish)


def test_a_kept_sample_has_a_number_and_never_changes(may):
    row = samples.drawn("mus", size=6)
    assert row.number == "武民助抽〔2024〕0001号"
    assert row.population_fen == json.loads(row.population)["subsidy_fen"]
    for statement in (
        "UPDATE audit_sample SET seed = 'x'",
        "DELETE FROM sample_item",
        "UPDATE sample_item SET hits = 9",
    ):
        with pytest.raises(DBAPIError), writing() as connection:
            connection.execute(text(statement))


def test_calls_are_shared_evenly_among_those_who_may(may):
    row = samples.drawn("mus", size=24)
    one, two = samples.caller(), samples.caller("inspector")
    assert samples.given(row, one, two) == (24, 0)
    owners = list(samples.tasks_of(row).values())
    assert owners.count(one.id) == owners.count(two.id) == 12
    three = samples.caller("town")
    assert samples.given(row, three) == (0, 0)
    assert samples.given(row, one, two, three, again=True) == (24, 0)
    owners = list(samples.tasks_of(row).values())
    assert sorted(map(owners.count, {one.id, two.id, three.id})) == [8, 8, 8]


def test_nobody_calls_about_a_point_of_ones_own_or_one_kept_away_from(may):
    row, clerk, inspector = (
        samples.drawn("mus", size=24),
        samples.caller(),
        samples.caller("inspector"),
    )
    manager = samples.caller("manager@P01")
    at_p02 = db.session.scalar(select(MealPoint.id).where(MealPoint.code == "P02"))
    with writing():
        bind_accounts(clerk.id, manager.id, tills.SHELL)
        card = {"name": "（测试）", "card_no": "T-1", "office": "测试", "division": "320412"}
        who = Inspector(**card, login=inspector.login)
        db.session.add(who)
        db.session.flush()
        told = {"reason": "亲属", "declared_at": clock.now(), "declared_by": str(BY)}
        db.session.add(InspectorInterest(inspector_id=who.id, point_id=at_p02, **told))
    assert samples.given(row, clerk) == (6, 18)
    assert samples.given(row, inspector) == (18, 0)
    points = queries.details_of(row.id, list(samples.tasks_of(row)))
    for sequence, account in samples.tasks_of(row).items():
        assert (points[sequence].code == "P02") is (account == clerk.id)


def test_only_people_in_office_and_in_scope_are_offered(may):
    row = samples.drawn(size=10)
    near, far, gone = (
        samples.caller(one) for one in ("town", "town@320413100", "inspector@320412")
    )
    past = samples.caller("auditor")
    with writing():
        disable_user(gone.login, tills.SHELL, clock.now())
        past.expires_on = local_date(clock.now()) - timedelta(days=1)
    offered = {one.id for one in calling.callers(row.division)}
    others = {far.id, gone.id, past.id, samples.caller("manager").id}
    assert near.id in offered and not others & offered
    with pytest.raises(refusals.NobodyToCall):
        samples.given(row, far, gone)


def test_one_number_at_a_time_is_shown_to_whoever_has_the_call(may):
    row, clerk, other = samples.drawn(size=10), samples.caller(), samples.caller("inspector")
    samples.given(row, clerk)
    first = samples.lines_of(row)[0]
    with pytest.raises(refusals.NoPhone), writing():
        calling.reveal(row.id, first, clerk.id, BY)
    with writing():
        for one in db.session.scalars(select(Resident)):
            one.phone = vault().seal(PHONE)
    with writing():
        assert calling.reveal(row.id, first, clerk.id, BY) == PHONE
    with pytest.raises(refusals.NotYourCall), writing():
        calling.reveal(row.id, first, other.id, BY)
    assert actions()[-1] == "calls.reveal"
    answer(row, first, YES, clerk)
    with pytest.raises(refusals.AnsweredAlready), writing():
        calling.reveal(row.id, first, clerk.id, BY)
    told = db.session.scalars(select(TrailEvent.detail)).all()
    assert not any(PHONE in one for one in told)


def test_a_denial_is_known_to_the_scans_and_words_are_sealed(may):
    row, clerk = samples.drawn(size=10), samples.caller()
    samples.given(row, clerk)
    first = samples.lines_of(row)[0]
    made = answer(row, first, NO, clerk, words="那天在女儿家")
    assert made.error_fen > 0 and b"\xe5\xa5\xb3" not in made.words
    assert vault().open(made.words) == "那天在女儿家"
    assert actions()[-2:] == ["calls.answer", "leads.deny"]
    denial = db.session.scalars(select(Denial)).one()
    assert (denial.sequence, denial.source, denial.source_ref) == (
        first,
        "call",
        f"{row.number}-1-1",
    )


def test_an_answer_counts_once_and_can_be_put_right(may):
    row, clerk = samples.drawn(size=10), samples.caller()
    samples.given(row, clerk)
    first = samples.lines_of(row)[0]
    answer(row, first, NO, clerk)
    with pytest.raises(refusals.AnsweredAlready):
        answer(row, first, YES, clerk)
    answer(row, first, YES, way="papers")
    slim = queries.slim_items(row)[0]
    assert (slim.sequence, slim.state, slim.error, slim.tries) == (first, "confirmed", 0, 2)


def test_answers_that_contradict_the_record_are_asked_again(may):
    row, clerk = samples.drawn(size=10), samples.caller()
    samples.given(row, clerk)
    first = samples.lines_of(row)[0]
    for refused, said in (
        (refusals.Contradiction, Said("confirmed", "P99")),
        (refusals.Contradiction, Said("confirmed", paid=99_999)),
        (refusals.NoDifference, Said("differs")),
    ):
        with pytest.raises(refused):
            answer(row, first, said, clerk)
    with pytest.raises(refusals.TooEarlyToVisit):
        answer(row, first, Said("unsure"), clerk, way="visit")
    made = answer(row, first, Said("differs", got="goods"), clerk)
    assert made.error_fen == queries.slim_items(row)[0].fen
    assert vault().open(made.words) == "拿到的是物品或现金。"


def test_an_elder_who_is_not_reached_comes_again_and_then_is_visited(may):
    row, clerk = samples.drawn(point="P02"), samples.caller()
    samples.given(row, clerk)
    first = samples.lines_of(row)[0]
    for state in ("call", "call", "visit"):
        answer(row, first, NOBODY, clerk)
        assert queries.slim_items(row)[0].state == state
    answer(row, first, Said("unsure"), clerk, way="visit")
    assert queries.slim_items(row)[0].state == "unverified"


def test_a_sample_is_judged_when_every_line_has_an_end(may):
    row, clerk = samples.drawn("mus", size=24), samples.caller()
    samples.given(row, clerk)
    lines = samples.lines_of(row)
    for number, sequence in enumerate(lines):
        shown = queries.sample_shown(row.id)
        assert shown.projection is None and shown.waiting == len(lines) - number
        answer(row, sequence, NO if number == 3 else YES, clerk)
    shown = queries.sample_shown(row.id)
    assert shown.projection.wrong == 1 and shown.projection.found == shown.items[3].error
    assert queries.standing_of([row.id])[row.id] == queries.Standing(len(lines), len(lines), 1)


def test_the_document_names_nobody(may):
    document = services.document_of(samples.looked("mus", size=5), None)
    told = json.dumps(document, ensure_ascii=False)
    assert {one["resident"][0] for one in document["items"]} == {"R"}
    for name in tills.ID_NUMBERS:
        assert name not in told


def test_answers_and_items_are_kept_for_ever(may):
    row, clerk = samples.drawn(size=10), samples.caller()
    samples.given(row, clerk)
    answer(row, samples.lines_of(row)[0], NO, clerk)
    for table in (CallAnswer, SampleItem):
        with pytest.raises(DBAPIError), writing() as connection:
            connection.execute(text(f"DELETE FROM {table.__tablename__}"))
