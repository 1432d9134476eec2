"""What goes wrong, told in plain Chinese: pages for people, problem+json (RFC 9457) for machines."""

import errno
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

PAGES = {status: f"errors/{status}.html" for status in (400, 403, 404, 405, 413, 429, 500, 503)}
UNAVAILABLE = "暂时无法保存（磁盘已满或数据库不可用），请稍后用同一流水号重试。"

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
CODES = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}

log = logging.getLogger(__name__)


def problem_body(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem (RFC 9457); `code` is what programs go by."""
    return {"type": "about:blank", "title": detail, "status": status, "code": code, **more}


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """An `application/problem+json` answer."""
    text = json.dumps(problem_body(status, code, detail, **more), ensure_ascii=False)
    # half a surrogate pair that is quoted back becomes its JSON escape again
    kind = "application/problem+json"
    return Response(text.encode(errors="backslashreplace"), status, mimetype=kind)


def is_unavailable(error: BaseException) -> bool:
    """Whether nothing can be kept just now (disk full, database away), and the same may work later."""
    if isinstance(error, OperationalError | PoolTimeout | WriterBusy):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or "full" in str(error.orig).lower()
    return isinstance(error, OSError) and error.errno in NO_ROOM


def told_safely(error: BaseException) -> str:
    """The kind of error and where it arose: its own text may hold names and numbers."""
    where = error.__traceback__
    while where and where.tb_next:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_filename}:{where.tb_lineno}" if where else "?"
    return f"{type(error).__name__} at {place}"


def register(app: Flask) -> None:
    """Puts the handlers in place."""
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Refusal, _on_refusal)
    app.register_error_handler(Exception, _on_error)


def _on_http(error: HTTPException) -> Any:
    if error.response is not None:
        return error.response
    status = error.code or 500
    if is_api():
        return problem(status, CODES.get(status, "error"), error.description or error.name)
    if 300 <= status < 400:
        return error
    said = error.description if error.description != type(error).description else None
    forged = isinstance(error, CSRFError)
    page = PAGES.get(status, PAGES[400])
    return render_template(page, csrf=forged, message=None if forged else said), status


def _on_refusal(error: Refusal) -> Any:
    db.session.rollback()
    if is_api():
        return problem(422, error.code, error.message)
    return render_template(PAGES[400], csrf=False, message=error.message), 422


def _on_unavailable(error: Exception) -> Any:
    reference = _reference()
    log.error("unavailable %s: %s", reference, type(getattr(error, "orig", error)).__name__)
    _forget()
    if is_api():
        return problem(503, "unavailable", UNAVAILABLE, reference=reference)
    return render_template(PAGES[503], reference=reference), 503


def _on_error(error: Exception) -> Any:
    return _on_unavailable(error) if is_unavailable(error) else _on_bug(error)


def _on_bug(error: Exception) -> Any:
    """A mistake of ours: the cause goes to the log under a number, never its values."""
    reference = _reference()
    log.error("error %s: %s on %s", reference, told_safely(error), request.endpoint)
    _forget()
    if is_api():
        return problem(500, "error", "系统出错，请把编号告诉系统管理员。", reference=reference)
    return render_template(PAGES[500], reference=reference), 500


def _reference() -> str:
    return secrets.token_hex(4).upper()


def _forget() -> None:
    try:
        db.session.rollback()
    except Exception as error:
        log.error("rollback failed: %s", type(error).__name__)
