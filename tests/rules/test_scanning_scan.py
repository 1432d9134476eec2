"""One anomaly for each rule and point, held against chance, the gravest first."""

from dataclasses import replace

from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.scan import counts_of, expected_false, finish
from mealsvc.auditing.scanning.rules.view import Anomaly

LIMITS = Limits()
BASE = Anomaly(
    rule="A06",
    severity="case",
    point="P1",
    sequences=(3, 1),
    days=(19_000,),
    residents=(7,),
    summary="一",
    honest="先核对。",
)


def test_findings_of_one_rule_at_one_point_become_one_with_their_lines_united() -> None:
    more = replace(BASE, sequences=(1, 9), days=(18_990,), residents=(8, 7), summary="二")

    [only] = finish([BASE, more], LIMITS)

    assert only.sequences == (1, 3, 9)
    assert only.days == (18_990, 19_000)
    assert only.residents == (7, 8)


def test_the_gravest_part_speaks_and_the_others_stay_in_the_evidence() -> None:
    grave = replace(BASE, severity="high", summary="重", evidence={"days": ["2022-01-01"]})

    [only] = finish([BASE, grave], LIMITS)

    assert (only.severity, only.summary) == ("high", "重")
    assert only.evidence == {"days": ["2022-01-01"], "also": ["一"]}


def test_what_chance_explains_is_dropped() -> None:
    likely, unlikely = replace(BASE, chance=0.2), replace(BASE, point="P2", chance=1e-4)

    assert [one.point for one in finish([likely, unlikely], LIMITS)] == ["P2"]


def test_a_district_that_puts_up_with_more_false_leads_keeps_more() -> None:
    likely = replace(BASE, chance=0.2)

    assert len(finish([likely], replace(LIMITS, false_leads=5.0))) == 1
    assert expected_false(replace(LIMITS, false_leads=5.0)) == 5.0


def test_a_fact_beside_a_statistic_is_a_fact() -> None:
    [only] = finish([replace(BASE, chance=1e-4), BASE], LIMITS)

    assert only.chance is None


def test_the_order_is_severity_then_rule_then_point() -> None:
    found = [
        replace(BASE, rule="A12", severity="watch"),
        replace(BASE, rule="A09", point="P2"),
        replace(BASE, rule="A09", point="P1"),
        replace(BASE, rule="A01", severity="block"),
        replace(BASE, rule="A07", severity="high"),
    ]

    told = [(one.rule, one.point) for one in finish(found, LIMITS)]

    assert told == [("A01", "P1"), ("A07", "P1"), ("A09", "P1"), ("A09", "P2"), ("A12", "P1")]
    assert counts_of(finish(found, LIMITS)) == {"A01": 1, "A07": 1, "A09": 2, "A12": 1}
