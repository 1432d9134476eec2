"""Facts that became known late: what they propose, and what confirming does to which month."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from mealsvc.auditing.proof import verify
from mealsvc.kernel.months import Month
from mealsvc.kernel.resident_id import normalise
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import services as residents
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.residents.enrolment import enrol_batch
from mealsvc.residents.models import FactChange
from mealsvc.residents.services import NewFact
from mealsvc.servings.models import Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import corrections, holding, refusals
from mealsvc.settlement.correction_models import Correction
from mealsvc.settlement.services import settlement_of, submit
from tests.factories import tills
from tests.factories.tills import SHELL, a_day, serve, small_district

MAY, JUNE = Month(2024, 5), Month(2024, 6)
NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
ZHANG, OUYANG, SHAN = 1, 2, 4


@pytest.fixture
def lunches(app, monkeypatch):
    """Three lunches of 张国丰 (72) on 6, 7 and 8 May, one of 欧阳秀英 (82); it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    for day in (6, 7, 8):
        serve(f"Z{day}", "C001", served_at=a_day(day))
    serve("O6", "C002")


def dies(on=date(2024, 5, 7), to_on=None, event="deceased"):
    number = normalise(tills.ID_NUMBERS["张国丰"])
    with writing():
        record_departure_batch([Departure(number, event, on, to_on, "公安")], SHELL, NOW)


def note_fact(resident, kind, value, from_on, to_on=None):
    with writing():
        return residents.add_fact(resident, NewFact(kind, value, from_on, to_on, "民政"), SHELL).id


def find():
    with writing():
        return corrections.find_corrections(SHELL, NOW)


def told(status="proposed"):
    """Key, before, after and reason of each correction in this state."""
    db.session.expire_all()
    rows = db.session.execute(
        select(Serving.key, Correction)
        .join(Correction, Correction.sequence == Serving.sequence)
        .where(Correction.status == status)
        .order_by(Serving.sequence, Correction.id)
    )
    return [(key, one.before_fen, one.after_fen, one.after_reason) for key, one in rows]


def proposal(key):
    return db.session.scalars(
        select(Correction)
        .join(Serving, Serving.sequence == Correction.sequence)
        .where(Serving.key == key, Correction.status == "proposed")
    ).one()


def confirm(key, note=""):
    with writing():
        return corrections.confirm_correction(proposal(key).id, note, SHELL, NOW)


def close_may():
    with writing():
        submit(MAY, None, SHELL, NOW)
    return json.dumps(settlement_of(MAY))


def june():
    return settlement_of(JUNE, "P01")["points"][0]


def test_a_late_death_proposes_to_take_back_what_came_after_it(lunches):
    dies()
    assert find() == 2
    assert told() == [("Z7", 300, 0, "resident_deceased"), ("Z8", 300, 0, "resident_deceased")]
    assert find() == 0


def test_confirming_changes_the_next_open_month_and_not_the_submitted_one(lunches):
    before = close_may()
    dies()
    find()
    assert json.dumps(settlement_of(MAY)) == before
    confirm("Z7")
    assert json.dumps(settlement_of(MAY)) == before
    # the reversal takes subsidy and per-serving operating money back
    assert (june()["late"], june()["adjustment_fen"]) == (1, -350)
    assert told("confirmed") == [("Z7", 300, 0, "resident_deceased")]
    verify()


def test_in_an_open_month_the_line_is_corrected_within_it(lunches):
    dies()
    find()
    confirm("Z7")
    may = settlement_of(MAY, "P01")["points"][0]
    assert (may["servings"], may["reversed"], may["late"]) == (3, 1, 0)


def test_a_move_with_an_end_touches_the_days_between(lunches):
    dies(date(2024, 5, 7), date(2024, 5, 7), "moved_out")
    find()
    assert told() == [("Z7", 300, 0, "moved_out")]
    confirm("Z7")
    anew = db.session.scalars(select(Serving).order_by(Serving.sequence.desc())).first()
    assert anew is not None
    assert (anew.reason, anew.price_fen, anew.self_pay_fen) == ("moved_out", 1200, 1200)
    assert (anew.served_on, anew.meal, anew.point_id) == (date(2024, 5, 7), "lunch", 1)
    assert "Z7" in anew.note


