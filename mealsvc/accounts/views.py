"""Pages: signing in and out, one's own password, accounts, the table of rights, devices."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import segno
from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from markupsafe import Markup
from sqlalchemy import Select, or_, select
from werkzeug.wrappers import Response

from mealsvc.accounts import persons, services, sessions
from mealsvc.accounts.forms import (
    AccountForm,
    CodeForm,
    ConfirmForm,
    DeviceForm,
    PasswordForm,
    RoleForm,
    SignInForm,
    UntilForm,
)
from mealsvc.accounts.models import Account, Device
from mealsvc.accounts.naming import login_name, who
from mealsvc.accounts.permissions import ADMINS, ROLES, TABLE, Role
from mealsvc.accounts.refusals import SignInLocked, WrongOldPassword
from mealsvc.accounts.services import OneTime, ScopeExists
from mealsvc.accounts.sessions import Outcome
from mealsvc.kernel.refusals import Refusal
from mealsvc.kernel.text import tidy
from mealsvc.plumbing import clock, pages
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.forms import show
from mealsvc.plumbing.guards import (
    current,
    current_or_none,
    forget,
    guard,
    public_page,
    safe_next,
    signed_in_bare,
)

Answer = str | Response | tuple[str, int]
ROLE_NAMES = {role.code: role.name for role in ROLES.values()}
ISSUER = "老年助餐"
FIELDS = ("login", "role", "scope", "name")
STATES = (("active", "正常"), ("disabled", "已停用"))

bp = Blueprint("accounts", __name__)
bp.add_app_template_filter(who)
bp.add_app_template_filter(login_name)


@bp.app_template_filter()
def role_name(code: str) -> str:
    """The name of a role, as people say it."""
    return ROLE_NAMES.get(code, code)


@bp.route("/login", methods=["GET", "POST"])
@public_page
def login() -> Answer:
    form = SignInForm()
    if request.method == "GET" and current_or_none() is not None:
        return redirect(safe_next(request.args.get("next")))
    if form.validate_on_submit():
        outcome = _try_password(form.login.data or "", form.password.data or "")
        if outcome.refusal is None:
            return _go_on(outcome)
        show(form, outcome.refusal)
    return _page("accounts/login.html", form)


@bp.route("/login/second-factor", methods=["GET", "POST"])
@public_page
def second_factor() -> Answer:
    token, form = session.get(sessions.TOKEN), CodeForm()
    if token is None or not sessions.is_waiting(token, clock.now()):
        return redirect(url_for(".login", next=request.args.get("next")))
    if form.validate_on_submit():
        with writing():
            outcome = sessions.verify_totp(token, form.code.data or "", _source(), clock.now())
        if outcome.refusal is None:
            return _go_on(outcome)
        show(form, outcome.refusal)
    return _page("accounts/second_factor.html", form)


@bp.post("/logout")
@signed_in_bare
def logout() -> Response:
    with writing():
        sessions.sign_out(session[sessions.TOKEN], current().actor())
    session.clear()
    forget()
    flash("您已退出。", "good")
    return redirect(url_for(".login"), 303)


@bp.route("/account/password", methods=["GET", "POST"])
@signed_in_bare
def password() -> Answer:
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            _change_password(form.old_password.data or "", form.password.data or "")
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("密码已修改，下次登录请使用新密码。", "good")
            return redirect("/", 303)
    return _page("accounts/password.html", form)


@bp.get("/accounts")
@guard("accounts.read")
def accounts() -> str:
    page = pages.page_of(_found_accounts(), pages.page_asked(), pages.size_asked())
    choices = {"roles": list(ROLE_NAMES.items()), "states": STATES}
    return render_template("accounts/list.html", page=page, same=_same(page.items), **choices)


@bp.route("/accounts/new", methods=["GET", "POST"])
@guard("accounts.write")
def add() -> Answer:
    form = AccountForm()
    if form.validate_on_submit():
        made = services.new_credentials()
        login, role, scope, name = (str(form[one].data) for one in FIELDS)
        try:
            with writing():
                once = services.add_user(
                    login,
                    role,
                    scope,
                    name,
                    current().actor(),
                    clock.now(),
                    credentials=made,
                    until=form.until.data,
                    outside=bool(form.outside.data),
                    scope_exists=_scope_exists(),
                )
        except Refusal as refusal:
            show(form, refusal)
        else:
            return _one_time(once, "账号已建立")
    return _page("accounts/add.html", form)


@bp.get("/accounts/<int:account_id>")
@guard("accounts.read")
def account(account_id: int) -> str:
    found = db.get_or_404(Account, account_id)
    locked = sessions.login_locked(found.login, clock.now())
    theirs = persons.accounts_of(found)
    return render_template("accounts/account.html", account=found, locked=locked, theirs=theirs)


@bp.route("/accounts/<int:account_id>/disable", methods=["GET", "POST"])
@guard("accounts.lock")
def disable(account_id: int) -> Answer:
    def act(found: Account) -> None:
        services.disable_user(found.login, current().actor(), clock.now())

    return _confirmed(account_id, "accounts/disable.html", act, "账号已停用。")


@bp.post("/accounts/<int:account_id>/enable")
@guard("accounts.lock")
def enable(account_id: int) -> Answer:
    found = db.get_or_404(Account, account_id)
    with writing():
        services.enable_user(found.login, current().actor())
    flash("账号已启用。", "good")
    return redirect(url_for(".account", account_id=account_id), 303)


@bp.post("/accounts/<int:account_id>/unlock")
@guard("accounts.lock")
def unlock(account_id: int) -> Answer:
    found = db.get_or_404(Account, account_id)
    with writing():
        services.unlock_user(found.login, current().actor())
    flash("账号已解锁，可以立即登录。", "good")
    return redirect(url_for(".account", account_id=account_id), 303)


@bp.route("/accounts/<int:account_id>/reset", methods=["GET", "POST"])
@guard("accounts.write")
def reset(account_id: int) -> Answer:
    found, form = db.get_or_404(Account, account_id), ConfirmForm()
    if form.validate_on_submit():
        made = services.new_credentials()
        with writing():
            once = services.reset_user(
                found.login, current().actor(), clock.now(), credentials=made
            )
        return _one_time(once, "密码已重置")
    return _page("accounts/reset.html", form, account=found)


@bp.route("/accounts/<int:account_id>/role", methods=["GET", "POST"])
@guard("accounts.grant")
def role(account_id: int) -> Answer:
    found = db.get_or_404(Account, account_id)
    form = RoleForm(obj=found)
    if form.validate_on_submit():
        asked = (found.login, str(form.role.data), str(form.scope.data), current().actor())
        try:
            with writing():
                totp = services.assign_role(*asked, scope_exists=_scope_exists())
        except Refusal as refusal:
            show(form, refusal)
        else:
            if totp:
                return _one_time(
                    OneTime(found.login, found.role, found.scope, "", totp), "角色已调整"
                )
            flash("角色和范围已调整，从下一次操作起生效。", "good")
            return redirect(url_for(".account", account_id=account_id), 303)
    return _page("accounts/role.html", form, account=found)


@bp.route("/accounts/<int:account_id>/until", methods=["GET", "POST"])
@guard("accounts.write")
def until(account_id: int) -> Answer:
    """The last day on which somebody may sign in with it; empty for none."""
    found = db.get_or_404(Account, account_id)
    form = UntilForm(data={"until": found.expires_on})
    if form.validate_on_submit():
        try:
            with writing():
                services.set_until(found.login, form.until.data, current().actor(), clock.now())
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash("有效期已保存。", "good")
            return redirect(url_for(".account", account_id=account_id), 303)
    return _page("accounts/until.html", form, account=found)


@bp.get("/accounts/permissions")
@guard("accounts.rights")
def permissions() -> str:
    business = [role for role in ROLES.values() if role.letter not in ADMINS]
    admins = [role for role in ROLES.values() if role.letter in ADMINS]
    groups = [_rights_of("业务角色", business), _rights_of("三员（没有业务权限）", admins)]
    return render_template("accounts/permissions.html", groups=groups)


@bp.get("/devices")
@guard("devices.read")
def devices() -> str:
    rows = select(Device).order_by(Device.revoked_at.is_not(None), Device.point_code, Device.name)
    if point := tidy(request.args.get("point", "")):
        rows = rows.where(Device.point_code == point)
    page = pages.page_of(rows, pages.page_asked(), pages.size_asked())
    return render_template("accounts/devices.html", page=page)


@bp.route("/devices/new", methods=["GET", "POST"])
@guard("devices.write")
def add_device() -> Answer:
    form = DeviceForm()
    if form.validate_on_submit():
        asked = (str(form.scope.data), str(form.name.data), current().actor(), clock.now())
        try:
            with writing():
                made = services.add_device(*asked, scope_exists=_scope_exists())
        except Refusal as refusal:
            show(form, refusal)
        else:
            return render_template("accounts/device_token.html", made=made, point=asked[0])
    return _page("accounts/add_device.html", form)


@bp.route("/devices/<int:device_id>/revoke", methods=["GET", "POST"])
@guard("devices.write")
def revoke_device(device_id: int) -> Answer:
    device, form = db.get_or_404(Device, device_id), ConfirmForm()
    if form.validate_on_submit():
        with writing():
            services.revoke_device(device.name, current().actor(), clock.now())
        flash("设备令牌已吊销。", "good")
        return redirect(url_for(".devices"), 303)
    return _page("accounts/revoke_device.html", form, device=device)


def _rights_of(caption: str, roles: list[Role]) -> tuple[str, list[Role], list[Any]]:
    held = {role.letter for role in roles}
    return caption, roles, [right for right in TABLE if held & set(right[2])]


def _page(template: str, form: Any, **facts: Any) -> tuple[str, int]:
    """The form's page: 422 when it comes back with something to correct."""
    return render_template(template, form=form, **facts), 422 if form.errors else 200


