"""A working day with real-looking numbers, and then a search for them where none may lie."""

import io
import json
import subprocess
import tempfile
from datetime import timedelta

import pyotp
import pytest
import xlsxwriter
from sqlalchemy import func, select

from mealsvc.accounts import services as accounts
from mealsvc.accounts import sessions
from mealsvc.bookings import services as bookings
from mealsvc.exchange import services as imports
from mealsvc.exchange import uploads
from mealsvc.kernel.meals import local_date
from mealsvc.menus.services import put_item
from mealsvc.places.services import point_by_code
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.residents import services as residents
from mealsvc.residents.models import Resident
from mealsvc.servings.models import RefusedAttempt, Serving
from tests.factories import tills
from tests.factories.tills import COMMUNITY, SHELL
from tests.hostile.served import COMMAND
from tests.support.pages import parse
from tests.support.search import KEYS, Seeker, Witness, all_logs

NEW_PASSWORD, WRONG_PASSWORD, AS_LOGIN = "Lantern-4711-pear", "Wrong-0815-plum", "Typed-1234-fig"
AT = "2024-05-06T11:30:00+08:00"


class Elder:
    """Numbers that occur nowhere else."""

    def __init__(self, serial: int):
        self.number = tills.id_number("19430817", f"{serial:03d}")
        self.short = self.number[:6] + self.number[8:17]  # as cards before 1999 had it
        self.phone = f"1396187{serial:04d}"
        self.house = f"滆湖中路{serial}弄5幢乙单元"
        self.card = f"K7{serial}K-55{serial}X"

    def secrets(self, name: str) -> dict[str, str]:
        return {f"{name}: {key}": value for key, value in vars(self).items()}


BY_FORM, BY_FILE, BY_BOOK, BY_SHELL = Elder(301), Elder(302), Elder(303), Elder(304)
REFUSED, UNKNOWN, CORRECTED = Elder(305), Elder(311).number, Elder(312).number
REFUSED.short = REFUSED.number[:-1] + ("1" if REFUSED.number[-1] != "1" else "2")
ELDERS = {
    "form": BY_FORM,
    "file": BY_FILE,
    "book": BY_BOOK,
    "shell": BY_SHELL,
    "refused": REFUSED,
}
SIGNATURE = "17,29 211,93 205,187"
HEAD = "身份证号,姓名,户籍区划,住址,电话,卡号"


