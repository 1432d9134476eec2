"""Every way in which a line can be held, reversed and decided around its month: who gets what."""

from datetime import UTC, date, datetime

import pytest

from mealsvc.places.models import MealPoint
from mealsvc.places.services import put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writer, writing
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement import holding, queries, refusals, returning, steps
from mealsvc.settlement.batches import acts_of, batch_at
from mealsvc.settlement.services import settlement_of, submit
from tests.factories import claims, tills
from tests.factories.claims import JUNE, MAY, NOW, act, person

# The line is worth 350 fen (300 subsidy, 50 operating), the month 800 with it.
# What happens in turn, then: what May pays, what is carved out of it, what June pays on top.
PATHS = """
hold release submit approve                     800    0    0
hold refuse submit approve                      450    0    0
hold submit release approve                     800    0    0
hold submit refuse approve                      450  350    0
hold submit approve release                     450  350  350
hold submit approve refuse                      450  350    0
hold release hold submit approve refuse         450  350    0
submit hold approve reverse release             450  350    0
submit hold approve reverse refuse              450  350    0
submit hold reverse release approve             800    0 -350
submit hold reverse refuse approve              450  350    0
hold reverse submit approve release             450    0    0
hold reverse submit approve refuse              450    0    0
hold reverse submit refuse approve              450    0    0
hold reverse submit release approve             450    0    0
hold reverse release submit approve             450    0    0
submit approve reverse                          800    0 -350
reverse submit approve                          450    0    0
submit return agree resubmit approve            450  350    0
submit hold return agree resubmit approve       450  350    0
submit hold refuse return agree resubmit approve 450 350    0
submit return hold explain resubmit approve release 450 350 350
submit reverse return explain resubmit approve  800    0 -350
"""
CASES = [
    (" ".join(words[:-3]), *map(int, words[-3:]))
    for words in (line.split() for line in PATHS.strip().splitlines())
]


