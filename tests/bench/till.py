"""A lunch rush: seven tills over HTTP and one in a real browser, on a district with a long past."""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

from flask import Flask
from sqlalchemy import select

from mealsvc.accounts.services import add_device
from mealsvc.kernel.meals import MEALS, local_date
from mealsvc.menus.rules import SET_MEAL
from mealsvc.menus.services import put_item
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.till import search
from tests.bench.counter import PRICE_FEN, Clocks, Counter
from tests.bench.files import point_code
from tests.bench.ground import Line, at_most
from tests.bench.lunch import full_district
from tests.bench.month import Size, database_part
from tests.bench.people import name
from tests.factories.tills import SHELL
from tests.hostile.served import serving
from tests.support import chromium

TILLS, WORKERS = 8, 2
SHOWN_P50, SHOWN_P99, STEADY, FOUND_P99 = 100, 300, 2.5, 1.0
ROSTER_S, PATIENCE_S = 240, 60
_ROSTER = """(name) => new Promise((found) => {
  const asked = indexedDB.open(name);
  asked.onsuccess = () => {
    const { result } = asked;
    const got = result.transaction("meta").objectStore("meta").get("roster");
    got.onsuccess = () => { result.close(); found(got.result ? got.result.people : 0); };
  };
})"""
_SCREEN = """() => performance.getEntriesByName("till:shown").map((one) => one.duration / 1000)"""


def lines(size: Size) -> Iterator[Line]:
    """What the elder waits for, and how steady the server is with eight tills at work."""
    servings = 200 if size.residents >= 200_000 else 60
    with full_district(size) as app, tempfile.TemporaryDirectory() as folder:
        yield _found(size)
        tokens = [_till(app, number) for number in range(TILLS)]
        db.session.remove()
        db.engine.dispose()
        log, clocks = Path(folder) / "log", Clocks()
        with serving(log, WORKERS) as server:
            people = [iter(range(till, size.residents, TILLS)) for till in range(TILLS)]
            tills = [
                Counter(server.port, point_code(number), token, mine, clocks)
                for number, (token, mine) in enumerate(zip(tokens, people, strict=True))
            ]
            address = f"http://127.0.0.1:{server.port}"
            with _screen(address, tokens[-1]) as page:
                whole = _has_roster(page, size.residents)
                with _at_work(tills[:-1]):
                    _scans(page, people[-1], servings)
                for seconds in page.evaluate(_SCREEN):
                    clocks.add("screen", seconds)
            yield from _told(clocks, whole)
            yield _steady(tills, clocks)
        words = log.read_text()
        locked = words.count("locked") + words.count("Traceback") + len(clocks.faults)
        yield at_most("锁冲突、错误和不成功的回答", locked, 0, "次")
        if clocks.faults:
            raise RuntimeError("\n".join(clocks.faults[:5]))


def _till(app: Flask, number: int) -> str:
    """The token of a till at a point that has a price for today."""
    now, code = clock.now(), point_code(number)
    place = db.session.scalars(select(MealPoint).where(MealPoint.code == code)).one()
    with writing():
        for meal in MEALS:
            dish = {"served_on": local_date(now), "meal": meal, "name": "套餐", "kind": SET_MEAL}
            put_item(place.id, code, dish | {"price_fen": PRICE_FEN}, SHELL, now)
        return add_device(code, f"bench-{number}", SHELL, now).token


