"""Migrations go up and down on both databases, keep what is recorded, and match the models."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, func, inspect, select
from sqlalchemy.exc import DatabaseError

from mealsvc.auditing.proof import verify
from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import Base, db, writing
from mealsvc.servings.models import Serving
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.services import settlement_of, submit
from mealsvc.setup import migrate
from mealsvc.trail.models import TrailEvent
from tests.factories import tills


@pytest.fixture
def recorded(app):
    """Two days of lunches, one taken back, and a month that was submitted."""
    tills.small_district()
    for day in (6, 7):
        for card in ("C001", "C002"):
            tills.serve(f"{card}-{day}", card, served_at=tills.a_day(day))
    with writing() as connection:
        reverse_serving(connection, "R1", "C001-7", "登记错误", None, tills.SHELL, clock.now())
    with writing():
        submit(Month(2024, 5), None, tills.SHELL, clock.now())
    return app


def everything() -> dict[str, list[tuple]]:
    """Every row, in the tables and columns that are there."""
    look = inspect(db.engine)
    there = {name: {c["name"] for c in look.get_columns(name)} for name in look.get_table_names()}
    with db.engine.connect() as connection:
        return {
            table.name: sorted(
                map(tuple, connection.execute(select(*_present(table, there[table.name])))),
                key=repr,
            )
            for table in Base.metadata.sorted_tables
            if table.name in there
        }


def _present(table, names):
    return [column for column in table.columns if column.name in names]


def move(revision: str) -> None:
    """As from a shell: no transaction of ours holds the tables."""
    db.session.rollback()
    migrate(revision)


def triggers() -> set[str]:
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if db.engine.dialect.name == "sqlite"
        else "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with db.engine.connect() as connection:
        return set(connection.exec_driver_sql(statement).scalars())


def test_the_migrated_tables_are_those_of_the_models(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrated_checks_are_those_of_the_models(app):
    """What the comparison above does not look at."""
    dialect = db.engine.dialect
    for table in Base.metadata.sorted_tables:
        wanted = {
            constraint.name
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint)
            and (dialect.name == "sqlite" or not str(constraint.name).endswith("_whole"))
        }
        found = {check["name"] for check in inspect(db.engine).get_check_constraints(table.name)}
        assert found == wanted, table.name


def test_every_constraint_has_a_name(app):
    look = inspect(db.engine)
    for table in Base.metadata.tables:
        names = [look.get_pk_constraint(table)["name"]]
        for found in (
            look.get_foreign_keys(table),
            look.get_unique_constraints(table),
            look.get_check_constraints(table),
            look.get_indexes(table),
        ):
            names += [entry["name"] for entry in found]
        assert all(names), table


def test_the_guards_go_down_and_up_again_around_the_same_rows(recorded):
    guards, settled = triggers(), settlement_of(Month(2024, 5))
    move("0001")
    assert triggers() == set()
    first_version = everything()
    assert first_version["serving"] and first_version["trail_event"]
    move("0002")
    assert everything() == first_version
    move("head")
    assert triggers() == guards
    assert settlement_of(Month(2024, 5)) == settled
    verify()
    with pytest.raises(DatabaseError, match="append-only"), writing() as connection:
        connection.exec_driver_sql("UPDATE serving SET note = 'x'")
    tills.serve("later", "C002", served_at=tills.a_day(8))
    verify()


def test_the_whole_way_down_and_up_leaves_nothing_and_builds_the_same(recorded):
    guards = triggers()
    move("base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    assert triggers() == set()
    move("head")
    assert triggers() == guards
    with db.engine.connect() as connection:
        for model in (Serving, TrailEvent):
            assert connection.scalar(select(func.count()).select_from(model)) == 0
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_going_up_twice_changes_nothing(recorded):
    before = everything()
    move("head")
    assert everything() == before