def test_a_later_end_touches_only_the_new_days_and_an_earlier_one_those_that_fall_away(lunches):
    dies(date(2024, 5, 7), date(2024, 5, 7), "moved_out")
    find()
    confirm("Z7")
    dies(date(2024, 5, 7), date(2024, 5, 8), "moved_out")
    assert find() == 1
    assert told() == [("Z8", 300, 0, "moved_out")]
    dies(date(2024, 5, 7), date(2024, 5, 7), "moved_out")
    find()
    assert told() == []
    assert [key for key, *_ in told("superseded")] == ["Z8"]


def test_a_category_dated_back_gives_more_and_withdrawn_gives_it_back(lunches):
    number = note_fact(ZHANG, "category", "TK", date(2024, 5, 7), date(2024, 5, 7))
    find()
    assert told() == [("Z7", 300, 500, None)]
    confirm("Z7")
    with writing():
        residents.withdraw_fact(ZHANG, number, "登记在别人名下", SHELL)
    find()
    ((key, before, after, _),) = told()
    assert (key.startswith("corr-"), before, after) == (True, 500, 300)


def test_a_full_price_line_may_become_subsidised(lunches):
    dies(date(2024, 5, 1), None, "moved_out")
    serve("late", "C001", served_at=a_day(9))
    find()
    number = residents.facts_of(ZHANG)[0].id
    with writing():
        residents.withdraw_fact(ZHANG, number, "同名的另一个人", SHELL)
    find()
    assert told() == [("late", 0, 300, None)]
    assert len(told("superseded")) == 3
    close_may()
    confirm("late")
    assert (june()["late"], june()["adjustment_fen"]) == (2, 350)


def test_a_corrected_hukou_and_birth_date_touch_every_day(lunches):
    row = tills.enrolment("张国丰", "19520301", "001", "C001")._replace(
        hukou_division="320413100001", residence_division="320413100001"
    )
    with writing():
        enrol_batch([row], SHELL, NOW, source="更正")
    find()
    assert [one[3] for one in told()] == ["out_of_scope"] * 3
    with writing():
        younger = normalise(tills.id_number("19700301", "002"))
        residents.correct_id_number(OUYANG, younger, SHELL, NOW, reason="输错了号码")
    find()
    assert told()[3:] == [("O6", 400, 0, "under_age")]


def test_two_facts_on_one_line_are_one_proposal(lunches):
    note_fact(ZHANG, "category", "TK", date(2024, 5, 8))
    dies(date(2024, 5, 8))
    assert find() == 1
    assert told() == [("Z8", 300, 0, "resident_deceased")]
    change = db.session.get_one(FactChange, proposal("Z8").fact_change_id)
    assert change.value == "deceased"


def test_a_second_fact_takes_the_place_of_an_open_proposal(lunches):
    note_fact(ZHANG, "category", "TK", date(2024, 5, 8))
    find()
    dies(date(2024, 5, 8))
    find()
    assert told() == [("Z8", 300, 0, "resident_deceased")]
    assert told("superseded") == [("Z8", 300, 500, None)]


def test_what_was_dismissed_stays_away_until_the_fact_is_restated(lunches):
    dies(date(2024, 5, 8))
    find()
    with pytest.raises(refusals.OpinionMissing), writing():
        corrections.dismiss_correction(proposal("Z8").id, " ", SHELL, NOW)
    with writing():
        corrections.dismiss_correction(proposal("Z8").id, "日期写错", SHELL, NOW)
    note_fact(ZHANG, "category", "DJ", date(2024, 5, 8))
    assert find() == 0
    with writing():
        death = residents.facts_of(ZHANG)[-1]
        residents.withdraw_fact(ZHANG, death.id, "日期写错", SHELL)
    find()
    dies(date(2024, 5, 7))
    find()
    assert [one[0] for one in told()] == ["Z7", "Z8"]


