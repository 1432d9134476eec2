"""Outside auditors: what they were given, and that nothing else opens for them."""

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from mealsvc.accounts import services as accounts
from mealsvc.accounts import sessions
from mealsvc.accounts.models import Account
from mealsvc.accounts.refusals import AccountExpired, BadUntil, OutsideAuditorsOnly
from mealsvc.auditing.outside import refusals, services
from mealsvc.auditing.outside.models import AuditBatch
from mealsvc.auditing.sampling.services import Order, keep, look
from mealsvc.kernel.meals import local_date
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.settlement.services import submit
from mealsvc.trail.models import TrailEvent
from tests.factories import batches, tills, towns
from tests.factories.batches import APRIL, LOGIN
from tests.factories.tills import SHELL
from tests.support import people

# What anybody who has signed in, or anybody at all, may open.
DOORS = {"/", "/account/password"}


@pytest.fixture
def april(app):
    """April and May at P01 and P02, April submitted; the outsider sees April at P01."""
    tills.small_district()
    for day, point, card in ((6, "P01", "C001"), (7, "P01", "C002"), (8, "P02", "C004")):
        at = tills.a_day(day).replace(month=4)
        tills.serve(f"april-{day}", card, point=point, served_at=at)
    tills.serve("may-6", "C001")
    with writing():
        submit(APRIL, None, SHELL, clock.now())
    return batches.given(clock.now()).id


@pytest.fixture
def outsider(app, april):
    """A client that is signed in as somebody from outside."""
    client = app.test_client()
    _enter(client)
    return client


def _enter(client) -> None:
    """Signs the outsider in."""
    with writing():
        token = sessions.open_session(accounts.find_user(LOGIN).id, 1, clock.now())
    with client.session_transaction() as stored:
        stored |= {sessions.TOKEN: token, sessions.SEEN: int(clock.now().timestamp())}


def acts(action: str) -> list[TrailEvent]:
    db.session.rollback()
    return list(db.session.scalars(select(TrailEvent).where(TrailEvent.action == action)))


def test_an_outsider_sees_what_was_given_and_each_download_is_on_the_trail(outsider, april):
    assert outsider.get("/").headers["Location"] == "/batches"
    assert "四月助餐补贴审计" in outsider.get("/batches").text
    page = outsider.get(f"/batches/{april}").text
    assert "丰乐助餐点" in page and "花园助餐点" not in page
    lines = outsider.get(f"/batches/{april}/lines").text
    assert "张*丰" in lines and "张国丰" not in lines
    assert "欧阳" not in outsider.get(f"/batches/{april}/lines?day=20240406").text
    paper = outsider.get(f"/batches/{april}/settlement/2024-04/P01.pdf")
    assert (paper.status_code, paper.mimetype) == (200, "application/pdf")
    proof = outsider.get(f"/batches/{april}/proof/2024-04.zip")
    files = zipfile.ZipFile(io.BytesIO(proof.data))
    assert files.read("lines.jsonl").count(b"\n") == 2
    assert [one.actor for one in acts("seals.export")] == [f"user:{LOGIN}"]
    assert [one.actor for one in acts("reports.print")] == [f"user:{LOGIN}"]


@pytest.mark.parametrize(
    "path",
    [
        "/batches/{0}/lines?point=P02",
        "/batches/{0}/lines?month=2024-05",
        "/batches/{0}?month=2024-05",
        "/batches/{0}/sample",
        "/batches/{0}/proof/2024-05.zip",
        "/batches/{0}/settlement/2024-04/P02.pdf",
        "/batches/{0}/settlement/2024-05/P01.pdf",
        "/batches/{0}/settlement/nonsense/P01.pdf",
        "/batches/99",
    ],
)
def test_what_lies_beside_the_batch_is_not_there(outsider, april, path):
    assert outsider.get(path.format(april)).status_code == 404


def test_nothing_else_of_the_application_opens_for_an_outsider(app, outsider):
    """Every page there is, with something of this district in its address."""
    wrong = []
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        own = rule.rule.startswith("/batches") and "/manage" not in rule.rule
        if "GET" not in rule.methods or own or rule.rule in DOORS:
            continue
        if guard is None or guard.public:
            continue
        url = rule.rule
        for name in rule.arguments:
            for kind in ("int:", "key:", "path:", ""):
                url = url.replace(f"<{kind}{name}>", "1")
        if (status := outsider.get(url).status_code) != 403:
            wrong.append((url, status))
    assert wrong == []


def test_a_batch_that_was_ended_or_is_past_its_day_is_closed_at_once(
    outsider, april, client_request, monkeypatch
):
    client_request.post(f"/batches/manage/{april}/end", as_="district")
    assert outsider.get(f"/batches/{april}").status_code == 404
    assert "没有委托给您的内容" in outsider.get("/batches").text
    with writing():
        batch = services.give(batches.order(clock.now()), SHELL, clock.now())
        with pytest.raises(refusals.BatchEnded):
            services.end(april, SHELL, clock.now())
    assert outsider.get(f"/batches/{batch.id}").status_code == 200
    present = clock.now()
    monkeypatch.setattr(clock, "now", lambda: present + timedelta(minutes=1, days=31))
    _enter(outsider)
    assert outsider.get(f"/batches/{batch.id}").status_code == 404


