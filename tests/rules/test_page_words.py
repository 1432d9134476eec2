"""How values read on a page, and addresses that keep the filters."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from mealsvc.kernel.months import Month
from mealsvc.plumbing import pages

LUNCH = datetime(2024, 5, 5, 16, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (pages.fen(123456789), "1,234,567.89"),
        (pages.fen(-300), "-3.00"),
        (pages.fen(-7), "-0.07"),
        (pages.fen(None), "—"),
        (pages.yuan(1250), "¥12.50"),
        (pages.yuan(-123450), "-¥1,234.50"),
        (pages.count(85000), "85,000"),
        (pages.count(None), "—"),
        (pages.local_time(LUNCH), "2024年5月6日 00:32"),
        (pages.local_time(LUNCH, "short"), "5月6日 00:32"),
        (pages.local_time(LUNCH, "time"), "00:32"),
        (pages.cn_date(date(2024, 5, 6)), "2024年5月6日"),
        (pages.cn_date(date(2024, 5, 6), "short"), "5月6日"),
        (pages.month(Month(2024, 5)), "2024年5月"),
        (pages.month("2024-05"), "2024年5月"),
        (pages.month(202405), "2024年5月"),
        (pages.month(date(2024, 5, 31)), "2024年5月"),
    ],
)
def test_a_value_reads_as_a_clerk_writes_it(shown, wanted):
    assert shown == wanted


def test_counting_a_list_still_gives_its_length():
    assert pages.count(["a", "b"]) == 2


@pytest.mark.parametrize(
    ("address", "changes", "wanted"),
    [
        ("/servings?q=zjf&page=3", {"page": 4}, "/servings?q=zjf&page=4"),
        ("/servings?q=zjf&page=3", {"meal": "lunch"}, "/servings?q=zjf&meal=lunch"),
        ("/servings?q=zjf&page=3", {"q": None}, "/servings"),
        ("/servings?kind=a&kind=b", {"page": 2}, "/servings?kind=a&kind=b&page=2"),
        ("/servings?_external=1&_scheme=x", {}, "/servings?_external=1&_scheme=x"),
        ("/点?q=%3Cb%3E", {}, "/%E7%82%B9?q=%3Cb%3E"),
    ],
)
def test_an_address_keeps_its_filters_and_starts_again_at_page_one(address, changes, wanted):
    with Flask("pages").test_request_context(address):
        assert pages.url_with(**changes) == wanted


@pytest.mark.parametrize(
    ("query", "page", "size"),
    [
        ("", 1, 50),
        ("page=7&per_page=100", 7, 100),
        ("page=0&per_page=7", 1, 50),
        ("page=-3&per_page=x", 1, 50),
        ("page=99999999999999999999", pages.DEEPEST, 50),
    ],
)
def test_a_page_number_that_makes_no_sense_is_mended(query, page, size):
    with Flask("pages").test_request_context(f"/?{query}"):
        assert (pages.page_asked(), pages.size_asked()) == (page, size)


def test_a_code_outside_its_table_shows_itself():
    app = Flask("pages")
    pages.add_words(app, kind_name={"a": "甲"})
    read = app.jinja_env.filters["kind_name"]
    assert [read("a"), read("z"), read(None)] == ["甲", "z", "—"]