def _try_password(login: str, password: str) -> Outcome:
    if sessions.is_locked(login, _source(), clock.now()):
        return Outcome(refusal=SignInLocked())
    attempt = sessions.check_password(login, password, _source())
    with writing():
        return sessions.sign_in(attempt, clock.now())


def _go_on(outcome: Outcome) -> Response:
    """To the second factor, or to the page that was wanted."""
    sessions.remember(outcome.token or "", clock.now())
    wanted = safe_next(request.args.get("next"))
    if outcome.second_factor:
        return redirect(url_for(".second_factor", next=wanted), 303)
    return redirect(wanted, 303)


def _change_password(old: str, new: str) -> None:
    """Raises what is wrong with the passwords; else changes and goes on in a new session."""
    me, now = current(), clock.now()
    if sessions.is_locked(me.login, _source(), now):
        raise SignInLocked()
    try:
        prepared = services.prepare_password(me.id, old, new)
    except WrongOldPassword:
        with writing():
            counted = sessions.count_wrong_password(me.id, me.login, _source(), now)
        raise counted from None
    with writing():
        services.change_password(me.id, prepared, me.actor(), now)
        token = sessions.open_session(me.id, 1 + ROLES[me.role].second_factor, now)
    sessions.remember(token, now)
    forget()


def _confirmed(account_id: int, template: str, act: Callable[[Account], None], done: str) -> Answer:
    found, form = db.get_or_404(Account, account_id), ConfirmForm()
    if form.validate_on_submit():
        try:
            with writing():
                act(found)
        except Refusal as refusal:
            show(form, refusal)
        else:
            flash(done, "good")
            return redirect(url_for(".account", account_id=account_id), 303)
    return _page(template, form, account=found)


