"""One person with several accounts counts once in a chain, whenever the accounts were bound."""

from datetime import timedelta

import pytest

from mealsvc.accounts import persons
from mealsvc.accounts.refusals import BoundToItself, OwnAccount
from mealsvc.accounts.services import find_user
from mealsvc.kernel.actors import Actor
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.settlement import holding, refusals, returning
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.services import submit
from tests.factories import claims, tills
from tests.factories.claims import MAY, NOW, act, bind, person, unbind


@pytest.fixture
def may(app, monkeypatch):
    """A month of P01, submitted; each look at the clock is a second later than the last."""
    ticks = iter(range(1, 10_000))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=next(ticks)))
    tills.small_district()
    tills.serve("a")
    tills.serve("b", "C002")
    with writing():
        submit(MAY, None, person("boss", "manager"), NOW)
    for login in ("one", "two", "three", "four"):
        person(login)


def kept_from(code: str, login: str) -> None:
    with pytest.raises(refusals.SamePerson):
        act(code, person(login))


def test_accounts_bound_before_the_first_step_are_one_person(may):
    bind("one", "two")
    act("first_review", person("one"))
    kept_from("recheck", "two")


def test_accounts_bound_after_the_first_step_are_one_person(may):
    act("first_review", person("one"))
    bind("one", "two")
    kept_from("recheck", "two")


def test_the_order_in_which_they_are_bound_does_not_matter(may):
    act("first_review", person("two"))
    bind("two", "one")
    kept_from("recheck", "one")


@pytest.mark.parametrize("first", ["one", "two"])
@pytest.mark.parametrize("leaves", ["one", "two"])
def test_unbinding_afterwards_does_not_help(may, first, leaves):
    bind("one", "two")
    act("first_review", person(first))
    unbind(leaves)
    kept_from("recheck", "two" if first == "one" else "one")


def test_binding_and_unbinding_between_two_steps_does_not_help_either(may):
    act("first_review", person("one"))
    bind("one", "two")
    unbind("two")
    kept_from("recheck", "two")


def test_what_was_unbound_before_the_month_was_submitted_is_over(may, monkeypatch):
    bind("one", "two")
    unbind("two")
    later = NOW + timedelta(days=40)
    monkeypatch.setattr(clock, "now", lambda: later)
    tills.serve("june", served_at=tills.LUNCH.replace(month=6, day=5))
    with writing():
        submit(claims.JUNE, None, person("boss"), later)
    act("first_review", person("one"), claims.JUNE, now=later)
    act("recheck", person("two"), claims.JUNE, now=later)
    assert claims.state(claims.JUNE) == "district_review"


@pytest.mark.parametrize("pairs", [[("one", "two"), ("two", "three")],
                                   [("two", "three"), ("one", "two")],
                                   [("one", "three"), ("three", "two")]])  # fmt: skip
def test_three_accounts_are_one_person_however_they_were_bound(may, pairs):
    for pair in pairs:
        bind(*pair)
    act("first_review", person("three"))
    for login in ("one", "two"):
        kept_from("recheck", login)
    act("recheck", person("four"))


def test_the_first_of_three_leaves_and_the_others_stay_one(may):
    bind("one", "two")
    bind("two", "three")
    unbind("one")
    act("first_review", person("two"))
    kept_from("recheck", "three")
    kept_from("recheck", "one")  # they were one person when the month was reviewed


def test_a_chain_through_an_account_that_was_bound_to_both_counts(may):
    bind("one", "two")
    act("first_review", person("one"))
    unbind("two")
    bind("two", "three")
    kept_from("recheck", "three")


def test_the_submitter_by_another_account_does_not_review(may):
    bind("boss", "two")
    kept_from("first_review", "two")


def test_a_hold_is_not_ended_by_another_account_of_whoever_placed_it(may):
    with writing():
        (hold,) = holding.hold_lines(
            MAY, batch_at(MAY, "P01").point_id, [claims.sequence_of("a")], "not_eaten", "",
            person("one"), clock.now(),
        )  # fmt: skip
    bind("one", "two")
    unbind("one")
    for verb in (holding.release, holding.refuse):
        with pytest.raises(refusals.OwnHold), writing():
            verb(hold.id, "", person("two"), clock.now())
    with writing():
        holding.release(hold.id, "核实", person("three"), clock.now())
    assert hold.outcome == "released"


def test_a_reviewer_does_not_answer_for_the_point(may):
    act("return", person("one"))
    bind("one", "two")
    (one,) = returning.objections_of(batch_at(MAY, "P01"))
    for login in ("one", "two"):
        with pytest.raises(refusals.SamePerson), writing():
            returning.answer(one.id, "explained", "已核对", person(login), NOW)
    claims.answer_all(person("boss"))
    assert one.answer == "explained"


def test_binding_twice_and_unbinding_what_is_not_bound_changes_nothing(may):
    bind("one", "two")
    bind("two", "one")
    assert [one.login for one in persons.accounts_of(find_user("two"))] == ["one", "two"]
    unbind("three")
    assert persons.accounts_of(find_user("three")) == [find_user("three")]


def test_nobody_binds_an_account_to_itself_or_their_own(may):
    one, two = find_user("one").id, find_user("two").id
    with pytest.raises(BoundToItself), writing():
        persons.bind_accounts(one, one, tills.SHELL)
    for pair in ((one, two), (two, one)):
        with pytest.raises(OwnAccount), writing():
            persons.bind_accounts(*pair, Actor("user", "one"))
    bind("one", "two")
    with pytest.raises(OwnAccount), writing():
        persons.unbind_account(one, Actor("user", "one"))


def test_nobody_takes_the_accounts_of_their_own_person_apart_by_another_of_them(may):
    bind("one", "two")
    bind("two", "three")
    accounts = {login: find_user(login).id for login in ("one", "two", "four")}
    for login in ("one", "two"):
        with pytest.raises(OwnAccount), writing():
            persons.unbind_account(accounts[login], Actor("user", "three"))
        with pytest.raises(OwnAccount), writing():
            persons.bind_accounts(accounts[login], accounts["four"], Actor("user", "three"))
    assert len(persons.accounts_of(find_user("three"))) == 3
