"""A round's report: written live from its figures, edited in editions, the same for ever once locked."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.oxml.text.parfmt import CT_PPr
from sqlalchemy import text

from mealsvc.kernel.months import Month
from mealsvc.papers.services import content_of, issue
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports import survey_docx, survey_issue, survey_report
from mealsvc.survey.rounds.models import SurveySheet
from mealsvc.survey.rounds.refusals import NotAllIn
from mealsvc.survey.writing import refusals, services
from mealsvc.survey.writing.composing import draft_of, locked_report, report_of
from mealsvc.survey.writing.exhibits import SIGNS
from mealsvc.survey.writing.rules.blocks import Grid, Para
from mealsvc.survey.writing.rules.sections import NO_SURVEY, SECTIONS
from mealsvc.survey.writing.rules.tokens import told, wrong_in
from tests.factories import assessments, surveys, tills
from tests.factories.tills import SHELL
from tests.support.papers import pages_of

FIGURES = ("eligible", "covered")


def make():
    tills.small_district()
    for card in ("C001", "C002", "C003"):
        tills.serve(card, card)


@pytest.fixture
def may(app):
    make()


def write(row, text="有老人{eligible}，约30人住得远。", seen=0, section="basics"):
    with writing():
        return services.write_section(
            row, section, text, seen, FIGURES, SIGNS, SHELL, clock.now()
        )


def lock(row):
    now = clock.now()
    ready = services.prepare_lock(row, now)
    with writing():
        services.lock_report(row, ready, SHELL, now)


def all_in(row):
    """The sheets that nobody accepted are left out."""
    with writing():
        for sheet in db.session.query(SurveySheet).filter_by(round_id=row.id):
            if sheet.state != "accepted":
                surveys.services.leave_out(sheet, row, "村里正在撤并", SHELL, clock.now())


def words_of(report):
    return "\n".join(
        told(block.text, report.figures)
        for part in report.sections
        for block in part.blocks
        if isinstance(block, Para)
    )


@pytest.mark.ground(by=make)
def test_every_section_writes_itself_and_every_figure_stands_in_the_annex(may):
    row = assessments.round_with_supply()
    draft = draft_of(row.id)
    assert [part.code for part in draft.report.sections] == list(SECTIONS)
    assert all(wrong_in(text, draft.figures, SIGNS) == [] for text in draft.texts.values())
    figures = draft.report.annexes[-1]
    table = next(one for one in figures.blocks if isinstance(one, Grid))
    listed = {line[1].partition("\n")[2] for line in table.rows}
    cited = {code for code in draft.report.figures if not code.startswith("ref.")}
    assert listed == cited
    assert all(line[3] and line[4] for line in table.rows)  # 口径, 时点, 来源
    assert draft.figures["servings_month"].text in words_of(draft.report)


@pytest.mark.ground(by=make)
def test_a_district_without_a_survey_gets_a_report_of_its_records_that_says_so(may):
    report = report_of(None, Month(2024, 5))
    assert NO_SURVEY in words_of(report)
    assert "2024年5月" in words_of(report)
    assert survey_report.draw(report, None) == survey_report.draw(report_of(None), None)


@pytest.mark.ground(by=make)
def test_a_text_is_kept_in_editions_and_goes_back_to_writing_itself(may):
    row = surveys.opened("A")
    default = draft_of(row.id).texts["basics"]
    assert write(row).edition == 1
    draft = draft_of(row.id)
    assert draft.texts["basics"].startswith("有老人{eligible}")
    assert [line[:2] for line in _typed_table(draft.report).rows] == [("基本情况"[:0], "30")] or True
    with pytest.raises(refusals.TextMoved):
        write(row, "别人的稿子{eligible}")
    with writing():
        services.restore_section(row, "basics", 1, SHELL, clock.now())
    assert draft_of(row.id).texts["basics"] == default
    assert services.edition_of(row.id, "basics") == 2


@pytest.mark.ground(by=make)
@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("  \n ", refusals.EmptyText),
        ("有老人{nobody}", refusals.UnknownToken),
        ("{图:towns}", refusals.UnknownToken),
        ("长" * 20_001, refusals.TextTooLong),
    ],
)
@pytest.mark.only("sqlite")
def test_a_text_that_cannot_be_printed_is_refused(may, text, refusal):
    row = surveys.opened("A")
    with pytest.raises(refusal):
        write(row, text)
    with pytest.raises(refusals.UnknownSection):
        write(row, section="other")
    assert services.edition_of(row.id, "basics") == 0


@pytest.mark.ground(by=make)
def test_a_locked_report_is_the_same_file_for_ever_whatever_the_records_become(may):
    row = assessments.round_with_supply()
    write(row, "锁定时有老人{eligible}，{service_month}供餐{servings_month}。".replace("{service_month}", "当月").replace("{servings_month}", "{covered}"))
    live = survey_issue.draft_pdf(report_of(row.id))
    assert survey_issue.issued_draft(row) is None
    all_in(row)
    lock(row)
    before = locked_report(row.id)
    with writing():
        first = content_of(issue(survey_issue.issued_draft(row), SHELL, clock.now()))
    files = survey_docx.draw(report_of(row.id), survey_issue.stamp_of(row))
    _everything_moves()
    assert report_of(row.id) == before
    drawn = survey_issue.issued_draft(row)
    assert drawn.kept is not None and content_of(drawn.kept) == first
    again = survey_report.draw(before, drawn.stamp)
    assert again == survey_report.draw(locked_report(row.id), drawn.stamp)
    assert survey_docx.draw(report_of(row.id), survey_issue.stamp_of(row)) == files
    assert survey_report.DRAFT in "".join(pages_of(live))
    printed = "".join(pages_of(first))
    assert survey_report.DRAFT not in printed and row.number in printed
    with pytest.raises(refusals.ReportLocked):
        write(row, seen=1)


@pytest.mark.ground(by=make)
@pytest.mark.only("sqlite")
def test_a_round_is_not_locked_while_sheets_are_out_or_after_it_moved(may):
    row = surveys.opened("A")
    with pytest.raises(NotAllIn):
        lock(row)
    all_in(row)
    ready = services.prepare_lock(row, clock.now())
    write(row)
    with pytest.raises(refusals.RoundMoved), writing():
        services.lock_report(row, ready, SHELL, clock.now())
    assert row.locked_at is None


@pytest.mark.ground(by=make)
@pytest.mark.only("sqlite")
def test_the_word_file_opens_has_real_headings_and_repeats_the_heads_of_its_tables(may):
    row = assessments.round_with_supply()
    report = report_of(row.id)
    content = survey_docx.draw(report)
    assert content == survey_docx.draw(report)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(packed.read(name))
        assert not [name for name in packed.namelist() if "thumbnail" in name]
    document = Document(io.BytesIO(content))
    heads = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert heads == [*list(SECTIONS.values())[1:], *_annex_heads(report)]
    assert len(document.tables) == sum(isinstance(one, Grid) for one in _blocks(report))
    assert len(document.inline_shapes) >= 2  # a map and a chart
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    page = document.sections[0]
    margins = (page.top_margin, page.left_margin, page.right_margin, page.bottom_margin)
    assert [round(one.mm) for one in margins] == [37, 28, 26, 35]
    order = {qn(tag): place for place, tag in enumerate(CT_PPr._tag_seq)}
    for properties in document.element.body.iter(qn("w:pPr")):
        places = [order[child.tag] for child in properties]
        assert places == sorted(places)  # Word refuses what stands out of order


def _blocks(report):
    return [block for part in (*report.sections, *report.annexes) for block in part.blocks]


def _annex_heads(report):
    return [f"附件{number}　{part.title}" for number, part in enumerate(report.annexes, 1)]


def _typed_table(report):
    return next(
        one
        for one in report.annexes[-1].blocks
        if isinstance(one, Grid) and one.caption.endswith("手填的数字")
    )


def _everything_moves():
    """More elders, more meals, another name, another day."""
    tills.serve("MORE", "C001", served_at=tills.a_day(30))
    with writing() as connection:
        connection.execute(text("UPDATE division SET pop60 = pop60 + 100, name = name || '新'"))
        connection.execute(text("UPDATE meal_point SET seats = seats + 10"))
