"""What anybody may learn about a paper: by its number and code, and by the file itself."""

import io

import pytest

from mealsvc.papers.rules import in_groups
from mealsvc.papers.services import content_of
from tests.factories.papers import issued
from tests.support.signing import make_p12

NOT_OURS = "不是本系统出具的，或者内容被改动过"


@pytest.fixture
def paper(app):
    return issued()


def upload(client_request, content, status=200):
    data = {"file": (io.BytesIO(content), "结算表.pdf")}
    return client_request.post("/verify/file", data, status=status)


def text_of(page):
    return page.find("main").get_text()


def test_a_paper_tells_what_it_is_to_whoever_has_its_code(client_request, paper):
    text = text_of(client_request.get(f"/v/{paper.number}/{paper.check_code}"))
    for told in (
        paper.number,
        paper.title,
        "武进区民政局",
        "36.00 元",
        paper.facts_digest,
        "第 1 版",
    ):
        assert told in text
    assert "没有电子签名" in text


def test_an_older_edition_points_to_the_newer_one(client_request, paper):
    newer = issued("two")
    text = text_of(client_request.get(f"/v/{paper.number}/{paper.check_code}"))
    assert "这份文件已有新版" in text
    assert newer.number in text
    assert newer.check_code not in text


def test_a_wrong_code_looks_like_a_number_that_was_never_given(client_request, paper):
    wrong = paper.check_code[::-1] if paper.check_code != paper.check_code[::-1] else "2" * 12
    pages = [
        client_request.get(f"/v/{number}/{code}", status=404).get_text()
        for number, code in ((paper.number, wrong), ("JS-2030-01-P01", paper.check_code))
    ]
    assert pages[0] == pages[1]


def test_number_and_code_can_be_typed_in(client_request, paper):
    form = {"number": f" {paper.number} ", "code": in_groups(paper.check_code).lower()}
    answer = client_request.send("/verify", form)
    assert answer.status_code == 303
    assert answer.location.endswith(f"/v/{paper.number}/{paper.check_code}")


def test_what_does_not_fit_stays_in_the_form(client_request, paper):
    page = client_request.post("/verify", {"number": paper.number, "code": "2" * 12}, status=422)
    assert "没有这样的文件" in text_of(page)
    assert page.find(id="number")["value"] == paper.number
    page = client_request.post("/verify", {"number": "", "code": ""}, status=422)
    assert "请输入编号" in text_of(page)


def test_the_very_file_is_known_again(client_request, paper):
    text = text_of(upload(client_request, content_of(paper)))
    assert "是本系统出具的原件" in text
    assert paper.number in text


def test_a_file_that_was_touched_is_told(client_request, paper):
    content = content_of(paper)
    for changed in (
        content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
        content + b"\n",
        content[:-1],
        b"%PDF-1.4 something else",
        b"",
    ):
        assert NOT_OURS in text_of(upload(client_request, changed))


def test_without_a_file_the_form_asks_for_one(client_request, paper):
    page = client_request.post("/verify/file", {}, status=422)
    assert "请选择要核对的 PDF 文件" in text_of(page)


@pytest.mark.parametrize(("path", "status"), [("/verify/file", 200), ("/verify", 413)])
def test_only_the_upload_takes_more_than_a_form(client_request, paper, path, status):
    data = {"file": (io.BytesIO(b"x" * 3 * 1024 * 1024), "a.pdf")}
    client_request.post(path, data, status=status)


def test_a_file_beyond_the_limit_is_refused(client_request, paper):
    upload(client_request, b"x" * (16 * 1024 * 1024 + 1), status=413)


def test_a_signed_paper_names_who_signed_and_when(app, client_request, tmp_path, monkeypatch):
    for name, value in make_p12(tmp_path / "unit.p12").items():
        monkeypatch.setitem(app.config, name, value)
    signed = issued()
    text = text_of(upload(client_request, content_of(signed)))
    assert "电子签名有效" in text
    assert "签名人：武进区民政局（试用）" in text
    page = text_of(client_request.get(f"/v/{signed.number}/{signed.check_code}"))
    assert "武进区民政局（试用）" in page


def test_the_pages_need_no_sign_in_and_show_no_menu(client_request, paper):
    for path in ("/verify", f"/v/{paper.number}/{paper.check_code}"):
        page = client_request.get(path)
        assert page.find("nav") is None
        assert "citizen" in page.body["class"]
