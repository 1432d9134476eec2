"""Issued papers: numbered, kept as they were given out, another edition when the facts changed."""

import pypdfium2
import pytest
import segno
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError

import config
from mealsvc.papers import refusals, rules
from mealsvc.papers.models import IssuedPaper, PaperFile
from mealsvc.papers.queries import paper_at, paper_of, shown
from mealsvc.papers.services import content_of, draft, issue
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.paper import signing
from mealsvc.plumbing.paper.document import QR_SIDE
from mealsvc.plumbing.paper.geometry import SHEET
from mealsvc.trail.models import TrailEvent
from tests.factories.papers import drawing, issued, matter
from tests.factories.tills import SHELL
from tests.support.papers import words_of
from tests.support.signing import PASSWORD, make_p12


@pytest.fixture
def certificate(app, tmp_path, monkeypatch):
    """The application signs with a certificate of its own making."""
    made = make_p12(tmp_path / "unit.p12")
    for name, value in made.items():
        monkeypatch.setitem(app.config, name, value)
    return made


def test_the_same_facts_give_the_same_bytes_whatever_the_drawing_would_be_now(app):
    first = issued()
    again = draft(matter(), lambda stamp: b"drawn by a newer library")
    with writing():
        kept = issue(again, SHELL, clock.now())
    assert kept.id == first.id
    assert content_of(kept) == drawing(again.stamp)


def test_other_facts_make_the_next_edition_and_the_first_one_tells_so(app):
    first, second = issued("one"), issued("two")
    assert (second.number, second.edition) == ("JS-2024-04-P01-2", 2)
    assert first.check_code != second.check_code
    assert (shown(first).newer, shown(second).newer) == (second.number, "")
    assert content_of(first) != content_of(second)


def test_facts_that_come_back_are_issued_anew_because_the_latest_edition_counts(app):
    numbers = [issued(facts).number for facts in ("one", "two", "one")]
    assert numbers == ["JS-2024-04-P01", "JS-2024-04-P01-2", "JS-2024-04-P01-3"]


def test_a_paper_prints_its_number_and_check_code_and_leads_to_its_page(app):
    paper = issued()
    stamp = draft(matter(), drawing).stamp
    assert stamp.url == f"{config.PUBLIC_URL}/v/{paper.number}/{paper.check_code}"
    words = words_of(content_of(paper))
    assert f"{paper.number}校验码{rules.in_groups(paper.check_code)}" in words


def test_a_scanner_reads_where_the_paper_leads(app):
    stamp = draft(matter(), drawing).stamp
    document = pypdfium2.PdfDocument(drawing(stamp))
    page = document[0].render(scale=8).to_pil().convert("L")
    document.close()
    wanted = segno.make_qr(stamp.url, error="m", boost_error=False).matrix
    module = QR_SIDE / len(wanted)
    left, top = SHEET.width - SHEET.right - QR_SIDE, SHEET.top
    seen = [
        [
            int(page.getpixel((int(8 * (left + x * module)), int(8 * (top + y * module)))) < 128)
            for x in (column + 0.5 for column in range(len(wanted)))
        ]
        for y in (row + 0.5 for row in range(len(wanted)))
    ]
    assert seen == [list(row) for row in wanted]


def test_two_who_draw_at_once_get_one_paper(app):
    ours, theirs = draft(matter(), drawing), draft(matter(), drawing)
    with writing():
        first = issue(ours, SHELL, clock.now())
    with writing():
        second = issue(theirs, SHELL, clock.now())
    assert first.id == second.id
    assert len(db.session.scalars(select(IssuedPaper)).all()) == 1


def test_a_draft_that_another_edition_overtook_is_refused(app):
    late = draft(matter("two"), drawing)
    issued("one")
    with pytest.raises(refusals.PaperMoved), writing():
        issue(late, SHELL, clock.now())


def test_issuing_leaves_its_row_in_the_trail_and_giving_again_none(app):
    paper = issued()
    issued()
    rows = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "papers.issue")).all()
    assert [row.subject for row in rows] == [paper.number]
    assert paper.sha256 in rows[0].detail


@pytest.mark.parametrize("table", [IssuedPaper, PaperFile])
def test_what_was_issued_is_never_changed_and_never_deleted(app, table):
    issued()
    column = "number" if table is IssuedPaper else "content"
    for statement in (
        update(table).values({column: b"x" if column == "content" else "x"}),
        delete(table),
    ):
        with pytest.raises(DatabaseError), writing() as connection:
            connection.execute(statement)


def test_a_file_that_was_changed_in_the_database_is_not_given_out(app):
    paper = issued()
    sqlite = db.engine.dialect.name == "sqlite"
    guard = "paper_file_no_update" if sqlite else "paper_file_kept"
    with writing() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER {guard}" + ("" if sqlite else " ON paper_file"))
        connection.execute(update(PaperFile).values(content=b"%PDF-1.4 another"))
    with pytest.raises(refusals.PaperDamaged):
        content_of(paper)


