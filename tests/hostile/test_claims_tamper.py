"""A claim edited by somebody who owns the database: its guards refuse, and without them `verify`
finds it and names the row."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from mealsvc.auditing.proof import verify
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement import acts, holding, proving, returning
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import submit
from mealsvc.trail.verify import Broken
from tests.factories import claims, tills
from tests.factories.claims import MAY, NOW, act, bind, person, reach
from tests.hostile.attacker import Attacker

WAYS = {  # every change of a state that the database lets through, written by hand
    "submitted": {"town_review", "returned"},
    "returned": {"submitted"},
    "town_review": {"district_review", "returned"},
    "district_review": {"sampled", "public_notice", "returned"},
    "sampled": {"public_notice", "returned"},
    "public_notice": {"approved", "returned"},
    "approved": {"payment_ordered"},
    "payment_ordered": {"approved", "paid"},
    "paid": {"closed"},
    "closed": set(),
}
COLUMNS = {
    "settlement_batch": (*proving.CLAIM, *proving.GROUNDS, "line_count", "line_digest", "payable_fen",
                         "submitted_by", "status", "held_fen", "month"),
    "batch_act": proving.ACT,
    "line_hold": (*proving.PLACED, *proving.ENDED),
    "settlement_adjustment": proving.ADJUSTED,
    "returned_line": (*proving.SENT, *proving.ANSWERED),
}  # fmt: skip
OTHER_VALUES = {
    "outcome": "released", "kind": "released", "answer": "explained", "status": "paid",
    "act": "sample", "month": 202403, "settle_month": 202409, "carved": False, "number": 100,
}  # fmt: skip


@pytest.fixture
def may(app, monkeypatch):
    """Four subsidised lines of May at P01, submitted; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    for day in (6, 7):
        for card in ("C001", "C002"):
            tills.serve(f"{card}-{day}", card, served_at=tills.a_day(day))
    with writing():
        submit(MAY, None, tills.SHELL, NOW)


@pytest.fixture
def story(may):
    """Sent back and answered, one line given up, one refused, one held, approved; bound accounts."""
    town, manager, chief = person("town", "town"), person("boss", "manager"), person("chief")
    with writing():
        objections = [returning.Objection(claims.sequence_of("C001-6"), "by_hand", "请说明")]
        returning.return_batch(MAY, "P01", objections, "退回", town, NOW)
        (one,) = returning.objections_of(batch_at(MAY, "P01"))
        returning.answer(one.id, "agreed", "同意", manager, NOW)
    act("resubmit", manager)
    with writing():
        lines = [claims.sequence_of("C001-7"), claims.sequence_of("C002-7")]
        point_id = batch_at(MAY, "P01").point_id
        refused, _ = holding.hold_lines(MAY, point_id, lines, "not_eaten", "回访", town, NOW)
        holding.refuse(refused.id, "未就餐", chief, NOW)
    reach("approved")
    bind("clerk", "chief")
    verify()
    db.session.remove()


@pytest.fixture
def attacker(story):
    made = Attacker()
    made.take_guards_down()
    yield made
    made.engine.dispose()


def refused(statement: str) -> bool:
    """Whether the database refuses this; it is undone in any case."""
    with db.engine.connect() as connection, connection.begin() as transaction:
        try:
            connection.execute(sa.text(statement))
        except DatabaseError:
            return True
        finally:
            transaction.rollback()
    return False


def found() -> str:
    with pytest.raises(Broken) as caught:
        verify()
    return str(caught.value)


