"""The till without a network, in a real browser: nothing is lost, nothing is served twice."""

from collections import Counter
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from mealsvc.kernel.meals import local_date
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock, service_worker
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.closing import Counted, close_day
from mealsvc.servings.models import Serving, UploadConflict
from mealsvc.trail.models import BackupMark
from tests.factories import tills
from tests.factories.tills import CARDS
from tests.support.devices import wrong_clock

HOUR_MS = 3_600_000
OLD_BROWSER = """
  Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
  Object.defineProperty(Navigator.prototype, "serviceWorker", { value: undefined });
  Object.defineProperty(Navigator.prototype, "storage", { value: undefined });
  Object.defineProperty(Crypto.prototype, "subtle", { value: undefined });
  delete window.BroadcastChannel;
"""


def lines() -> Counter:
    """How often the server holds each key."""
    db.session.rollback()
    return Counter(db.session.scalars(select(Serving.key)))


def outcomes() -> list[str]:
    """What the manager has to look at."""
    db.session.rollback()
    return list(db.session.scalars(select(UploadConflict.outcome)))


def last_line() -> int:
    return db.session.scalar(select(func.max(Serving.sequence))) or 0


def test_a_lunch_without_network_survives_the_power_switch(device, server):
    tablet = device(lasting=True).start().ready()
    tablet.offline()
    served = [tablet.serve(card)["outcome"]["status"] for card in CARDS]
    assert served == ["pending"] * 30
    tablet.kill()

    tablet.start(offline=True)
    assert tablet.state()["pending"] == 30
    assert tablet.state()["network"] == "offline"
    assert not lines()
    server.mode, server.hit = "stall", "/api/v1/till/P01/uploads"
    tablet.offline(False)
    tablet.until("engine.state.sending")
    tablet.page.wait_for_timeout(300)
    tablet.kill()  # in the middle of the upload

    server.mode = "ok"
    tablet.start()
    state = tablet.drained()
    assert sorted(lines().values()) == [1] * 30
    assert state["count"] == {"servings": 30, "subsidised": 30}
    assert [line["status"] for line in state["last"]] == ["recorded"] * 10
    assert not outcomes()


def test_two_tabs_of_one_device_share_one_queue(device):
    tablet = device().start().ready()
    other = tablet.tab()
    tablet.offline()
    for at, card in enumerate(CARDS[:10]):
        assert tablet.serve(card, (tablet.page, other)[at % 2])["outcome"]["status"] == "pending"
    again = tablet.serve(CARDS[0], other)
    assert again["card"]["reason"] == "already_served"
    assert again["card"]["earlier"]["point"] == "丰乐助餐点"
    for page in (tablet.page, other):
        tablet.until("engine.state.pending === 11", page)
    tablet.offline(False)
    assert tablet.drained()["count"] == tablet.drained(other)["count"]
    assert sorted(lines().values()) == [1] * 11


def test_the_first_of_two_devices_wins_and_the_second_ends_at_full_price(device):
    first, second = device().start().ready(), device().start().ready()
    keys: list[str] = []
    for tablet in (first, second):
        tablet.offline()
        served = tablet.serve(CARDS[0])
        assert served["card"]["selfPayFen"] == 900
        keys.append(served["outcome"]["line"]["key"])
    first.offline(False)
    first.drained()
    second.offline(False)
    second.drained()
    second.until(
        "engine.state.conflicts + engine.state.deviceConflicts > 0"
    )  # the next answer tells
    state = second.state()
    lost = next(line for line in state["last"] if line["key"] == keys[1])
    assert (lost["reason"], lost["selfPayFen"]) == ("already_served", 1200)
    assert lost["message"] == "上传后按全价登记：这一餐已经补贴过"
    assert (state["conflicts"] + state["deviceConflicts"], outcomes()) == (1, ["full_price"])
    second.until("engine.state.count.servings === 2 && engine.state.count.subsidised === 1")
    won = next(line for line in first.state()["last"] if line["key"] == keys[0])
    assert won["reason"] is None, "what was acknowledged never changes"