def test_a_check_code_is_understood_as_people_type_it(app):
    paper = issued()
    code = paper.check_code
    typed = f" {code[:4].lower()} {code[4:8]}－{code[8:]} "
    assert paper_at(paper.number, typed) == paper
    wrong = ("2" if code[0] != "2" else "3") + code[1:]
    for number, asked in ((paper.number, wrong), (paper.number, ""), ("JS-1", code)):
        assert paper_at(number, asked) is None


def test_check_codes_hang_on_the_key_and_on_everything_they_stand_for(app):
    codes = {
        draft(matter(facts, number), drawing).stamp.check_code
        for facts in "ab"
        for number in ("N1", "N2")
    }
    assert len(codes) == 4
    for code in codes:
        assert len(code) == rules.CODE_LENGTH
        assert set(code) <= set(rules.LETTERS)


def test_a_signed_paper_names_its_signer_and_is_whole(certificate):
    paper = issued()
    content = content_of(paper)
    seen = signing.signature_in(content)
    assert seen is not None
    assert (seen.signer, seen.whole, seen.in_term) == ("武进区民政局（试用）", True, True)
    assert (paper.signer, paper.certificate) == (seen.signer, seen.certificate)
    assert "已电子签名" in words_of(content)
    assert content_of(issued()) == content


def test_a_paper_that_was_signed_stays_signed_when_signing_is_switched_off(
    certificate, app, monkeypatch
):
    content = content_of(issued())
    monkeypatch.setitem(app.config, "SIGNING_P12", None)
    assert content_of(issued()) == content
    assert content_of(issued("two")) != content


@pytest.mark.parametrize("change", ["flip", "append", "cut"])
def test_a_signature_is_broken_by_any_change_after_it(certificate, change):
    content = content_of(issued())
    middle = content.index(b"stream") + 40
    changed = {
        "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "append": content + b"\n%%EOF more\n",
        "cut": content[: len(content) // 2],
    }[change]
    seen = signing.signature_in(changed)
    assert seen is None or not seen.whole
    assert paper_of(changed) is None


def test_a_certificate_that_is_over_or_does_not_open_signs_nothing(app, tmp_path, monkeypatch):
    over = make_p12(tmp_path / "over.p12", days=-1)
    for settings, told in (
        (over, "有效期"),
        ({**over, "SIGNING_PASSWORD": b"wrong"}, "口令不对"),
        ({**over, "SIGNING_P12": tmp_path / "none.p12"}, "不能读取"),
    ):
        for name, value in settings.items():
            monkeypatch.setitem(app.config, name, value)
        with pytest.raises(signing.CannotSign, match=told):
            draft(matter(), drawing)
    assert db.session.scalars(select(IssuedPaper)).all() == []


def test_a_start_with_a_wrong_certificate_stops_and_says_what_to_do(instance, tmp_path):
    path = tmp_path / "unit.p12"
    make_p12(path)
    env = {"MEALSVC_INSTANCE": str(instance), "MEALSVC_SIGNING_P12": str(path)}
    secret = tmp_path / "password"
    secret.write_bytes(PASSWORD + b"\n")
    secret.chmod(0o600)
    for more in (
        {"MEALSVC_SIGNING_PASSWORD": PASSWORD.decode()},
        {"MEALSVC_SIGNING_PASSWORD_FILE": str(secret)},
    ):
        loaded = config.load({**env, **more})
        assert loaded["SIGNING_PASSWORD"] == PASSWORD
    for more, told in (
        ({"MEALSVC_SIGNING_PASSWORD": "wrong"}, "打不开"),
        ({}, "打不开"),
        ({"MEALSVC_SIGNING_P12": str(tmp_path / "none.p12")}, "不能读取"),
    ):
        with pytest.raises(config.ConfigError, match=told):
            config.load({**env, **more})
    path.chmod(0o644)
    with pytest.raises(config.ConfigError, match="chmod 600"):
        config.load({**env, "MEALSVC_SIGNING_PASSWORD": PASSWORD.decode()})


def test_an_address_for_papers_has_to_be_one(instance):
    env = {"MEALSVC_INSTANCE": str(instance)}
    loaded = config.load({**env, "MEALSVC_PUBLIC_URL": "https://zhucan.example.cn/"})
    assert loaded["PUBLIC_URL"] == "https://zhucan.example.cn"
    with pytest.raises(config.ConfigError, match="MEALSVC_PUBLIC_URL"):
        config.load({**env, "MEALSVC_PUBLIC_URL": "zhucan.example.cn"})
