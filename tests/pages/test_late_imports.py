"""Late facts that come as a file: the import tells at once which recorded meals they touch."""

import io
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from mealsvc.exchange import services
from mealsvc.exchange.importing import import_file
from mealsvc.exchange.models import ImportJob
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.settlement.correction_models import Correction
from tests.factories import tills

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
LIST = (
    "id_number,event,from_on,source\n"
    f"{tills.ID_NUMBERS['张国丰']},deceased,20240506,殡葬\n"
    f"{tills.ID_NUMBERS['欧阳秀英']},institution,20240507,养老机构\n"
)
SAID = "已登记的就餐中有4份受影响：2位老人，2个助餐点，原补贴13.00元，应为0.00元。"


@pytest.fixture
def eaten(app, monkeypatch):
    """Two lunches at P01 and one at P02 after the death of one elder, one at P02 of another who had
    moved into an institution, one before; it is June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    tills.small_district()
    for day, card, point in (
        (7, "C001", "P01"),
        (8, "C001", "P01"),
        (9, "C001", "P02"),
        (6, "C002", "P02"),
        (8, "C002", "P02"),
    ):
        tills.serve(f"{card}-{day}", card, point=point, served_at=tills.a_day(day))
    yield app
    services.wait()


def uploaded(client_request):
    data = {"kind": "departures", "file": (io.BytesIO(LIST.encode()), "名单.csv")}
    client_request.post("/imports", data, as_="district")
    services.wait()
    db.session.rollback()
    return db.session.scalars(select(ImportJob)).one().id


def test_the_rehearsal_says_which_meals_will_be_touched_and_proposes_nothing(eaten, client_request):
    page = client_request.get(f"/imports/{uploaded(client_request)}", as_="district")
    assert SAID in page.get_text()
    assert "在此以前流水和结算都不变" in page.get_text()
    assert db.session.scalars(select(Correction)).all() == []


def test_the_import_leads_to_the_touched_meals_point_by_point(eaten, client_request):
    job = uploaded(client_request)
    client_request.post(f"/imports/{job}/start", as_="district")
    services.wait()
    page = client_request.get(f"/imports/{job}", as_="district")
    assert SAID in page.get_text()
    [link] = [one["href"] for one in page.select(".message a")]
    page = client_request.get(link, as_="district")
    points = [
        [cell.get_text(strip=True) for cell in row.select("th, td")][:6]
        for row in page.select("table")[0].select("tbody tr")
    ]
    assert points == [
        ["丰乐助餐点（P01）", "5月7日至5月8日", "1", "2", "6.00", "0.00"],
        ["花园助餐点（P02）", "5月8日至5月9日", "2", "2", "7.00", "0.00"],
    ]
    assert len(page.select("table")[1].select("tbody tr")) == 2  # each fact, to confirm or dismiss


def test_touched_meals_are_handed_to_a_case_with_their_keys(eaten, client_request):
    import_file("departures", io.BytesIO(LIST.encode()), tills.SHELL)
    page = client_request.get("/corrections?facts=1-99", as_="town")
    links = [one["href"] for one in page.select("table")[0].select("td a")]
    assert parse_qs(urlsplit(links[1]).query) == {
        "point": ["P02"],
        "source": ["other"],
        "line": ["C002-8", "C001-9"],
    }
    opening = client_request.get(links[1], as_="town")
    assert "C002-8" in opening.select_one("textarea[name=lines]").get_text()
    page = client_request.get("/corrections/2", as_="town")
    told = [one.get_text(strip=True) for one in page.select(".actions a")]
    assert told == ["转核查：丰乐助餐点", "转核查：花园助餐点"]


def test_who_may_not_open_cases_gets_no_way_to_one(eaten, client_request):
    import_file("departures", io.BytesIO(LIST.encode()), tills.SHELL)
    page = client_request.get("/corrections?facts=1-99", as_="auditor")
    assert page.select("a[href*='/cases/new']") == []
    assert len(page.select("table")[0].select("tbody tr")) == 2


def test_the_facts_of_another_import_are_left_out(eaten, client_request):
    import_file("departures", io.BytesIO(LIST.encode()), tills.SHELL)
    page = client_request.get("/corrections?facts=90-99", as_="district")
    assert "没有符合条件的更正" in page.get_text()
    assert client_request.get("/corrections?facts=x", as_="district").select("tbody tr")


def test_an_address_that_opens_a_case_is_never_longer_than_servers_take(eaten, client_request):
    from mealsvc.settlement.correction_views import _case_about

    with eaten.test_request_context():
        address = _case_about("P01", [f"{number:064d}" for number in range(500)])
    assert 3_000 < len(address) <= 3_500


def test_a_file_without_late_facts_speaks_of_no_meals(eaten):
    assert import_file("departures", io.BytesIO(LIST.encode()), tills.SHELL).touched is not None
    assert import_file("departures", io.BytesIO(LIST.encode()), tills.SHELL).touched is None


def test_an_import_speaks_of_its_own_facts_only(eaten):
    import_file("departures", io.BytesIO(LIST.encode()), tills.SHELL)
    tills.serve("C004-8", "C004", served_at=tills.a_day(8))
    later = f"id_number,event,from_on\n{tills.ID_NUMBERS['单于福']},deceased,20240507\n"
    touched = import_file("departures", io.BytesIO(later.encode()), tills.SHELL).touched
    assert touched is not None
    assert (touched.first, touched.last, touched.lines, touched.people) == (3, 3, 1, 1)
