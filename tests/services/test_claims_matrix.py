"""Who may do what with a submitted month, and when: tables written by hand, tested whole."""

from itertools import permutations

import pytest
from sqlalchemy import func, select

from mealsvc.accounts.permissions import ROLES, actions_of
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement import acts, refusals
from mealsvc.settlement.models import BatchAct
from mealsvc.settlement.services import submit
from mealsvc.trail.models import TrailEvent
from tests.factories import claims, tills
from tests.factories.claims import MAY, NOW, act, person

# What an act makes of a state; a dash: it is refused. One line a state, one column an act.
TABLE = """
                 first_review  recheck          sample   notice         approve   order            recall    pay   close   return    resubmit
submitted        town_review   -                -        -              -         -                -         -     -       returned  -
returned         -             -                -        -              -         -                -         -     -       -         submitted
town_review      -             district_review  -        -              -         -                -         -     -       returned  -
district_review  -             -                sampled  public_notice  -         -                -         -     -       returned  -
sampled          -             -                -        public_notice  -         -                -         -     -       returned  -
public_notice    -             -                -        -              approved  -                -         -     -       returned  -
approved         -             -                -        -              -         payment_ordered  -         -     -       -         -
payment_ordered  -             -                -        -              -         -                approved  paid  -       -         -
paid             -             -                -        -              -         -                -         -     closed  -         -
closed           -             -                -        -              -         -                -         -     -       -         -
"""
# Who has the right to each act, by the letters of the table of rights.
RIGHTS = {
    "submit": "md",
    "resubmit": "md",
    "first_review": "t",
    "recheck": "d",
    "sample": "u",
    "notice": "d",
    "approve": "a",
    "order": "f",
    "recall": "f",
    "pay": "f",
    "close": "d",
}
OTHER_RIGHTS = {
    "settlement.answer": "m",
    "settlement.release": "da",
    "corrections.decide": "d",
    "clawbacks.propose": "d",
    "clawbacks.approve": "a",
    "payees.write": "d",
    "payees.confirm": "f",
    "accounts.bind": "E",
}
DECISIVE = ("submit", "first_review", "recheck", "sample", "approve", "order", "pay")
HEADING, *LINES = (line.split() for line in TABLE.strip().splitlines())
FOLLOWS = {line[0]: dict(zip(HEADING, line[1:], strict=True)) for line in LINES}


@pytest.fixture
def may(app, monkeypatch):
    """A month with one subsidised line at P01, submitted by the manager."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    tills.serve("a")
    tills.serve("b", "C002", point="P02")
    with writing():
        submit(MAY, None, person("submit", "manager"), NOW)


class Undone(Exception):
    """Takes back what was tried."""


def counted() -> tuple[int, int]:
    """How many acts and how many rows of the trail there are."""
    tables = (BatchAct.id, TrailEvent.seq)
    acted, told = (db.session.scalar(select(func.count(one))) for one in tables)
    return acted or 0, told or 0


def tried(code: str) -> str:
    """The state that an act leads to, a dash where it is not its turn; undone again."""
    after = "-"
    try:
        with writing():
            acted, told = counted()
            claims.do(code, person("nobody"))
            assert counted() == (acted + 1, told + 1)
            after = claims.state()
            raise Undone
    except (refusals.NotItsTurn, Undone):
        return after


def test_every_act_from_every_state_is_as_the_table_says(may):
    assert set(FOLLOWS) == set(acts.STATES) - {acts.PREVIEW}
    assert set(HEADING) == (set(acts.ACTS) | {"return"}) - {"submit"}
    person("nobody")
    for status, row in FOLLOWS.items():
        claims.reach(status)
        assert (status, {code: tried(code) for code in HEADING}) == (status, row)


def test_the_whole_table_of_rights_of_a_claim():
    letters = {role.letter: role.code for role in ROLES.values()}
    wanted = {acts.ACTS[code].right: who for code, who in RIGHTS.items()} | OTHER_RIGHTS
    for right, who in wanted.items():
        holders = {letter for letter, role in letters.items() if right in actions_of(role)}
        assert (right, holders) == (right, set(who))
    for status, step in acts.RETURNS.items():
        assert acts.return_from(status).right == acts.ACTS[step].right


@pytest.mark.parametrize("two_accounts", [False, True], ids=["one account", "two accounts"])
def test_no_person_takes_two_decisive_steps_in_any_pair(may, two_accounts):
    """Every ordered pair of steps of the chain, the same person at both."""
    if two_accounts:
        for code in DECISIVE:
            person(code), person(f"{code}-too")
            claims.bind(code, f"{code}-too")
    refused = set()
    chain = ["first_review", "recheck", "sample", "notice", "approve", "order", "pay"]
    for position, second in enumerate(chain):
        for first in DECISIVE[: DECISIVE.index(second)] if second in DECISIVE else ():
            with pytest.raises(refusals.SamePerson):
                act(second, person(f"{first}-too" if two_accounts else first))
            refused.add((first, second))
        act(second, person(second))
        assert position == chain.index(second)
    in_order = {(one, two) for one, two in permutations(DECISIVE, 2)
                if DECISIVE.index(one) < DECISIVE.index(two)}  # fmt: skip
    assert refused == in_order


def test_in_a_later_round_a_person_may_repeat_a_step_and_take_no_other(may):
    act("first_review", person("town"))
    act("return", person("recheck"))
    claims.answer_all(person("submit"))
    act("resubmit", person("submit"))
    for other in ("recheck", "submit"):
        with pytest.raises(refusals.SamePerson):
            act("first_review", person(other))
    act("first_review", person("town"))
    with pytest.raises(refusals.SamePerson):
        act("recheck", person("town"))
    act("recheck", person("recheck"))


def test_public_notice_and_closing_decide_nothing_and_need_nobody_new(may):
    act("first_review", person("first_review"))
    act("recheck", person("recheck"))
    act("notice", person("recheck"))
    act("approve", person("approve"))
    act("order", person("order"))
    act("pay", person("pay"))
    act("close", person("pay"))
    assert claims.state() == "closed"


@pytest.mark.parametrize("code", ["first_review", "resubmit", "return", "approve", "close"])
def test_what_was_not_submitted_cannot_be_reviewed(may, code):
    with pytest.raises(Refusal) as caught:
        act(code, person("nobody"), month=claims.JUNE)
    assert caught.value.code == "not_submitted"