def _one_time(once: OneTime, done: str) -> str:
    return render_template("accounts/one_time.html", once=once, done=done, qr=_qr(once))


def _qr(once: OneTime) -> Markup | None:
    """The second factor's secret as a drawing for the phone's authenticator."""
    if once.totp is None:
        return None
    label = quote(f"{ISSUER}:{once.login}")
    uri = f"otpauth://totp/{label}?secret={once.totp}&issuer={quote(ISSUER)}"
    return Markup(segno.make(uri, micro=False, error="m").svg_inline(scale=5, border=4))


def _found_accounts() -> Select[Any]:
    rows = select(Account).order_by(Account.disabled_at.is_not(None), Account.login)
    if text := tidy(request.args.get("q", "")):
        start = Account.login.startswith(text.lower(), autoescape=True)
        rows = rows.where(start | Account.name.startswith(text, autoescape=True))
    if wanted := request.args.get("role"):
        rows = rows.where(Account.role == wanted)
    if scope := tidy(request.args.get("scope", "")):
        rows = rows.where(Account.scope.startswith(scope, autoescape=True))
    match request.args.get("state"):
        case "active":
            rows = rows.where(Account.disabled_at.is_(None))
        case "disabled":
            rows = rows.where(Account.disabled_at.is_not(None))
    return rows


def _same(shown: Iterable[Account]) -> set[int]:
    """Which of these accounts belong to a person who has several."""
    ids = {one.id for one in shown}
    mine = select(Account.id, Account.person).where(
        Account.person.is_not(None), or_(Account.id.in_(ids), Account.person.in_(ids))
    )
    return {number for row in db.session.execute(mine) for number in row}


def _scope_exists() -> ScopeExists:
    """Places are a neighbour on this floor: the application says whether a code exists."""
    return current_app.extensions.get("mealsvc.scope_exists", services.any_scope)


def _source() -> str:
    return request.remote_addr or ""