EDITS = (
    "UPDATE batch_act SET opinion = 'x'",
    "DELETE FROM batch_act",
    "UPDATE settlement_adjustment SET amount_fen = amount_fen + 1",
    "DELETE FROM settlement_adjustment",
    "UPDATE line_hold SET end_note = 'x' WHERE outcome IS NOT NULL",
    "UPDATE line_hold SET outcome = NULL, ended_at = NULL WHERE outcome IS NOT NULL",
    "UPDATE line_hold SET amount_fen = 1 WHERE outcome IS NULL",
    "UPDATE line_hold SET placed_by = 'user:x' WHERE outcome IS NULL",
    "DELETE FROM line_hold WHERE outcome IS NULL",
    "UPDATE returned_line SET answer = 'explained'",
    "UPDATE returned_line SET reason = 'other'",
    "DELETE FROM returned_line",
    "UPDATE settlement_batch SET document = '{}'",
    "UPDATE settlement_batch SET grounds = '{}'",
    "UPDATE settlement_batch SET heading = '{}'",
    "UPDATE settlement_batch SET payable_fen = payable_fen + 1",
    "UPDATE settlement_batch SET line_digest = 'x'",
    "UPDATE settlement_batch SET held_fen = 0",
    "UPDATE settlement_batch SET held_funding = '{}'",
    "UPDATE settlement_batch SET held_fen = NULL",
)


def test_the_database_refuses_edits_of_a_claim(story):
    assert [statement for statement in EDITS if not refused(statement)] == []


def test_the_database_lets_a_batch_go_its_way_and_no_other(may):
    """Every state × every state, against the table above."""
    let: dict[str, set[str]] = {}
    for status in WAYS:
        reach(status)
        db.session.rollback()
        let[status] = {
            new
            for new in acts.STATES
            if not refused(f"UPDATE settlement_batch SET status = '{new}'")
        }
    assert let == WAYS


@pytest.mark.parametrize("table", COLUMNS)
def test_every_changed_cell_of_a_claim_is_found(attacker, table):
    which = "act = 'resubmit'" if table == "batch_act" else "TRUE"  # an act that has everything
    (number,) = attacker.column(f"SELECT min(id) FROM {table} WHERE {which}")
    for column in COLUMNS[table]:
        put = f"UPDATE {table} SET {column} = :new WHERE id = :at"
        (old,) = attacker.column(f"SELECT {column} FROM {table} WHERE id = :at", at=number)
        if column in OTHER_VALUES:
            assert attacker.run(put, new=OTHER_VALUES[column], at=number) == 1
        else:
            attacker.change(table, column, f"id = {number}")
        told = found()
        assert "第" in told or "/P01" in told
        attacker.run(put, new=old, at=number)
    verify()


def test_a_deleted_act_is_found(attacker):
    assert attacker.run("DELETE FROM batch_act WHERE act = 'recheck'") == 1
    assert "2024-05/P01" in found()


def test_an_inserted_act_is_found(attacker):
    (number,) = attacker.column("SELECT max(id) FROM batch_act")
    attacker.copy_row("batch_act", "id", number, id=number + 9, number=99)
    assert "2024-05/P01" in found()


@pytest.mark.parametrize("table", ["line_hold", "settlement_adjustment", "returned_line"])
def test_a_deleted_or_inserted_row_of_a_claim_is_found(attacker, table):
    (number,) = attacker.column(f"SELECT min(id) FROM {table}")
    attacker.copy_row(table, "id", number, id=number + 9)
    assert "插入" in found() or "改动" in found()
    attacker.run(f"DELETE FROM {table} WHERE id IN (:one, :two)", one=number, two=number + 9)
    assert "第" in found()


def test_a_deleted_batch_is_found(attacker):
    attacker.run("DELETE FROM settlement_batch")
    assert "2024-05/P01" in found()


def test_a_line_quietly_put_back_into_a_claim_is_found(attacker):
    """An open hold that is no longer carved out would lose the point its money, or pay twice."""
    assert attacker.run("UPDATE line_hold SET carved = :no WHERE outcome IS NULL", no=False) == 1
    assert "暂缓" in found()


def test_a_person_taken_apart_or_made_up_is_found(attacker):
    for change in ("999 WHERE login = 'town'", "NULL"):
        attacker.run(f"UPDATE account SET person = {change}")
        assert "同一人" in found()
