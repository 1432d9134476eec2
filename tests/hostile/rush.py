"""Tills that send each meal until an answer comes."""

import http.client
import json
import random
import threading
from itertools import islice
from typing import Any

from tests.hostile.faulty import STALL_S

CLIENTS, PATIENCE_S, CHUNK = 6, STALL_S * 0.75, 100
MEALS = (("lunch", "11:30"), ("dinner", "17:30"))
Order = dict[str, Any]


class Rush:
    """Some tills with one queue; each key is sent until an answer comes, then once more.

    `answers` are the different bodies that came for a key: there should be one.
    """

    def __init__(self, port: int, token: str, seed: int):
        self._port, self._token, self._seed = port, token, seed
        self._lock = threading.Lock()
        self.orders: dict[str, Order] = {}
        self.answers: dict[str, set[bytes]] = {}
        self.strange: list[tuple[str, int, bytes]] = []
        self.sent = 0

    def run(self, count: int) -> None:
        waiting = iter(orders_of(count, self._seed))
        threads = [threading.Thread(target=self._till, args=(waiting,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _till(self, waiting: Any) -> None:
        while True:
            with self._lock:
                order = next(waiting, None)
                if order is None:
                    return
                self.orders[order["key"]] = order
            for _ in range(2):
                self._until_answered(order)

    def _until_answered(self, order: Order) -> None:
        body = json.dumps({name: order[name] for name in order if name != "key"}).encode()
        head = {"Idempotency-Key": order["key"]}
        while True:
            with self._lock:
                self.sent += 1
            answer = ask(self._port, self._token, "/api/v1/servings", body, head)
            if answer is None or answer[0] == 503:
                continue
            with self._lock:
                if answer[0] not in (200, 201):
                    self.strange.append((order["key"], *answer))
                self.answers.setdefault(order["key"], set()).add(answer[1])
            return


def orders_of(count: int, seed: int, credential: str = "") -> list[Order]:
    """Meals of May 2024 under keys as tills make them: elders meet at the same lunch."""
    drawn = random.Random(seed)
    made = []
    for number in range(count):
        meal, at = MEALS[drawn.randrange(2)]
        made.append(
            {
                "key": f"T-{1714966200000 + number:012x}{drawn.getrandbits(64):016x}",
                "point": "P01",
                "credential": credential or f"C00{drawn.randrange(1, 5)}",
                "served_at": f"2024-05-{drawn.randrange(1, 32):02d}T{at}:00+08:00",
                "meal": meal,
                "mode": "dine_in",
                "price_fen": drawn.choice((1200, 1500)),
                "method": "card",
            }
        )
    return made


def drained(
    port: int, token: str, path: str, queue: list[Order], tries: int = 10_000
) -> dict[str, int]:
    """Sends the queue in order, a chunk until it is answered; the status of each key."""
    statuses: dict[str, int] = {}
    name, waiting = ("servings", list(queue)) if path.endswith("batch") else ("entries", [])
    if not waiting:
        shown = {"subsidy_fen": 0, "self_pay_fen": 0}
        waiting = [{"kind": "serving", "shown": shown, **order} for order in queue]
    while waiting and tries > 0:
        tries -= 1
        body = json.dumps({name: list(islice(waiting, CHUNK))}).encode()
        answer = ask(port, token, path, body, {}, patience_s=20)
        if answer is None or answer[0] != 200:
            continue
        for result in json.loads(answer[1])["results"]:
            statuses[result["key"]] = result["status"]
        waiting = waiting[CHUNK:]
    return statuses


def ask(
    port: int,
    token: str,
    path: str,
    body: bytes,
    head: dict[str, str],
    patience_s: float = PATIENCE_S,
) -> tuple[int, bytes] | None:
    """Status and body of a whole answer; None when none came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience_s)
    usual = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, body, usual | head)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
