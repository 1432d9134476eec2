"""Pages: a tablet is registered with its one-time token, and forgets it again."""

from datetime import timedelta
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from mealsvc.accounts import sessions
from mealsvc.accounts.forms import TokenForm
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import public_page

KEPT = timedelta(days=365)
TILL = "/till"

bp = Blueprint("device", __name__, url_prefix="/till/device")


@bp.route("", methods=["GET", "POST"])
@public_page
def register() -> Any:
    form = TokenForm()
    if form.validate_on_submit():
        token = form.token.data or ""
        with writing():
            outcome = sessions.register_device(token, request.remote_addr or "", clock.now())
        if outcome.refusal is None:
            return _remembered(token)
        show(form, outcome.refusal)
        form.token.data = ""
    device = sessions.cookie_device()
    page = render_template("accounts/register_device.html", form=form, device=device)
    return page, 422 if form.errors else 200


@bp.post("/forget")
@public_page
def forget() -> Response:
    """The tablet is nobody from now on; its token stays good until it is withdrawn."""
    answer = redirect(url_for(".register"), 303)
    answer.delete_cookie(sessions.DEVICE_COOKIE, path="/", **_traits())
    flash("这台设备已退出登记。要继续使用，请重新输入令牌。", "good")
    return answer


def _remembered(token: str) -> Response:
    answer = redirect(TILL, 303)
    answer.set_cookie(
        sessions.DEVICE_COOKIE, token, max_age=int(KEPT.total_seconds()), path="/", **_traits()
    )
    return answer


def _traits() -> dict[str, Any]:
    secure = bool(current_app.config.get("HTTPS")) or request.is_secure
    return {"httponly": True, "samesite": "Strict", "secure": secure}
