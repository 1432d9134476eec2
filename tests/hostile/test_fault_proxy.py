"""A till on a bad network: whatever is dropped, cut, stalled, repeated or reset, one key is one line.

More of it, with figures: `MEALSVC_TEST_RUSH=5000 pytest -s tests/hostile/test_fault_proxy.py`.
"""

import os
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select, text

from mealsvc.auditing.proof import verify
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving, ServingKey
from tests.factories import tills
from tests.hostile.faulty import DOWN, FAULTS, PASS, FaultProxy
from tests.hostile.rush import Rush, drained, orders_of
from tests.hostile.served import serving

REQUESTS = int(os.environ.get("MEALSVC_TEST_RUSH") or 300)
QUEUED, WITHIN_S = 500, 60.0
DOUBLE_MEALS = text(
    "SELECT count(*) FROM (SELECT s.served_on, s.meal, s.resident_id FROM serving s"
    " WHERE s.subsidy_fen > 0 AND s.reverses IS NULL AND NOT EXISTS"
    " (SELECT 1 FROM serving r WHERE r.reverses = s.sequence)"
    " GROUP BY s.served_on, s.meal, s.resident_id HAVING count(*) > 1) d"
)


@pytest.fixture
def token(app):
    tills.small_district()
    return tills.till_token("P01")


@pytest.fixture
def server(token, tmp_path):
    log = tmp_path / "server.log"
    with serving(log) as server:
        yield server
    assert "locked" not in log.read_text()
    assert "Traceback" not in log.read_text()


def lines() -> Counter[str]:
    db.session.rollback()
    return Counter(db.session.scalars(select(Serving.key)))


def assert_sound(keys: set[str]) -> None:
    """Each key is one line, no lunch is subsidised twice, and the books prove it."""
    assert lines() == dict.fromkeys(keys, 1)
    assert set(db.session.scalars(select(ServingKey.key))) == keys
    assert db.session.scalar(DOUBLE_MEALS) == 0
    assert db.session.scalar(select(func.count()).where(Serving.subsidy_fen > 0))
    verify()


def test_each_key_is_one_line_with_equal_answers_whatever_the_network_does(server, token):
    began = time.monotonic()
    with FaultProxy(server.port, seed=300) as proxy:
        rush = Rush(proxy.port, token, seed=300)
        rush.run(REQUESTS)
    told = f"{len(rush.orders)} keys, {rush.sent} sends, {time.monotonic() - began:.1f} s"
    sys.stdout.write(f"{told}; {dict(proxy.met.most_common())}\n")
    assert not rush.strange
    assert rush.answers.keys() == set(rush.orders)
    assert {len(bodies) for bodies in rush.answers.values()} == {1}
    assert proxy.met.keys() == FAULTS.keys(), "each fault must have happened"
    assert_sound(set(rush.orders))


@pytest.mark.parametrize("path", ["/api/v1/servings/batch", "/api/v1/till/P01/uploads"])
def test_five_hundred_queued_meals_drain_within_a_minute_of_healing(server, token, path):
    queue = orders_of(QUEUED, seed=7, credential=vault().token(1))
    with FaultProxy(server.port, seed=7, faults=DOWN) as proxy:
        assert drained(proxy.port, token, path, queue, tries=8) == {}
        assert 0 < lines().total() < QUEUED, "some must have come through without an answer"
        proxy.heal()
        began = time.monotonic()
        statuses = drained(proxy.port, token, path, queue)
        took = time.monotonic() - began
        sys.stdout.write(f"{path}: {QUEUED} entries in {took:.2f} s\n")
        assert took < WITHIN_S
        assert proxy.met[PASS] > 0
    assert statuses.keys() == {order["key"] for order in queue}
    assert set(statuses.values()) == {200, 201}
    assert_sound({order["key"] for order in queue})
