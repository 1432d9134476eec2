"""The import page: upload, rehearsal, confirmation, rejects, stop, and what a crash leaves."""

import io
import json
import os
import stat

import pytest
from sqlalchemy import select

from mealsvc.exchange import services, uploads
from mealsvc.exchange.models import ImportJob
from mealsvc.places.models import CandidateSite
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from tests.factories.tills import small_district

TEXT = "编号,经度,纬度,颜色\nC1,119.95,31.7,红\nC2,北京,31.7,\nC3,119.96,31.71,\n"


@pytest.fixture
def district(app):
    small_district()
    yield app
    services.wait()


def upload(client_request, text=TEXT, kind="candidates", status=303):
    content = text if isinstance(text, bytes) else text.encode()
    data = {"kind": kind, "file": (io.BytesIO(content), "候选 点位.csv")}
    page = client_request.post("/imports", data, as_="district", status=status)
    services.wait()
    return page


def job() -> ImportJob:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(ImportJob).order_by(ImportJob.id.desc())).first()


def sites() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(CandidateSite.code).order_by(CandidateSite.code)))


def act(client_request, what: str) -> None:
    client_request.post(f"/imports/{job().id}/{what}", as_="district")
    services.wait()


def shown(client_request) -> str:
    return client_request.get(f"/imports/{job().id}", as_="district").get_text(" ", strip=True)


def test_an_upload_is_rehearsed_first_and_nothing_is_written(district, client_request):
    upload(client_request)
    text = shown(client_request)
    assert "待确认" in text and "还没有写入任何数据" in text
    assert "列“颜色”不认识" in text
    assert "经度要是 -180 到 180 之间的小数" in text
    assert sites() == []


def test_confirmed_it_is_imported_and_the_rejected_rows_can_be_taken_home(district, client_request):
    upload(client_request)
    act(client_request, "start")
    assert sites() == ["C1", "C3"]
    text = shown(client_request)
    assert "导入完成" in text and "新增 2 行" in text and "退回 1 行" in text
    page = client_request.client("district").get(f"/imports/{job().id}/rejects.csv")
    assert page.status_code == 200
    assert "C2,北京,31.7,,3,经度,malformed" in page.get_data().decode("utf-8-sig")
    assert not uploads.Files(job().stored).upload.exists()


def test_the_stored_result_holds_no_cell_of_the_file(district, client_request):
    upload(client_request)
    assert "北京" not in job().result
    assert json.loads(job().result)["document"]["rejected"] == {"malformed": 1}


def test_files_are_for_the_server_alone_and_gone_after_a_day(district, client_request):
    upload(client_request)
    files = list(uploads.folder().iterdir())
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    yesterday = clock.now().timestamp() - uploads.KEPT_S - 60
    for path in files:
        os.utime(path, (yesterday, yesterday))
    client_request.get("/imports", as_="district")
    assert not list(uploads.folder().iterdir())
    client_request.post(f"/imports/{job().id}/start", as_="district")
    assert "请重新上传" in shown(client_request)


def test_an_import_can_be_given_up(district, client_request):
    upload(client_request)
    act(client_request, "discard")
    assert job().state == "cancelled"
    assert not uploads.Files(job().stored).upload.exists()
    assert sites() == []


def test_a_file_that_is_no_table_says_so(district, client_request):
    upload(client_request, b"\xd0\xcf\x11\xe0 old workbook")
    assert "另存为" in shown(client_request)
    upload(client_request, "编号,经度\nC1,119\n")
    assert "缺少必填的列：纬度（lat）" in shown(client_request)


def test_without_kind_or_file_the_form_says_what_to_do(district, client_request):
    page = client_request.post("/imports", {}, as_="district", status=200)
    assert "请选择文件的内容。" in page.get_text()
    assert "请选择 CSV 或 XLSX 文件。" in page.get_text()


def test_work_that_died_with_the_server_shows_as_interrupted_and_goes_on(district, client_request):
    upload(client_request)
    with writing():
        db.session.get_one(ImportJob, job().id).state = services.RUNNING
    assert "中断" in shown(client_request)
    act(client_request, "start")
    assert "导入完成" in shown(client_request)
    assert sites() == ["C1", "C3"]


def test_while_it_works_the_page_counts_and_can_stop_it(district, client_request):
    rows = "".join(f"C{number:05d},119.9,31.7\n" for number in range(1500))
    upload(client_request, "编号,经度,纬度\n" + rows)
    files = uploads.Files(job().stored)
    hold = files.begin()
    assert hold is not None
    with writing():
        db.session.get_one(ImportJob, job().id).state = services.RUNNING
    hold.write(b"500 1500")
    hold.flush()
    page = client_request.get(f"/imports/{job().id}", as_="district")
    assert page.find("progress")["value"] == "500"
    assert page.find("meta", attrs={"http-equiv": "refresh"})
    client_request.post(f"/imports/{job().id}/start", as_="district")
    assert "请刷新页面" in shown(client_request)
    act(client_request, "stop")
    assert files.stop.exists()
    hold.close()


def test_a_stopped_import_goes_on_where_it_was(district, client_request, monkeypatch):
    rows = "".join(f"C{number:05d},119.9,31.7\n" for number in range(1500))
    upload(client_request, "编号,经度,纬度\n" + rows)
    begin = uploads.Files.begin

    def stopped_at_once(files):
        hold = begin(files)
        files.stop.touch()
        return hold

    with monkeypatch.context() as patch:
        patch.setattr(uploads.Files, "begin", stopped_at_once)
        act(client_request, "start")
    assert job().state == "cancelled"
    assert len(sites()) == 500
    act(client_request, "start")
    assert job().state == "done"
    assert len(sites()) == 1500


def test_the_history_lists_what_was_imported(district, client_request):
    assert "还没有导入过文件" in client_request.get("/imports", as_="district").get_text()
    upload(client_request)
    row = client_request.get("/imports", as_="district").find_all("tbody")[-1].find("tr")
    text = row.get_text(" ", strip=True)
    assert "候选点位" in text and "候选 点位.csv" in text and "待确认" in text


def test_only_the_district_office_imports(district, client_request):
    client_request.get("/imports", as_="town", status=403)
    client_request.get("/imports", as_="sys_admin", status=403)
    client_request.get("/imports/99", as_="district", status=404)
    client_request.get("/imports/99/rejects.csv", as_="district", status=404)
