"""Cards through their life."""

import pytest

from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import cards
from mealsvc.residents.enrolment import card_digest
from mealsvc.residents.models import Credential
from mealsvc.residents.refusals import CardHeld, CardNotActive, CardTaken, UnknownCard
from tests.factories.residents import CLERK, NOW, enrol, number_of, person


@pytest.fixture
def two(app):
    return [one.resident_id for one in enrol(person(1, card_no="C1"), person(2))]


def status(card_no):
    db.session.expire_all()
    return db.session.get(Credential, card_digest(vault(), card_no)).status


def do(verb, resident_id, card_no):
    with writing():
        verb(resident_id, card_digest(vault(), card_no), CLERK, NOW)


def give(verb, resident_id, card_no):
    with writing():
        verb(resident_id, card_no, CLERK, NOW)


def test_a_card_is_issued_to_somebody_without_one(two):
    give(cards.issue_card, two[1], "C2")
    assert status("C2") == "active"
    with pytest.raises(CardHeld):
        give(cards.issue_card, two[1], "C3")


def test_a_card_of_somebody_else_cannot_be_issued(two):
    with pytest.raises(CardTaken):
        give(cards.issue_card, two[1], "C1")
    with pytest.raises(CardTaken):
        give(cards.issue_card, two[1], number_of(1).number)


def test_a_replaced_card_is_void_and_its_number_free(two):
    give(cards.replace_card, two[0], "C9")
    assert (status("C1"), status("C9")) == ("replaced", "active")
    give(cards.issue_card, two[1], "C1")
    assert status("C1") == "active"
    assert [card.last4 for card in cards.cards_of(two[0])] == ["C9"]


def test_a_lost_card_comes_back_or_is_replaced(two):
    do(cards.report_lost, two[0], "C1")
    assert status("C1") == "lost"
    do(cards.found_card, two[0], "C1")
    assert status("C1") == "active"
    do(cards.report_lost, two[0], "C1")
    give(cards.replace_card, two[0], "C8")
    assert status("C1") == "replaced"
    with pytest.raises(CardHeld):
        do(cards.found_card, two[0], "C1")


def test_a_stopped_card_stays_stopped_and_taken(two):
    do(cards.stop_card, two[0], "C1")
    for verb in (cards.report_lost, cards.found_card, cards.stop_card):
        with pytest.raises(CardNotActive):
            do(verb, two[0], "C1")
    with pytest.raises(CardTaken):
        give(cards.issue_card, two[1], "C1")


def test_nobody_touches_the_card_of_somebody_else(two):
    with pytest.raises(UnknownCard):
        do(cards.stop_card, two[1], "C1")
    assert status("C1") == "active"


def test_the_id_number_is_no_card(two):
    with pytest.raises(UnknownCard), writing():
        digest = vault().index("id", number_of(1).number)
        cards.stop_card(two[0], digest, CLERK, NOW)
