"""Finding people by what a clerk may type."""

import pytest

from mealsvc.plumbing.db import writing
from mealsvc.residents import services
from mealsvc.residents.search import find
from mealsvc.residents.services import NewFact
from tests.factories.residents import CLERK, HOME, NOW, OTHER_TOWN, enrol, number_of, person

NAMES = ("单福生", "张桂芳", "张桂芳", "阿里·买买提", "李Anna", "吕百岁")


@pytest.fixture
def people(app):
    rows = [person(serial, name) for serial, name in enumerate(NAMES, 1)]
    rows[2] = rows[2]._replace(hukou_division=OTHER_TOWN)
    rows[0] = rows[0]._replace(card_no="8801002003")
    enrol(*rows)


def names(typed, **more):
    return [one.name for one in find(typed, **more)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("单福生", ["单福生"]),
        ("单", ["单福生"]),
        ("shanfu", ["单福生"]),
        ("DANFU", ["单福生"]),
        ("sfs", ["单福生"]),
        ("张桂", ["张桂芳", "张桂芳"]),
        ("zhang gui", ["张桂芳", "张桂芳"]),
        ("阿里买", ["阿里·买买提"]),
        ("阿里·买", ["阿里·买买提"]),
        ("lianna", ["李Anna"]),
        ("lü", ["吕百岁"]),
        ("lvbai", ["吕百岁"]),
        ("８８０１００２００３", ["单福生"]),
        ("r000001", ["单福生"]),
        ("桂芳", []),
        ("%", []),
        ("  ", []),
        ("R999999", []),
    ],
)
def test_what_was_typed_finds_whom_it_means(people, typed, found):
    assert sorted(names(typed)) == sorted(found)


def test_an_id_number_is_found_however_it_is_written(people):
    number = number_of(2).number
    short = number[:6] + number[8:17]
    for typed in (number, number.lower(), f" {number} ", short):
        assert names(typed) == ["张桂芳"]


def test_the_last_four_find_everybody_who_has_them(people):
    typed = number_of(2).number[-4:]
    assert names(typed) == [one.name for one in find(typed)]
    assert "张桂芳" in names(typed.lower())


def test_two_people_of_one_name_are_told_apart_by_their_division(people):
    assert {one.hukou_division for one in find("张桂芳")} == {HOME, OTHER_TOWN}


def test_only_the_scope_is_searched(people):
    assert len(find("张桂芳", scope_prefix=OTHER_TOWN[:9])) == 1
    assert find(number_of(2).number, scope_prefix=OTHER_TOWN[:9]) == []
    assert find("R000002", scope_prefix=OTHER_TOWN[:9]) == []


def test_whoever_moved_in_is_found_in_the_new_scope_too(people):
    with writing():
        (one,) = find("R000002")
        move = NewFact("hukou", OTHER_TOWN, NOW.date(), None, "派出所")
        services.add_fact(one.id, move, CLERK)
    assert len(find("张桂芳", scope_prefix=OTHER_TOWN[:9])) == 2


def test_the_answer_is_bounded(people):
    enrol(*[person(100 + serial, "王大海") for serial in range(60)])
    assert len(find("wdh", limit=5)) == 5
    assert len(find("wdh", limit=500)) == 50
