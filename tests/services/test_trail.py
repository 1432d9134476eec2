"""Each change leaves its trail row in the same transaction; undone together, anchored after."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from mealsvc.auditing.proof import verify
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing.db import Base, db, writing
from mealsvc.trail import anchor
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.services import record
from tests.factories import tills
from tests.factories.verbs import BY, VERBS

ROOMS = [
    "accounts", "auditing", "bookings", "coverage", "deliveries", "exchange", "menus", "papers",
    "payments", "places", "policies", "reports", "residents", "safekeeping", "servings", "settings", "settlement", "supervision", "survey",
]  # fmt: skip
# These only hand on to verbs that are listed: one row's importer, one kind of file.
HANDING_ON = ("mealsvc.exchange.importers.", "mealsvc.exchange.importing.import_policy_file")
# These only ask who somebody is, or write a part of what the verb that calls them records.
PARTS = {
    f"settlement.{name}"
    for name in (
        "batches.account_of", "batches.who", "batches.person_id", "batches.same_person",
        "batches.add_act",
        "steps.check_turn",
    )
} | {"auditing.cases.acts.take"} | {"supervision.findings.acts.note", "supervision.findings.acts.signed"} | {"payments.grant_chain.check_turn", "payments.grant_chain.take"} | {"survey.rounds.persons.refuse_same"}  # fmt: skip


class Undone(Exception):
    """Rolls a transaction back."""


@pytest.fixture
def district(app):
    tills.small_district()
    return app


def verbs_of_all_rooms() -> Iterator[str]:
    """The public functions and methods of the rooms that take `by: Actor`."""
    for room in ROOMS:
        package = importlib.import_module(f"mealsvc.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"mealsvc.{room}."):
            module = importlib.import_module(found.name)
            for name, thing in vars(module).items():
                if getattr(thing, "__module__", "") != found.name or name.startswith("_"):
                    continue
                methods = vars(thing).items() if inspect.isclass(thing) else [("", thing)]
                for method, function in methods:
                    if not method.startswith("_") and takes_an_actor(function):
                        yield f"{found.name}.{name}.{method}".rstrip(".")


def takes_an_actor(function: object) -> bool:
    if not inspect.isfunction(function):
        return False
    by = inspect.signature(function).parameters.get("by")
    return by is not None and by.annotation in (Actor, "Actor")


def everything_but_the_trail() -> dict[str, list[tuple]]:
    """Every row of every other table."""
    db.session.rollback()
    cursor = db.session.connection().connection.cursor()  # so many tables: as plain as can be
    rows = {}
    for name in Base.metadata.tables:
        if name != "trail_event":
            cursor.execute(f'SELECT * FROM "{name}"')
            rows[name] = sorted(map(tuple, cursor.fetchall()), key=repr)
    return rows


def rows_after(seq: int) -> list[TrailEvent]:
    db.session.rollback()
    statement = select(TrailEvent).where(TrailEvent.seq > seq, TrailEvent.actor == str(BY))
    return list(db.session.scalars(statement.order_by(TrailEvent.seq)))


def head() -> int:
    db.session.rollback()
    return db.session.scalar(select(TrailEvent.seq).order_by(TrailEvent.seq.desc()).limit(1)) or 0


def test_every_verb_of_every_room_is_listed():
    found = {
        name.removeprefix("mealsvc.")
        for name in verbs_of_all_rooms()
        if not name.startswith(HANDING_ON)
    }
    assert found - PARTS == set(VERBS)
    assert found >= PARTS


@pytest.mark.parametrize("name", sorted(VERBS))
def test_a_verb_leaves_exactly_its_trail_rows(district, name):
    verb = VERBS[name]
    with writing():
        verb.first()
    start, before = head(), everything_but_the_trail()
    if verb.alone:
        verb.call()
    else:
        with writing():
            verb.call()
    rows = rows_after(start)
    assert tuple(row.action for row in rows) == verb.actions
    assert {row.origin for row in rows} == {BY.origin}
    assert (everything_but_the_trail() == before) is verb.reads
    assert anchor.read_anchor(district.config["INSTANCE"]).seq == head()
    verify()


@pytest.mark.only("sqlite")  # `writing()` rolls back the same way on both
@pytest.mark.parametrize("name", sorted(name for name, verb in VERBS.items() if not verb.alone))
def test_a_verb_that_is_undone_leaves_neither_change_nor_row(district, name):
    verb = VERBS[name]
    with writing():
        verb.first()
    start, before = head(), everything_but_the_trail()
    with pytest.raises(Undone), writing():
        verb.call()
        raise Undone
    assert head() == start
    assert everything_but_the_trail() == before
    assert anchor.read_anchor(district.config["INSTANCE"]).seq == start
    verify()


def test_the_anchor_moves_after_the_commit_and_not_before(app):
    start = head()
    with writing():
        record(BY, "tests.one", "x")
        record(BY, "tests.two", "x")
        assert anchor.read_anchor(app.config["INSTANCE"]).seq == start
    assert anchor.read_anchor(app.config["INSTANCE"]).seq == start + 2


def test_the_anchor_never_moves_back(app, tmp_path):
    end = anchor.read_anchor(app.config["INSTANCE"])
    anchor.advance_anchor(tmp_path, end)
    anchor.advance_anchor(tmp_path, type(end)(end.seq - 1, bytes(32)))
    assert anchor.read_anchor(tmp_path) == end


def test_rows_are_numbered_from_one_without_gaps_also_after_a_rollback(app):
    with pytest.raises(Undone), writing():
        record(BY, "tests.undone", "x")
        raise Undone
    with writing():
        record(BY, "tests.done", "x")
    db.session.rollback()
    numbers = list(db.session.scalars(select(TrailEvent.seq).order_by(TrailEvent.seq)))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_trail_is_written_inside_a_write_transaction_only(app):
    with pytest.raises(RuntimeError, match="inside writing"):
        record(BY, "tests.outside", "x")


def test_a_write_transaction_does_not_nest(app):
    with writing(), pytest.raises(RuntimeError, match="once"), writing():
        raise Undone


def test_a_change_outside_a_write_transaction_is_refused(district):
    from mealsvc.places.services import point_by_code

    point = point_by_code("P01")
    point.name = "改名"
    with pytest.raises(RuntimeError, match="outside writing"):
        db.session.flush()
    db.session.rollback()


def test_no_row_of_the_trail_holds_an_id_number_a_card_or_a_token(district):
    token = tills.till_token()
    tills.serve("K1")
    db.session.rollback()
    written = "\n".join(
        f"{row.subject} {row.detail}" for row in db.session.scalars(select(TrailEvent))
    )
    for secret in (*tills.ID_NUMBERS.values(), "C001", "C002", token):
        assert secret not in written
