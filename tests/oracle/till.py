"""The same meals through the till's door: what a request must answer, status and body."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.oracle import values
from tests.oracle.contract import World
from tests.oracle.play import run
from tests.oracle.values import Bad, plain

Row = dict[str, str]
STATUS = {"unknown_serving": 404, "already_reversed": 409}
TEXTS = ("point", "credential", "served_at", "meal", "mode", "method")


class Tills:
    """One device at each point; `send` and `take_back` tell where the answer differs."""

    def __init__(self, app: Flask, world: World):
        self._client = app.test_client()
        self._world = world
        self._answers: dict[str, str] = {}
        self._last = 0
        self._tokens: dict[str, str] = {}
        for point in world.points:
            _, out, err = run("device", "add", "--point", point, "--name", f"d{point}", "--json")
            assert out, err
            self._tokens[point] = json.loads(out)["token"]

    def send(self, row: Row) -> Iterator[str]:
        """One serving by a single request."""
        body, key = body_of(row), plain(row["key"])
        wanted = self._serve(row, body)
        response = self._post("/api/v1/servings", body, key, self._token(body["point"]))
        yield from self._differ(key, wanted, response.status_code, json.loads(response.data))

    def send_all(self, rows: list[Row], point: str) -> Iterator[str]:
        """Servings by one batch of the device at `point`: each as it would be alone."""
        bodies = [{**body_of(row), "key": plain(row["key"])} for row in rows]
        wanted = [self._serve(row, body, point) for row, body in zip(rows, bodies, strict=True)]
        content = {"servings": bodies}
        response = self._post("/api/v1/servings/batch", content, "", self._tokens[point])
        results = json.loads(response.data)["results"]
        assert response.status_code == 200 and len(results) == len(rows)
        for result, row, one in zip(results, rows, wanted, strict=True):
            status = result.pop("status")
            if result["key"] != plain(row["key"]):
                yield f"the result of {row['key']!r} names {result['key']!r}"
            yield from self._differ(plain(row["key"]), one, status, result)

    def take_back(self, row: Row) -> Iterator[str]:
        """One reversal."""
        key, target = plain(row["key"]), plain(row["reverses"])
        line = self._world.line(target)
        try:
            made, new = self._world.reverse(key, target, values.needed(row["reason"]), None)
            subsidy = -made["subsidy"]
            money = {"price_fen": -made["price"], "subsidy_fen": subsidy}
            wanted = (201 if new else 200, {"key": key, "reverses": target, **money})
        except Bad as bad:
            wanted = (STATUS.get(bad.code, 422), {"code": bad.code})
            if bad.code == "malformed" and line is None:
                return  # two faults, and the contract does not say which comes first
        where = line["point"] if line else ""
        path = f"/api/v1/servings/{target}/reversal"
        response = self._post(path, {"reason": row["reason"]}, key, self._token(where))
        yield from self._differ(key, wanted, response.status_code, json.loads(response.data))

    def _serve(self, row: Row, body: dict[str, Any], point: str | None = None) -> tuple:
        if not plain(row["key"]):
            return 400, {"code": "malformed"}
        try:
            meal = self._world.read_serving(row)
            if body["point"] not in (point, *(self._tokens if point is None else ())):
                return 403, {"code": "forbidden"}
            line, new = self._world.serve(meal)
        except Bad as bad:
            return 422, {"code": bad.code}
        names = ("price", "subsidy")
        wanted: dict[str, Any] = {f"{name}_fen": line[name] for name in names}
        wanted |= {"key": line["key"], "reason": line["reason"]}
        wanted["self_pay_fen"] = line["price"] - line["subsidy"]
        wanted["rules"] = [{"rule": code, "subsidy_fen": fen} for code, fen in line["paid"]]
        return (201 if new else 200), wanted

    def _differ(self, key: str, wanted: tuple, status: int, body: dict) -> Iterator[str]:
        found = {name: body.get(name) for name in wanted[1]}
        if (status, found) != wanted:
            yield f"{key!r}: contract {wanted}, mealsvc {status} {body}"
        if status < 300:
            text = json.dumps(body, sort_keys=True)
            if self._answers.setdefault(key, text) != text:
                yield f"{key!r}: the replay differs: {self._answers[key]} {text}"
        if status == 201:
            if body["sequence"] <= self._last:
                yield f"{key!r}: sequence {body['sequence']} after {self._last}"
            self._last = body["sequence"]
        if body.get("code") == "in_future" and "server_time" not in body:
            yield f"{key!r}: no server's time in {body}"

    def _token(self, point: str) -> str:
        return self._tokens.get(point) or next(iter(self._tokens.values()))

    def _post(self, path: str, body: dict[str, Any], key: str, token: str) -> TestResponse:
        heads = {"Authorization": f"Bearer {token}"}
        if key:
            heads["Idempotency-Key"] = key.encode().decode("latin-1")
        return self._client.post(path, json=body, headers=heads)


def body_of(row: Row) -> dict[str, Any]:
    """The JSON of a row: codes in English, the price in fen or as whatever was written."""
    body: dict[str, Any] = {name: plain(row[name]) for name in TEXTS}
    for name in ("meal", "mode", "method"):
        body[name] = values.CHINESE.get(body[name], body[name])
    if not body["method"]:
        del body["method"]
    return {**body, "price_fen": values.price(row)}
