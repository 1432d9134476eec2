"""Deaths, moves away and institutions from files."""

from datetime import date

from sqlalchemy import select

from mealsvc.plumbing.db import db, writing
from mealsvc.residents.departures import Departure, record_departure_batch
from mealsvc.residents.models import ResidentFact
from mealsvc.trail.models import TrailEvent
from tests.factories.residents import CLERK, NOW, enrol, number_of, person

DAY, END = date(2024, 5, 1), date(2024, 5, 31)


def note(*rows):
    with writing():
        outcomes = record_departure_batch(rows, CLERK, NOW)
    return [one.refusal.code if one.refusal else one.result for one in outcomes]


def facts():
    db.session.expire_all()
    rows = db.session.scalars(select(ResidentFact).order_by(ResidentFact.id))
    return [(row.value, row.from_on, row.to_on, row.source) for row in rows]


def trail_rows():
    rows = select(TrailEvent).where(TrailEvent.action == "residents.depart")
    return len(db.session.scalars(rows).all())


def test_a_departure_is_noted_once_and_a_new_end_updates_it(app):
    enrol(person(1))
    row = Departure(number_of(1), "institution", DAY, None, "民政")
    assert note(row) == ["created"]
    assert note(row) == ["unchanged"]
    assert note(row._replace(to_on=END, source="养老院")) == ["updated"]
    assert facts() == [("institution", DAY, END, "养老院")]
    assert trail_rows() == 2


def test_another_first_day_is_another_departure(app):
    enrol(person(1))
    row = Departure(number_of(1), "moved_out", DAY)
    assert note(row, row._replace(from_on=END)) == ["created", "created"]


def test_the_later_of_two_rows_in_one_file_counts(app):
    enrol(person(1))
    row = Departure(number_of(1), "moved_out", DAY, None)
    assert note(row, row._replace(to_on=END)) == ["created", "updated"]
    assert facts() == [("moved_out", DAY, END, "")]


def test_a_file_without_an_end_column_leaves_the_end(app):
    enrol(person(1))
    note(Departure(number_of(1), "moved_out", DAY, END))
    assert note(Departure(number_of(1), "moved_out", DAY)) == ["unchanged"]
    assert facts() == [("moved_out", DAY, END, "")]


def test_a_death_has_no_last_day(app):
    enrol(person(1))
    assert note(Departure(number_of(1), "deceased", DAY, END)) == ["created"]
    assert facts() == [("deceased", DAY, None, "")]
    assert note(Departure(number_of(1), "deceased", DAY, END)) == ["unchanged"]


def test_bad_rows_are_refused_and_good_ones_kept(app):
    enrol(person(1))
    good = Departure(number_of(1), "moved_out", END)
    assert note(Departure(number_of(2), "deceased", DAY), good._replace(to_on=DAY), good) == [
        "unknown_resident",
        "bad_period",
        "created",
    ]
    assert facts() == [("moved_out", END, None, "")]
