"""Entering people into the register, and changing what it says of them."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import services
from mealsvc.residents.enrolment import UNSET, card_digest
from mealsvc.residents.models import Credential, NameKey, Resident, ResidentFact
from mealsvc.residents.refusals import (
    AlreadyRegistered,
    BadPeriod,
    FactExists,
    MissingReason,
    MissingStart,
    UnknownCategory,
    UnknownFact,
)
from mealsvc.residents.services import NewFact
from mealsvc.trail.models import TrailEvent
from tests.factories.residents import CLERK, HOME, NOW, OTHER_TOWN, enrol, number_of, person

DAY = date(2024, 1, 1)


def results(outcomes):
    return [one.refusal.code if one.refusal else one.result for one in outcomes]


def the_one():
    db.session.expire_all()
    return db.session.scalars(select(Resident)).one()


def held(card_no):
    db.session.expire_all()
    return db.session.get(Credential, card_digest(vault(), card_no))


def trail(action=None):
    rows = db.session.scalars(select(TrailEvent).order_by(TrailEvent.seq)).all()
    return [row for row in rows if action in (None, row.action)]


def spells():
    facts = db.session.scalars(select(ResidentFact).where(ResidentFact.kind == "category"))
    return {(fact.value, fact.from_on, fact.to_on, fact.source) for fact in facts}


def test_a_new_person_is_entered_with_keys_and_credentials(app):
    row = person(
        name="单福生",
        residence_division=OTHER_TOWN,
        address="湖塘镇某村1号",
        phone="13800005678",
        categories=(("DB", DAY, None),),
        card_no="C1",
        enrolled_on=DAY,
        lon=119.9,
        lat=31.7,
    )
    assert results(enrol(row)) == ["created"]
    one = the_one()
    assert (one.birth_on, one.sex, one.id_last4) == (
        date(1950, 1, 1),
        "male",
        row.id_number.number[-4:],
    )
    assert (one.hukou_division, one.residence_division) == (HOME, OTHER_TOWN)
    assert (one.enrolled_on, one.lon, one.lat) == (DAY, 119.9, 31.7)
    assert vault().open(one.address) == "湖塘镇某村1号"
    assert vault().open(one.id_number) == row.id_number.number
    assert {"shanfusheng", "danfusheng", "sfs"} <= set(db.session.scalars(select(NameKey.key)))
    assert spells() == {("DB", DAY, None, "名册.csv")}
    assert held("C1").status == "active"


def test_the_same_file_again_changes_nothing(app):
    row = person(
        address="某村1号",
        phone="138",
        categories=(("DB", DAY, None), ("SN", None, None)),
        card_no="C1",
    )
    enrol(row)
    before = len(trail())
    assert results(enrol(row)) == ["unchanged"]
    assert len(trail()) == before


def test_a_later_file_updates_and_leaves_the_columns_it_lacks(app):
    enrol(person(address="某村1号", phone="138", categories=(("DB", DAY, None),), card_no="C1"))
    assert results(enrol(person(name="张桂英", hukou=OTHER_TOWN, phone="139"))) == ["updated"]
    one = the_one()
    assert (one.name, one.hukou_division) == ("张桂英", OTHER_TOWN)
    assert (vault().open(one.phone), vault().open(one.address)) == ("139", "某村1号")
    assert held("C1").status == "active"
    assert spells() == {("DB", DAY, None, "名册.csv")}
    assert "zhangguiying" in set(db.session.scalars(select(NameKey.key)))
    assert "zhangguifang" not in set(db.session.scalars(select(NameKey.key)))


def test_an_empty_field_clears_what_was_known(app):
    enrol(
        person(
            address="某村1号", phone="138", categories=(("DB", DAY, None),), card_no="C1", lon=1.0
        )
    )
    cleared = person(address="", phone=None, categories=(), card_no=None, lon=None)
    assert results(enrol(cleared)) == ["updated"]
    one = the_one()
    assert (one.address, one.phone, one.lon) == (None, None, None)
    assert spells() == set()
    assert held("C1").status == "stopped"


def test_categories_are_replaced_and_those_that_stay_keep_their_source(app):
    enrol(person(categories=(("DB", DAY, None), ("TK", None, None))))
    with writing():
        db.session.scalars(
            select(ResidentFact).where(ResidentFact.value == "DB")
        ).one().source = "民政"
    new = person(categories=(("DB", DAY, None), ("SN", DAY, DAY)))
    assert results(enrol(new)) == ["updated"]
    assert spells() == {("DB", DAY, None, "民政"), ("SN", DAY, DAY, "名册.csv")}


def test_a_category_that_ends_keeps_its_row(app):
    enrol(person(categories=(("DB", DAY, None),)))
    enrol(person(categories=(("DB", DAY, date(2024, 3, 31)),)))
    assert spells() == {("DB", DAY, date(2024, 3, 31), "名册.csv")}


def test_the_same_person_twice_in_one_file_keeps_the_first_row(app):
    seen: set[bytes] = set()
    first = enrol(person(name="张桂芳"), person(name="李桂芳"), seen=seen)
    assert results(first) == ["created", "duplicate"]
    assert results(enrol(person(name="王桂芳"), seen=seen)) == ["duplicate"]
    assert the_one().name == "张桂芳"


@pytest.mark.parametrize("status", ["active", "lost", "stopped"])
def test_a_card_of_somebody_else_rejects_the_row(app, status):
    enrol(person(1, card_no="C1"))
    with writing():
        held("C1").status = status
    assert results(enrol(person(2, card_no="C1"), person(2, card_no="C2"))) == [
        "card_taken",
        "created",
    ]
    assert held("C1").resident_id != held("C2").resident_id


def test_two_rows_of_one_file_cannot_have_one_card(app):
    assert results(enrol(person(1, card_no="C1"), person(2, card_no="C1"))) == [
        "created",
        "card_taken",
    ]
    assert the_one().name == "张桂芳"


def test_a_new_card_replaces_the_old_one_whose_number_is_free_again(app):
    enrol(person(1, card_no="C1"))
    outcomes = enrol(person(1, card_no="C2"), person(2, card_no="C1"))
    assert results(outcomes) == ["updated", "created"]
    assert (held("C2").resident_id, held("C1").resident_id) == tuple(
        o.resident_id for o in outcomes
    )
    assert (held("C1").status, held("C2").status) == ("active", "active")


def test_rows_count_in_their_order_so_a_card_is_taken_until_it_is_given_back(app):
    enrol(person(1, card_no="C1"))
    outcomes = enrol(person(2, card_no="C1"), person(1, card_no="C2"))
    assert results(outcomes) == ["card_taken", "updated"]


def test_a_file_never_brings_a_lost_card_back(app):
    enrol(person(card_no="C1"))
    with writing():
        held("C1").status = "lost"
    assert results(enrol(person(card_no="C1"))) == ["unchanged"]
    assert held("C1").status == "lost"


def test_a_card_cannot_spell_the_id_number_of_somebody_else(app):
    enrol(person(1))
    card = number_of(1).number
    assert results(enrol(person(2, card_no=card))) == ["card_taken"]
    assert results(enrol(person(1, card_no=card))) == ["updated"]


def test_a_fifteen_digit_number_is_the_same_person_and_flagged(app):
    short = number_of(1).number[:6] + number_of(1).number[8:17]
    enrol(person(1)._replace(id_number=services.normalise(short)))
    assert the_one().id_converted
    assert results(enrol(person(1))) == ["unchanged"]


def test_after_a_dated_move_a_new_hukou_in_a_file_is_a_move_of_today(app):
    (outcome,) = enrol(person(hukou=HOME))
    move = NewFact("hukou", OTHER_TOWN, date(2024, 2, 1), None, "派出所")
    with writing():
        services.add_fact(outcome.resident_id, move, CLERK)
    assert results(enrol(person(hukou=OTHER_TOWN))) == ["unchanged"]
    assert results(enrol(person(hukou="320412103001"))) == ["updated"]
    assert results(enrol(person(hukou="320412103001"))) == ["unchanged"]
    assert results(enrol(person(hukou=OTHER_TOWN))) == ["updated"]
    assert the_one().hukou_division == HOME
    moves = {(fact.from_on, fact.value) for fact in services.facts_of(outcome.resident_id)}
    assert moves == {(date(2024, 2, 1), OTHER_TOWN), (date(2024, 6, 3), OTHER_TOWN)}


def test_every_change_has_its_trail_row_without_personal_data(app):
    enrol(person(1, name="张桂芳", phone="13800005678", card_no="CARD77"))
    enrol(person(1, name="张桂英", phone="13900005678"))
    rows = [row for row in trail() if row.action.startswith("residents.")]
    assert [(row.action, row.subject) for row in rows] == [
        ("residents.register", "R000001"),
        ("residents.correct", "R000001"),
    ]
    assert json.loads(rows[1].detail)["fields"] == ["name", "phone"]
    told = "".join(row.detail for row in rows)
    assert not [one for one in ("张桂", "0005678", "CARD77", number_of(1).number) if one in told]


def test_many_more_than_one_batch_are_entered_in_order(app, monkeypatch):
    monkeypatch.setattr("mealsvc.residents.enrolment.SIZE", 3)
    rows = [person(serial) for serial in range(8)]
    outcomes = enrol(*rows, rows[0])
    assert results(outcomes) == ["created"] * 8 + ["duplicate"]
    assert [one.resident_id for one in outcomes[:8]] == sorted(
        one.resident_id for one in outcomes[:8]
    )


def test_registering_a_known_person_names_the_record(app):
    enrol(person())
    with pytest.raises(AlreadyRegistered) as told, writing():
        services.register(person(name="李某"), CLERK, NOW, source="页面")
    assert told.value.facts["ref"] == the_one().ref
    assert the_one().name == "张桂芳"


def test_a_corrected_id_number_serves_and_the_old_one_does_not(app):
    (outcome,) = enrol(person(1))
    right = number_of(7, "19510203")
    with writing():
        services.correct_id_number(outcome.resident_id, right, CLERK, NOW, reason="登记抄错")
    assert services.find_id(right.number) == outcome.resident_id
    assert services.find_id(number_of(1).number) is None
    assert the_one().birth_on == date(1951, 2, 3)
    assert len(trail("residents.correct_id")) == 1


def test_an_id_number_of_somebody_else_cannot_be_taken_over(app):
    enrol(person(1))
    (other,) = enrol(person(2))
    with pytest.raises(AlreadyRegistered), writing():
        services.correct_id_number(other.resident_id, number_of(1), CLERK, NOW, reason="登记抄错")


def test_revealing_needs_a_reason_and_leaves_a_trail_row(app):
    (outcome,) = enrol(person(phone="13800005678"))
    with pytest.raises(MissingReason), writing():
        services.reveal(outcome.resident_id, "phone", "看看", CLERK)
    assert trail("residents.reveal") == []
    with writing():
        assert services.reveal(outcome.resident_id, "phone", "联系家属", CLERK) == "13800005678"
        assert (
            services.reveal(outcome.resident_id, "id_number", "核对身份", CLERK)
            == number_of().number
        )
        assert services.reveal(outcome.resident_id, "address", "上门核实", CLERK) == ""
    rows = trail("residents.reveal")
    assert [json.loads(row.detail)["field"] for row in rows] == ["phone", "id_number", "address"]
    assert not [row for row in rows if "13800005678" in row.detail]


def test_facts_are_added_ended_and_withdrawn_each_with_a_trail_row(app):
    (outcome,) = enrol(person())
    one = outcome.resident_id
    with writing():
        fact = services.add_fact(one, NewFact("departure", "moved_out", DAY, None, "派出所"), CLERK)
        services.end_fact(one, fact.id, date(2024, 2, 1), CLERK)
    assert [f.to_on for f in services.facts_of(one)] == [date(2024, 2, 1)]
    with writing():
        services.withdraw_fact(one, fact.id, "同名登错", CLERK)
    assert services.facts_of(one) == []
    actions = [row.action for row in trail()][-3:]
    assert actions == ["residents.add_fact", "residents.end_fact", "residents.withdraw_fact"]


@pytest.mark.parametrize(
    ("fact", "refusal"),
    [
        (NewFact("category", "XX", None, None, ""), UnknownCategory),
        (NewFact("departure", "elsewhere", DAY, None, ""), UnknownCategory),
        (NewFact("departure", "deceased", None, None, ""), MissingStart),
        (NewFact("hukou", OTHER_TOWN, None, None, ""), MissingStart),
        (NewFact("category", "DB", DAY, date(2023, 12, 31), ""), BadPeriod),
        (NewFact("category", "TK", DAY, None, ""), FactExists),
    ],
)
def test_a_fact_that_cannot_be_is_refused(app, fact, refusal):
    (outcome,) = enrol(person(categories=(("TK", DAY, None),)))
    with pytest.raises(refusal), writing():
        services.add_fact(outcome.resident_id, fact, CLERK)


def test_a_fact_of_somebody_else_is_out_of_reach(app):
    (one,) = enrol(person(1, categories=(("TK", DAY, None),)))
    (other,) = enrol(person(2))
    fact = services.facts_of(one.resident_id)[0]
    with pytest.raises(UnknownFact), writing():
        services.end_fact(other.resident_id, fact.id, None, CLERK)


def test_unset_is_not_the_same_as_empty():
    assert person().phone is UNSET