def test_two_tabs_of_an_old_browser_over_plain_http_do_not_double_anything(device, server):
    tablet = device().start(script=OLD_BROWSER).ready(shell=False)
    other = tablet.tab()
    server.mode = "broken"
    for at, card in enumerate(CARDS[:6]):
        assert tablet.serve(card, (tablet.page, other)[at % 2])["outcome"]["status"] == "pending"
    server.mode = "ok"
    for page in (tablet.page, other):
        page.evaluate("void engine.refresh()")
    assert tablet.drained()["count"] == {"servings": 6, "subsidised": 6}
    assert sorted(lines().values()) == [1] * 6


def test_a_double_tap_is_one_meal_and_a_second_scan_says_where_the_first_was(device):
    tablet = device().start().ready()
    taps = tablet.page.evaluate(
        """async (typed) => {
          const { people } = await engine.find(typed);
          const card = await engine.preview(people[0], { meal: "lunch", priceFen: 1200 });
          return Promise.all([engine.record(card), engine.record({ ...card })]);
        }""",
        CARDS[0],
    )
    assert [tap["status"] for tap in taps] == ["recorded"] * 2
    assert taps[0]["line"]["key"] == taps[1]["line"]["key"]
    tablet.offline()  # so that no server helps
    scans = tablet.page.evaluate(
        """async (typed) => {
          const { people } = await engine.find(typed);
          const order = { meal: "dinner", priceFen: 1200 };
          const cards = await Promise.all([0, 1].map(() => engine.preview(people[0], order)));
          return Promise.all(cards.map((card) => engine.record(card)));
        }""",
        CARDS[0],
    )
    assert sorted(scan["status"] for scan in scans) == ["changed", "pending"]
    shown = next(scan["card"] for scan in scans if scan["status"] == "changed")
    assert (shown["reason"], shown["earlier"]["point"]) == ("already_served", "丰乐助餐点")
    tablet.offline(False)
    tablet.drained()
    assert len(lines()) == 2


def test_an_answer_that_never_comes_leaves_the_meal_waiting_and_counts_it_once(device, server):
    tablet = device().start().ready()
    server.mode, server.hit = "lost", "/api/v1/servings"
    tablet.page.evaluate(
        """() => engine.subscribe(({ count, pending }) => {
          window.most = Math.max(window.most || 0, count.servings + pending);
        })"""
    )
    assert tablet.serve(CARDS[0])["outcome"]["status"] == "pending"
    assert list(lines().values()) == [1], "the server has it, the till does not know"
    assert tablet.state()["pending"] == 1
    server.mode = "ok"
    state = tablet.drained()
    assert state["count"] == {"servings": 1, "subsidised": 1}
    assert tablet.page.evaluate("window.most") == 1, "at no moment did it count as two"
    assert list(lines().values()) == [1]


def test_a_slow_server_is_waited_for_no_longer_than_a_moment(device, server):
    tablet = device().start().ready()
    server.mode = "stall"
    took = tablet.page.evaluate(
        """async (typed) => {
          const begun = performance.now();
          const { people } = await engine.find(typed);
          const card = await engine.preview(people[0], { meal: "lunch", priceFen: 1200 });
          const { status } = await engine.record(card);
          return [status, performance.now() - begun];
        }""",
        CARDS[0],
    )
    assert took[0] == "pending"
    assert took[1] < 2500, "one wait for all steps"
    server.mode = "ok"
    assert tablet.drained()["count"]["servings"] == 1


