"""What a replay asks of the policies, and what it keeps in mind of an elder."""

from datetime import date

import pytest

from mealsvc.kernel.months import Month
from mealsvc.policies.rules import CategoryFact, Departure
from mealsvc.simulation.figures import rest_of_year
from mealsvc.simulation.replay import Eater, Replay
from mealsvc.simulation.rules import Judge, Situation, age_edges, band_name, bands, trial_policies
from tests.factories.policies import percent_rule, policy, resident, rule

MAY = Month(2024, 5)
HERE = "320412100001"


class Always:
    """Facts that never change, or another set from a day on."""

    def __init__(self, before, since=date.max, after=None):
        self._spans = [(before, date.min, since), (after or before, since, date.max)]

    def on(self, day):
        situation, first, last = self._spans[day >= self._spans[1][1]]
        return situation, first, last


def plain(**fields):
    return Situation(HERE, None, frozenset(fields.get("categories", ())), fields.get("gone", ""))


def replayed(base, draft, lines, born=date(1952, 3, 1), history=None):
    """A replay of lines (day, meal, price) of one elder at one point."""
    judges = Judge(base), Judge(trial_policies(draft, base))
    replay = Replay(*judges, draft)
    replay.eaters[1] = eater = Eater(born, history or Always(plain()))
    sums = replay.begin(MAY)
    replay.add(
        sums, [(1, 7, day, meal, "dine_in", price, 0, 0, None) for day, meal, price in lines]
    )
    return eater, sums, replay


def test_the_draft_takes_the_place_of_its_division_alone():
    old, town = policy(code="A"), policy(code="T", division="320412100")
    draft = policy(code="B", effective_from=date(2030, 1, 1), effective_to=date(2030, 2, 1))
    first, second = trial_policies(draft, [old, town])
    assert first is town
    assert (second.code, second.effective_from, second.effective_to) == ("B", date.min, None)


def test_ages_are_asked_only_where_a_rule_changes():
    one = policy(rule(min_age=60, max_age=79), rule("V", min_age=80), min_age=55)
    assert age_edges([one]) == [55, 60, 80]
    starts = bands([55, 65, 66])
    assert starts == [60, 65, 66, 70, 80, 90]
    names = [band_name(starts, number) for number in range(len(starts) + 1)]
    wanted = ["59岁以下", "60–64岁", "65岁", "66–69岁", "70–79岁", "80–89岁", "90岁以上"]
    assert names == wanted


@pytest.mark.parametrize(
    ("departures", "wanted"),
    [
        ([("moved_out", 1, 9), ("institution", 1, 9)], "moved_out"),
        ([("institution", 1, 5)], "institution"),
        ([("institution", 1, 4), ("moved_out", 6, None)], ""),
        ([("deceased", 1, 2), ("moved_out", 1, None)], "deceased"),
    ],
)
def test_a_situation_is_what_holds_on_the_day(departures, wanted):
    made = [
        Departure(event, date(2024, 5, first), date(2024, 5, last) if last else None)
        for event, first, last in departures
    ]
    categories = [CategoryFact("DJ", date(2024, 5, 5)), CategoryFact("TK", None, date(2024, 5, 4))]
    facts = resident(categories=categories, departures=made)
    found = Situation.on(date(2024, 5, 5), facts)
    assert found.departure == wanted
    assert (found.categories, found.group) == ({"DJ"}, "DJ")


def test_caps_bind_each_side_by_its_own_count():
    base, draft = policy(code="A"), policy(code="B", per_day=1, per_month=2)
    lines = [(day, meal, 1200) for day in (1, 2, 3) for meal in ("lunch", "dinner")]
    eater, _, _ = replayed([base], draft, lines)
    assert (eater.base_subsidy, eater.trial_subsidy) == (6 * 300, 2 * 300)


def test_a_second_lunch_is_taken_on_both_sides_and_slots_end_with_the_month():
    base = policy(code="A")
    eater, _, replay = replayed([base], policy(code="B"), [(1, "lunch", 1200), (1, "lunch", 1200)])
    assert (eater.base_subsidy, eater.trial_subsidy) == (300, 300)
    replay.begin(MAY.next)
    assert (eater.base_mask, eater.trial_mask) == (0, 0)


