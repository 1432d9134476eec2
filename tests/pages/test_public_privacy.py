"""Whatever somebody without sign-in opens: nobody's number, name, telephone or account is in it."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from sqlalchemy import event, select

from mealsvc.accounts.models import Account
from mealsvc.kernel.masking import mask_name
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db
from mealsvc.residents.models import Resident
from tests.factories import complaints, publics, tills, visits
from tests.factories.publics import DINERS, RUNNING
from tests.factories.tills import LUNCH
from tests.support.pages import parse

STARTS = (
    "/public",
    "/public?big=1",
    "/robots.txt",
    "/verify",
    "/public/places.json",
    "/public?page=2",
)
OPEN = ("/public", "/c/", "/v/", "/verify")
OF_PEOPLE = re.compile(r"\b(resident\w*|credential|name_key|serving\w*|account\w*|inspector\w*)\b")


pytestmark = [pytest.mark.ground(by=publics.open_district), pytest.mark.only("sqlite")]


@pytest.fixture(autouse=True)
def at_lunch(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LUNCH)


_WALKS: list[dict[str, tuple[str, tuple[str, ...]]]] = []


@pytest.fixture
def walked(app):
    """Every page that a stranger gets to, with what the database was asked for it; walked once."""
    if not _WALKS:
        _WALKS.append(walk(app))
    return _WALKS[0]


def walk(app):
    asked: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    client, found = app.test_client(), {}
    waiting = [*STARTS, f"/public/notices/{RUNNING}/P01", f"/public/notices/{RUNNING}/P02"]
    event.listen(db.engine, "before_cursor_execute", note)
    while waiting:
        url = waiting.pop()
        if url in found or len(found) > 200:
            continue
        app.extensions["mealsvc.caches"].pop("public", None)
        asked.clear()
        answer = client.get(url)
        assert answer.status_code == 200, url
        found[url] = (answer.text + str(answer.headers), tuple(asked))
        for link in parse(answer.text).select("a[href]") if answer.mimetype == "text/html" else ():
            parts = urlsplit(urljoin(url, str(link["href"])))
            if parts.path.startswith(OPEN):
                waiting.append(f"{parts.path}?{parts.query}".rstrip("?"))
    event.remove(db.engine, "before_cursor_execute", note)
    return found


def test_the_walk_comes_everywhere(walked):
    paths = {urlsplit(url).path for url in walked}
    wanted = {
        "/public/P01",
        "/public/register",
        "/public/complain",
        "/public/inspections",
        "/c/P01",
    }
    wanted |= {f"/public/notices/{RUNNING}", f"/public/notices/{RUNNING}/P01", "/verify"}
    assert paths >= wanted


def test_no_page_tells_who_anybody_is(walked):
    db.session.rollback()
    secrets = {row.name for row in db.session.scalars(select(Resident))}
    secrets |= {row.ref for row in db.session.scalars(select(Resident))}
    secrets |= {tills.id_number(birth, serial) for _, birth, serial, _ in tills.ELDERS}
    secrets |= {card for cards in DINERS.values() for card in cards}
    for account in db.session.scalars(select(Account)):
        secrets |= {account.login, account.name}
    secrets |= {*visits.NAMES, "王店长", "poster-login", complaints.WORDS, complaints.CONTACT}
    told = {url: text for url, (text, _) in walked.items()}
    assert not {(url, one) for url, text in told.items() for one in secrets if one in text}
    numbers = re.compile(r"[1-9]\d{5}(19|20)\d{9}[\dX]|(?<!\d)1[3-9]\d{9}(?!\d)")
    assert not {(url, hit[0]) for url, text in told.items() for hit in numbers.finditer(text)}


def test_masked_names_stand_in_the_list_of_a_running_notice_and_nowhere_else(walked):
    masked = {mask_name(row.name) for row in db.session.scalars(select(Resident))}
    with_names = {url for url, (text, _) in walked.items() if any(one in text for one in masked)}
    assert {urlsplit(url).path for url in with_names} == {f"/public/notices/{RUNNING}/P01"}


def test_only_notices_ask_the_tables_of_people(walked):
    guilty = {
        urlsplit(url).path: hit[0]
        for url, (_, asked) in walked.items()
        for statement in asked
        if (hit := OF_PEOPLE.search(statement.replace("servings_", "")))
    }
    assert guilty and all(path.startswith("/public/notices/") for path in guilty), guilty
