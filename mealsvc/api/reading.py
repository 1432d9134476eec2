"""From JSON to orders: what a request says is read strictly, and what is wrong names its field."""

import json
from datetime import datetime
from typing import Any

from flask import g, request
from sqlalchemy import select

from mealsvc.accounts.models import Account
from mealsvc.accounts.permissions import ROLES
from mealsvc.api.refusals import KeyMissing, OutsideOwnPoint, TooMany
from mealsvc.kernel.dates import parse_instant
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing.db import db
from mealsvc.plumbing.guards import Principal
from mealsvc.servings.refusals import Malformed
from mealsvc.servings.rules import KEY_LENGTH, Order, check_form, check_text, plain

LARGEST_BODY = 1024 * 1024  # 500 servings take about 150 kB
LONGEST_LOGIN, LONGEST_NOTE = 32, 100
LARGEST_NUMBER = 10**15


def payload() -> dict[str, Any]:
    """The request's JSON object. Raises `Malformed` for anything else."""
    request.max_content_length = LARGEST_BODY
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        body = None
    return as_object(body)


def as_object(value: Any) -> dict[str, Any]:
    """The same value if it is a JSON object."""
    if not isinstance(value, dict):
        raise Malformed(what="请求内容应为一个JSON对象")
    return value


def idempotency_key() -> str:
    """The client's key, as the `Idempotency-Key` head gives it (UTF-8 where it is not ASCII)."""
    written = request.headers.get("Idempotency-Key", "")
    try:
        written = written.encode("latin-1").decode()
    except UnicodeError:
        pass  # already read as text
    return _given(plain(written))


def item_key(item: dict[str, Any]) -> str:
    """The key of one serving in a batch."""
    if item.get("key") is None:
        raise KeyMissing()
    return _given(text(item, "key", "流水号"))


def text(body: dict[str, Any], name: str, words: str) -> str:
    """A text of the body, trimmed and with half-width digits and letters."""
    value = body.get(name)
    if not isinstance(value, str):
        raise Malformed(what=f"{words}（{name}）缺失，或不是文字", field=name)
    return plain(value)


def read_order(body: dict[str, Any], key: str, by: Principal) -> Order:
    """One serving as it is asked for. Raises `Malformed`, or `OutsideOwnPoint` for another's point.

    A price that is no whole number becomes None: it is refused as `bad_price` when its turn comes.
    """
    if "price_fen" not in body:
        raise Malformed(what="价格（price_fen）缺失", field="price_fen")
    price = body["price_fen"]
    order = Order(
        key,
        _point(body),
        text(body, "credential", "凭证"),
        _instant(text(body, "served_at", "就餐时间")),
        text(body, "meal", "餐次"),
        text(body, "mode", "方式"),
        price if type(price) is int else None,
        text(body, "method", "核验方式") if "method" in body else "card",
        operator=by.login if by.kind == "user" else _claimed(body, by),
        device=by.login if by.kind == "device" else "",
        note=_note(body) if "note" in body else "",
    )
    check_form(order)
    if order.point != by.point_code:
        raise OutsideOwnPoint()
    return order


def number(body: dict[str, Any], name: str, words: str) -> int | None:
    """A whole number of the body, None where it is absent or null."""
    value = body.get(name)
    if value is None:
        return None
    if type(value) is not int or abs(value) > LARGEST_NUMBER:
        raise Malformed(what=f"{words}（{name}）应为整数", field=name)
    return value


def instant(body: dict[str, Any], name: str, words: str) -> datetime:
    """An instant of the body, which has to name its time zone."""
    return _instant(text(body, name, words), name, words)


def listed(body: dict[str, Any], name: str, words: str, most: int) -> list[Any]:
    """A list of the body. Raises `TooMany` beyond `most`."""
    value = body.get(name)
    if not isinstance(value, list):
        raise Malformed(what=f"{name} 应为{words}的列表", field=name)
    if len(value) > most:
        raise TooMany(most=most)
    return value


def _claimed(body: dict[str, Any], by: Principal) -> str:
    """Who served, as a till with its own token says it: somebody with an account at its point."""
    login = body.get("operator")
    if not login or not isinstance(login, str) or len(login) > LONGEST_LOGIN:
        return ""
    if "logins" not in g:  # once a request, however many servings it brings
        at_point = [role.code for role in ROLES.values() if role.at_point]
        mine = (Account.scope == by.point_code, Account.role.in_(at_point))
        g.logins = frozenset(db.session.scalars(select(Account.login).where(*mine)))
    return login if login in g.logins else ""


def _note(body: dict[str, Any]) -> str:
    """Why it was typed by hand, if that is said."""
    if body["note"] is None:
        return ""
    note = text(body, "note", "备注")
    if note:
        check_text("备注", note, LONGEST_NOTE)
    return note


def _given(key: str) -> str:
    if not key:
        raise KeyMissing()
    return key


def _point(body: dict[str, Any]) -> str:
    code = text(body, "point", "助餐点编号")
    if not 1 <= len(code) <= KEY_LENGTH or not code.isprintable():
        raise Malformed(what=f"助餐点编号应为1至{KEY_LENGTH}个可见字符", field="point")
    return code


def _instant(written: str, name: str = "served_at", words: str = "就餐时间") -> datetime:
    try:
        read = parse_instant(written)
        local_date(read)
    except (ValueError, OverflowError):
        what = f"{words}（{name}）应写成 2024-05-06T11:30:00+08:00，含时区"
        raise Malformed(what=what, field=name) from None
    return read
