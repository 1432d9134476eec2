"""From kitchen to plate: which figures of a meal contradict each other, and how that is said."""

import pytest

from mealsvc.auditing.reconciling.rules import (
    Meal,
    PointFacts,
    books_ahead,
    grams_a_serving,
    mismatches,
    repeated,
    rice_mismatch,
    rice_out_of_band,
)

SUPPLIED = PointFacts("P01", "丰乐", cooks=False, supplied=True, books=False, samples=False)
COOKS = PointFacts("P02", "花园", cooks=True, supplied=False, books=False, samples=True)
BOOKS = PointFacts("P03", "青云", cooks=True, supplied=False, books=True, samples=False)


def found(point, **told):
    return {one.kind: one for one in mismatches(point, "lunch", Meal(**told))}


def test_more_served_than_arrived_is_told_with_the_figures_and_cannot_be_explained():
    one = found(SUPPLIED, served=94, received=78, sent=78)["served_over_received"]
    assert (one.size, one.firm) == (16, True)
    assert one.sentence == "午餐收到78份，却登记就餐94份，多16份。"


def test_one_portion_more_than_arrived_counts_already():
    assert found(SUPPLIED, served=79, received=78)["served_over_received"].size == 1


def test_a_point_that_cooks_itself_serves_more_than_it_received_from_others():
    assert not found(COOKS, served=94, received=78, samples=3)


@pytest.mark.parametrize(("received", "told"), [(80, False), (96, False), (97, True)])
def test_left_overs_are_told_only_where_they_are_many(received, told):
    assert ("left_over" in found(SUPPLIED, served=77, received=received)) is told


def test_what_was_sent_and_what_arrived_must_be_the_same_where_both_are_recorded():
    assert found(SUPPLIED, served=70, sent=80, received=78)["sent_received"].size == 2
    assert "sent_received" not in found(SUPPLIED, served=70, received=78)
    assert "sent_received" not in found(SUPPLIED, served=70, sent=80)


def test_meals_without_a_check_on_arrival_are_told_where_another_kitchen_cooks():
    assert set(found(SUPPLIED, served=70)) == {"served_unreceived"}
    assert not found(SUPPLIED, booked=3)


def test_samples_are_missed_only_where_meals_are_cooked_and_samples_are_kept_in_the_system():
    assert set(found(COOKS, served=40)) == {"no_sample"}
    assert not found(COOKS, served=40, samples=1)
    assert not found(BOOKS, served=40, booked=40)
    assert not found(COOKS, served=0)


@pytest.mark.parametrize(
    ("served", "booked", "kind"),
    [(40, 36, None), (40, 31, "served_over_booked"), (31, 40, "booked_unserved"), (10, 5, None)],
)
def test_bookings_and_servings_may_differ_a_little(served, booked, kind):
    assert set(found(BOOKS, served=served, booked=booked)) == ({kind} if kind else set())


def test_bookings_count_only_where_people_usually_book():
    assert books_ahead(50, 100)
    assert not books_ahead(49, 100)
    assert not books_ahead(0, 0)
    assert not found(COOKS, served=40, booked=3, samples=1)


def test_what_repeats_is_told_once_with_the_gravest_day():
    days = [found(SUPPLIED, served=number)["served_unreceived"] for number in (70, 101, 88)]
    one = repeated(days, 3)
    assert (one.size, one.weight) == (259, sum(day.weight for day in days))
    assert one.sentence == "全月3天这样，共259份。最多的一次：午餐就餐101份，没有收餐验收记录。"


def test_rice_is_compared_with_the_median_of_the_points_that_buy_some():
    grams = [("P01", 133.0), ("P02", 148.0), ("P03", 140.0), ("P04", 320.0), ("P05", 72.0)]
    assert rice_out_of_band(grams, 40) == {"P04": (320.0, 140.0), "P05": (72.0, 140.0)}
    assert rice_out_of_band(grams[:3], 1) == {}
    assert grams_a_serving(300, 2000) == 150
    assert grams_a_serving(0, 2000) is None
    assert grams_a_serving(300, 0) is None


def test_rice_that_does_not_fit_says_for_how_many_it_would_be_enough():
    one = rice_mismatch(72.0, 140.0, 2774, 200)
    assert one.size == 2774 - 1429
    assert "这些米相当于1429份" in one.sentence