@pytest.fixture
def may(app, monkeypatch):
    """Two subsidised lines of May at P01, of 350 and 450 fen; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    tills.serve("a")
    tills.serve("b", "C002")


class Story:
    """What can happen to line a, one word each."""

    def submit(self):
        submit(MAY, None, person("boss", "manager"), NOW)

    def hold(self):
        point_id = db.session.query(MealPoint.id).filter_by(code="P01").scalar()
        holding.hold_lines(
            MAY, point_id, [claims.sequence_of("a")], "not_eaten", "", person("town"), NOW
        )

    def release(self):
        holding.release(self._held(), "核实", person("chief"), NOW)

    def refuse(self):
        holding.refuse(self._held(), "未就餐", person("chief"), NOW)

    def reverse(self):
        reverse_serving(writer(), "r", "a", "误登", None, tills.SHELL, NOW)

    def approve(self):
        for code in ("first_review", "recheck", "notice"):
            claims.do(code, person({"first_review": "town"}.get(code, "district")))
        claims.do("approve", person("approver", "approver"))

    def agree(self):
        self._answer("agreed")

    def explain(self):
        self._answer("explained")

    def resubmit(self):
        claims.do("resubmit", person("boss"))

    def _answer(self, how: str):
        (one,) = returning.objections_of(batch_at(MAY, "P01"))
        returning.answer(one.id, how, "已核对", person("boss"), NOW)

    def _held(self) -> int:
        return db.session.query(holding.LineHold.id).filter_by(outcome=None).scalar()


def send_back(sequence: int) -> None:
    objections = [returning.Objection(sequence, "by_hand", "请说明")]
    returning.return_batch(MAY, "P01", objections, "退回", person("town"), NOW)


@pytest.mark.parametrize(("path", "paid", "held", "later"), CASES)
def test_whatever_happens_to_a_held_line_is_paid_right(may, path, paid, held, later):
    story = Story()
    for word in path.split():
        with writing():
            if word == "return":
                send_back(claims.sequence_of("a"))
            else:
                getattr(story, word)()
    (point,) = settlement_of(MAY, "P01")["points"]
    june = settlement_of(JUNE, "P01")["total"]["payable_fen"]
    assert (point["payable_fen"], point["held_fen"], june) == (paid, held, later)
    assert point["status"] == "approved"
    steps.check_unchanged(batch_at(MAY, "P01"))


def test_a_month_of_nothing_but_adjustments_is_waited_for_and_submitted(may):
    """Also one that is payable below nothing; an earlier one is asked for first."""
    story = Story()
    for word in ("submit", "approve", "reverse"):
        with writing():
            getattr(story, word)()
    seen = MealPoint.code == "P01"
    assert queries.months_with_lines(seen) == [JUNE, MAY]
    assert queries.open_months(seen, date(2024, 7, 3)) == {JUNE: 1}
    july = datetime(2024, 7, 3, 4, 0, tzinfo=UTC)
    with writing():
        submit(JUNE, "P01", person("boss"), july)
    assert settlement_of(JUNE)["total"]["payable_fen"] == -350
    for code in ("first_review", "recheck", "notice", "approve"):
        act(code, person(code), JUNE, now=july)
    assert acts_of(batch_at(JUNE, "P01").id)[-1].payable_fen == -350


def test_a_month_that_holds_a_released_amount_only_is_found_by_its_pages(may):
    story = Story()
    for word in ("hold", "submit", "approve", "release"):
        with writing():
            getattr(story, word)()
    seen = MealPoint.code == "P01"
    assert queries.months_with_lines(seen) == [JUNE, MAY]
    assert queries.open_months(seen, date(2024, 7, 3)) == {JUNE: 1}
    tills_of_july = datetime(2024, 7, 3, 3, 30, tzinfo=UTC)
    august = datetime(2024, 8, 3, 4, 0, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: august)
        tills.serve("july", served_at=tills_of_july)
        with pytest.raises(refusals.EarlierMonthOpen), writing():
            submit(JUNE.next, "P01", person("boss"), august)


def test_a_line_given_up_twice_is_taken_out_once(may):
    with writing():
        Story().submit()
        objections = [
            returning.Objection(claims.sequence_of("a"), reason, "")
            for reason in ("by_hand", "proxy")
        ]
        returning.return_batch(MAY, "P01", objections, "退回", person("town"), NOW)
    with writing():
        for one in returning.objections_of(batch_at(MAY, "P01")):
            returning.answer(one.id, "agreed", "", person("boss"), NOW)
        claims.do("resubmit", person("boss"))
    assert settlement_of(MAY)["total"]["payable_fen"] == 450
    assert settlement_of(JUNE)["total"]["payable_fen"] == 0


@pytest.mark.parametrize("key", ["r", "free", "p02"])
def test_what_is_worth_nothing_or_is_not_there_cannot_be_held(may, key):
    tills.serve("free", "C003")
    tills.serve("p02", "C004", point="P02")
    with writing():
        Story().reverse()
    with pytest.raises((refusals.NothingToHold, refusals.UnknownLine)), writing():
        holding.hold_lines(MAY, 1, [claims.sequence_of(key)], "other", "", person("town"), NOW)


def test_after_the_approval_nothing_more_is_held_or_given_up(may):
    story = Story()
    for word in ("submit", "approve"):
        with writing():
            getattr(story, word)()
    with pytest.raises(refusals.HoldTooLate), writing():
        story.hold()
    with pytest.raises(refusals.HoldTooLate), writing():
        holding.carve_out(MAY, 1, claims.sequence_of("a"), "other", "", person("boss"), NOW)


def test_a_month_with_a_hold_without_end_is_not_closed(may):
    story = Story()
    for word in ("submit", "hold", "approve"):
        with writing():
            getattr(story, word)()
    act("order", person("order")), act("pay", person("pay"))
    with pytest.raises(refusals.HoldsOpen), writing():
        claims.do("close", person("clerk"))
    with writing():
        story.release()
    act("close", person("clerk"))
    assert claims.state() == "closed"


def test_a_point_that_moves_afterwards_makes_no_closed_month_wrong(app, monkeypatch):
    lump = tills.SAMPLE.replace("min_daily_average = 50\nmin_days = 15", "min_daily_average = 1")
    monkeypatch.setattr(tills, "SAMPLE", lump)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    tills.serve("a")
    with writing():
        Story().submit()
        away = {"code": "P01", "name": "新址", "kind": "community_canteen"}
        put_point(away | {"division": "320412104001"}, tills.SHELL)  # no lump sums there
    act("first_review", person("town"))
    assert settlement_of(MAY)["total"]["payable_fen"] == 200_350