def _found(size: Size) -> Line:
    """The till's search as somebody types: surname, two characters, the name, card, last four."""
    asked = []
    for person in range(0, size.residents, max(size.residents // 200, 1)):
        whole = name(person)
        asked += [whole[:1], whole[:2], whole, f"C{person:06d}", f"{person % 10_000:04d}"]
    times = [database_part(lambda typed=typed: _quietly(typed)) for typed in asked]
    p99 = quantiles(times, n=100)[98] * 1000
    return at_most(f"收银台查找（{size.residents:,} 人）数据库部分 p99", p99, FOUND_P99, "ms")


def _quietly(typed: str) -> None:
    from mealsvc.servings.till import NobodyFound

    try:
        search(typed)
    except NobodyFound:
        return


@contextmanager
def _at_work(tills: list[Counter]) -> Iterator[None]:
    """These tills serve at their pace meanwhile."""
    until = threading.Event()
    threads = [threading.Thread(target=till.lunch, args=(until,)) for till in tills]
    for place, thread in enumerate(threads):
        thread.start()
        time.sleep(0.29 * (place < len(threads) - 1))  # not all in the same moment
    try:
        yield
    finally:
        until.set()
        for thread in threads:
            thread.join()


@contextmanager
def _screen(address: str, token: str) -> Iterator[Any]:
    """The eighth till, a registered device in a real browser."""
    from playwright.sync_api import sync_playwright

    from mealsvc.accounts.sessions import DEVICE_COOKIE

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.find(), args=list(chromium.FLAGS)
        )
        context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="zh-CN")
        context.add_cookies([{"name": DEVICE_COOKIE, "value": token, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/till")
        page.locator("html[data-ready=yes]").wait_for(state="attached")
        page.locator("[data-act=meal][data-value=lunch]").click()
        yield page
        browser.close()


def _has_roster(page: Any, residents: int) -> str:
    """Waits until the whole roster is on the device, as it is before lunch; how long that took.

    On a busy machine that is given up: the till must answer while it downloads, too.
    """
    began, name = time.monotonic(), f"mealsvc-till-{point_code(TILLS - 1)}"
    while (took := time.monotonic() - began) < ROSTER_S:
        if page.evaluate(_ROSTER, name) >= residents:
            return f"名单 {took:.0f} s 下载完"
        time.sleep(1)
    return f"名单 {ROSTER_S} s 没有下载完"


def _scans(page: Any, people: Iterator[int], servings: int) -> None:
    """Cards come as from a scanner; the next one when the screen has answered and was read."""
    for _ in range(servings):
        page.locator("#q").focus()
        page.keyboard.insert_text(f"C{next(people):06d}")
        _enter(page)
        if page.locator("[data-act=confirm]").count():  # so slow that it was taken for a hand
            time.sleep(0.4)
            _enter(page)
        time.sleep(0.5)


def _enter(page: Any) -> None:
    """Presses Enter and waits until the screen has answered."""
    before, end = len(page.evaluate(_SCREEN)), time.monotonic() + PATIENCE_S
    page.keyboard.press("Enter")
    while len(page.evaluate(_SCREEN)) == before:
        if time.monotonic() > end:
            raise RuntimeError(f"nothing shown: {page.inner_text('main')}")
        time.sleep(0.02)


def _told(clocks: Clocks, whole: str) -> Iterator[Line]:
    for what, title, more in (
        ("screen", "刷卡到屏幕显示结果（Chromium）", f"；{whole}"),
        ("shown", "刷卡到结果，七台（接口三次请求）", ""),
    ):
        p50, p99 = clocks.percentiles(what)
        note = f"（{len(clocks.seconds[what])} 次{more}）"
        yield at_most(f"{title} p50", p50, SHOWN_P50, "ms", note)
        yield at_most(f"{title} p99", p99, SHOWN_P99, "ms")
    for what, title in (("typed", "边输边查（接口）"), ("roster", "名单变动（接口）")):
        p50, p99 = clocks.percentiles(what)
        yield at_most(f"{title} p99", p99, SHOWN_P99, "ms", f"（p50 {p50:.0f} ms）")


def _steady(tills: list[Counter], clocks: Clocks, each: int = 100) -> Line:
    """Eight tills that record without a pause: the slowest of a hundred against the middle one."""
    threads = [threading.Thread(target=till.record, args=(each,)) for till in tills]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = each * len(tills) / (time.perf_counter() - began)
    p50, p99 = clocks.percentiles("record without pause")
    note = f"（{p50:.0f}、{p99:.0f} ms，每秒 {rate:.0f} 份）"
    return at_most("八台同时登记 p99 / p50", p99 / p50, STEADY, note=note)
