"""A till over HTTP at lunch: types, finds, previews, records, and keeps its roster fresh."""

import http.client
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from statistics import quantiles
from typing import Any
from uuid import uuid4

from tests.bench.people import name

PACE_S = 2.0  # from one elder to the next
DELTA_EVERY = 20  # servings between two looks at the roster
PRICE_FEN = 1200


class Clocks:
    """Seconds by what was measured, from several threads; answers that were no success."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.faults: list[str] = []

    def add(self, what: str, seconds: float) -> None:
        with self._lock:
            self.seconds[what].append(seconds)

    def percentiles(self, what: str) -> tuple[float, float]:
        """The 50th and the 99th, in milliseconds."""
        cuts = quantiles(self.seconds[what], n=100, method="inclusive")
        return cuts[49] * 1000, cuts[98] * 1000


class Counter:
    """One till: its point, its token, its own elders; a connection that is kept."""

    def __init__(self, port: int, point: str, token: str, people: Iterator[int], clocks: Clocks):
        self._address, self._point, self._people, self._clocks = port, point, people, clocks
        self._head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = self._connect()
        self._path = f"/api/v1/till/{point}"

    def lunch(self, until: threading.Event, pace_s: float = PACE_S) -> None:
        """One elder after the other until told to stop."""
        self._since = self.ask("GET", f"{self._path}/state")["sequence"]
        for turn, person in enumerate(self._people, 1):
            began = time.perf_counter()
            self._type(person)
            self._serve(person)
            if turn % DELTA_EVERY == 0:
                self._freshen()
            if until.wait(max(0.0, pace_s - (time.perf_counter() - began))):
                break
        self._connection.close()

    def record(self, count: int) -> None:
        """So many recordings without a pause, nothing else."""
        for _ in range(count):
            self._record(next(self._people), "record without pause")

    def _type(self, person: int) -> None:
        """The first signs of a name, as the till asks while somebody types."""
        whole = name(person)
        for typed in (whole[:1], whole[:2], whole):
            with self._timed("typed"):
                self.ask("POST", f"{self._path}/search", {"q": typed})

    def _serve(self, person: int) -> None:
        """From the key press on a scanned card to the answer that is shown."""
        with self._timed("shown"):
            found = self.ask("POST", f"{self._path}/search", {"q": f"C{person:06d}"})["people"]
            self.ask(
                "POST",
                f"{self._path}/preview",
                {"credential": found[0]["token"], "meal": "lunch", "mode": "dine_in"},
            )
            self._record(person, "record")

    def _record(self, person: int, what: str) -> None:
        body = {
            "point": self._point,
            "credential": f"C{person:06d}",
            "served_at": datetime.now(UTC).isoformat(),
            "meal": "lunch",
            "mode": "dine_in",
            "price_fen": PRICE_FEN,
            "method": "card",
        }
        with self._timed(what):
            self.ask("POST", "/api/v1/servings", body, {"Idempotency-Key": f"T-{uuid4().hex}"})

    def _freshen(self) -> None:
        with self._timed("roster"):
            page = self.ask("GET", f"{self._path}/roster?since={self._since}")
        if page["full"]:
            self._clocks.faults.append("a whole roster instead of its changes")
        self._since = page["sequence"]

    def ask(self, method: str, path: str, body: Any = None, head: Any = None) -> Any:
        """The JSON of a successful answer; others are noted and raised."""
        data = None if body is None else json.dumps(body)
        for _ in range(2):
            try:
                self._connection.request(method, path, data, self._head | (head or {}))
                answer = self._connection.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError):  # an idle connection was closed
                self._connection.close()
                self._connection = self._connect()
        else:
            raise ConnectionError(path)
        if answer.status not in (200, 201):
            self._clocks.faults.append(f"{path}: {answer.status} {text[:200]!r}")
        return json.loads(text)

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._address, timeout=30)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._clocks.add(what, time.perf_counter() - began)
