"""Whatever happens to a till, in whatever order: no meal lost, none doubled, the numbers right.

A random game with a seed. `python -m tests.browser.test_till_storm 300 7` plays 300 cycles of seed 7.
"""

import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page
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
    "tab": 4,
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
_NUMBER_IS_RIGHT = f"""({_RAW})().then((all) => engine.state.pending ===
  all.filter((one) => ["queued", "sending"].includes(one.state)).length)"""
_LINES = select(
    Serving.resident_id, Serving.meal, Serving.reverses, Serving.sequence, Serving.subsidy_fen
)
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
class Tablet:
    """A till with one tab or two; what it showed as saved."""

    device: Device
    away: bool = False
    told: set[str] = field(default_factory=set)
    behind: Page | None = None

    @property
    def pages(self) -> list[Page]:
        return [page for page in (self.device.page, self.behind) if page]

    def entries(self) -> list[dict[str, Any]]:
        return self.device.page.evaluate(_RAW)


@dataclass
class Storm:
    """Two tablets at one point, and everything that can go wrong."""

    tablets: list[Tablet]
    server: FaultyServer
    chance: random.Random
    steps: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.at = self.tablets[0]

    def play(self, cycles: int) -> None:
        for _ in range(cycles):
            self.at = self.chance.choice(self.tablets)
            step = self.chance.choices(list(STEPS), list(STEPS.values()))[0]
            self.steps[step] += 1
            getattr(self, f"_{step}")()
            self._look()
        self.server.mode = "ok"
        for tablet in self.tablets:
            self.at = tablet
            self._online()
            self.at.device.page.evaluate("engine.refresh()")
            self.at.device.drained(patience_s=60)
        self._settled()

    def _order(self) -> tuple[str, dict[str, Any]]:
        meal = self.chance.choice(MEALS)
        return self.chance.choice(CARDS), {"meal": meal, "mode": "dine_in", "priceFen": 1200}

    def _serve(self, how: str = "serve") -> None:
        outcomes = self.at.device.page.evaluate(_SERVE, [*self._order(), how])
        assert {one["status"] for one in outcomes} <= {"recorded", "pending", "changed"}, outcomes
        self.at.told |= {one["line"]["key"] for one in outcomes if one["status"] != "changed"}

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
        page = self.at.device.page
        page.evaluate(_SERVE_AND_LEAVE, self._order())
        page.wait_for_timeout(self.chance.choice((0, 5, 20, 60)))

    def _undo(self) -> None:
        lines = [line for line in self.at.device.state()["last"] if line["mayUndo"]]
        if lines:
            undo = "(line) => engine.undo(line, '登错了人')"
            outcome = self.at.device.page.evaluate(undo, self.chance.choice(lines))
            known = "已" in outcome["message"]  # by the other tablet, since the list was drawn
            assert outcome["status"] in ("recorded", "pending") or known, outcome

    def _offline(self) -> None:
        self.at.away = True
        self.at.device.offline()

    def _online(self) -> None:
        self.at.away = False
        self.at.device.offline(False)

    def _reload(self) -> None:
        self.at.device.load(self.at.device.page)

    def _tab(self) -> None:
        """Opens a second tab, or closes the one in front as it is."""
        front = self.at.device.page
        if self.at.behind:
            self.at.device.page, self.at.behind = self.at.behind, None
            front.close()
        else:
            self.at.device.page, self.at.behind = self.at.device.tab(), front

    def _kill(self) -> None:
        self.at.device.kill()
        self.at.behind = None
        self.at.device.start(offline=self.at.away)

    def _restart(self) -> None:
        self.server.restart(0.2)

    def _fault(self) -> None:
        self.server.mode = self.chance.choice(("stall", "lost", "broken", "garbage"))

    def _heal(self) -> None:
        self.server.mode = "ok"

    def _look(self) -> None:
        """The number that is shown is that of the entries without an answer; none of them is lost."""
        for page in self.at.pages:
            self.at.device.until(_NUMBER_IS_RIGHT, page, patience_s=5)
        kept = {one["key"]: one["state"] for one in self.at.entries()}
        assert self.at.told <= kept.keys()
        recorded = {key for key, state in kept.items() if state == "recorded"}
        assert recorded <= held().keys(), "shown as recorded, but the server does not have it"

    def _settled(self) -> None:
        """In the end both sides hold the same lines, once each, and count the same."""
        entries = [one for tablet in self.tablets for one in tablet.entries()]
        refused = [one for one in entries if one["state"] != "recorded"]
        assert {(one["kind"], one["code"]) for one in refused} <= {("reversal", "already_reversed")}
        assert Counter(one["key"] for one in entries if one not in refused) == held()
        rows = db.session.execute(_LINES).all()
        back = {row.reverses for row in rows}
        standing = [row for row in rows if row.reverses is None and row.sequence not in back]
        slots = Counter((row.resident_id, row.meal) for row in standing if row.subsidy_fen)
        assert set(slots.values()) <= {1}, "one subsidised meal for each elder and meal"
        expected = {"servings": len(standing), "subsidised": len(slots)}
        for tablet in self.tablets:
            tablet.device.page.evaluate("engine.refresh()")
            assert tablet.device.state()["count"] == expected


def held() -> Counter:
    db.session.rollback()
    return Counter(db.session.scalars(select(Serving.key)))


@pytest.fixture
def game(pytestconfig) -> tuple[int, int]:
    """How many cycles, of which seed."""
    return getattr(pytestconfig, "storm", (CYCLES, SEED))


def test_no_meal_is_lost_or_doubled_in_a_storm(device, server, game):
    cycles, seed = game
    tablets = [Tablet(device(lasting=True).start().ready()) for _ in range(2)]
    storm = Storm(tablets, server, random.Random(seed))
    storm.play(cycles)
    told = sum(len(tablet.told) for tablet in tablets)
    report = f"{cycles} cycles of seed {seed}, {told} meals shown as saved, {held().total()} lines"
    sys.stdout.write(f"{report}, {dict(storm.steps)}\n")


class Longer:
    """Plays as long as the command line says."""

    @staticmethod
    def pytest_configure(config: Any) -> None:
        cycles, seed = (*map(int, sys.argv[1:]), SEED)[:2]
        config.storm = (cycles, seed)


if __name__ == "__main__":
    sys.exit(pytest.main(["-q", "-s", "-p", "no:logging", __file__], plugins=[Longer()]))