def test_a_meal_taken_back_without_network_frees_its_place_in_order(device):
    tablet = device().start().ready()
    tablet.offline()
    line = tablet.serve(CARDS[0])["outcome"]["line"]
    undone = tablet.page.evaluate("(line) => engine.undo(line, '重复登记')", line)
    assert undone["status"] == "pending"
    assert tablet.serve(CARDS[0])["card"]["selfPayFen"] == 900
    assert tablet.state()["pending"] == 3
    tablet.offline(False)
    state = tablet.drained()
    assert state["count"] == {"servings": 1, "subsidised": 1}
    assert [(each["undone"], each["selfPayFen"]) for each in state["last"]] == [
        (False, 900),
        (True, 900),
    ]
    assert len(lines()) == 3


@pytest.mark.parametrize("hours", [-30, 2])
def test_a_wrong_clock_is_measured_and_moves_no_meal(device, hours):
    tablet = device().start(script=wrong_clock(hours * HOUR_MS)).ready()
    state = tablet.state()
    assert not state["clock"]["ok"]
    assert abs(state["clock"]["offsetMs"] + hours * HOUR_MS) < 60_000
    tablet.offline()
    tablet.serve(CARDS[0])
    tablet.offline(False)
    tablet.drained()
    served_at = db.session.scalar(select(Serving.served_at))
    assert served_at and abs(clock.now() - served_at) < timedelta(minutes=1)


def test_a_clock_that_was_turned_while_the_device_was_off_leaves_the_meal_to_the_manager(device):
    tablet = device(lasting=True).start().ready()
    tablet.offline()
    tablet.kill()
    tablet.start(offline=True, script=wrong_clock(-26 * HOUR_MS))
    assert not tablet.state()["clock"]["ok"]
    assert tablet.serve(CARDS[0])["outcome"]["status"] == "pending"
    tablet.offline(False)
    state = tablet.drained()
    assert (lines(), outcomes()) == (Counter(), ["clock"])
    assert state["count"]["servings"] == 0


def test_after_a_restore_the_device_sends_again_what_the_server_lost(
    device, server, app, database, tmp_path
):
    def disconnect() -> None:
        db.session.remove()
        db.engine.dispose()

    tablet = device().start().ready()
    tablet.serve(CARDS[0])
    database.save(tmp_path.name, disconnect)
    tablet.serve(CARDS[1])
    tablet.serve(CARDS[2])
    kept = lines()
    assert len(kept) == 3
    server.stop()
    database.restore(tmp_path.name, disconnect)
    with writing():
        mark = {"kind": "restore", "sequence": 0, "by": "tests", "token": "E2", "digest": ""}
        db.session.add(BackupMark(at=clock.now(), **mark))
    assert len(lines()) == 1
    server.restart()
    tablet.page.evaluate("engine.refresh()")
    assert tablet.drained()["count"] == {"servings": 3, "subsidised": 3}
    assert lines() == kept


def test_what_is_backed_up_is_forgotten_but_not_before_the_day_has_ended(device):
    tablet = device().start().ready()
    for card in CARDS[:3]:
        tablet.serve(card)
    age = """(at) => new Promise((done) => {
      const asked = indexedDB.open("mealsvc-till-P01");
      asked.onsuccess = () => {
        const entries = asked.result.transaction("entries", "readwrite").objectStore("entries");
        entries.getAll().onsuccess = ({ target }) => {
          if (at >= 0) entries.put({ ...target.result[at], day: "2026-01-01" });
          entries.transaction.oncomplete = () => { asked.result.close(); done(target.result.length); };
        };
      };
    })"""
    for at in (0, 1):
        tablet.page.evaluate(age, at)
    db.session.rollback()
    first, second, _ = db.session.scalars(select(Serving.sequence).order_by(Serving.sequence))
    with writing():
        mark = {"kind": "backup", "by": "tests", "token": "", "digest": ""}
        db.session.add(BackupMark(at=clock.now(), sequence=first, **mark))
    assert first < second
    tablet.page.evaluate("engine.refresh()")
    tablet.until("true", when=lambda: tablet.page.evaluate(age, -1) == 2, patience_s=5)