def test_another_outsider_does_not_see_it(app, outsider, april):
    with writing():
        batches.outsider(clock.now(), "other")
        db.session.execute(
            AuditBatch.__table__.insert().values(
                id=77,
                account_id=accounts.find_user("other").id,
                title="别人的",
                first_month=202404,
                last_month=202404,
                points="",
                until_on=local_date(clock.now()),
                given_at=clock.now(),
                given_by="x",
                ended_by="",
            )
        )
    assert outsider.get("/batches/77").status_code == 404


def test_the_district_gives_and_the_form_says_what_is_wrong(client_request, april):
    form = {
        "login": LOGIN,
        "title": "五月",
        "first": "2024-05",
        "last": "2024-05",
        "points": "P01 P02",
        "sample": "",
        "until": str(local_date(clock.now()) + timedelta(days=5)),
    }
    client_request.post("/batches/manage/new", form, as_="district")
    assert "五月" in client_request.get("/batches/manage?state=open", as_="district").text
    for changed, words in (
        ({"points": "P77"}, "P77"),
        ({"last": "2024-04"}, "结束月份不能早于开始月份"),
        ({"last": "2029-04"}, "结束月份不能早于开始月份"),
        ({"until": "2020-01-01"}, "期限不能早于今天"),
        ({"until": "2099-01-01"}, "期限不能早于今天"),
        ({"title": ""}, "请写明审计什么"),
    ):
        page = client_request.post("/batches/manage/new", form | changed, "district", status=422)
        assert words in page.text, changed
        assert page.find("input", {"name": "points"})["value"] == (form | changed)["points"]
    assert db.session.query(AuditBatch).count() == 2


def test_only_an_outside_auditor_in_use_is_given_anything(april):
    now = clock.now()
    with writing():
        people.account_of("auditor")
    with writing():
        for login in ("nobody", "auditor-320412"):
            with pytest.raises(refusals.NotAnOutsideAuditor):
                services.give(batches.order(now, login=login), SHELL, now)
        with pytest.raises(refusals.UnknownBatchSample):
            services.give(batches.order(now, sample_id=12), SHELL, now)
        accounts.disable_user(LOGIN, SHELL, now)
        with pytest.raises(refusals.NotAnOutsideAuditor):
            services.give(batches.order(now), SHELL, now)


def test_a_sample_with_lines_of_other_points_is_given_with_those_only(april):
    now = clock.now()
    made = look(Order(APRIL, "320412", seed="one"))
    with writing():
        sample = keep(made, SHELL, now)
        with pytest.raises(refusals.UnknownBatchSample):
            services.give(batches.order(now, sample_id=sample.id), SHELL, now)
        for points in ([], ["P01", "P02"]):
            order = batches.order(now, sample_id=sample.id, points=points)
            assert services.give(order, SHELL, now).sample_id == sample.id


# Accounts with a last day.


def test_an_account_past_its_day_signs_in_no_more_and_its_sessions_end(
    app, client_request, monkeypatch
):
    now = clock.now()
    secret = accounts.new_credentials()
    with writing():
        towns._places()
        accounts.add_user(
            "guest", "town", "320412100", "来客", SHELL, now,
            credentials=secret, must_change=False, until=local_date(now),
        )  # fmt: skip
    client = app.test_client()
    page = client.get("/login")
    token = page.text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    form = {"login": "guest", "password": secret.password, "csrf_token": token}
    assert client.post("/login", data=form).status_code == 303
    assert client.get("/points").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1))
    with client.session_transaction() as stored:
        stored[sessions.SEEN] = int(clock.now().timestamp())
    assert client.get("/points").status_code == 302
    attempt = sessions.check_password("guest", secret.password, "192.0.2.1")
    for _ in range(7):  # no failure that locks
        with writing():
            outcome = sessions.sign_in(attempt, clock.now())
        assert isinstance(outcome.refusal, AccountExpired)
    assert "已不能登录" in outcome.refusal.message


def test_the_administrator_gives_and_takes_a_last_day(client_request, app):
    with writing():
        number = people.account_of("town")
    today = local_date(clock.now())
    url = f"/accounts/{number}/until"
    client_request.post(url, {"until": str(today)}, as_="sys_admin")
    assert "为止" in client_request.get(f"/accounts/{number}", as_="sys_admin").text
    page = client_request.post(url, {"until": "2020-01-01"}, as_="sys_admin", status=422)
    assert "有效期不能早于今天" in page.text
    client_request.post(url, {"until": ""}, as_="sys_admin")
    db.session.rollback()
    assert db.session.get_one(Account, number).expires_on is None
    assert len(acts("accounts.until")) == 2


def test_an_outside_account_is_an_auditors_and_stays_one(app):
    now, made = clock.now(), people.one_password()
    with writing():
        with pytest.raises(OutsideAuditorsOnly):
            accounts.add_user(
                "x1", "town", "320412100", "某", SHELL, now, credentials=made, outside=True
            )
        with pytest.raises(BadUntil):
            accounts.add_user(
                "x2", "auditor", "320412", "某", SHELL, now,
                credentials=made, until=local_date(now) - timedelta(days=1),
            )  # fmt: skip
        batches.outsider(now)
        with pytest.raises(OutsideAuditorsOnly):
            accounts.assign_role(LOGIN, "district", "320412", SHELL)
