"""Survey rounds: whom they ask, four eyes at every desk, what a lock keeps and for ever refuses."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from mealsvc.accounts.models import Account
from mealsvc.accounts.persons import bind_accounts
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.meals import local_date
from mealsvc.places.models import Division
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.guards import Principal
from mealsvc.residents import services as residents
from mealsvc.survey.rounds import batch, intake, queries, refusals, services
from mealsvc.survey.rounds.known import Known, known_of
from mealsvc.survey.rounds.models import SurveyAct, SurveyEntry, SurveyRound, SurveySheet
from mealsvc.trail.models import TrailEvent
from tests.factories import surveys, tills
from tests.factories.verb import BY
from tests.support import people

TOWN, NEXT = "320412100", "320412100002"


def ground():
    """Two communities of a managed town, one run by the city; four elders in the first."""
    tills.small_district()
    with writing():
        put_division({"code": NEXT, "name": "花园社区", "level": "community"}, BY)
        city = {"code": "320412104", "name": "遥观镇", "level": "town", "managed_by": "经开区"}
        put_division(city, BY)
        put_division({"code": "320412104001", "name": "塘桥社区", "level": "community"}, BY)


pytestmark = pytest.mark.ground(by=ground)


@pytest.fixture
def district(app):
    return app


def units(row, form):
    rows = select(SurveySheet.unit).where(SurveySheet.form == form, SurveySheet.round_id == row.id)
    return sorted(db.session.scalars(rows))


def head():
    return db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq.desc()).limit(1)).one()


def principal(role, scope, at_point=False):
    return Principal(1, "x", "x", role, scope, frozenset(), at_point)


def test_a_round_asks_whom_the_district_runs_itself_and_the_points_of_that_day(district):
    with writing():
        for code, opened in (("P03", date(2024, 6, 1)), ("P04", date(2024, 5, 31))):
            put_point(
                {
                    "code": code,
                    "name": code,
                    "kind": "serving_point",
                    "division": NEXT,
                    "opened_on": opened,
                },
                BY,
            )
    row = surveys.opened("ABCDE", due={"E": date(2099, 1, 5)})
    assert row.number.endswith("号") and "摸" in row.number
    assert units(row, "A") == units(row, "C") == [tills.COMMUNITY, NEXT]
    assert units(row, "B") == ["P01", "P02", "P04"]
    assert units(row, "E") == [TOWN]
    assert units(row, "D") == []
    assert surveys.sheet_of(row, "E").due_on == date(2099, 1, 5)
    assert surveys.sheet_of(row, "A").due_on == row.due_on > local_date(clock.now())
    assert json.loads(head().detail)["sheets"] == {"A": 2, "B": 3, "C": 2, "E": 1}


def test_a_round_that_cannot_be_is_refused(district):
    tomorrow = local_date(clock.now()) + timedelta(days=1)
    for wrong, refusal in (
        ({"forms": "XZ"}, refusals.NoForms),
        ({"as_of": tomorrow}, refusals.BadDay),
        ({"as_of": date(1, 1, 1)}, refusals.BadDay),
        ({"due_on": date(2024, 1, 1)}, refusals.BadDue),
        ({"due": {"A": date(2024, 1, 1)}}, refusals.BadDue),
        ({"division": "320499"}, refusals.NobodyToAsk),
    ):
        with pytest.raises(refusal):
            surveys.opened(**wrong)
    assert db.session.scalar(select(func.count(SurveyRound.id))) == 0


def test_a_round_may_ask_nobody_but_the_elders_that_will_be_drawn(district):
    row = surveys.opened("D")
    assert services.states_of(row.id) == {}
    asked = surveys.questionnaire(row, 1, tills.COMMUNITY)
    assert (asked.resident_id, asked.state) == (1, "issued")


def test_a_new_unit_gets_its_sheet_late_and_once(district):
    row = surveys.opened("A")
    with writing():
        put_division({"code": "320412100009", "name": "新社区", "level": "community"}, BY)
    with writing():
        services.issue_late(row, "A", "320412100009", BY, clock.now())
    assert units(row, "A")[-1] == "320412100009"
    for code, refusal in (
        ("320412100009", refusals.IssuedAlready),
        ("320412104001", refusals.UnknownUnit),
    ):
        with pytest.raises(refusal), writing():
            services.issue_late(row, "A", code, BY, clock.now())
    with pytest.raises(refusals.UnknownUnit), writing():
        services.issue_late(row, "B", "P01", BY, clock.now())


def test_a_moved_deadline_leaves_what_is_finished_alone(district):
    row, later = surveys.opened("AB"), date(2099, 1, 5)
    surveys.accepted(row, surveys.sheet_of(row, "A", NEXT))
    with writing():
        moved = services.extend(row, "A", later, "防汛期间顺延", BY, clock.now())
    assert moved == 1
    assert surveys.sheet_of(row, "A", tills.COMMUNITY).due_on == later
    assert (
        surveys.sheet_of(row, "A", NEXT).due_on == surveys.sheet_of(row, "B").due_on == row.due_on
    )
    with pytest.raises(refusals.ReasonMissing), writing():
        services.extend(row, "", later, "  ", BY, clock.now())
    assert "防汛" in head().detail


def test_the_town_and_the_district_are_other_persons_than_those_before(district):
    row = surveys.opened("A")
    sheet = surveys.sheet_of(row)
    surveys.fill(row, sheet, surveys.TOWN)  # the town stands in for a community without an account
    surveys.review(row, sheet, "village", surveys.TOWN)
    with pytest.raises(refusals.SamePerson):
        surveys.review(row, sheet, "town", surveys.TOWN)
    surveys.review(row, sheet, "town", surveys.VILLAGE)
    for who in (surveys.TOWN, surveys.VILLAGE):
        with pytest.raises(refusals.SamePerson):
            surveys.review(row, sheet, "accept", who)
    surveys.review(row, sheet, "accept")
    assert sheet.state == "accepted"


def test_two_accounts_of_one_person_count_as_one_also_in_bulk(district):
    with writing():
        one, other = (people.account_of(f"town@{code}") for code in (TOWN, "320412104"))
    logins = dict(db.session.execute(select(Account.id, Account.login)).all())
    first, second = Actor("user", logins[one]), Actor("user", logins[other])
    row = surveys.opened("A")
    sheet = surveys.sheet_of(row)
    surveys.fill(row, sheet, first)
    surveys.review(row, sheet, "village", first)
    with writing():
        bind_accounts(one, other, people.TESTER)
    with pytest.raises(refusals.SamePerson), writing():
        batch.review_batch(row, [sheet], "town", second, clock.now())
    db.session.expire_all()
    assert sheet.state == "village"


def test_a_returned_sheet_comes_back_as_the_next_edition_and_is_checked_anew(district):
    row = surveys.opened("A")
    sheet = surveys.sheet_of(row)
    surveys.fill(row, sheet)
    surveys.review(row, sheet, "village")
    surveys.review(row, sheet, "town")
    with writing():
        why = {"A17": "独居人数请逐户核对"}
        services.send_back(sheet, row, "", why, surveys.DISTRICT, clock.now())
    assert sheet.state == "returned"
    assert json.loads(queries.acts_of(sheet)[-1].fields) == why
    assert queries.accepted(row.id, "A", "filled") == []
    surveys.fill(row, sheet, surveys.TOWN, A17="15")
    assert [one.edition for one in queries.entries_of(sheet)] == [2, 1]
    surveys.review(row, sheet, "village")
    # the town checked the first edition, and filled the second
    with pytest.raises(refusals.SamePerson):
        surveys.review(row, sheet, "town", surveys.TOWN)
    surveys.review(row, sheet, "town", Actor("user", "other-in-town"))
    surveys.review(row, sheet, "accept")
    [told] = queries.accepted(row.id, "A")
    assert (told.edition, told.answers["A17"], told.unit) == (2, 15, tills.COMMUNITY)


def test_nothing_is_done_out_of_turn(district):
    row = surveys.opened("A")
    sheet = surveys.sheet_of(row)
    for act in ("village", "town", "accept"):
        with pytest.raises(refusals.NotTheTurn, match="待填报"):
            surveys.review(row, sheet, act)
    surveys.accepted(row, sheet)
    with pytest.raises(refusals.NotTheTurn, match="已汇总"):
        surveys.fill(row, sheet)
    with pytest.raises(refusals.ReasonMissing), writing():
        services.send_back(sheet, row, "错", {}, surveys.DISTRICT, clock.now())


def locked():
    """A round with one sheet accepted and one left out, locked."""
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row, "A", NEXT))
    with writing():
        one = surveys.sheet_of(row, "A", tills.COMMUNITY)
        services.leave_out(one, row, "村里正在撤并", surveys.DISTRICT, clock.now())
    surveys.lock(row)
    return row


def test_a_round_locks_once_every_sheet_is_accepted_or_left_out(district):
    row = surveys.opened("AD")
    with pytest.raises(refusals.NotDrawn):
        surveys.lock(row)
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row, "A", NEXT))
    with pytest.raises(refusals.NotAllIn, match="1 张"):
        surveys.lock(row)
    row = locked()
    snapshot = queries.snapshot_of(row.id)
    told = json.loads(snapshot.figures)
    assert told["sheets"] == {"A.accepted": 1, "A.left": 1}
    assert told["left_out"] == [
        {
            "form": "A",
            "unit": tills.COMMUNITY,
            "division": tills.COMMUNITY,
            "reason": "村里正在撤并",
        }
    ]
    assert told["figures"] == {}
    assert services.digest_of(row.id, snapshot.figures) == snapshot.digest
    assert json.loads(head().detail)["digest"] == snapshot.digest
    assert services.is_intact(row)


@pytest.mark.only("sqlite")  # whoever takes the triggers away writes as they like
@pytest.mark.parametrize("written", ["sealed", "in clear"])
def test_an_answer_changed_behind_the_systems_back_shows(district, written):
    row = locked()
    with writing() as connection:
        connection.execute(text("DROP TRIGGER survey_entry_no_update"))
        if written == "sealed":
            connection.execute(update(SurveyEntry).values(answers='{"A05": 900}'))
        else:
            clear = {"answers": b'{"A05": 900, "A06": 100}'}
            connection.execute(text("UPDATE survey_entry SET answers = :answers"), clear)
    db.session.expire_all()
    assert not services.is_intact(row)


def test_what_was_left_out_can_still_be_asked_for_before_the_lock(district):
    row = surveys.opened("A")
    sheet = surveys.sheet_of(row)
    with writing():
        services.leave_out(sheet, row, "村里正在撤并", surveys.DISTRICT, clock.now())
    with writing():
        services.send_back(sheet, row, "可以补报了", {}, surveys.DISTRICT, clock.now())
    surveys.accepted(row, sheet)
    assert sheet.state == "accepted"


def test_after_the_lock_every_verb_refuses(district):
    row = locked()
    sheet, now = surveys.sheet_of(row), clock.now()
    for verb in (
        lambda: services.fill(sheet, row, surveys.answers(), {}, "web", BY, now),
        lambda: services.save_draft(sheet, row, {"A01": "1"}, BY),
        lambda: services.review(sheet, row, "accept", BY, now),
        lambda: services.send_back(sheet, row, "请再核对", {}, BY, now),
        lambda: services.leave_out(sheet, row, "无人填报", BY, now),
        lambda: services.extend(row, "", date(2099, 1, 1), "防汛顺延", BY, now),
        lambda: services.add_sheets(row, "A", [], BY, now),
        lambda: services.lock(row, "{}", BY, now),
        lambda: batch.review_batch(row, [sheet], "accept", BY, now),
    ):
        with pytest.raises(refusals.RoundLocked), writing():
            verb()


def test_after_the_lock_the_database_refuses_too(district):
    row = locked()
    sheet = surveys.sheet_of(row)
    entry = {"sheet_id": sheet.id, "edition": 9, "answers": "{}", "way": "web", "at": clock.now()}
    act = {"sheet_id": sheet.id, "act": "fill", "edition": 9, "at": clock.now(), "by": "x"}
    new = {"round_id": row.id, "form": "A", "unit": "x", "division": "x", "due_on": row.due_on}
    for statement in (
        update(SurveySheet).values(state="issued"),
        update(SurveyRound).values(title="改名"),
        insert(SurveyEntry).values(**entry, by="x"),
        insert(SurveyAct).values(**act),
        insert(SurveySheet).values(**new),
        text("UPDATE survey_snapshot SET figures = '{}'"),
        text("UPDATE survey_entry SET answers = '{}'"),
        text("DELETE FROM survey_sheet"),
    ):
        with pytest.raises(DBAPIError), writing() as connection:
            connection.execute(statement)


def test_another_round_goes_on_while_one_is_locked(district):
    locked()
    row = surveys.opened("A")
    surveys.accepted(row, surveys.sheet_of(row))
    assert queries.last_time(row, surveys.sheet_of(row, "A", tills.COMMUNITY)) is None  # left out
    before, answers = queries.last_time(row, surveys.sheet_of(row, "A", NEXT))
    assert before.id < row.id and answers["A05"] == 100


def test_many_at_once_do_what_one_by_one_does_and_leave_one_row_of_the_trail(district):
    row = surveys.opened("A")
    sheets = list(db.session.scalars(select(SurveySheet).order_by(SurveySheet.id)))
    with writing():
        filled = [batch.Filled(one, surveys.answers(), {}) for one in sheets]
        assert batch.fill_batch(row, filled, "paper", surveys.VILLAGE, clock.now()) == 2
    assert json.loads(head().detail) == {"forms": {"A": 2}, "sheets": 2, "way": "paper"}
    for act, by in surveys.OF.items():
        with writing():
            batch.review_batch(row, sheets, act, by, clock.now())
        assert head().action == f"surveys.{act}"
    assert [one.act for one in queries.acts_of(sheets[1])] == ["fill", "village", "town", "accept"]
    assert [one.answers["A05"] for one in queries.accepted(row.id, "A")] == [100, 100]


def test_one_sheet_out_of_turn_stops_the_whole_batch(district):
    row = surveys.opened("A")
    sheets = list(db.session.scalars(select(SurveySheet).order_by(SurveySheet.id)))
    surveys.fill(row, sheets[0])
    with pytest.raises(refusals.NotTheTurn), writing():
        batch.review_batch(row, sheets, "village", surveys.VILLAGE, clock.now())
    db.session.expire_all()
    assert [one.state for one in sheets] == ["filled", "issued"]


def test_the_register_tells_bands_and_groups_where_it_holds_everybody(district):
    row = surveys.opened("A")
    one, other = surveys.sheet_of(row, "A", tills.COMMUNITY), surveys.sheet_of(row, "A", NEXT)
    with writing():
        for value in ("DJ", "TK"):
            fact = residents.NewFact("category", value, date(2024, 1, 1), None, "测试")
            residents.add_fact(1, fact, BY)
    told = known_of([one, other], surveys.AS_OF)
    bands = [told[one.id].whole[code] for code in ("A01", "A02", "A03", "A04")]
    assert sum(bands) == told[one.id].whole["A05"] == 3  # the fourth is 54
    assert (told[one.id].whole["A17"], told[one.id].whole["A11"]) == (1, 1)
    assert told[other.id].whole["A05"] == 0
    with writing():
        moved = residents.NewFact("hukou", NEXT, date(2024, 5, 1), None, "测试")
        residents.add_fact(1, moved, BY)
        gone = residents.NewFact("departure", "deceased", date(2024, 5, 31), None, "测试")
        residents.add_fact(2, gone, BY)
    told = known_of([one, other], surveys.AS_OF)
    assert (told[one.id].whole["A05"], told[other.id].whole["A05"]) == (1, 1)
    assert told[other.id].whole["A17"] == 1


def test_a_register_that_holds_few_of_the_elders_is_only_a_lower_bound(district):
    row = surveys.opened("A")
    one = surveys.sheet_of(row, "A", tills.COMMUNITY)
    with writing():
        db.session.get_one(Division, tills.COMMUNITY).pop60 = 100
    known = known_of([one], surveys.AS_OF)[one.id]
    assert known.whole == {"A05": 100}
    assert sum(known.part.get(code, 0) for code in ("A01", "A02", "A03", "A04")) == 3
    band = next(code for code in ("A01", "A02", "A03", "A04") if code in known.part)
    assert intake.doubts_of("A", {band: 0, "A05": 100}, known, 10).keys() == {band}
    assert intake.doubts_of("A", {"A05": 80}, known, 10).keys() == {"A05"}
    assert intake.doubts_of("A", {band: 50, "A05": 95}, known, 10) == {}


def test_a_point_is_told_what_it_served_and_a_person_how_often_they_ate(district):
    for key, day in (("K1", 6), ("K2", 7), ("K3", 8)):
        tills.serve(key, served_at=tills.a_day(day))
    tills.serve("K4", mode="delivery", served_at=tills.a_day(9), price_fen=1500)
    row = surveys.opened("BD")
    point = surveys.sheet_of(row, "B", "P01")
    eater = queries_resident("C001")
    asked = surveys.questionnaire(row, eater, tills.COMMUNITY)
    told = known_of([point, asked], surveys.AS_OF)
    served = {code: told[point.id].whole.get(code) for code in ("B22", "B24", "B26", "B27", "B31")}
    assert served == {"B22": 4, "B24": 4, "B26": 4, "B27": 1, "B31": 1200}
    assert told[asked.id].whole == {"D06": "yes", "D07": 4}


def queries_resident(card):
    rows = text("SELECT resident_id FROM serving ORDER BY sequence LIMIT 1")
    return db.session.execute(rows).scalar_one()


def test_a_reason_is_kept_where_it_is_wanted_and_nowhere_else(district):
    typed = surveys.TYPED["A"] | {"A17.why": "村里逐户核对过", "A01.why": "不需要说明"}
    known = Known({"A17": 3})
    taken = intake.take("A", typed, known, 10)
    assert (taken.good, dict(taken.remarks)) == (True, {"A17": "村里逐户核对过"})
    taken = intake.take("A", typed | {"A17.why": "是"}, known, 10)
    assert (taken.good, taken.silent) == (False, ["A17"])
    taken = intake.take("A", typed | {"A05": "101"}, known, 10)
    assert "A05" in taken.errors


def test_everybody_is_told_what_waits_for_them_with_one_query(district):
    row = surveys.opened("AB")
    today = local_date(clock.now())
    village = principal("community", tills.COMMUNITY)
    assert queries.to_do(village, today) == queries.ToDo(
        to_fill=1, round_id=row.id, due_on=row.due_on
    )
    assert queries.to_do(principal("manager", "P01", True), today).to_fill == 1
    assert queries.to_do(principal("district", "320412"), today) == queries.ToDo()
    sheet = surveys.sheet_of(row, "A", tills.COMMUNITY)
    surveys.fill(row, sheet)
    assert queries.to_do(village, today).to_review == 1
    surveys.review(row, sheet, "village")
    assert queries.to_do(principal("town", TOWN), today).to_review == 1
    with writing():
        services.send_back(sheet, row, "请再核对一次", {}, surveys.TOWN, clock.now())
    late = queries.to_do(village, row.due_on + timedelta(days=1))
    assert (late.to_fill, late.returned, late.overdue) == (1, 1, 1)
    assert queries.to_do(principal("leader", "320412"), today) == queries.ToDo()


def test_lists_put_what_is_late_first_and_then_what_waits_for_the_reader(district):
    row = surveys.opened("AB", due={"B": local_date(clock.now())})
    surveys.fill(row, surveys.sheet_of(row, "A", NEXT))
    today = local_date(clock.now()) + timedelta(days=1)
    me = principal("community", TOWN)  # sees both communities
    rows = queries.sheets(row.id, queries.seen_by(me), queries.Wanted(), "community", today)
    found = list(db.session.scalars(rows))
    assert [(one.form, one.unit) for one in found] == [
        ("B", "P01"),
        ("B", "P02"),
        ("A", tills.COMMUNITY),
        ("A", NEXT),
    ]
    tally = queries.progress([row.id], today)[row.id]
    assert (tally["B"].overdue, tally["A"].filled, tally["A"].total) == (2, 1, 2)
    assert queries.by_town(row.id, today, queries.seen_by(me))[TOWN].total == 4
