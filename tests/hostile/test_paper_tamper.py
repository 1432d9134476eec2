"""Papers that somebody changed: as files, and behind the application's back in the database."""

import io

import pypdfium2
import pytest
from pyhanko.pdf_utils.generic import DictionaryObject, NameObject, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from sqlalchemy import delete, insert, update

from mealsvc.auditing.proof import verify
from mealsvc.papers.models import IssuedPaper, PaperFile
from mealsvc.papers.queries import paper_at, paper_of
from mealsvc.papers.services import content_of, draft
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.paper.signing import sign, signature_in
from mealsvc.trail.verify import Broken
from tests.factories.papers import drawing, issued, matter
from tests.support.papers import words_of
from tests.support.signing import make_p12


@pytest.fixture
def signed(app, tmp_path, monkeypatch):
    """A signed paper's row and bytes."""
    for name, value in make_p12(tmp_path / "unit.p12").items():
        monkeypatch.setitem(app.config, name, value)
    paper = issued()
    return paper, content_of(paper)


def with_another_revision(content):
    """As an editor saves: the old bytes, then a revision with another title."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    writer.set_info(writer.add_object(_info("拨付一百万元")))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _info(title):
    return DictionaryObject({NameObject("/Title"): pdf_string(title)})


def saved_again(content):
    """As a reader's 另存为: the same pages, other bytes."""
    document, out = pypdfium2.PdfDocument(content), io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


@pytest.mark.parametrize("change", [with_another_revision, saved_again])
def test_a_revision_appended_or_a_copy_saved_again_is_not_the_paper(signed, change):
    _, content = signed
    changed = change(content)
    assert changed != content
    assert "老年助餐补贴结算表" in words_of(changed)
    assert paper_of(changed) is None
    seen = signature_in(changed)
    assert seen is None or not seen.whole


def test_a_strangers_certificate_of_the_same_name_is_another_one(signed, tmp_path):
    paper, _ = signed
    same = drawing(draft(matter(), drawing).stamp)
    forged, signature = sign(same, make_p12(tmp_path / "stranger.p12"), clock.now())
    assert signature.signer == paper.signer
    assert signature.certificate != paper.certificate
    assert paper_of(forged) is None


@pytest.mark.parametrize("end", range(0, 4096, 512))
def test_no_prefix_of_a_signed_paper_passes(signed, end):
    _, content = signed
    assert paper_of(content[: len(content) - 1 - end]) is None


def test_nothing_that_is_no_pdf_upsets_the_reader_of_signatures():
    for content in (b"", b"%PDF-1.7", b"\0" * 4096, b"%PDF-1.4\ntrailer<</Root 1 0 R>>\n%%EOF"):
        assert signature_in(content) is None


def without_guards(statement):
    """As somebody who holds the database and not the key."""
    sqlite = db.engine.dialect.name == "sqlite"
    with writing() as connection:
        for table in ("issued_paper", "paper_file"):
            names = ("no_update", "no_delete") if sqlite else ("kept",)
            for name in names:
                end = "" if sqlite else f" ON {table}"
                connection.exec_driver_sql(f"DROP TRIGGER {table}_{name}{end}")
        connection.execute(statement)
    db.session.expire_all()


CHANGES = {
    "totals": update(IssuedPaper).values(totals='{"应付金额": "1,000,000.00 元"}'),
    "file": update(IssuedPaper).values(sha256="0" * 64),
    "content": update(PaperFile).values(content=b"%PDF-1.4 forged"),
    "signer": update(IssuedPaper).values(signer="武进区民政局"),
    "gone": delete(PaperFile),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_paper_changed_in_the_database_is_found_and_no_longer_vouched_for(app, change):
    paper = issued()
    number, code = paper.number, paper.check_code
    verify()
    without_guards(CHANGES[change])
    with pytest.raises(Broken, match=number):
        verify()
    if change not in ("content", "gone"):
        assert paper_at(number, code) is None


def test_a_paper_put_into_the_database_by_hand_is_not_vouched_for(app):
    paper = issued()
    values = {column.name: getattr(paper, column.name) for column in IssuedPaper.__table__.columns}
    values |= {"id": 99, "number": "BK-1", "subject": "forged", "sha256": "1" * 64}
    with writing() as connection:
        connection.execute(insert(IssuedPaper).values(values))
    assert paper_at("BK-1", paper.check_code) is None
    with pytest.raises(Broken, match="BK-1"):
        verify()
