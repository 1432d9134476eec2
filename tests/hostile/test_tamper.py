"""What was recorded, edited by somebody who owns the database: `verify` finds it and names the row."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from mealsvc.auditing.proof import verify
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, engine_options, is_sqlite, writing
from mealsvc.servings.models import Decision, Serving, ServingKey, ServingSlot
from mealsvc.servings.services import reverse_serving
from mealsvc.trail.anchor import FILENAME, AnchorMissing, read_anchor
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.rules import Link, next_mac
from mealsvc.trail.verify import Broken
from tests.factories import tills
from tests.hostile.attacker import Attacker

SERVING_COLUMNS = [column.name for column in Serving.__table__.columns]
TRAIL_COLUMNS = [column.name for column in TrailEvent.__table__.columns]
GUARDED = ("serving", "trail_event", "decision", "serving_key")


@pytest.fixture
def recorded(app):
    """Three days of lunches of three people, one of them at full price, and one taken back."""
    tills.small_district()
    for day in (6, 7, 8):
        for card in ("C001", "C002", "C004"):
            tills.serve(f"{card}-{day}", card, served_at=tills.a_day(day))
    tills.serve("again", "C001", point="P02")
    with writing() as connection:
        reverse_serving(connection, "back", "C002-7", "登记错误", None, tills.SHELL, clock.now())
    verify()
    db.session.remove()


@pytest.fixture
def attacker(recorded):
    made = Attacker()
    made.take_guards_down()
    yield made
    made.engine.dispose()


def sequence_of(attacker: Attacker, key: str) -> int:
    return attacker.column("SELECT sequence FROM serving_key WHERE key = :key", key=key)[0]


def found() -> str:
    """What the proof says; fails when it finds nothing."""
    with pytest.raises(Broken) as caught:
        verify()
    return str(caught.value)


def named(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"第 (\d+) [行号]", text)]


@pytest.mark.parametrize("column", SERVING_COLUMNS)
def test_a_changed_cell_of_the_ledger_is_found_and_its_line_named(attacker, column):
    sequence = sequence_of(attacker, "C001-7")
    if column == "decision_id":
        other = attacker.column("SELECT max(decision_id) FROM serving")[0]
        change = "UPDATE serving SET decision_id = :new WHERE sequence = :at"
        assert attacker.run(change, new=other, at=sequence) == 1
    elif column == "sequence":
        change = "UPDATE serving SET sequence = 1000000 WHERE sequence = :at"
        assert attacker.run(change, at=sequence) == 1
    else:
        attacker.change("serving", column, f"sequence = {sequence}")
    assert sequence in named(found())


@pytest.mark.parametrize("column", ["note", "reverses", "price_fen", "settle_month"])
def test_a_changed_cell_of_a_reversal_is_found_and_its_line_named(attacker, column):
    sequence = sequence_of(attacker, "back")
    attacker.change("serving", column, f"sequence = {sequence}")
    assert sequence in named(found())


@pytest.mark.parametrize("column", TRAIL_COLUMNS)
def test_a_changed_cell_of_the_trail_is_found_and_its_row_named(attacker, column):
    sequence = sequence_of(attacker, "C001-7")
    if column == "seq":
        attacker.run("UPDATE trail_event SET seq = 1000000 WHERE seq = :at", at=sequence)
    elif column == "origin":
        attacker.run("UPDATE trail_event SET origin = '192.0.2.1' WHERE seq = :at", at=sequence)
    else:
        attacker.change("trail_event", column, f"seq = {sequence}")
    assert sequence in named(found())


@pytest.mark.parametrize("column", ["id", "digest", "content"])
def test_a_changed_decision_is_found_and_a_line_that_has_it_named(attacker, column):
    first = sequence_of(attacker, "C001-6")
    decided = attacker.column("SELECT decision_id FROM serving WHERE sequence = :at", at=first)[0]
    attacker.change("decision", column, f"id = {decided}")
    assert first in named(found())


def test_a_decision_rewritten_with_its_digest_is_found(attacker):
    """Content and digest agree with each other; the trail remembers what they were."""
    from mealsvc.trail.rules import digest

    first = sequence_of(attacker, "C001-6")
    decided, content = attacker.rows(
        "SELECT d.id, d.content FROM decision d JOIN serving s ON s.decision_id = d.id"
        " WHERE s.sequence = :at",
        at=first,
    )[0]
    forged = content.replace("200", "300")
    assert forged != content
    attacker.run(
        "UPDATE decision SET content = :content, digest = :digest WHERE id = :id",
        content=forged,
        digest=digest([forged]),
        id=decided,
    )
    assert first in named(found())


@pytest.mark.parametrize("key", ["C001-6", "C002-7", "back", "again"])
def test_a_deleted_line_is_found_and_named(attacker, key):
    sequence = sequence_of(attacker, key)
    attacker.run("DELETE FROM serving WHERE sequence = :at", at=sequence)
    assert sequence in named(found())


def test_a_line_deleted_with_its_trail_row_is_found(attacker):
    sequence = sequence_of(attacker, "C001-7")
    for table, column in (("serving", "sequence"), ("trail_event", "seq")):
        attacker.run(f"DELETE FROM {table} WHERE {column} = :at", at=sequence)
    assert sequence in named(found())


def test_an_inserted_line_is_found_and_named(attacker):
    new = attacker.column("SELECT max(seq) FROM trail_event")[0] + 1
    old = sequence_of(attacker, "C001-7")
    attacker.copy_row("serving", "sequence", old, sequence=new, key="forged")
    assert new in named(found())


def test_a_line_inserted_under_the_number_of_another_event_is_found(attacker):
    old = sequence_of(attacker, "C001-7")
    attacker.copy_row("serving", "sequence", old, sequence=1, key="forged")
    assert 1 in named(found())


def test_an_inserted_trail_row_is_found_and_named(attacker):
    last = attacker.column("SELECT max(seq) FROM trail_event")[0]
    attacker.copy_row("trail_event", "seq", last, seq=last + 1)
    assert last + 1 in named(found())


def test_two_swapped_lines_are_found(attacker):
    one, other = sequence_of(attacker, "C001-6"), sequence_of(attacker, "C002-6")
    swap = "UPDATE serving SET sequence = :new WHERE sequence = :old"
    for new, old in ((999, one), (one, other), (other, 999)):
        assert attacker.run(swap, new=new, old=old) == 1
    assert one in named(found())


def test_two_swapped_trail_rows_are_found(attacker):
    swap = "UPDATE trail_event SET seq = :new WHERE seq = :old"
    for new, old in ((999, 3), (3, 4), (4, 999)):
        assert attacker.run(swap, new=new, old=old) == 1
    assert 3 in named(found())


@pytest.mark.parametrize("rows", [1, 5])
def test_a_cut_tail_is_found_and_its_first_row_named(attacker, rows):
    last = attacker.column("SELECT max(seq) FROM trail_event")[0]
    kept = last - rows
    for table, column in (("serving", "sequence"), ("trail_event", "seq")):
        attacker.run(f"DELETE FROM {table} WHERE {column} > :kept", kept=kept)
    assert kept in named(found())


def test_an_emptied_trail_is_found(attacker):
    for table in ("serving", "serving_slot", "serving_key", "daily_tally", "trail_event"):
        attacker.run(f"DELETE FROM {table}")
    assert "截去" in found()


def test_a_chain_rewritten_without_the_key_is_found_at_its_first_row(attacker):
    mac = bytes(32)
    for row in attacker.rows("SELECT * FROM trail_event ORDER BY seq"):
        values = [row.seq, row.at, row.actor, row.origin, row.action, row.subject, row.detail]
        mac = next_mac(b"a guess", mac, values)
        attacker.run("UPDATE trail_event SET mac = :mac WHERE seq = :at", mac=mac, at=row.seq)
    assert 1 in named(found())


def test_a_chain_rewritten_with_the_key_contradicts_its_anchor(attacker, app):
    """Whoever has database and data key still has to reach the anchor outside."""
    from mealsvc.plumbing.crypto import vault
    from mealsvc.trail.services import CHAIN_KEY

    key, mac = vault().mac(CHAIN_KEY, b"chain"), bytes(32)
    for row in attacker.rows("SELECT * FROM trail_event ORDER BY seq"):
        values = [row.seq, row.at + 1, row.actor, row.origin, row.action, row.subject, row.detail]
        mac = next_mac(key, mac, values)
        change = "UPDATE trail_event SET at = at + 1, mac = :mac WHERE seq = :at"
        attacker.run(change, mac=mac, at=row.seq)
    assert "锚值" in found()


def test_a_removed_slot_is_found(attacker):
    sequence = sequence_of(attacker, "C001-7")
    attacker.run("DELETE FROM serving_slot WHERE sequence = :at", at=sequence)
    assert sequence in named(found())


@pytest.mark.parametrize(
    "change", ["served_on = '2024-05-30'", "meal = 'dinner'", "resident_id = 3"]
)
def test_a_moved_slot_is_found(attacker, change):
    sequence = sequence_of(attacker, "C001-7")
    attacker.run(f"UPDATE serving_slot SET {change} WHERE sequence = :at", at=sequence)
    assert sequence in named(found())


def test_a_slot_without_a_line_is_found(attacker):
    attacker.copy_row(
        "serving_slot", "sequence", sequence_of(attacker, "C001-7"), sequence=4, meal="dinner"
    )
    assert 4 in named(found())


@pytest.mark.parametrize(
    "column", ["lines", "reversals", "price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen"]
)
def test_a_changed_tally_is_found(attacker, column):
    tally = "served_on = '2024-05-06' AND subsidy_fen > 0"
    assert attacker.run(f"UPDATE daily_tally SET {column} = {column} + 1 WHERE {tally}") >= 1
    assert "2024-05-06" in found()


def test_a_removed_tally_is_found(attacker):
    attacker.run("DELETE FROM daily_tally WHERE served_on = '2024-05-08'")
    assert "2024-05-08" in found()


def test_a_forgotten_key_is_found(attacker):
    sequence = sequence_of(attacker, "C001-7")
    attacker.run("DELETE FROM serving_key WHERE sequence = :at", at=sequence)
    assert sequence in named(found())


def test_a_key_that_stands_for_another_line_is_found(attacker):
    attacker.run("UPDATE serving_key SET sequence = sequence - 1 WHERE key = 'C001-7'")
    assert found()


@pytest.mark.parametrize("content", [None, b"", b"garbled", b"7 abc\n"])
def test_a_missing_or_empty_anchor_fails(recorded, instance, content):
    anchor = instance / FILENAME
    anchor.unlink() if content is None else anchor.write_bytes(content)
    with pytest.raises(AnchorMissing):
        verify()


def test_an_anchor_ahead_of_its_database_fails(recorded, instance):
    end = read_anchor(instance)
    ahead = f"{end.seq + 1:020d} {end.mac.hex()}\n"
    (instance / FILENAME).write_text(ahead)
    assert end.seq in named(found())


def test_an_anchor_behind_its_database_passes_as_after_a_crash(recorded, instance):
    end = read_anchor(instance)
    with db.engine.connect() as connection:
        seq, mac = connection.execute(
            sa.select(TrailEvent.seq, TrailEvent.mac).where(TrailEvent.seq == end.seq - 3)
        ).one()
    (instance / FILENAME).write_text(f"{seq:020d} {bytes(mac).hex()}\n")
    assert verify().head == end


def test_an_anchor_of_another_chain_fails(recorded, instance):
    end = read_anchor(instance)
    wrong = Link(end.seq - 3, bytes(32))
    (instance / FILENAME).write_text(f"{wrong.seq:020d} {wrong.mac.hex()}\n")
    assert wrong.seq in named(found())


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_the_database_refuses_edits_of_what_is_recorded(recorded, table, verb):
    column = "content" if table == "decision" else "key" if "serving" in table else "subject"
    statement = f"DELETE FROM {table}" if verb == "DELETE" else f"UPDATE {table} SET {column} = 'x'"
    assert "append-only" in refusal(statement)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("model", [Serving, TrailEvent, Decision, ServingKey])
def test_sqlite_refuses_to_replace_what_is_recorded(recorded, model):
    table = model.__tablename__
    with db.engine.connect() as connection:
        for form in ("INSERT OR REPLACE", "REPLACE"):
            statement = f"{form} INTO {table} SELECT * FROM {table} LIMIT 1"
            with pytest.raises(DatabaseError, match="append-only"):
                connection.exec_driver_sql(statement)


@pytest.mark.only("postgresql")
@pytest.mark.parametrize("table", GUARDED)
def test_postgresql_refuses_to_empty_what_is_recorded(recorded, table):
    assert "append-only" in refusal(f"TRUNCATE {table} CASCADE")


@pytest.mark.only("postgresql")
def test_postgresql_refuses_an_upsert_over_a_line(recorded):
    upsert = (
        "INSERT INTO serving SELECT * FROM serving LIMIT 1"
        " ON CONFLICT (sequence) DO UPDATE SET note = 'x'"
    )
    assert "append-only" in refusal(upsert)


def test_a_line_under_a_used_key_is_refused_by_the_database(recorded):
    names = ", ".join(SERVING_COLUMNS[1:])
    statement = (
        f"INSERT INTO serving (sequence, {names}) SELECT 100000, {names} FROM serving"
        " WHERE reason IS NOT NULL"
    )
    assert "serving_key" in refusal(statement)


def test_two_slots_for_one_meal_cannot_be(recorded):
    insert = (
        "INSERT INTO serving_slot SELECT served_on, meal, resident_id, sequence FROM serving_slot"
    )
    assert "unique" in refusal(insert).lower()
    assert [column.name for column in ServingSlot.__table__.primary_key] == [
        "served_on",
        "meal",
        "resident_id",
    ]


def refusal(statement: str) -> str:
    """What the database answers to a statement that it must refuse."""
    begin = "BEGIN IMMEDIATE" if is_sqlite() else "SELECT 1"
    engine = sa.create_engine(db.engine.url, **engine_options(str(db.engine.url)))
    try:
        with engine.connect() as connection, pytest.raises(DatabaseError) as caught:
            connection.exec_driver_sql(begin)
            connection.exec_driver_sql(statement)
    finally:
        engine.dispose()
    return str(caught.value.orig)
