"""The production server in processes of its own, on a free port, and a till that talks to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
COMMAND = Path(sys.executable).with_name("mealsvc")


class Answer(NamedTuple):
    """What came back: the status and the bytes of the body."""

    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)


class Served:
    """A running `mealsvc serve`, with everything that it wrote to its log."""

    def __init__(self, log: Path, workers: int = 2):
        self.port = _free_port()
        self._log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", str(self.port), "--workers", str(workers)],
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait_until_up(self, patience_s: float = 20.0) -> None:
        """Returns once it answers; raises with its log when it ends first or takes too long."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end and self.process.poll() is None:
            try:
                if self.ask("GET", "/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"the server did not come up:\n{self.log()}")

    def ask(
        self, method: str, path: str, body: Any = None, head: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, head or {})
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """Ends it as an administrator would, by the number of its own process."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """The power switch: SIGKILL to the whole process group, workers included."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(log: Path, workers: int = 2) -> Iterator[Served]:
    """A server that is up, stopped at the end."""
    server = Served(log, workers)
    try:
        server.wait_until_up()
        yield server
    finally:
        server.stop()


class RemoteTill:
    """A till with its token: `till.record("K1", price_fen=1500)`."""

    def __init__(self, server: Served, point: str, token: str):
        self._server, self.point = server, point
        self._head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def record(self, key: str, credential: str = "C001", **changes: Any) -> Answer:
        body = {
            "point": self.point,
            "credential": credential,
            "served_at": "2024-05-06T11:30:00+08:00",
            "meal": "lunch",
            "mode": "dine_in",
            "price_fen": 1200,
            "method": "card",
        }
        head = self._head | {"Idempotency-Key": key}
        return self._server.ask("POST", "/api/v1/servings", body | changes, head)


def all_at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Each call in a thread of its own, all started by one signal; their results in order."""
    start = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        start.wait(timeout=10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
