"""One page of rows, on the database itself."""

import pytest
from sqlalchemy import Integer, column, select, values

from mealsvc.plumbing.pages import page_of

pytestmark = pytest.mark.usefixtures("app")
NUMBERS = values(column("n", Integer), name="numbers").data([(n,) for n in range(1, 8)]).cte()
ROWS = select(NUMBERS.c.n).order_by(NUMBERS.c.n)


@pytest.mark.parametrize(
    ("page", "items", "has_next"),
    [(1, [1, 2, 3], True), (2, [4, 5, 6], True), (3, [7], False), (9, [], False)],
)
def test_a_page_knows_whether_another_follows(page, items, has_next):
    found = page_of(ROWS, page, per_page=3)
    assert (list(found.items), found.has_next, found.total) == (items, has_next, None)


def test_a_page_of_exactly_the_last_rows_has_none_after_it():
    assert page_of(ROWS, 1, per_page=7).has_next is False


@pytest.mark.parametrize(("limit", "total", "more"), [(100, 7, False), (7, 7, False), (5, 5, True)])
def test_a_count_stops_at_its_limit(limit, total, more):
    found = page_of(ROWS, 1, per_page=3, count_up_to=limit)
    assert (found.total, found.more_than_total) == (total, more)


def test_a_select_of_several_columns_gives_rows():
    found = page_of(select(NUMBERS.c.n, (NUMBERS.c.n * 2).label("double")).order_by("n"), 1)
    assert found.items[2].double == 6
