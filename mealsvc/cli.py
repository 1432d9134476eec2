"""The console command. Exit status: 0 done, 1 refused (one line says why), 2 wrong usage."""

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

import config
from mealsvc.auditing.sampling.commands import sample
from mealsvc.auditing.scanning.commands import scan
from mealsvc.auditing.sealing.commands import export as export_proof
from mealsvc.auditing.sealing.commands import seal, witness
from mealsvc.coverage.commands import coverage
from mealsvc.coverage.mapping.commands import boundaries
from mealsvc.coverage.planning.commands import plan
from mealsvc.exchange.commands import export, import_
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.shell import MONTH
from mealsvc.reports.commands import report
from mealsvc.reports.reference_commands import basis
from mealsvc.safekeeping.commands import backup, restore
from mealsvc.simulation.commands import simulate
from mealsvc.supervision.checklist.commands import checklist

BROKEN = "请核对地址、磁盘和数据库服务；文件损坏的，用 mealsvc restore --replace 从备份恢复。"

as_json = click.option("--json", "as_json", is_flag=True, help="只在标准输出打印一个JSON文档")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def cli(context: click.Context) -> None:
    """老年助餐管理系统。"""
    context.obj = sys.modules[__name__]  # commands of rooms find `application` and `by_command`


cli.add_command(import_)
cli.add_command(export)
cli.add_command(report)
cli.add_command(coverage)
coverage.add_command(plan)
coverage.add_command(boundaries)
cli.add_command(basis)
cli.add_command(backup)
cli.add_command(restore)
cli.add_command(simulate)
cli.add_command(checklist)


def main(args: list[str] | None = None, **options: Any) -> None:
    """Runs a command; a refusal is one line on stderr and exit status 1."""
    os.umask(0o077)
    try:
        cli.main(args, prog_name="mealsvc", **options)
    except (Refusal, config.ConfigError) as refusal:
        click.echo(f"未办理：{refusal}", err=True)
        sys.exit(1)
    except Exception as error:
        from sqlalchemy.exc import DBAPIError

        if not isinstance(error, DBAPIError):
            raise
        why = str(error.orig).strip().splitlines()[0]
        click.echo(f"未办理：数据库用不了（{why}）。{BROKEN}", err=True)
        sys.exit(1)


def by_command() -> Actor:
    """Whoever has the shell is trusted, and named in the trail."""
    import getpass

    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "shell"
    return Actor("command", name)


@contextmanager
def application() -> Iterator[Any]:
    """The application with its context; refuses a database that was never made."""
    from mealsvc.setup import require_ready

    with bare_application() as app:
        require_ready()
        yield app


@contextmanager
def bare_application(**settings: Any) -> Iterator[Any]:
    """The application with its context, whatever its database holds; `settings` override. Nothing
    of it stays open afterwards."""
    from mealsvc.app import create_app
    from mealsvc.plumbing.db import db

    app = create_app({**config.load(), **settings})
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def migrate(revision: str, connection: Any = None) -> None:
    """Moves the tables of the present application up, within the caller's transaction if given."""
    from mealsvc import setup

    if connection is None:
        setup.migrate(revision)
    else:
        setup.migrate_within(connection, revision)


def knows_revision(revision: str) -> bool:
    """Whether this program has the migration that made such tables."""
    from mealsvc import setup

    return setup.knows_revision(revision)


def show_progress(what: str, done: int, total: int) -> None:
    """A line on stderr that is written over while somebody watches; the last one stays."""
    if sys.stderr.isatty():
        click.echo(f"\r{what} {done}/{total}", nl=done >= total, err=True)
    elif done >= total:
        click.echo(f"{what} {done}/{total}", err=True)


