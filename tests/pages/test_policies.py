"""Policies: read by everybody, drafted by one, approved by another, never changed."""

import io

import pytest
from sqlalchemy import select

from mealsvc.plumbing.db import db
from mealsvc.policies.models import SubsidyPolicy
from tests.factories.policies import SAMPLE
from tests.factories.tills import serve, small_district

NEXT = SAMPLE.replace("TN-2022", "TN-2026").replace("2023-04-01", "2026-01-01")
ENDED = {"day": "20251231"}


@pytest.fixture
def district(app):
    """The small district, whose policy TN-2022 is in force."""
    small_district()


def _status(code):
    db.session.rollback()
    return db.session.scalar(select(SubsidyPolicy.status).where(SubsidyPolicy.code == code))


def _draft(client_request, document=NEXT, status=303, **more):
    fields = {"document": document, **more}
    return client_request.post("/policies/draft/new", fields, "district", status=status)


def test_a_policy_reads_in_plain_words(district, client_request):
    serve("a")
    text = client_request.get("/policies/TN-2022", "operator").get_text(" ", strip=True)
    for words in (
        "60至79岁 每餐3.00元 区2.00+镇1.00",
        "特困供养人员（分散）或最低生活保障对象 每餐2.00元 区2.00",
        "每份1.00元 福彩1.00",
        "日均不少于50份，供餐不少于15天 每份补贴餐0.50元；达标每月2000.00元 区100%",
        "每人每天最多2餐，每人每月最多40餐",
        "2024年5月6日",
    ):
        assert words in text, words


def test_the_list_shows_how_each_policy_stands(district, client_request):
    _draft(client_request, NEXT.replace('320412"', '320412100"'))
    rows = client_request.get("/policies", "town").select("tbody tr")
    assert [row.select_one(".chip").get_text() for row in rows] == ["待批准", "执行中"]
    assert len(client_request.get("/policies?status=draft", "town").select("tbody tr")) == 1
    elsewhere = client_request.get("/policies", "district@320411")
    assert not elsewhere.select("tbody tr")
    client_request.get("/policies/TN-2022", "district@320411", status=404)


def test_every_wrong_line_of_a_draft_is_told_and_the_text_is_kept(district, client_request):
    wrong = NEXT.replace("amount_fen = 300", "amount_fen = 350").replace(
        "per_day = 2", "per_day = 0"
    )
    page = _draft(client_request, wrong, status=422)
    told = page.select_one(".summary").get_text()
    assert "第11行：per_day 请填写1至" in told
    assert "合计 300 分，应等于 amount_fen 350 分" in told
    assert "per_day = 0" in page.find("textarea").get_text()


def test_an_uploaded_file_is_read_and_shown_for_correction(district, client_request):
    broken = NEXT.replace("min_age = 60", "min_age = sixty", 1).encode()
    client = {"file": (io.BytesIO(broken), "policy.toml")}
    page = _draft(client_request, "", status=422, **client)
    assert "min_age = sixty" in page.find("textarea").get_text()
    gbk = {"file": (io.BytesIO(NEXT.encode("gb18030")), "policy.toml")}
    page = _draft(client_request, "", status=422, **gbk)
    assert "请另存为UTF-8" in page.find(id="file-error").get_text()


def test_a_draft_that_overlaps_or_lies_elsewhere_is_refused(district, client_request):
    page = _draft(client_request, status=422)
    assert "生效期重叠" in page.find(id="document-error").get_text()
    page = _draft(client_request, NEXT.replace('"320412"', '"320411"'), status=422)
    assert "不在您的管辖范围内" in page.get_text()


def test_a_draft_is_approved_by_somebody_else_after_being_told_what_follows(
    district, client_request
):
    client_request.post("/policies/TN-2022/end", ENDED, "approver")
    _draft(client_request)
    assert _status("TN-2026") == "draft"
    asked = client_request.get("/policies/TN-2026/approve", "approver")
    assert "内容永远不能改" in asked.select_one(".consequence").get_text()
    client_request.post("/policies/TN-2026/approve", {}, "approver")
    assert _status("TN-2026") == "approved"
    again = client_request.post("/policies/TN-2026/approve", {}, "approver", status=422)
    assert "不是待批准的草案" in again.get_text()


def test_a_draft_can_be_withdrawn(district, client_request):
    client_request.post("/policies/TN-2022/end", ENDED, "approver")
    _draft(client_request)
    client_request.post("/policies/TN-2026/withdraw", {}, "district")
    assert _status("TN-2026") == "withdrawn"


@pytest.mark.parametrize("role", ["town", "manager", "finance", "leader", "auditor"])
def test_others_only_read(district, client_request, role):
    for page in ("draft/new", "TN-2022/approve", "TN-2022/withdraw", "TN-2022/end"):
        client_request.get(f"/policies/{page}", role, status=403)


def test_drafting_and_approving_are_different_rights(district, client_request):
    client_request.get("/policies/draft/new", "approver", status=403)
    client_request.get("/policies/TN-2022/approve", "district", status=403)


def test_a_policy_ends_no_earlier_than_it_was_used(district, client_request):
    serve("a")
    page = client_request.post("/policies/TN-2022/end", {"day": "20240505"}, "approver", status=422)
    assert "已有就餐记录按这项政策补贴" in page.find(id="day-error").get_text()
    client_request.post("/policies/TN-2022/end", {"day": "2024-05-06"}, "approver")
    assert (
        "2024年5月6日（批准后定下）" in client_request.get("/policies/TN-2022", "town").get_text()
    )