@pytest.fixture
def spare(tmp_path, monkeypatch):
    """Where temporary files go meanwhile."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


class Day:
    """What people do on a day; everything secret of it is kept by name."""

    def __init__(self, app, folder):
        self.app, self.folder = app, folder
        self.notes: list[tuple[str, bytes]] = []
        self.secrets: dict[str, str | bytes] = {key: app.config[key] for key in KEYS}
        self.secrets |= {"new password": NEW_PASSWORD, "wrong password": WRONG_PASSWORD}
        self.secrets |= {"password as login": AS_LOGIN}
        self.secrets["signature"] = SIGNATURE
        for name, one in ELDERS.items():
            self.secrets |= one.secrets(name)
        self.secrets |= {"unknown": UNKNOWN, "corrected": CORRECTED}

    def account(self, login, role, scope):
        with writing():
            once = accounts.add_user(login, role, scope, "王小明", SHELL, clock.now())
        self.secrets[f"{login}: one-time password"] = once.password
        if once.totp:
            self.secrets[f"{login}: second factor"] = once.totp
        return Person(self, once)


class Person:
    """Somebody at a browser."""

    def __init__(self, day, once):
        self.day, self.once = day, once
        self.client = Witness(day.app, day.notes)

    def get(self, url):
        return self.client.get(url)

    def send(self, url, page=None, status=303, **fields):
        """Sends the form of `page` (else of the address itself)."""
        shown = parse(self.client.get(page or url).text)
        fields["csrf_token"] = shown.find("input", attrs={"name": "csrf_token"})["value"]
        answer = self.client.post(url, data=fields)
        assert answer.status_code == status, (url, answer.status_code, answer.text[-2000:])
        return answer

    def sign_in(self):
        """At first with something wrong, then with the one-time password, then with the own."""
        login = self.once.login
        self.send("/login", login=login, password=WRONG_PASSWORD, status=422)
        self.send("/login", login=AS_LOGIN, password="x", status=422)
        self.send("/login", login=login, password=self.once.password)
        self._second_step()
        typed = {"old_password": self.once.password, "password": NEW_PASSWORD}
        self.send("/account/password", **typed, again=NEW_PASSWORD)
        token = self.client.cookie()[sessions.TOKEN]
        self.day.secrets[f"{login}: session token"] = token
        return self

    def _second_step(self):
        if self.once.totp:
            self.send("/login/second-factor", code="000000", status=422)
            code = pyotp.TOTP(self.once.totp).at(clock.now())
            self.send("/login/second-factor", code=code)


@pytest.fixture
def day(app, instance, spare):
    tills.small_district()
    day = Day(app, instance)
    with all_logs() as day.log:
        yield day
    imports.wait()


def row_of(elder, name):
    return [elder.short, name, COMMUNITY, elder.house, elder.phone, elder.card]


def table(*rows):
    return "\n".join([HEAD, *(",".join(row) for row in rows)]).encode("gb18030")


def workbook(*rows):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate((HEAD.split(","), *rows)):
            sheet.write_row(place, 0, row)
    return stream.getvalue()


def upload(clerk, kind, name, content):
    """Brings a file in and rehearses it; the address of its job."""
    answer = clerk.send("/imports", kind=kind, file=(io.BytesIO(content), name))
    imports.wait()
    return answer.location


def confirm(clerk, job):
    clerk.send(f"{job}/start", page=job)
    imports.wait()
    assert "导入完成" in clerk.get(job).text


def a_clerks_day(clerk):
    typed = {"id_number": BY_FORM.number, "name": "单于福", "hukou_division": COMMUNITY}
    typed |= {"address": BY_FORM.house, "phone": BY_FORM.phone, "card_no": BY_FORM.card}
    answer = clerk.send("/residents/new", **typed)
    clerk.send("/residents/new", **typed, status=422)
    record = answer.location
    for asked in (BY_FORM.number, BY_FORM.short, BY_FORM.card):
        assert clerk.send("/residents/find", page="/residents", q=asked).location == record
    clerk.send("/residents/find", page="/residents", q=UNKNOWN, status=200)
    reason = {"reason": "核对发卡身份"}
    for field in ("id_number", "phone", "address"):
        clerk.send(f"{record}/reveal", field=field, **reason, status=200)
    clerk.send(f"{record}/id-number", id_number=CORRECTED, **reason)
    clerk.send(f"{record}/id-number", id_number=BY_FORM.number, **reason)
    clerk.send(f"{record}/cards/new", card_no=BY_FORM.card + "2")
    assert clerk.get("/residents/R999999").status_code == 404


def a_tills_day(day, operator, token):
    client = Witness(day.app, day.notes)
    orders = [
        {"key": f"A{n}", "credential": credential, "method": "id_card", "point": "P01"}
        for n, credential in enumerate((BY_FORM.number, BY_FILE.short, UNKNOWN, BY_BOOK.card))
    ]
    orders = [
        one | {"served_at": AT, "meal": "lunch", "mode": "dine_in", "price_fen": 1200}
        for one in orders
    ]
    head = {"Authorization": f"Bearer {token}"}
    url = "/api/v1/servings"
    for one in orders:
        key = {"Idempotency-Key": one["key"]}
        told = client.post(url, data=json.dumps(one), headers=head | key).status_code
        assert told == (422 if one["credential"] == UNKNOWN else 201)
    batch = [{**one, "key": f"B{one['key']}", "meal": "dinner"} for one in orders]
    assert client.post(f"{url}/batch", json={"servings": batch}, headers=head).status_code == 200
    false = {"Authorization": f"Bearer {UNKNOWN}"}
    assert client.post(url, json=orders[0], headers=false).status_code == 401
    assert client.post(url, data="{" + UNKNOWN, headers=head).status_code == 422
    assert client.get("/api/v1/till/P01/roster", headers=head).status_code == 200
    assert client.get("/api/v1/till/P02/roster", headers=head).status_code == 403
    for typed in (BY_FORM.number, BY_FILE.short, BY_BOOK.card, UNKNOWN):
        operator.send("/till/plain/find", page="/till/plain", q=typed, status=200)


def a_tablets_day(day, token):
    """A tablet that is registered, looks for people, and uploads what it kept without network."""
    tablet = Person(day, None)
    tablet.send("/till/device", token=AS_LOGIN, status=422)
    tablet.send("/till/device", token=token)
    till = "/api/v1/till/P01"
    head = {"X-CSRFToken": tablet.get(f"{till}/state").json["csrf_token"]}
    for typed in (BY_FORM.number, BY_FILE.short, BY_BOOK.card, UNKNOWN):
        body = {"q": typed}
        assert tablet.client.post(f"{till}/search", json=body, headers=head).status_code == 200
        body = {"credential": typed, "price_fen": 1200}
        told = tablet.client.post(f"{till}/preview", json=body, headers=head)
        assert told.status_code == (422 if typed == UNKNOWN else 200)
    kept = {"kind": "serving", "point": "P01", "served_at": AT, "meal": "lunch", "mode": "dine_in"}
    kept |= {"price_fen": 1200, "shown": {"self_pay_fen": 900}}
    entries = [
        kept | {"key": f"U{place}", "credential": typed, "clock": {"doubtful": place == 2}}
        for place, typed in enumerate((BY_FORM.number, UNKNOWN, BY_BOOK.card))
    ]
    body = {"entries": entries}
    told = tablet.client.post(f"{till}/uploads", json=body, headers=head).json["results"]
    assert [one["conflict"] for one in told] == ["full_price", "refused", "clock"]
    for page in ("/till/conflicts", "/till/conflicts/U0", "/till/conflicts/U1"):
        assert tablet.get(page).status_code == 200


def a_couriers_day(courier, number):
    """A meal carried to the elder of the form: her door on the phone, nobody opens, handed over."""
    point, now = point_by_code("P01"), clock.now()
    with writing():
        meal = {"meal": "lunch", "mode": "delivery"}
        order = bookings.Order(point, number, **meal)
        booking = bookings.book(order, local_date(now), SHELL, now, late=True).id
        menu = {"served_on": local_date(now), "meal": "lunch", "name": "套餐", "kind": "套餐"}
        put_item(point.id, "P01", {**menu, "price_fen": 1200}, SHELL, now)
    door = f"/deliveries/carry/{booking}"
    assert BY_FORM.house in courier.get(door).text  # its one place
    assert BY_FORM.phone in courier.send(f"{door}/phone", page=door, key="K1", status=200).text
    courier.send(f"{door}/no-answer", page=door, key="K1")
    called = {"step": "called", "result": "unreached"}
    courier.send(f"{door}/answer", page=door, key="K1", **called)
    handed = {"key": "K1", "receiver": "self", "signature": SIGNATURE}
    courier.send(f"{door}/delivered", page=door, status=422, **handed)
    courier.send(f"{door}/delivered", page=door, outcome="delivered", **handed)
    for url in ("/deliveries", "/deliveries/unanswered", f"/deliveries/{booking}"):
        page = courier.get(url).text
        assert not [one for one in (BY_FORM.house, BY_FORM.phone, SIGNATURE) if one in page], url


def by_command(folder):
    """An import at the shell, with the rejected rows kept where the person wants them."""
    file, rejects = folder / "shell.csv", folder / "rejects.csv"
    file.write_bytes(table(row_of(BY_SHELL, "尉迟敏"), row_of(REFUSED, "钱多多")))
    printed = b""
    for options in (["--rejects", rejects], []):
        command = [COMMAND, "import", "residents", file, *options]
        printed += subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True
        ).stdout
    assert REFUSED.short in rejects.read_text("utf-8-sig")
    return printed


def later_the_rejects_are_gone(monkeypatch):
    """They are there to be taken home for a day; then the next who comes by clears them away."""
    really = clock.now
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: really() + timedelta(days=1, minutes=1))
        uploads.sweep(clock.now())
    assert not list(uploads.folder().iterdir())


def resident_of(elder):
    """The row of this person in the register."""
    db.session.rollback()
    return residents.find_id(elder.number)


def count(table):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table))


def test_after_a_working_day_no_number_lies_where_it_could_be_read(
    day, spare, tmp_path, capfd, monkeypatch
):
    clerk = day.account("clerk", "district", "320412").sign_in()
    admin = day.account("admin", "sys_admin", "320412").sign_in()
    operator = day.account("till", "operator", "P01").sign_in()
    made = parse(admin.send("/devices/new", scope="P01", name="till-1", status=200).text)
    token = made.select_one("dd.code").get_text(strip=True)
    day.secrets["device token"] = token
    seeker = Seeker(day.secrets)

    a_clerks_day(clerk)
    rows = table(row_of(BY_FILE, "诸葛明珠"), row_of(REFUSED, "钱多多"))
    job = upload(clerk, "residents", "名册.csv", rows)
    lying = {name for name, _ in seeker.in_folder(day.folder)}
    assert {"file: short", "file: house", "refused: short"} <= lying  # so the search finds
    confirm(clerk, job)
    lying = {name for name, _ in seeker.in_folder(day.folder)}
    assert "refused: short" in lying and "file: short" not in lying
    assert REFUSED.short in clerk.get(f"{job}/rejects.csv").get_data().decode("utf-8-sig")
    confirm(clerk, upload(clerk, "residents", "名册.xlsx", workbook(row_of(BY_BOOK, "司徒建国"))))
    printed = by_command(tmp_path)
    a_tills_day(day, operator, token)
    a_tablets_day(day, token)
    a_couriers_day(operator, resident_of(BY_FORM))
    later_the_rejects_are_gone(monkeypatch)
    assert (count(Resident), count(Serving)) == (len(tills.ELDERS) + 4, 8)
    assert count(RefusedAttempt) == 3

    assert not seeker.in_database()
    assert not seeker.in_folder(day.folder)
    assert not seeker.in_folder(spare)
    assert any("INSERT INTO" in line for line in day.log)
    assert not seeker.in_bytes("log", "\n".join(day.log).encode())
    assert not [one for note in day.notes for one in seeker.in_bytes(*note)]
    assert not seeker.in_bytes("output", "".join(capfd.readouterr()).encode() + printed)
    for person in (clerk, admin, operator):
        cookie = person.client.cookie()
        assert seeker.in_bytes("cookie", cookie.pop(sessions.TOKEN).encode())  # its one place
        assert not seeker.in_bytes("cookie", json.dumps(cookie, ensure_ascii=False).encode())


def test_the_search_finds_what_does_lie_in_the_database(day):
    found = {where for _, where in Seeker({"name": "张国丰"}).in_database()}
    assert {"table resident", "table name_key"} <= found
