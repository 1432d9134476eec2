"""What goes wrong, told in plain Chinese: pages for people, problem+json (RFC 9457) for machines."""

import logging
import secrets
from typing import Any

from flask import Flask, Response, json, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import WriterBusy, db
from mealsvc.plumbing.guards import is_api

PAGES = {400, 403, 404, 405, 413, 429, 500, 503}
UNAVAILABLE = "暂时无法保存（磁盘已满或数据库不可用），请稍后用同一流水号重试。"

log = logging.getLogger(__name__)


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """An `application/problem+json` answer; `code` is what programs go by."""
    body = {"type": "about:blank", "title": detail, "status": status, "code": code, **more}
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, mimetype="application/problem+json")


def register(app: Flask) -> None:
    """Puts the handlers in place."""
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Refusal, _on_refusal)
    for error in (OperationalError, PoolTimeout, WriterBusy):
        app.register_error_handler(error, _on_unavailable)
    app.register_error_handler(DBAPIError, _on_database)
    app.register_error_handler(Exception, _on_bug)


def _on_http(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if is_api():
        code = {400: "malformed", 404: "not_found", 405: "method_not_allowed"}.get(status, "error")
        return problem(status, code, error.description or error.name)
    if 300 <= status < 400:
        return error
    page = status if status in PAGES else 400
    context = {"csrf": isinstance(error, CSRFError), "message": None}
    return render_template(f"errors/{page}.html", **context), status


def _on_refusal(error: Refusal) -> Any:
    db.session.rollback()
    if is_api():
        return problem(422, error.code, error.message)
    return render_template("errors/400.html", csrf=False, message=error.message), 422


def _on_unavailable(error: Exception) -> Any:
    reference = _reference()
    log.error("unavailable %s: %s", reference, type(getattr(error, "orig", error)).__name__)
    _forget()
    if is_api():
        return problem(503, "unavailable", UNAVAILABLE, reference=reference)
    return render_template("errors/503.html", reference=reference), 503


def _on_database(error: DBAPIError) -> Any:
    if error.connection_invalidated or "full" in str(error.orig).lower():
        return _on_unavailable(error)
    return _on_bug(error)


def _on_bug(error: Exception) -> Any:
    """A mistake of ours: the cause goes to the log under a number, never its values."""
    reference = _reference()
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
    log.error("error %s: %s at %s on %s", reference, type(error).__name__, place, request.endpoint)
    _forget()
    if is_api():
        return problem(500, "error", "系统出错，请把编号告诉系统管理员。", reference=reference)
    return render_template("errors/500.html", reference=reference), 500


def _reference() -> str:
    return secrets.token_hex(4).upper()


def _forget() -> None:
    try:
        db.session.rollback()
    except Exception as error:
        log.error("rollback failed: %s", type(error).__name__)
