"""Every route × method × role × place against the written matrix: who gets in, and what shows."""

import io
import json
import re
import zipfile
from contextvars import Context
from typing import NamedTuple

import pytest
from sqlalchemy import func, select

from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import Base, db
from mealsvc.settlement.models import SettlementBatch
from tests.factories import tills, towns
from tests.factories.policies import SAMPLE
from tests.factories.residents import number_of
from tests.support.matrix import MATRIX, TILL, Line
from tests.support.papers import cells_of, words_of
from tests.support.people import sign_in

PLACES = {
    "o": ("operator", {"near": "P01", "beside": "P02", "far": "P11"}),
    "m": ("manager", {"near": "P01", "beside": "P02", "far": "P11"}),
    "c": ("community", {"near": towns.HUTANG, "beside": towns.BESIDE, "far": towns.NIUTANG}),
    "t": ("town", {"near": towns.HUTANG[:9], "far": towns.NIUTANG[:9]}),
    "d": ("district", {"near": "320412", "abroad": "320413"}),
    "a": ("approver", {"near": "320412", "abroad": "320413"}),
    "f": ("finance", {"near": "320412", "abroad": "320413"}),
    "i": ("inspector", {"near": "320412", "abroad": "320413"}),
    "u": ("auditor", {"near": "320412", "abroad": "320413"}),
    "l": ("leader", {"near": "320412", "abroad": "320413"}),
    "S": ("sys_admin", {"near": "320412"}),
    "E": ("sec_admin", {"near": "320412"}),
    "A": ("audit_admin", {"near": "320412"}),
}
WHO = [(letter, place) for letter, (_, places) in PLACES.items() for place in places]
TILLS = [(TILL, place) for place in ("near", "beside", "far")]
GOT_IN = {"GET": {200}, "POST": {200, 201, 303, 409, 422}}
SERVING = {
    "point": "P01",
    "credential": "nobody",
    "served_at": "2024-05-06T11:30:00+08:00",
    "meal": "lunch",
    "mode": "dine_in",
    "price_fen": 1200,
}
BODIES = {
    "/api/v1/servings": SERVING,
    "/api/v1/servings/batch": {"servings": [{**SERVING, "key": "B1"}]},
    "/api/v1/servings/<key:reverses>/reversal": {"reason": "登记错误"},
    "/api/v1/till/<point>/report": {"pending": 0},
    "/api/v1/till/<point>/search": {"q": "880010177"},
    "/api/v1/till/<point>/preview": {"credential": "nobody"},
    "/api/v1/till/<point>/uploads": {"entries": []},
}
FORMS = {
    "/till/plain/serve": {"key": "T1", "credential": "nobody", "at": SERVING["served_at"]},
    "/residents/find": {"q": "R000001"},
    "/deliveries/carry/<int:booking_id>/no-answer": {"key": "V1"},
    "/deliveries/carry/<int:booking_id>/return": {"key": "V1"},
    "/deliveries/<int:booking_id>/return": {"key": "V1"},
    "/grants/<int:grant_id>/review": {"stage": "1"},
    "/grants/<int:grant_id>/recheck": {"stage": "1"},
    "/grants/<int:grant_id>/approve": {"stage": "1"},
    "/coverage/plan/keep": {"name": "近期方案"},
    "/surveys/<int:survey>/several": {"act": "town"},
    "/surveys/<int:survey>/sheets/<int:sheet_id>/review": {"act": "village"},
    "/inspect/<int:arranged>/plain": {"revision": "7"},
    "/visits/<int:arranged>/change": {"act": "cancel"},
}
EXAMPLES = {
    "code": "P01",
    "point": "P01",
    "policy": "TN-2022",
    "draft": "D-2021",
    "other": "D-2022",
    "ref": "R000001",
    "kind": "category",
    "log": "core_temp",
    "action": "lost",
    "month": "2024-04",
    "day": "2024-05-05",
    "nth": 1,
    "meal": "lunch",
    "year": 2024,
    "source": "district",
    "ending": "csv",
    "key": "serving.price_limit_fen",
    "filename": "app.css",
    "of_order": "order",
    "picture": "people",
    "topic": "quiet",
    "division": towns.HUTANG,
    "indicator": "Z34",
    "of_plan": "plan",
    "posted": "GS-2024-04-320412100",
    "site": "C01",
    "letter": "A",
    "section": "intro",
}
AT_THE_DOOR = {  # who carries today's meal sees name and house of this one stop
    "/deliveries/carry/": (towns.NEAR.name, towns.NEAR.house),
    "/deliveries/route-sheet.pdf": (towns.NEAR.name, towns.NEAR.house),
}
WHOLE_REGISTER = "/roster"  # any elder may eat at any point: masked, without numbers


