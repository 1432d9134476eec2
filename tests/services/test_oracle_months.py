"""Months full of edges equal an independent computation: to the fen, to the reason, to the byte."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.oracle import months
from tests.oracle.contract import World
from tests.oracle.play import play, run
from tests.oracle.policies import toml
from tests.oracle.till import Tills


@pytest.fixture
def world(instance: Path) -> World:
    return World(datetime.now(UTC))


ON_ONE = pytest.mark.only("sqlite")  # one seed on both, the others where they are quick


@pytest.mark.parametrize("seed", [55, *(pytest.param(one, marks=ON_ONE) for one in (98, 106))])
def test_three_months_from_files_to_settlements(seed: int, world: World, tmp_path: Path):
    """Register, policies, meals, mistakes, submissions and what comes late, through the commands."""
    played = play(months.story(seed, size=16), world, tmp_path, seed)
    assert not played.differences, "\n".join(played.differences[:10])
    assert played.rows > 150 and played.months > 15
    assert run("audit", "verify")[0] == 0


@pytest.mark.parametrize("seed", [5, pytest.param(8, marks=ON_ONE)])
def test_the_same_through_the_till(seed: int, world: World, app: Flask, tmp_path: Path):
    """Every status and body of the HTTP door, then the settlement of what was recorded there."""
    tale, register = months.opening(seed)
    assert not play(register, world, tmp_path, seed).differences
    tills = Tills(app, world)
    found: list[str] = []
    for _ in range(2):
        for row in tale.servings(25):
            found += tills.send(row)
        point = tale.points[0]["code"]
        batch = [row for row in tale.servings(30) if row["point"] in (point, "NOPE")]
        found += tills.send_all(batch, point)
        for row in tale.reversals(10):
            found += tills.take_back(row)
    assert not found, "\n".join(found[:10])
    closing = [("settle", month, None, submit) for month in tale.months for submit in (False, True)]
    played = play(closing + [("lines", month) for month in tale.months], world, tmp_path, seed)
    assert not played.differences, "\n".join(played.differences[:10])


def test_a_last_day_moves_only_where_no_other_policy_is(world: World, tmp_path: Path):
    """Given earlier, then later again, but never into the policy that has followed it."""
    first = {"code": "A", "title": "一", "division": "320412"}
    first |= {"effective_from": date(2024, 1, 1), "scope": "hukou", "min_age": 60}
    first |= {"age_counts_from": "birthday", "min_self_pay_fen": 100}
    rule = {"code": "U", "amount_fen": 300, "funding": {"district": 300}}
    second = {**first, "code": "B", "effective_from": date(2024, 6, 1)}
    steps = [
        ("policy", "A", toml({"policy": first, "rule": [rule]})),
        ("policy", "B", toml({"policy": second, "rule": [rule]})),
        ("end", "A", "2024-04-30"),
        ("policy", "B", toml({"policy": second, "rule": [rule]})),
        *[("end", "A", day) for day in ("2024-05-31", "2024-06-01", "2023-12-31", "2024-05-31")],
    ]
    played = play(steps, world, tmp_path, 0)
    assert not played.differences, played.differences
    assert [policy["to"] for policy in world.policies] == [date(2024, 5, 31), date.max]
