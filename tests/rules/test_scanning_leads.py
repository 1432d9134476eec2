"""Anomalies that tell one story become one lead; leads are ordered by what is at stake."""

from dataclasses import replace

from mealsvc.auditing.scanning.rules.leads import FAMILIES, leads_of
from mealsvc.auditing.scanning.rules.view import Anomaly

CARDS = Anomaly("A06", "case", "P1", (1, 2, 3, 4), (19_000,), (7, 8), "成批。", "先核对。")
LIST = replace(CARDS, rule="A07", severity="high", sequences=(8, 9), summary="重放。")
PHONES = replace(CARDS, rule="A19", sequences=(20, 21), summary="电话。")
MONEY = dict.fromkeys(range(1, 30), 300)


def test_rules_of_one_family_at_a_point_are_one_lead_of_the_gravest_severity() -> None:
    [story] = leads_of([CARDS, LIST], MONEY)

    assert story.rules == ("A07", "A06")
    assert (story.severity, story.key) == ("high", "P1:entered")
    assert story.sequences == (1, 2, 3, 4, 8, 9)
    assert story.subsidy_fen == 1800
    assert story.summary == "重放；另有A06指向同一情形。"


def test_rules_of_other_families_join_only_over_the_same_lines() -> None:
    apart = leads_of([CARDS, PHONES], MONEY)
    joined = leads_of([CARDS, replace(PHONES, sequences=(3, 4, 5))], MONEY)

    assert sorted(story.key for story in apart) == ["P1:enrolled", "P1:entered"]
    assert [story.key for story in joined] == ["P1:entered"]


def test_an_anomaly_joins_two_stories_that_it_links() -> None:
    link = replace(CARDS, rule="A10", sequences=(3, 4, 20, 21))

    [story] = leads_of([CARDS, PHONES, link], MONEY)

    assert set(story.rules) == {"A06", "A19", "A10"}


def test_points_are_never_mixed_and_keys_are_unique() -> None:
    stories = leads_of([CARDS, replace(CARDS, point="P2"), PHONES], MONEY)

    assert len({story.key for story in stories}) == 3


def test_weight_follows_money_severity_and_doubt() -> None:
    def weight(anomaly: Anomaly) -> int:
        return leads_of([anomaly], MONEY)[0].weight

    assert weight(replace(CARDS, sequences=tuple(range(1, 9)))) > weight(CARDS)
    assert weight(replace(CARDS, severity="high")) > weight(CARDS)
    assert weight(replace(CARDS, chance=0.01)) < weight(CARDS)
    assert weight(replace(CARDS, chance=1e-9)) == weight(CARDS)


def test_the_weightiest_comes_first() -> None:
    stories = leads_of([replace(CARDS, point="P2"), replace(LIST, point="P3")], MONEY)

    assert [story.point for story in stories] == ["P3", "P2"]


def test_every_rule_of_the_catalogue_has_one_family() -> None:
    rules = [rule for _, _, rules in FAMILIES for rule in rules]

    assert sorted(rules) == [f"A{number:02d}" for number in (*range(1, 26), 26, 27, 28)]