class Visitor(NamedTuple):
    """A client signed in as a role at a place, or a till with its token."""

    client: object
    head: dict[str, str]

    def ask(self, line, url, forged=False):
        head = {} if forged else dict(self.head)
        if line.method == "GET":
            return self.client.get(url, headers=head)
        rule = line.address.partition("?")[0]
        if rule in BODIES:
            head["Idempotency-Key"] = "A1"
            return self.client.post(url, data=json.dumps(BODIES[rule]), headers=head)
        return self.client.post(url, data=FORMS.get(rule), headers=head)


def as_in_url_map(address):
    """The address as the routes write it: `<policy>` and `<draft>` are all `<code>` there."""
    written = re.sub("<(policy|draft|other)>", "<code>", address.partition("?")[0])
    written = re.sub("<(of_order|of_plan)>", "<kind>", written)
    for ours, theirs in OTHER_NAMES.items():
        written = written.replace(f"<int:{ours}>", f"<int:{theirs}>")
    return re.sub("<int:(case_order|case_plan)>", "<int:id>", written)


OTHER_NAMES = {  # of one name in the routes, yet of different tables
    "rectification": "order_id",
    "ordered": "finding_id",
    "delivered": "receipt_id",
    "upheld": "complaint_id",
    "seen": "visit_id",
    "arranged": "visit_id",
    "ready": "plan_id",
    "undecided": "plan_id",
    "survey": "round_id",
    "sheet_b": "sheet_id",
    "sheet_d": "sheet_id",
}


def in_url_map(app):
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_every_route_and_method_stands_in_the_matrix(built_app):
    assert {(line.method, as_in_url_map(line.address)) for line in MATRIX} == in_url_map(built_app)


def test_no_route_understands_another_method(app, client_request):
    client, declared = client_request.client("district"), in_url_map(app)
    for line in MATRIX:
        rule = as_in_url_map(line.address)
        others = {"POST", "PUT", "PATCH", "DELETE"} - {one for one, of in declared if of == rule}
        for method in others:
            status = client.open(filled(line, EXAMPLES | NUMBERS), method=method).status_code
            assert status == 405, (method, line.address)


NUMBERS = dict.fromkeys(
    (
        "account_id",
        "change_id",
        "upload",
        "device_id",
        "job_id",
        "number",
        "digest",
        "sequence",
        "hold_id",
        "work_id",
        "reverses",
        "receipt_id",
        "booking_id",
        "round_id",
        "item_id",
        "price_id",
        "grant_id",
        "entry_id",
        "notice_id",
        "order_id",
        "clawback_id",
        "run",
        "nth",
        "finding_id",
        "ordered",
        "rectification",
        "referral_id",
        "interview_id",
        "measure_id",
        "delivered",
        "upheld",
        "case_order",
        "case_plan",
        "document_id",
        "member_id",
        "paper_id",
        "event_id",
        "complaint_id",
        "photo_id",
        "seen",
        "arranged",
        "ready",
        "undecided",
        "inspector_id",
        "interest_id",
        "case_id",
        "lead_id",
        "question_id",
        "letter_id",
        "sample_id",
        "paper",
        "check",
        "batch_id",
        "kept_id",
        "survey",
        "sheet_id",
        "sheet_b",
        "sheet_d",
        "edition",
    ),
    1,
)


