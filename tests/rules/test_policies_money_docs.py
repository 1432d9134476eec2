"""The worked sums of docs/policy.md about operating money and grants are right to the fen."""

import re
from datetime import date
from pathlib import Path

import pytest

from mealsvc.kernel.money import display, yuan
from mealsvc.policies import construction
from mealsvc.policies.document import read_policy
from mealsvc.policies.operating import Volume, earned, split

DOCS = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
HEAD = '[policy]\ncode = "P"\ndivision = "320412"\neffective_from = 2024-01-01\n'


def chapter(title):
    """The policy in the TOML block of a chapter, and the rows of its table as cells."""
    text = DOCS.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    toml = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert toml is not None
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    return read_policy(HEAD + toml[1]), rows[2:]


OPERATING, MONTHS = chapter("运营补贴：分档和星级")
BUILDING, WORKS = chapter("建设补贴")


@pytest.mark.parametrize("row", MONTHS, ids=lambda row: row[0])
def test_a_month_of_the_table_earns_what_it_says(row):
    subsidised = int(row[0].split()[0])
    stars = None if row[1] == "无" else int(row[1])
    volume = Volume(subsidised or 3, 1, stars)
    found = [earned(OPERATING, rule, subsidised, volume, True) for rule in OPERATING.operating]
    assert [display(one.fen) for one in found] == [cell.split("=")[-1].strip() for cell in row[2:5]]
    assert display(sum(one.fen for one in found)) == row[5]


def test_the_last_month_is_split_as_it_says():
    parts = split(OPERATING.operating[0], 68_000)
    assert parts == (("district", 45_333), ("town", 22_667))
    assert "区 453.33、镇 226.67" in DOCS


@pytest.mark.parametrize("row", WORKS, ids=lambda row: row[0])
def test_a_grant_of_the_table_is_what_it_says(row):
    [rule] = BUILDING.construction
    amount = construction.amount_of(rule, yuan(row[0]))
    parts = construction.parts_of(rule, amount)
    assert [display(amount), *map(display, parts)] == [cell.partition("（")[0] for cell in row[1:4]]
    sources = construction.funding_of(rule, parts[0])
    assert row[4] == f"区 {display(sources['district'])}、镇 {display(sources['town'])}"


def test_the_second_stage_is_due_on_the_day_that_the_text_names():
    [rule] = BUILDING.construction
    opened = date(2023, 4, 10)
    due = construction.due_on(rule.stages[1].after_months, opened, opened)
    assert due == date(2024, 4, 10)
    assert "“运营满一年”从 2024 年 4 月 10 日起可以申请" in DOCS
