"""One serving through the interface, against a bare Flask handler with the same inserts."""

import io
import json
import shutil
from collections.abc import Callable
from contextvars import Context
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask

from mealsvc.accounts.sessions import DEVICE_COOKIE
from mealsvc.plumbing.crypto import vault
from mealsvc.plumbing.db import db
from tests.bench.bare import bare_app
from tests.bench.ground import Line, at_most, best_ratio, cpu_of, installation
from tests.bench.people import cards, register

BLOCK, ROUNDS, PEOPLE = 60, 31, 2_000
FIRST_DAY = date(2024, 5, 1)
RECORD, PREVIEW = "/api/v1/servings", "/api/v1/till/P01/preview"
MEAL = {"meal": "lunch", "mode": "dine_in", "price_fen": 1200}
Send = Callable[[str, dict[str, Any]], None]
Work = tuple[Send, Any]


def lines() -> list[Line]:
    """CPU per recorded serving, ours ÷ bare, in one process over two copies of one database."""
    with installation() as app:
        token = register(PEOPLE)
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
        by_token = _sender(app, RECORD, bearer)
        by_token(*next(_orders("warm")))
        db.session.remove()
        db.engine.dispose()
        original = Path(app.config["INSTANCE"]) / "mealsvc.db"
        copy = original.with_name("bare.db")
        shutil.copy(original, copy)
        theirs = (
            _sender(bare_app(copy, partial(vault().index, "card")), "/", bearer),
            _orders("bare"),
        )
        device = _signed_in(app, token)
        by_device, asks = _sender(app, RECORD, device), _sender(app, PREVIEW, device)

        def both(key: str, body: dict[str, Any]) -> None:
            asks(key, {"credential": body["credential"]} | MEAL)
            by_device(key, body)

        return [
            _against("一笔就餐（接口）/ 裸处理函数，CPU", (by_token, _orders("ours")), theirs, 2.0),
            _against("同上，收银台设备登记", (by_device, _orders("device")), theirs, 2.7),
            _against("同上，收银台试算并登记", (both, _orders("both")), theirs, 2 * 2.7),
        ]


def _against(what: str, ours: Work, theirs: Work, bar: float) -> Line:
    ratio = best_ratio(
        lambda: cpu_of(lambda: _send(*ours)), lambda: cpu_of(lambda: _send(*theirs)), ROUNDS
    )
    each = cpu_of(lambda: _send(*ours)) / BLOCK * 1e6
    return at_most(what, ratio, bar, note=f"（{each:.0f} µs）")


def _signed_in(app: Flask, token: str) -> dict[str, str]:
    """What the page of a registered till sends along: its cookies and the token of its forms."""
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, token)
    state = Context().run(client.get, "/api/v1/till/P01/state")
    session = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    if session is None:
        raise RuntimeError(f"no session: {state.status}")
    cookies = f"{DEVICE_COOKIE}={token}; {session.key}={session.value}"
    return {"HTTP_COOKIE": cookies, "HTTP_X_CSRFTOKEN": state.json["csrf_token"]}


def _send(send: Send, orders: Any) -> None:
    for _ in range(BLOCK):
        send(*next(orders))


def _orders(prefix: str) -> Any:
    """Lunches without end, each of another person or day."""
    held = cards(PEOPLE)
    for number in count(2 if prefix == "bare" else 0):
        day = FIRST_DAY + timedelta(days=number // PEOPLE)
        yield (
            f"{prefix}-{number}",
            {
                "point": "P01",
                "credential": held[number * 7919 % PEOPLE],
                "served_at": f"{day}T11:30:00+08:00",
                "meal": "lunch",
                "mode": "dine_in",
                "price_fen": 1200,
                "method": "card",
            },
        )


def _sender(app: Flask, path: str, head: dict[str, str]) -> Send:
    """Calls the application as a WSGI server does, without a client's own cost."""
    usual = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        **head,
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    statuses: list[str] = []

    def started(status: str, *_: Any) -> None:
        statuses[:] = [status]

    def send(key: str, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        more = {
            "HTTP_IDEMPOTENCY_KEY": key,
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": io.BytesIO(data),
        }
        answer = app.wsgi_app({**usual, **more}, started)
        text = b"".join(answer)
        answer.close()
        if statuses[0][:3] not in ("200", "201"):
            raise RuntimeError(f"{statuses}: {text.decode()}")

    return send