def test_an_age_that_begins_within_the_month_counts_from_its_day():
    draft = policy(rule(min_age=80), code="B", min_age=80)
    lines = [(day, "lunch", 1200) for day in (14, 15, 16)]
    eater, _, _ = replayed([policy()], draft, lines, born=date(1944, 5, 15))
    assert eater.trial_subsidy == 2 * 300


def test_29_february_is_watched_in_march():
    draft = policy(rule(min_age=80), code="B")
    judges = Judge([policy()]), Judge([draft])
    replay = Replay(*judges, draft)
    replay.eaters[1] = eater = Eater(date(1943, 2, 28), Always(plain()))
    replay.eaters[2] = leap = Eater(date(1944, 2, 29), Always(plain()))
    sums = replay.begin(Month(2024, 3))
    replay.add(sums, [(who, 7, 1, "lunch", "dine_in", 1200, 0, 0, None) for who in (1, 2)])
    assert (eater.standing is None, leap.standing is None) == (False, True)


def test_a_category_that_ends_within_the_month_ends_its_rule():
    draft = policy(rule("T", 500, categories=["TK"]), code="B")
    history = Always(plain(categories=["TK"]), date(2024, 5, 3), plain())
    lines = [(day, "lunch", 1200) for day in (1, 2, 3, 4)]
    eater, _, _ = replayed([policy()], draft, lines, history=history)
    assert eater.trial_subsidy == 2 * 500


def test_a_policy_that_ends_within_the_month_ends_for_everybody():
    base = policy(code="A", effective_to=date(2024, 5, 2))
    lines = [(day, "lunch", 1200) for day in (1, 2, 3)]
    eater, _, replay = replayed([base], policy(code="B"), lines)
    assert (eater.base_subsidy, eater.trial_subsidy) == (2 * 300, 3 * 300)
    assert replay.recorded.differing[None, "no_policy"] == [1, 0]


def test_every_price_has_its_own_percentage():
    draft = policy(percent_rule(percent=33), code="B")
    eater, _, _ = replayed([policy()], draft, [(1, "lunch", 1000), (2, "lunch", 1003)])
    assert eater.trial_subsidy == 330 + 330
    assert replayed([policy()], draft, [(1, "lunch", 1004)])[0].trial_subsidy == 331


def test_a_death_leaves_the_line_out_and_in_the_account():
    lines = [(1, "lunch", 1200)]
    eater, sums, replay = replayed(
        [policy()], policy(), lines, history=Always(plain(gone="deceased"))
    )
    assert (eater.servings, dict(sums.cells)) == (0, {})
    assert replay.recorded.servings == 1
    assert replay.recorded.differing[None, "resident_deceased"] == [1, 0]


def test_the_rest_of_a_year_is_rounded_to_the_nearest_fen():
    assert rest_of_year({"district": 100, "town": 50}, 31, 10) == {"district": 32, "town": 16}


def test_like_decisions_of_two_policies_keep_their_own_caps():
    town = policy(code="T", division="320412100", per_day=1)
    base, draft = [policy(code="A"), town], policy(code="B")
    replay = Replay(Judge(base), Judge(trial_policies(draft, base)), draft)
    replay.eaters[1] = capped = Eater(date(1952, 3, 1), Always(plain()))
    replay.eaters[2] = free = Eater(date(1952, 3, 1), Always(plain()._replace(hukou="320412200")))
    meals = [(who, day, meal) for day in (1, 2) for meal in ("lunch", "dinner") for who in (1, 2)]
    sums = replay.begin(MAY)
    replay.add(sums, [(who, 7, day, meal, "dine_in", 1200, 0, 0, None) for who, day, meal in meals])
    assert (capped.base_subsidy, free.base_subsidy) == (2 * 300, 4 * 300)
    assert (capped.trial_subsidy, free.trial_subsidy) == (2 * 300, 4 * 300)
