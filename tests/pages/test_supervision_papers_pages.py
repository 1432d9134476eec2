"""Who gets which paper of supervision, and what comes instead of one that there is not yet."""

import pytest

from mealsvc.plumbing.db import db, writing
from mealsvc.supervision.visits.models import Visit
from tests.factories import inspected, tills
from tests.support.papers import words_of


@pytest.fixture
def case(app) -> dict[str, int]:
    tills.small_district()
    return inspected.case(photos=0, failed=1)


def address(kind: str, key: int) -> str:
    return f"/supervision/papers/{kind}/{key}.pdf"


def fetched(client_request, kind: str, key: int, as_: str):
    return client_request.client(as_).get(address(kind, key))


@pytest.mark.parametrize("kind", ["plan", "record", "order", "referral", "resume", "inspection"])
def test_an_inspector_gets_every_paper_as_a_file(case, client_request, kind):
    key = case["record" if kind == "inspection" else kind]
    answer = fetched(client_request, kind, key, "inspector")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("kind", "as_", "status"),
    [
        ("record", "manager@P01", 200),
        ("order", "manager@P01", 200),
        ("order", "manager@P02", 403),
        ("reinspection", "manager@P02", 403),
        ("reinspection", "manager@P01", 200),
        ("referral", "manager@P01", 403),
        ("plan", "manager@P01", 403),
        ("plan", "town@320412100", 403),
        ("referral", "town@320412100", 200),
        ("order", "town@320412102", 403),
        ("order", "operator@P01", 403),
        ("order", "finance", 403),
    ],
)
def test_papers_keep_to_the_reader_s_place(case, client_request, kind, as_, status):
    assert fetched(client_request, kind, case[kind], as_).status_code == status


@pytest.mark.parametrize("wrong", ["order/99", "nonsense/1", "blank/99"])
def test_what_there_is_not_is_not_found(case, client_request, wrong):
    client_request.get(f"/supervision/papers/{wrong}.pdf", as_="inspector", status=404)


def test_a_record_before_the_signature_is_refused_in_plain_words(case, client_request):
    page = client_request.get(address("record", case["blank"]), as_="inspector", status=422)
    assert "请打印空白检查记录表" in page.get_text()


def test_the_unit_does_not_learn_of_an_unannounced_visit(case, client_request):
    with writing():
        visit = db.session.get_one(Visit, case["blank"])
        visit.unannounced, visit.notice_number = True, "武民测通〔2024〕0009号"
    for kind in ("notice", "blank", "record", "result", "inspection"):
        hidden = fetched(client_request, kind, case["blank"], "manager@P01")
        assert hidden.status_code == 404, kind
    assert fetched(client_request, "notice", case["blank"], "inspector").status_code == 200


@pytest.mark.parametrize(
    ("status", "number", "unannounced", "as_", "answer"),
    [
        ("planned", "", False, "manager@P01", 404),
        ("noticed", "武民测通〔2024〕0009号", False, "manager@P01", 200),
        ("planned", "", True, "town@320412100", 404),
        ("planned", "", False, "town@320412100", 200),
    ],
)
def test_the_paper_of_a_visit_tells_no_more_than_its_page(
    case, client_request, status, number, unannounced, as_, answer
):
    with writing():
        visit = db.session.get_one(Visit, case["blank"])
        visit.status, visit.notice_number, visit.unannounced = status, number, unannounced
    assert fetched(client_request, "blank", case["blank"], as_).status_code == answer


def test_a_paper_that_was_fetched_is_known_on_the_public_page(case, client_request):
    words = words_of(fetched(client_request, "record", case["record"], "inspector").data)
    number = f"BL-2024-{case['record']}"
    code = words.partition(f"{number}校验码")[2][:14]
    page = client_request.get(f"/v/{number}/{code.replace('-', '')}")
    assert "现场检查笔录" in page.get_text() and "丰乐助餐点" in page.get_text()
    client_request.get(f"/v/{number}/AAAAAAAAAAAA", status=404)