def filled(line, values):
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), line.address)


@pytest.fixture
def addresses(app):
    """Each line of the matrix with the address of something of Hutang's."""
    values = EXAMPLES | towns.two_towns()
    return [(line, filled(line, values)) for line in MATRIX]


@pytest.fixture
def visitors(app, addresses):
    made = {}
    for letter, place in WHO:
        role, places = PLACES[letter]
        client = app.test_client()
        token = Context().run(sign_in, app, client, f"{role}@{places[place]}")
        made[letter, place] = Visitor(client, {"X-CSRFToken": token})
    for letter, place in TILLS:
        token = tills.till_token(PLACES["o"][1][place])
        made[letter, place] = Visitor(app.test_client(), {"Authorization": f"Bearer {token}"})
    return made


def everything():
    """How many rows each table has, and the head of the trail."""
    db.session.rollback()
    tables = Base.metadata.sorted_tables
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) for one in tables}


def hidden_from(letter, place):
    """The elders of whom this visitor may see nothing on any page."""
    if letter in "SEA":
        return towns.ELDERS
    if letter in "dafiul":
        return [one for one in towns.ELDERS if (one is towns.AWAY) == (place == "near")]
    town_too = {towns.NEAR, towns.NEXT} if letter == "t" else {towns.NEAR}
    seen = {"near": town_too, "beside": {towns.NEXT}, "far": {towns.FAR}}[place]
    return [one for one in towns.ELDERS if one not in seen]


def said(answer):
    """What the answer says to whoever reads it; a paper or a workbook too."""
    if answer.mimetype == "application/pdf":
        return words_of(answer.data)
    if answer.mimetype == "image/jpeg":
        return ""  # a photo says no words
    if answer.mimetype.endswith("wordprocessingml.document"):
        return zipfile.ZipFile(io.BytesIO(answer.data)).read("word/document.xml").decode()
    if answer.mimetype == "application/zip":
        files = zipfile.ZipFile(io.BytesIO(answer.data))
        return "".join(files.read(name).decode() for name in files.namelist())
    return cells_of(answer.data) if answer.mimetype.endswith(".sheet") else answer.text


def leaks(answer, letter, place):
    """What the answer says and must not."""
    text, asked = said(answer), answer.request.url
    shown = {word for one in towns.ELDERS for word in (one.name, *one.secrets)}
    for one in hidden_from(letter, place):
        shown.add(one.masked)
        if letter != "A" and one.ref not in asked:
            shown.add(one.ref)  # the trail speaks of records by number
    if place == "near" and letter in "om":
        for page, words in AT_THE_DOOR.items():
            shown -= set(words) if page in asked else set()
    return sorted(word for word in shown if word in text)


@pytest.mark.only("sqlite")  # rights are the same code on both, and the walk is long
def test_who_may_look_and_what_shows(addresses, visitors):
    wrong = []
    for (letter, place), visitor in visitors.items():
        for line, url in addresses:
            if line.method != "GET" or "/login" in url:
                continue
            answer = visitor.ask(line, url)
            expected = GOT_IN["GET"] if line.opens_for(letter, place) else _refused(letter, line)
            if answer.status_code not in expected:
                wrong.append((letter, place, url, answer.status_code))
            if WHOLE_REGISTER not in url and (found := leaks(answer, letter, place)):
                wrong.append((letter, place, url, found))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_must_not_show_is_there_to_be_seen_by_those_who_may(visitors):
    """Else the test above would prove nothing."""
    for place, one in (("near", towns.NEAR), ("far", towns.FAR)):
        for letter, url in (("o", "/servings"), ("c", "/residents"), ("t", "/residents")):
            answer = visitors[letter, place].client.get(url)
            assert one.masked in answer.text, (letter, place)


