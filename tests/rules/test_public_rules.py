"""What citizens are told, as values."""

from datetime import date, time
from types import SimpleNamespace

import pytest

from mealsvc.public import rules

BOTH = (("lunch", "10:30-12:30"), ("dinner", "16:30-18:00"))


@pytest.mark.parametrize(
    ("at", "is_open", "words"),
    [
        (time(10, 29), False, "现在没有供餐，10:30有午餐"),
        (time(10, 30), True, "正在供应午餐，到12:30"),
        (time(12, 30), False, "现在没有供餐，16:30有晚餐"),
        (time(17, 59), True, "正在供应晚餐，到18:00"),
        (time(18, 0), False, "今天已经结束，平常10:30供餐"),
    ],
)
def test_a_point_is_open_from_the_first_minute_to_before_the_last(at, is_open, words):
    assert rules.opening(BOTH, at) == rules.Opening(is_open, words)


def test_without_hours_nobody_claims_that_it_is_open():
    assert rules.opening((), time(11)) == rules.Opening(False, "供餐时间没有登记，请先打电话问")


def test_the_nearest_comes_first_and_what_nobody_has_located_last():
    spots = [
        SimpleNamespace(name=name, lon=lon, lat=lat)
        for name, lon, lat in (("nowhere", None, None), ("far", 120.0, 31.7), ("near", 119.9, 31.7))
    ]
    found = rules.by_distance(spots, 119.89, 31.7)
    assert [spot.name for spot, _ in found] == ["near", "far", "nowhere"]
    assert [rules.distance_words(metres) for _, metres in found] == [
        "约950米",
        "约10.4公里",
        "距离不详",
    ]


@pytest.mark.parametrize(
    ("metres", "words"), [(0, "约50米"), (974, "约950米"), (976, "约1.0公里"), (1249, "约1.2公里")]
)
def test_a_distance_is_never_finer_than_fifty_metres(metres, words):
    assert rules.distance_words(metres) == words


def test_a_village_of_fewer_than_three_is_not_named():
    three = [("张*", "甲村", 5), ("王*", "甲村", 1), ("李*", "甲村", 2)]
    two = [("钱*", "乙村", 9), ("孙*", "乙村", 8)]
    shown = rules.coarse([*two, *three])
    assert {village for _, village, _ in shown} == {"甲村", rules.ELSEWHERE}
    assert sorted(shown) == sorted(
        [*three, ("钱*", rules.ELSEWHERE, 9), ("孙*", rules.ELSEWHERE, 8)]
    )
    assert [village for _, village, _ in shown][-2:] == [rules.ELSEWHERE] * 2


def test_a_suspension_says_until_when():
    assert rules.stop_words(date(2024, 5, 1), None) == "从2024年5月1日起暂停供餐，恢复时间还没有定"
    until = rules.stop_words(date(2024, 5, 1), date(2024, 5, 9))
    assert until == "从2024年5月1日到2024年5月9日暂停供餐"