def show(document: Any) -> None:
    """Prints one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


@cli.command()
def init() -> None:
    """建立或升级数据库；可以重复执行。"""
    from mealsvc.setup import prepare

    click.echo(prepare(by_command()), err=True)


@cli.command()
@click.option("--if-empty", is_flag=True, help="已有数据时不报错，只显示保存的演示账号")
@as_json
def demo(if_empty: bool, as_json: bool) -> None:
    """把演示区县装入空数据库，并为每个角色建一个账号。"""
    from mealsvc.demo.load import is_empty, kept_logins, load_demo
    from mealsvc.plumbing import clock
    from mealsvc.setup import prepare

    prepare(by_command())
    with application():
        if if_empty and not is_empty():
            logins = kept_logins()
        else:
            logins = load_demo(Actor("system", "演示"), clock.now(), show_progress)
    if as_json:
        show(logins or {"accounts": [], "devices": []})
    elif logins:
        for account in logins["accounts"]:
            second = f"  动态口令密钥 {account['totp']}" if account["totp"] else ""
            click.echo(
                f"{account['role']:<12}{account['login']:<12}{account['password']}"
                f"  {account['scope']}{second}"
            )


@cli.command()
@click.argument("month", type=MONTH)
@click.option("--point", help="只结算这一个助餐点（编号）")
@click.option("--submit", "submits", is_flag=True, help="提交并冻结该月")
@as_json
def settle(month: Month, point: str | None, submits: bool, as_json: bool) -> None:
    """计算一个月的结算；--submit 提交并冻结，并封存到此为止的记录。"""
    from mealsvc.auditing.sealing.services import seal as seal_record
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing
    from mealsvc.settlement.services import settlement_of, submit, submittable

    with application():
        if submits:
            codes = submittable(month, point, clock.now())
            for number, code in enumerate(codes, 1):
                with writing():
                    submit(month, code, by_command(), clock.now())
                click.echo(f"\r提交结算 {number}/{len(codes)}", nl=number == len(codes), err=True)
            if codes:
                seal_record(by_command(), clock.now())
        document = settlement_of(month, point)
    if as_json:
        show(document)
        return
    from mealsvc.settlement.wording import as_text

    click.echo(as_text(document))


@cli.group()
def policy() -> None:
    """补贴政策。"""


@policy.command("end")
@click.argument("code")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE")
def end(code: str, day: Any) -> None:
    """给生效中的政策定下最后一天。"""
    from mealsvc.plumbing.db import writing
    from mealsvc.policies.services import end_policy
    from mealsvc.servings.services import last_day_of_policy

    with application(), writing():
        end_policy(code, day.date(), last_day_of_policy(code), by_command())
    click.echo(f"政策 {code} 的最后一天定为 {day:%Y-%m-%d}。", err=True)


@cli.group()
def audit() -> None:
    """审计。"""


audit.add_command(scan)
audit.add_command(sample)
audit.add_command(seal)
audit.add_command(witness)
audit.add_command(export_proof)


@audit.command("verify")
@click.option("--anchor", "printed", help="再核对结算表上印的锚值，写成 行号:锚值")
@as_json
def verify(printed: str | None, as_json: bool) -> None:
    """证明记录未被改动：核对操作留痕、就餐流水、各次封存与库外的锚值和封存文件。"""
    from mealsvc.auditing.sealing import checking
    from mealsvc.trail.verify import Broken

    with application():
        try:
            verified = checking.verify(printed=checking.anchor_typed(printed))
        except Broken as broken:
            click.echo(f"核对未通过：{broken}", err=True)
            sys.exit(1)
    if as_json:
        show(
            {
                "events": verified.events,
                "sequence": verified.head.seq,
                "mac": verified.head.mac.hex(),
            }
        )
    else:
        click.echo(
            f"核对通过：操作留痕 {verified.events} 行，链值 {verified.head.mac.hex()[:16]}。"
        )


@cli.command()
@click.option("--host", help="默认 127.0.0.1；带 --https 时默认 0.0.0.0（本机所有网络）")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16))
@click.option("--https", is_flag=True, help="用自己签发的证书提供 HTTPS，给局域网里的平板用")
@click.option("--name", "names", multiple=True, help="证书里另加的域名或IP，可以重复")
def serve(host: str | None, port: int, workers: int, https: bool, names: tuple[str, ...]) -> None:
    """启动生产服务器。"""
    from mealsvc.exchange.uploads import sweep
    from mealsvc.plumbing import certificate, clock
    from mealsvc.server import address, run
    from mealsvc.simulation import runs

    if names and not https:
        raise click.UsageError("--name 只和 --https 一起用。")
    with application() as app:
        sweep(clock.now())
        runs.sweep(clock.now())
        instance = app.config["INSTANCE"]
    if not https:
        host = host or "127.0.0.1"
        click.echo(f"服务地址：http://{address(host, port)}，按 Ctrl+C 停止。", err=True)
        run(host, port, workers)
        return
    host = host or "0.0.0.0"
    own = [host] if host not in ("0.0.0.0", "::") else []
    served = certificate.ensure(instance, [*names, *own, *certificate.own_names()], clock.now())
    _show_certificate(served, names, own, port)
    run(host, port, workers, served)


def _show_certificate(served: Any, names: tuple[str, ...], own: list[str], port: int) -> None:
    """Where to open it, and how a tablet comes to trust it."""
    from mealsvc.plumbing import certificate
    from mealsvc.server import address

    shown = [*names, *(own or certificate.own_addresses())] or ["localhost"]
    for name in shown:
        click.echo(f"服务地址：https://{address(name, port)}", err=True)
    click.echo(
        f"平板第一次使用：把 {served.ca} 用 U 盘拷到平板上安装，或在平板上打开上面的地址加"
        f" /certificate 下载。\n安装前核对证书的 SHA-256 指纹：\n{served.fingerprint}\n"
        "按 Ctrl+C 停止。",
        err=True,
    )


@cli.group()
def user() -> None:
    """账号。"""


@user.command("add")
@click.argument("login")
@click.option("--role", required=True, help="角色代码，例如 operator、town、district")
@click.option("--scope", required=True, help="区划代码，或助餐点编号")
@click.option("--name", required=True, help="姓名")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="过了这一天不能再登录")
@click.option("--outside", is_flag=True, help="外部审计：只看委托给它的内容")
@as_json
def add_user(
    login: str, role: str, scope: str, name: str, until: Any, outside: bool, as_json: bool
) -> None:
    """新建账号，打印一次性密码。"""
    from mealsvc.accounts import services
    from mealsvc.places.services import scope_exists
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with application():
        secret = services.new_credentials()
        with writing():
            made = services.add_user(
                login,
                role,
                scope,
                name,
                by_command(),
                clock.now(),
                credentials=secret,
                until=until and until.date(),
                outside=outside,
                scope_exists=scope_exists,
            )
    _show_secret(dataclasses.asdict(made), as_json)


@user.command("disable")
@click.argument("login")
def disable_user(login: str) -> None:
    """停用账号，下一个请求起失效。"""
    from mealsvc.accounts import services
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with application(), writing():
        services.disable_user(login, by_command(), clock.now())
    click.echo(f"账号 {login} 已停用。", err=True)


@user.command("reset")
@click.argument("login")
@as_json
def reset_user(login: str, as_json: bool) -> None:
    """重置密码，打印新的一次性密码。"""
    from mealsvc.accounts import services
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with application():
        secret = services.new_credentials()
        with writing():
            made = services.reset_user(login, by_command(), clock.now(), credentials=secret)
    _show_secret(dataclasses.asdict(made), as_json)


@user.command("bind")
@click.argument("login")
@click.argument("other")
def bind_users(login: str, other: str) -> None:
    """登记两个账号是同一个人的：办理结算时只算一个人。"""
    from mealsvc.accounts.persons import bind_accounts
    from mealsvc.accounts.services import find_user
    from mealsvc.plumbing.db import writing

    with application(), writing():
        bind_accounts(find_user(login).id, find_user(other).id, by_command())
    click.echo(f"账号 {login} 与 {other} 已登记为同一个人。", err=True)


@user.command("unbind")
@click.argument("login")
def unbind_user(login: str) -> None:
    """误登的，把账号从同一个人里解除；以前办过的仍按同一个人计算。"""
    from mealsvc.accounts.persons import unbind_account
    from mealsvc.accounts.services import find_user
    from mealsvc.plumbing.db import writing

    with application(), writing():
        unbind_account(find_user(login).id, by_command())
    click.echo(f"账号 {login} 已解除。", err=True)


@cli.group()
def device() -> None:
    """设备（平板、收银机、其他程序）。"""


@device.command("add")
@click.option("--point", required=True, help="助餐点编号")
@click.option("--name", required=True, help="设备名称，全区唯一")
@as_json
def add_device(point: str, name: str, as_json: bool) -> None:
    """登记设备，打印一次令牌。"""
    from mealsvc.accounts import services
    from mealsvc.places.services import scope_exists
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with application(), writing():
        made = services.add_device(
            point, name, by_command(), clock.now(), scope_exists=scope_exists
        )
    _show_secret(dataclasses.asdict(made), as_json)


@device.command("revoke")
@click.argument("name")
def revoke_device(name: str) -> None:
    """收回设备令牌，下一个请求起失效。"""
    from mealsvc.accounts import services
    from mealsvc.plumbing import clock
    from mealsvc.plumbing.db import writing

    with application(), writing():
        services.revoke_device(name, by_command(), clock.now())
    click.echo(f"设备 {name} 的令牌已收回。", err=True)


def _show_secret(secret: dict[str, Any], as_json: bool) -> None:
    if as_json:
        show(secret)
        return
    for name, value in secret.items():
        if value is not None:
            click.echo(f"{name}: {value}")
    click.echo("以上内容只显示这一次，请当面交给本人。", err=True)
