"""A till as a device: a browser profile of its own that survives being killed, on a server with faults."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import BaseWSGIServer, make_server

from tests.support import chromium

_OPEN = """async (point) => {
  const { openTill } = await import("/static/till/engine.js");
  window.engine = await openTill({ point, root: "" });
}"""
STALL_S = 2.5


class FaultyServer:
    """The application behind a network with faults: `mode` says what happens to requests now.

    `ok`, `stall` (answers late), `lost` (does the work, the answer never arrives), `broken` (a
    proxy's error page), `garbage` (200 that is no JSON), a status such as `404` (a problem with that
    status). Only paths that begin with `hit` suffer.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]):
        self._app, self.mode, self.hit = app, "ok", "/api/"
        self.scripted: dict[str, Callable[[str], bytes]] = {}  # path -> answer to a query
        self._server = self._start(0)
        self.port = self._server.server_port
        self.address = f"http://127.0.0.1:{self.port}"

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        mode = self.mode if environ["PATH_INFO"].startswith(self.hit) else "ok"
        if mode in ("broken", "garbage"):
            start_response("502 Bad Gateway" if mode == "broken" else "200 OK", [])
            return [b"<html>please sign in to the hotel's network</html>"]
        if mode.isdigit():
            start_response(f"{mode} Refused", [("Content-Type", "application/problem+json")])
            return [b'{"title": "?", "code": "malformed"}']
        if mode == "stall":
            time.sleep(STALL_S)
        scripted = self.scripted.get(environ["PATH_INFO"]) if mode == "ok" else None
        if scripted:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [scripted(environ["QUERY_STRING"])]
        answer = self._app(environ, start_response)
        if mode == "lost":
            b"".join(answer)
            raise ConnectionResetError
        return answer

    def restart(self, pause_s: float = 0.0) -> None:
        """Away for a moment, then there again at the same address."""
        self.stop()
        time.sleep(pause_s)
        self._server = self._start(self.port)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _start(self, port: int) -> BaseWSGIServer:
        server = make_server("127.0.0.1", port, self, threaded=True)
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return server


class Device:
    """A browser profile; `page` is the tab in front, with the engine of the till.

    With a folder the profile lies on the disk and survives `kill`; without one it starts sooner.
    """

    def __init__(self, chrome: Browser, folder: Path | None, address: str, cookies: list[Any]):
        self._chrome, self._folder, self._address = chrome, folder, address
        self._cookies, self._script = cookies, ""
        self.context: BrowserContext
        self.page: Page

    def start(self, offline: bool = False, script: str = "", point: str = "P01") -> "Device":
        """Switches it on and opens the till; `script` runs before any other of each page."""
        self.context = self._profile() if self._folder else self._fresh()
        self.context.set_default_timeout(20_000)
        if self._cookies:
            self.context.add_cookies(self._cookies)
        if script:
            self.context.add_init_script(script)
        self.context.set_offline(offline)
        self.page = self.tab(point)
        return self

    def _fresh(self) -> BrowserContext:
        return self._chrome.new_context(base_url=self._address)

    def _profile(self) -> BrowserContext:
        path = chromium.find()
        assert path and self._folder
        return self._chrome.browser_type.launch_persistent_context(
            self._folder, executable_path=path, args=list(chromium.FLAGS), base_url=self._address
        )

    def tab(self, point: str = "P01") -> Page:
        """One more tab with the till."""
        page = self.context.new_page()
        self.load(page, point)
        return page

    def load(self, page: Page, point: str = "P01") -> None:
        page.goto("/till", wait_until="domcontentloaded")
        page.evaluate(_OPEN, point)

    def offline(self, away: bool = True) -> None:
        self.context.set_offline(away)

    def kill(self) -> None:
        """The power switch: SIGKILL to every process of this profile."""
        mine = f"--user-data-dir={self._folder}".encode()
        for entry in Path("/proc").iterdir():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if mine in words:
                    os.kill(int(entry.name), signal.SIGKILL)
            except (ValueError, OSError):
                continue
        self.close()
        assert self._folder
        for lock in self._folder.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def close(self) -> None:
        try:
            self.context.close()
        except Exception as error:
            assert "closed" in str(error), error

    def state(self, page: Page | None = None) -> dict[str, Any]:
        """What the till shows."""
        return (page or self.page).evaluate("engine.state")

    def ready(self, shell: bool = True) -> "Device":
        """Waits until it could lose the network: the roster and the page are on the device."""
        self.until("engine.state.roster.at !== null && !engine.state.roster.syncing")
        if shell:
            self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        return self

    def serve(self, card: str, page: Page | None = None, **options: Any) -> dict[str, Any]:
        """Scans a card and confirms what is shown: {"card", "outcome"}."""
        return (page or self.page).evaluate(
            """async ([typed, options]) => {
              const found = await engine.find(typed);
              if (!found.people.length) return { message: found.message };
              const card = await engine.preview(found.people[0], options);
              return { card, outcome: await engine.record(card, {}) };
            }""",
            [card, {"meal": "lunch", "mode": "dine_in", "priceFen": 1200} | options],
        )

    def drained(self, page: Page | None = None, patience_s: float = 20.0) -> dict[str, Any]:
        """Waits until nothing is left to upload; what the till shows then."""
        self.until(
            "engine.state.pending === 0 && engine.state.network === 'online'", page, patience_s
        )
        return self.state(page)

    def until(
        self,
        condition: str,
        page: Page | None = None,
        patience_s: float = 20.0,
        when: Callable[[], bool] = lambda: True,
    ) -> None:
        """Waits until this holds in the page (whose policy forbids Playwright's own way)."""
        page, end = page or self.page, time.monotonic() + patience_s
        while not (when() and page.evaluate(condition)):
            assert time.monotonic() < end, f"not in {patience_s} s: {condition}\n{self.state(page)}"
            page.wait_for_timeout(30)


def wrong_clock(shift_ms: int) -> str:
    """A script that turns the page's wall clock by so much."""
    return f"""{{
      const Right = Date;
      window.Date = class extends Right {{
        constructor(...given) {{ given.length ? super(...given) : super(Right.now() + {shift_ms}); }}
        static now() {{ return Right.now() + {shift_ms}; }}
      }};
    }}"""
