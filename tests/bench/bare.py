"""The measure of a recorded serving: Flask and DB-API with nothing between, the same tables and
triggers, the same durability; no sign-in, no checks, no policy."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
from flask import Flask, Response, request

KEY = bytes(32)
_FIND = "SELECT c.resident_id, r.name FROM credential c JOIN resident r ON r.id = c.resident_id WHERE c.digest = ?"
_HEAD = "SELECT seq, mac FROM trail_event ORDER BY seq DESC LIMIT 1"
_TRAIL = "INSERT INTO trail_event VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_LINE = (
    "INSERT INTO serving (sequence, key, point_id, resident_id, served_at, served_on, meal, mode,"
    " method, price_fen, subsidy_fen, self_pay_fen, delivery_fen, reason, decision_id, age,"
    " settle_month, late, reverses, note, content_mac, operator, device, recorded_at)"
    " VALUES (?, ?, 1, ?, ?, ?, ?, ?, 'card', ?, 300, ?, 0, NULL, 1, 72, 202405, 0, NULL, '',"
    " ?, '', 'till', ?)"
)


def bare_app(database: Path, index: Callable[[str], bytes]) -> Flask:
    """POST / records a subsidised serving of 3 yuan for the holder of a card, found by `index`."""
    app = Flask("bare")
    connection = sqlite.connect(database, isolation_level=None, check_same_thread=False)
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")

    @app.post("/")
    def record() -> Response:
        body = request.get_json(force=True)
        key, now = request.headers["Idempotency-Key"], time.time_ns() // 1000
        digest = index(body["credential"])
        connection.execute("BEGIN IMMEDIATE")
        try:
            resident, name = connection.execute(_FIND, (digest,)).fetchone()
            seq, mac = connection.execute(_HEAD).fetchone()
            seq, price = seq + 1, body["price_fen"]
            day = body["served_at"][:10]
            detail = hashlib.sha256(json.dumps([key, resident, day, price]).encode()).hexdigest()
            row = (seq, now, "device:till", "", "servings.record", key, detail)
            mac = hmac.digest(KEY, mac + json.dumps(row).encode(), hashlib.sha256)
            connection.execute(_TRAIL, (*row, mac))
            line = (
                seq,
                key,
                resident,
                now,
                day,
                body["meal"],
                body["mode"],
                price,
                price - 300,
                digest,
                now,
            )
            connection.execute(_LINE, line)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        answer = {"key": key, "resident": {"name": name}, "price_fen": price, "subsidy_fen": 300}
        return Response(json.dumps(answer | {"sequence": seq}), 201, mimetype="application/json")

    return app
