"""Who may open which page: every view declares a guard, and a view without one opens for nobody.

Accounts are a floor above, so the application hands in `load_principal`, which reads the person
or device from the database on each request: a disabled account counts from the next request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Request,
    Response,
    abort,
    current_app,
    flash,
    g,
    json,
    redirect,
    request,
    url_for,
)
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.wrappers import Response as BaseResponse

from mealsvc.kernel.actors import Actor

View = TypeVar("View", bound=Callable[..., Any])
API_PREFIX = "/api/"
SIGN_IN = "accounts.login"
CHANGE_PASSWORD = "accounts.password"
REGISTER_DEVICE = "device.register"
DEVICE_LOST = "这台设备的登记已失效，请向系统管理员领取新的一次性令牌，重新登记。"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes this request. `scope` is a division prefix, or a point's code if `at_point`."""

    id: int
    login: str
    name: str
    role: str
    scope: str
    actions: frozenset[str]
    at_point: bool = False
    kind: str = "user"
    must_change: bool = False
    outside: bool = False  # an outside auditor: sees what was given, and nothing else

    @property
    def point_code(self) -> str | None:
        """The one point of an operator, a manager or a device; None for everybody else."""
        return self.scope if self.at_point else None

    def can(self, action: str) -> bool:
        return action in self.actions

    def sees_division(self, code: str) -> bool:
        """Whether this division lies within the scope; nobody at a point sees divisions."""
        return not self.at_point and code.startswith(self.scope)

    def sees_point(self, code: str, division: str) -> bool:
        """Whether the point `code`, which stands in `division`, lies within the scope."""
        return code == self.scope if self.at_point else self.sees_division(division)

    def actor(self) -> Actor:
        """The same person, as services and the trail know them."""
        return Actor(self.kind, self.login, request.remote_addr or "")


@dataclass(frozen=True, slots=True)
class Guard:
    """What a view asks: nothing (`public`), to be signed in, or a right (`action`)."""

    action: str | None = None
    public: bool = False
    bare: bool = False  # open before the one-time password is changed


class UndeclaredGuard(Exception):
    """A view without a guard: a mistake of ours, never the visitor's."""


class LoadPrincipal(Protocol):
    """Finds who makes the request: by the bearer token if one is given, else by the session."""

    def __call__(self, bearer: str | None) -> Principal | None: ...


def guard(action: str) -> Callable[[View], View]:
    """The view opens for those who have this right; its scope is the view's to check."""
    return _declare(Guard(action=action))


def signed_in(view: View) -> View:
    """The view opens for everybody who has signed in."""
    return _declare(Guard())(view)


def signed_in_bare(view: View) -> View:
    """As `signed_in`, also while a one-time password waits to be changed."""
    return _declare(Guard(bare=True))(view)


def public_page(view: View) -> View:
    """The view opens for anybody."""
    return _declare(Guard(public=True))(view)


def _declare(declared: Guard) -> Callable[[View], View]:
    def mark(view: View) -> View:
        vars(view)["guard"] = declared
        return view

    return mark


def guard_of(app: Flask, endpoint: str) -> Guard | None:
    """The guard that this endpoint declares; files under static/ are open."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Guard(public=True)
    return getattr(app.view_functions.get(endpoint), "guard", None)


def init(
    app: Flask, load_principal: LoadPrincipal, lost_device: Callable[[], bool] = lambda: False
) -> None:
    """Puts the guards in place, with the check against forged forms (CSRFProtect is set up before).

    `lost_device` says whether a tablet asks whose registration was withdrawn.
    """
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked here: not when a bearer token asks
    app.extensions["mealsvc.principal"] = load_principal
    app.extensions["mealsvc.lost_device"] = lost_device
    app.session_interface = CookieSessions()
    app.before_request(_check)
    app.context_processor(lambda: {"principal": g.get("principal")})


class CookieSessions(SecureCookieSessionInterface):
    """The cookie is marked Secure whenever the page came over https; a bearer token has none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if bearer_token() is not None:
            return self.make_null_session(app)
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config.get("HTTPS")) or request.is_secure


def current() -> Principal:
    """The signed-in person or device; only behind a guard."""
    principal = current_or_none()
    if principal is None:
        abort(401)
    return principal


def current_or_none() -> Principal | None:
    """Who makes this request, if anybody is signed in; read once a request."""
    if "principal" not in g:
        g.principal = current_app.extensions["mealsvc.principal"](bearer_token())
    return g.principal


def forget() -> None:
    """The session changed during this request: the next `current()` reads it again."""
    g.pop("principal", None)


def bearer_token() -> str | None:
    """The token of an `Authorization: Bearer` head; understood by the API only."""
    if not is_api():
        return None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def is_api() -> bool:
    """Whether a machine is asking: it gets problem+json and is never redirected."""
    return request.path.startswith(API_PREFIX)


def require_division(code: str) -> None:
    """Refuses (403) what lies outside the signed-in person's division."""
    if not current().sees_division(code):
        abort(_refused(403, "forbidden", "这条记录不在您的管辖范围内。"))


def require_point(code: str, division: str) -> None:
    """Refuses (403) a point outside the signed-in person's or device's scope."""
    if not current().sees_point(code, division):
        abort(_refused(403, "forbidden", "这个助餐点不在您的管辖范围内。"))


def safe_next(target: str | None) -> str:
    """A path on this site to go to after signing in; anything else becomes the home page."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    if "\\" in target or any(ord(letter) < 32 for letter in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


def _check() -> BaseResponse | None:
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page: routing answers 404 or 405
    declared = guard_of(current_app, endpoint)
    if declared is None:
        return _undeclared(endpoint)
    if declared.public:
        _refuse_forgery()
        return None
    principal = current_or_none()
    if principal is None:
        return _ask_to_sign_in()
    if bearer_token() is None:  # a cookie comes along whoever asks, a token in the head does not
        _refuse_forgery()
    if principal.must_change and not declared.bare:
        return _ask_for_a_password()
    if declared.action is not None and not principal.can(declared.action):
        return _refused(403, "forbidden", "您的角色没有这项权限。如工作需要，请联系安全管理员。")
    return None


def _refuse_forgery() -> None:
    current_app.extensions["csrf"].protect()


def _undeclared(endpoint: str) -> BaseResponse:
    if current_app.testing or current_app.debug:
        raise UndeclaredGuard(endpoint)
    return _refused(403, "forbidden", "此页面暂未开放，请联系系统管理员。")


def _ask_to_sign_in() -> BaseResponse:
    lost = bearer_token() is None and current_app.extensions["mealsvc.lost_device"]()
    if is_api():
        more = {"device": "revoked"} if lost else {}
        said = DEVICE_LOST if lost else "令牌或登录无效，请检查设备令牌或重新登录。"
        problem = _refused(401, "unauthenticated", said, **more)
        problem.headers["WWW-Authenticate"] = "Bearer"
        return problem
    if lost:
        flash(DEVICE_LOST, "bad")
        return redirect(url_for(REGISTER_DEVICE))
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for(SIGN_IN, next=None if wanted == "/" else wanted))


def _ask_for_a_password() -> BaseResponse:
    if is_api():
        return _refused(403, "must_change_password", "请先登录网页修改一次性密码。")
    return redirect(url_for(CHANGE_PASSWORD))


def _refused(status: int, code: str, detail: str, **more: str) -> BaseResponse:
    """The API's answer as problem+json; for people, the application's page for this status."""
    if not is_api():
        abort(status, description=detail)
    body = {"type": "about:blank", "title": detail, "status": status, "code": code, **more}
    return Response(
        json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json"
    )