def test_a_line_that_was_reversed_meanwhile_is_not_confirmed(lunches):
    dies(date(2024, 5, 8))
    find()
    one = proposal("Z8").id
    with writing() as connection:
        reverse_serving(connection, "R8", "Z8", "登记错误", None, SHELL, NOW)
    with pytest.raises(refusals.LineTakenBack), writing():
        corrections.confirm_correction(one, "", SHELL, NOW)
    with writing():
        corrections.renew([one], SHELL, NOW)
    assert (told(), len(told("superseded"))) == ([], 1)


def test_facts_that_moved_on_are_proposed_anew_instead_of_confirmed(lunches):
    dies(date(2024, 5, 8), None, "moved_out")
    find()
    one = proposal("Z8").id
    dies(date(2024, 5, 8))
    with pytest.raises(refusals.CorrectionMoved), writing():
        corrections.confirm_correction(one, "", SHELL, NOW)
    with writing():
        done = corrections.confirm_corrections([one], "", SHELL, NOW)
    assert (done.confirmed, done.changed) == (0, 1)
    assert told() == [("Z8", 300, 0, "resident_deceased")]


def test_all_lines_of_a_death_are_confirmed_at_once_but_a_held_one(lunches):
    close_may()
    dies(date(2024, 5, 1))
    find()
    with writing():
        sequence = proposal("Z7").sequence
        holding.hold_lines(MAY, 1, [sequence], "not_eaten", "", SHELL, NOW)
    ids = [proposal(key).id for key in ("Z6", "Z7", "Z8")]
    with writing():
        done = corrections.confirm_corrections(ids, "家属确认", SHELL, NOW)
    assert (done.confirmed, done.changed, list(done.refused)) == (2, 0, [ids[1]])
    assert june()["adjustment_fen"] == -700


def test_a_daily_cap_counts_without_the_line_itself(lunches):
    """A meal at full price is judged beside the lunch that was subsidised."""
    dinner = datetime(2024, 5, 6, 9, 30, tzinfo=UTC)
    dies(date(2024, 5, 6), date(2024, 5, 6), "moved_out")
    serve("dinner", "C001", served_at=dinner, meal="dinner")
    number = residents.facts_of(ZHANG)[0].id
    find()
    with writing():
        residents.withdraw_fact(ZHANG, number, "同名的另一个人", SHELL)
    find()
    assert told() == [("dinner", 0, 300, None)]


def test_a_death_confirmed_after_a_return_of_the_same_slot_keeps_the_slot_free(lunches):
    dies(date(2024, 5, 8))
    find()
    confirm("Z8")
    number = residents.facts_of(ZHANG)[0].id
    with writing():
        residents.withdraw_fact(ZHANG, number, "同名的另一个人", SHELL)
    assert find() == 0
    assert serve("again", "C001", served_at=a_day(8)).subsidy_fen == 300


def test_what_became_known_is_never_changed(lunches):
    dies()
    find()
    for statement in (
        "UPDATE fact_change SET source = 'x'",
        "DELETE FROM fact_change",
        "UPDATE fact_examination SET up_to = 0",
        "UPDATE correction SET after_fen = 1",
        "DELETE FROM correction",
    ):
        with pytest.raises(DatabaseError), writing() as connection:
            connection.exec_driver_sql(statement)


def test_new_people_leave_nothing_in_the_log_of_facts(lunches):
    assert db.session.scalars(select(FactChange)).all() == []


def test_meals_at_the_cap_keep_their_place_when_they_are_corrected(lunches):
    """Two a day are subsidised: both stay so, and both get more."""
    dinner = datetime(2024, 5, 6, 9, 30, tzinfo=UTC)
    serve("dinner", "C001", served_at=dinner, meal="dinner")
    note_fact(ZHANG, "category", "TK", date(2024, 5, 6), date(2024, 5, 6))
    find()
    assert told() == [("Z6", 300, 500, None), ("dinner", 300, 500, None)]


def test_a_line_that_was_recorded_knowing_the_fact_is_left_alone(lunches):
    note_fact(ZHANG, "category", "DJ", date(2024, 5, 6))
    assert serve("second", "C001").reason == "already_served"
    with writing() as connection:
        reverse_serving(connection, "R6", "Z6", "登记错误", None, SHELL, NOW)
    assert find() == 0