def test_a_signed_out_till_keeps_its_queue_and_sends_it_after_the_next_sign_in(device):
    tablet = device().start().ready()
    cookies = tablet.context.cookies()
    tablet.context.clear_cookies()
    assert tablet.serve(CARDS[0])["outcome"]["status"] == "pending"
    tablet.until("engine.state.network === 'signed_out'")
    assert tablet.serve(CARDS[1])["outcome"]["status"] == "pending"
    assert tablet.state()["pending"] == 2
    tablet.context.add_cookies(cookies)
    tablet.page.evaluate("engine.refresh()")
    tablet.drained()
    assert len(lines()) == 2


def test_a_reversal_that_the_day_close_overtook_is_told_and_not_forgotten(device):
    tablet = device().start().ready()
    line = tablet.serve(CARDS[0])["outcome"]["line"]
    tablet.drained()
    tablet.offline()
    undone = tablet.page.evaluate("(line) => engine.undo(line, '登错人')", line)
    assert undone["status"] == "pending"
    db.session.rollback()
    with writing():
        point = point_by_code("P01")
        assert point is not None
        day = local_date(clock.now())
        close_day(point, day, Counted(900, 0), (1, last_line()), tills.SHELL, clock.now())
    tablet.offline(False)
    state = tablet.drained()
    assert [(one["reverses"], one["message"]) for one in state["unmade"]] == [
        (line["key"], "当天已日结，请店长处理。")
    ]
    assert not state["last"][0]["undone"]
    again = tablet.page.evaluate("(line) => engine.undo(line, '登错人')", line)
    assert (again["status"], again["message"]) == ("refused", "当天已日结，请店长处理。")
    tablet.page.reload()
    notice = tablet.page.locator("#till .notice")
    expect(notice).to_contain_text("没有冲正成功")


@pytest.mark.parametrize("status", ["400", "404"])
def test_a_queue_that_the_server_would_not_read_goes_on_waiting(device, server, status):
    tablet = device().start().ready()
    tablet.offline()
    for card in CARDS[:5]:
        tablet.serve(card)
    server.mode, server.hit = status, "/api/v1/till/P01/uploads"
    tablet.offline(False)
    tablet.until("engine.state.network === 'online'")
    tablet.page.wait_for_timeout(2000)
    assert tablet.state()["pending"] == 5, "nobody has decided anything about these meals"
    server.mode = "ok"
    tablet.page.evaluate("engine.refresh()")
    assert tablet.drained()["count"] == {"servings": 5, "subsidised": 5}
    assert sorted(lines().values()) == [1] * 5


def test_a_new_version_that_comes_while_signed_out_keeps_the_page(device, monkeypatch):
    tablet = device().start().ready()
    tablet.context.clear_cookies()
    monkeypatch.setattr(service_worker, "_version", lambda *_: "next")
    tablet.page.evaluate(
        "navigator.serviceWorker.getRegistration('/till').then((it) => it.update())"
    )
    names = tablet.page.evaluate("caches.keys()")
    tablet.until(
        "true", when=lambda: tablet.page.evaluate("caches.keys()") == ["till-shell-next"] != names
    )
    tablet.offline()
    tablet.page.reload(wait_until="domcontentloaded")
    assert tablet.page.locator("#till").get_attribute("data-point") == "P01"


def test_a_meal_that_stays_in_the_future_is_left_to_the_manager(device):
    tablet = device().start()
    told = tablet.page.evaluate(
        """async () => {
          const { bodyOf, settled } = await import("/static/till/drain.js");
          const result = { status: 422, code: "in_future", server_time: new Date().toISOString() };
          let entry = { kind: "serving", state: "sending", deviceTime: Date.now(), day: "2024-05-06" };
          entry.day = new Date(entry.deviceTime + 8 * 3600000).toISOString().slice(0, 10);
          const seen = [];
          for (let time = 0; time < 3; time += 1) {
            entry = settled(entry, result);
            seen.push([entry.state, bodyOf(entry).clock.doubtful]);
          }
          return seen;
        }"""
    )
    assert told == [["queued", False], ["queued", False], ["queued", True]]