def test_a_form_puts_nobody_and_nothing_into_another_area(app, visitors):
    before, far, abroad = everything(), visitors["t", "far"], visitors["d", "abroad"]
    number, home = number_of(150).number, {"hukou_division": towns.HUTANG}
    point = {"name": "新点", "kind": "community_canteen", "division": towns.HUTANG}
    point |= {"catering_mode": ""}
    policy = SAMPLE.replace("TN-2022", "NEW").replace("2023-04-01", "2030-01-01")
    for visitor, url, form in (
        (far, "/residents/new", {"id_number": number, "name": "钱多多", **home}),
        (far, "/residents/R000003/correct", {**home, "residence_division": ""}),
        (abroad, "/points/new", point | {"code": "P50"}),
        (abroad, "/points/P99/edit", point),
        (abroad, "/policies/draft/new", {"document": policy}),
    ):
        answer = visitor.client.post(url, data=form, headers=visitor.head)
        assert answer.status_code == 422, url
        assert "管辖范围" in answer.text, url
    assert everything() == before


def test_submitting_a_month_freezes_the_own_points_only(visitors):
    for visitor, points in (
        (visitors["m", "far"], ["P11"]),
        (visitors["d", "abroad"], ["P11", "P99"]),
    ):
        url = "/settlements/2024-05/submit"
        assert visitor.client.post(url, headers=visitor.head).status_code == 303
        db.session.rollback()
        of_may = select(MealPoint.code).join(SettlementBatch).where(SettlementBatch.month == 202405)
        assert sorted(db.session.scalars(of_may)) == points


@pytest.mark.only("sqlite")
def test_nobody_changes_anything_without_right_scope_and_form_token(addresses, visitors):
    before, wrong = everything(), []
    for (letter, place), visitor in visitors.items():
        for line, url in addresses:
            if line.method == "GET":
                continue
            if letter != TILL and visitor.ask(line, url, forged=True).status_code != 400:
                wrong.append((letter, place, url, "without a form token"))
            if line.opens_for(letter, place):
                continue
            answer = visitor.ask(line, url)
            if answer.status_code not in _refused(letter, line):
                wrong.append((letter, place, url, answer.status_code))
            if found := leaks(answer, letter, place):
                wrong.append((letter, place, url, found))
    assert not wrong, "\n".join(map(str, wrong))
    after = everything()
    after["refused_attempt"] = before["refused_attempt"]
    assert after == before


def test_whoever_has_the_right_may_act_on_what_is_theirs(addresses, visitors):
    wrong = []
    for (letter, place), visitor in visitors.items():
        for line, url in addresses:
            if line.method != "POST" or not line.opens_for(letter, place):
                continue
            if "/login" not in url and not (letter == TILL and line.is_open):
                answer = visitor.ask(line, url)
                if answer.status_code not in GOT_IN["POST"]:
                    wrong.append((letter, place, url, answer.status_code))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_stranger_is_sent_to_sign_in_whatever_the_form_says(app, addresses):
    client, before = app.test_client(), everything()
    for line, url in addresses:
        if not line.is_open:
            status = client.open(url, method=line.method).status_code
            assert status == (401 if url.startswith("/api/") else 302), url
        elif line.method == "POST":
            assert client.post(url).status_code == 400, url
    assert everything() == before


def test_a_till_records_nothing_for_another_point_within_a_batch(visitors):
    items = {"servings": [{**SERVING, "key": f"B{n}", "credential": "880010177"} for n in (1, 2)]}
    for place in ("beside", "far"):
        visitor = visitors[TILL, place]
        answer = visitor.client.post("/api/v1/servings/batch", json=items, headers=visitor.head)
        assert [one["status"] for one in answer.json["results"]] == [403, 403]


def test_the_till_finds_an_elder_of_any_town_but_never_shows_a_number(visitors):
    visitor = visitors["o", "far"]
    page = visitor.client.post(
        "/till/plain/find", data={"q": towns.NEAR.card}, headers=visitor.head
    )
    assert towns.NEAR.name in page.text
    assert not [word for word in towns.NEAR.secrets if word in page.text]


def _refused(letter: str, line: Line) -> set[int]:
    """Of a till's token pages know nothing: whoever sends one is a stranger."""
    if letter == TILL and not line.address.startswith("/api/"):
        return {302}
    return {403, 404}
