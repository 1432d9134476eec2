"""kill -9 in the middle of a write load, again and again: what was acknowledged is there, once."""

import threading
import time
from collections import Counter
from itertools import count

import pytest
from sqlalchemy import select

from mealsvc.auditing.proof import verify
from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving, ServingKey
from tests.factories import tills
from tests.hostile.served import RemoteTill, Served

ROUNDS, CLIENTS, LOAD_S = 5, 4, 0.8
MEALS = (("lunch", "11:30"), ("dinner", "17:30"))


class Load:
    """Clients that record one meal after the other until the server is gone."""

    def __init__(self, server: Served, token: str, numbers: count):
        self._till = RemoteTill(server, "P01", token)
        self._numbers = numbers
        self.sent: dict[str, dict] = {}
        self.acknowledged: dict[str, bytes] = {}
        self.unexpected: list[tuple[int, bytes]] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while True:
            number = next(self._numbers)
            meal, clock = MEALS[number % 2]
            day = 1 + number // 2 % 28
            order = {
                "credential": f"C00{1 + number % 4}",
                "meal": meal,
                "served_at": f"2024-05-{day:02d}T{clock}:00+08:00",
            }
            key = f"kill-{number}"
            self.sent[key] = order
            try:
                answer = self._till.record(key, **order)
            except (OSError, ValueError, EOFError):
                return
            except Exception as error:  # http.client: the answer was cut off
                assert type(error).__module__ == "http.client", error
                return
            if answer.status != 201:
                self.unexpected.append(answer)
                return
            self.acknowledged[key] = answer.body

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=30)
            assert not thread.is_alive()


@pytest.fixture
def token(app):
    tills.small_district()
    return tills.till_token("P01")


def started(log) -> Served:
    server = Served(log)
    try:
        server.wait_until_up()
    except RuntimeError:
        server.stop()
        raise
    return server


def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(token, tmp_path):
    acknowledged: dict[str, bytes] = {}
    unanswered: dict[str, dict] = {}
    numbers = count()
    for _ in range(ROUNDS):
        server = started(tmp_path / "server.log")
        load = Load(server, token, numbers)
        try:
            time.sleep(LOAD_S)
        finally:
            server.kill()
            load.join()
        assert not load.unexpected
        assert load.acknowledged, "the load must have been running when the server was killed"
        acknowledged |= load.acknowledged
        unanswered |= {key: sent for key, sent in load.sent.items() if key not in acknowledged}
        assert_each_is_there_once(acknowledged)
        verify()
    assert_the_till_may_send_again(token, tmp_path / "server.log", acknowledged, unanswered)


def assert_each_is_there_once(acknowledged: dict[str, bytes]) -> None:
    db.session.rollback()
    kept = Counter(db.session.scalars(select(Serving.key)))
    assert acknowledged.keys() <= kept.keys()
    assert set(kept.values()) == {1}
    assert set(db.session.scalars(select(ServingKey.key))) == kept.keys()
    db.session.rollback()


def assert_the_till_may_send_again(token, log, acknowledged, unanswered) -> None:
    """After the crash: what was acknowledged answers as before, what was not is recorded once."""
    server = started(log)
    try:
        till = RemoteTill(server, "P01", token)
        for key, order in unanswered.items():
            assert till.record(key, **order).status in (200, 201)
        assert unanswered, "a kill under load leaves requests without an answer"
    finally:
        server.stop()
    assert_each_is_there_once(acknowledged | dict.fromkeys(unanswered, b""))
    verify()
