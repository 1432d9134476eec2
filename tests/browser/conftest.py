"""A real browser on a real server of the application under test."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from tests.factories import tills
from tests.support import chromium
from tests.support.devices import Device, FaultyServer
from tests.support.people import sign_in

_RUN_AXE = """axe.run({resultTypes: ["violations"], iframes: false, selectors: false})
  .then((all) => all.violations.filter((one) => ["serious", "critical"].includes(one.impact)))"""
TABLET: ViewportSize = {"width": 1024, "height": 768}


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = chromium.find()
        assert path, "没有找到 Chromium：请运行 make chromium。"
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of a threaded server of `app`, on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def visitor(chrome: Browser, address: str) -> Iterator[BrowserContext]:
    """A fresh browser profile; whatever a page complains of fails the test."""
    context = chrome.new_context(base_url=address, viewport=TABLET, locale="zh-CN")
    context.set_default_timeout(10_000)
    complaints: list[str] = []

    def heard(entry: ConsoleMessage) -> None:
        refused = "Failed to load" in entry.text and "/static/" not in entry.location["url"]
        if entry.type == "error" and not refused:  # a refused form answers 422: no fault
            complaints.append(f"{entry.text} {entry.location['url']}")

    context.on("console", heard)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    context.close()
    assert not complaints


@pytest.fixture
def page(visitor: BrowserContext) -> Page:
    return visitor.new_page()


@pytest.fixture
def enter(app: Flask, visitor: BrowserContext, address: str):
    """`enter("town")`: from here on the browser is signed in as this person."""

    def signed_in(as_: str) -> None:
        client = app.test_client()
        sign_in(app, client, as_)
        name = app.config["SESSION_COOKIE_NAME"]
        cookie = client.get_cookie(name)
        assert cookie is not None
        visitor.add_cookies([{"name": name, "value": cookie.value, "url": address}])

    return signed_in


@pytest.fixture(scope="session")
def serious():
    """`serious(page)`: the serious and critical axe violations of what is shown, as sentences."""
    axe = Axe()

    def violations(page: Page) -> list[str]:
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe.axe_script)
        found = page.evaluate(_RUN_AXE)
        return [
            f"{item['id']}: {item['help']} ({node['html']})"
            for item in found
            for node in item["nodes"]
        ]

    return violations


@pytest.fixture
def lunchroom(app: Flask) -> None:
    """The small district, and thirty more elders with the cards of `tills.CARDS`."""
    tills.small_district()
    tills.lunchroom()


@pytest.fixture
def server(app: Flask) -> Iterator[FaultyServer]:
    """`app` behind a network that can be made to fail."""
    made = FaultyServer(app)
    yield made
    made.stop()


@pytest.fixture
def device(
    app: Flask, chrome: Browser, server: FaultyServer, lunchroom: None, tmp_path: Path
) -> Iterator[Callable[..., Device]]:
    """`device()`: a tablet with a profile of its own, signed in as operator of P01.

    Only a `lasting` one, with its profile on the disk, can be killed and switched on again.
    """
    made: list[Device] = []

    def make(lasting: bool = False, as_: str = "operator") -> Device:
        client = app.test_client()
        sign_in(app, client, as_)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        kept = {"name": cookie.key, "value": cookie.value, "url": server.address}
        folder = tmp_path / f"profile-{len(made)}" if lasting else None
        made.append(Device(chrome, folder, server.address, [kept]))
        return made[-1]

    yield make
    for each in made:
        each.close()
