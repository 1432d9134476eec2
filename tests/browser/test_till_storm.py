"""Whatever happens to a till, in whatever order: no meal lost, none doubled, the numbers right.

A random game with a seed. `python -m tests.browser.test_till_storm 300 7` plays 300 cycles of seed 7.
"""

import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.servings.models import Serving
from tests.factories.tills import CARDS
from tests.support.devices import Device, FaultyServer

CYCLES, SEED = 40, 20261122
MEALS = ("breakfast", "lunch", "dinner")
STEPS = {
    "serve": 30,
    "double_tap": 6,
    "scan_twice": 6,
    "serve_and_reload": 5,
    "serve_and_kill": 3,
    "undo": 6,
    "offline": 8,
    "online": 8,
    "reload": 4,
    "other_tab": 3,
    "kill": 2,
    "restart": 3,
    "fault": 8,
    "heal": 8,
}
_RAW = """() => new Promise((done, fail) => {
  const asked = indexedDB.open("mealsvc-till-P01");
  asked.onerror = () => fail(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction("entries").objectStore("entries").getAll();
    all.onsuccess = () => { asked.result.close(); done(all.result); };
  };
})"""
_SERVE = """async ([typed, order, how]) => {
  const { people } = await engine.find(typed);
  const cards = [await engine.preview(people[0], order)];
  if (how === "scan_twice") cards.push(await engine.preview(people[0], order));
  if (how === "double_tap") cards.push({ ...cards[0] });
  return Promise.all(cards.map((card) => engine.record(card)));
}"""
_SERVE_AND_LEAVE = """([typed, order]) => {
  engine.find(typed)
    .then(({ people }) => engine.preview(people[0], order))
    .then((card) => engine.record(card));
}"""


@dataclass
class Storm:
    """One tablet, its operator, and everything that can go wrong."""

    tablet: Device
    server: FaultyServer
    chance: random.Random
    away: bool = False
    told: dict[str, str] = field(default_factory=dict)  # key -> slot, of what was shown as saved
    steps: Counter = field(default_factory=Counter)

    def play(self, cycles: int) -> None:
        for _ in range(cycles):
            step = self.chance.choices(list(STEPS), list(STEPS.values()))[0]
            self.steps[step] += 1
            getattr(self, f"_{step}")()
            self._look()
        self.server.mode = "ok"
        self._online()
        self.tablet.page.evaluate("engine.refresh()")
        self.tablet.drained(patience_s=60)
        self._settled()

    def _order(self) -> tuple[str, dict[str, Any]]:
        meal = self.chance.choice(MEALS)
        return self.chance.choice(CARDS), {"meal": meal, "mode": "dine_in", "priceFen": 1200}

    def _serve(self, how: str = "serve") -> None:
        card, order = self._order()
        for outcome in self.tablet.page.evaluate(_SERVE, [card, order, how]):
            assert outcome["status"] in ("recorded", "pending", "changed"), outcome
            if outcome["status"] != "changed":
                self.told[outcome["line"]["key"]] = f"{order['meal']}/{card}"

    def _double_tap(self) -> None:
        self._serve("double_tap")

    def _scan_twice(self) -> None:
        self._serve("scan_twice")

    def _serve_and_reload(self) -> None:
        self._leave_in_the_middle()
        self._reload()

    def _serve_and_kill(self) -> None:
        self._leave_in_the_middle()
        self._kill()

    def _leave_in_the_middle(self) -> None:
        self.tablet.page.evaluate(_SERVE_AND_LEAVE, self._order())
        self.tablet.page.wait_for_timeout(self.chance.choice((0, 5, 20, 60)))

    def _undo(self) -> None:
        lines = [line for line in self.tablet.state()["last"] if line["mayUndo"]]
        if lines:
            undo = "(line) => engine.undo(line, '登错了人')"
            outcome = self.tablet.page.evaluate(undo, self.chance.choice(lines))
            assert outcome["status"] in ("recorded", "pending"), outcome

    def _offline(self) -> None:
        self.away = True
        self.tablet.offline()

    def _online(self) -> None:
        self.away = False
        self.tablet.offline(False)

    def _reload(self) -> None:
        self.tablet.load(self.tablet.page)

    def _other_tab(self) -> None:
        old, self.tablet.page = self.tablet.page, self.tablet.tab()
        old.close()

    def _kill(self) -> None:
        self.tablet.kill()
        self.tablet.start(offline=self.away)

    def _restart(self) -> None:
        self.server.restart(0.2)

    def _fault(self) -> None:
        self.server.mode = self.chance.choice(("stall", "lost", "broken", "garbage"))

    def _heal(self) -> None:
        self.server.mode = "ok"

    def _look(self) -> None:
        """The number that is shown is that of the entries without an answer; none of them is lost."""
        self.tablet.until(
            f"({_RAW})().then((all) => all.filter((one) => ['queued', 'sending']"
            ".includes(one.state)).length === engine.state.pending)",
            patience_s=2,
        )
        kept = {one["key"]: one["state"] for one in self.tablet.page.evaluate(_RAW)}
        assert self.told.keys() <= kept.keys()
        have = held()
        silent = [key for key in self.told if kept[key] == "recorded" and key not in have]
        assert not silent, "shown as recorded, but the server does not have it"

    def _settled(self) -> None:
        """In the end both sides hold the same lines, once each, and count the same."""
        entries = self.tablet.page.evaluate(_RAW)
        recorded = Counter(one["key"] for one in entries if one["state"] == "recorded")
        assert recorded == held()
        assert all(one["state"] == "recorded" for one in entries), [
            (one["state"], one["message"]) for one in entries if one["state"] != "recorded"
        ]
        known = {one["key"] for one in entries if one["kind"] == "serving"}
        assert self.told.keys() <= known
        db.session.rollback()
        rows = db.session.execute(
            select(
                Serving.resident_id, Serving.meal, Serving.key, Serving.reverses, Serving.sequence
            ).where(Serving.subsidy_fen != 0)
        ).all()
        taken_back = {row.reverses for row in rows}
        slots = Counter(
            (row.resident_id, row.meal)
            for row in rows
            if row.reverses is None and row.sequence not in taken_back
        )
        assert set(slots.values()) <= {1}, "one subsidised meal for each elder and meal"
        reversals = sum(one["kind"] == "reversal" for one in entries)
        self.tablet.page.evaluate("engine.refresh()")
        assert self.tablet.state()["count"] == {
            "servings": len(entries) - 2 * reversals,
            "subsidised": len(slots),
        }


def held() -> Counter:
    db.session.rollback()
    return Counter(db.session.scalars(select(Serving.key)))


@pytest.fixture
def game(pytestconfig) -> tuple[int, int]:
    """How many cycles, of which seed."""
    return getattr(pytestconfig, "storm", (CYCLES, SEED))


def test_no_meal_is_lost_or_doubled_in_a_storm(device, server, game):
    cycles, seed = game
    storm = Storm(device("a").start().ready(), server, random.Random(seed))
    storm.play(cycles)
    report = f"{cycles} cycles of seed {seed}, {len(storm.told)} meals shown as saved"
    sys.stdout.write(f"{report}, {dict(storm.steps)}\n")


class Longer:
    """Plays as long as the command line says."""

    @staticmethod
    def pytest_configure(config: Any) -> None:
        cycles, seed = (*map(int, sys.argv[1:]), SEED)[:2]
        config.storm = (cycles, seed)


if __name__ == "__main__":
    sys.exit(pytest.main(["-q", "-s", "-p", "no:logging", __file__], plugins=[Longer()]))
