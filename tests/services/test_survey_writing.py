"""A round's report: written live from its figures, edited in editions, the same for ever once locked."""

import pytest
from sqlalchemy import text

from mealsvc.kernel.months import Month
from mealsvc.papers.services import content_of, issue
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports import survey_issue, survey_report
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
from tests.support.papers import words_of as printed_of

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
        return services.write_section(row, section, text, seen, FIGURES, SIGNS, SHELL, clock.now())


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
    assert report == report_of(None)  # the latest month with records
    assert survey_report.DRAFT in printed_of(survey_issue.draft_pdf(report))


@pytest.mark.ground(by=make)
def test_a_text_is_kept_in_editions_and_goes_back_to_writing_itself(may):
    row = surveys.opened("A")
    default = draft_of(row.id).texts["basics"]
    assert write(row).edition == 1
    draft = draft_of(row.id)
    assert draft.texts["basics"].startswith("有老人{eligible}")
    [typed] = _typed_table(draft.report).rows
    assert typed[:2] == ("一、基本情况", "30")
    with pytest.raises(refusals.TextMoved):
        write(row, "别人的稿子{eligible}")
    with writing():
        services.restore_section(row, "basics", 1, SHELL, clock.now())
    assert draft_of(row.id).texts["basics"] == default
    assert services.edition_of(row.id, "basics") == 2


@pytest.mark.ground(by=make)
@pytest.mark.only("sqlite")
def test_a_figure_that_is_gone_since_a_text_was_written_reads_as_unknown(may):
    row = surveys.opened("A")
    with writing():
        services.write_section(
            row, "plan", "新增{w.near_count}。", 0, ("w.near_count",), SIGNS, SHELL, clock.now()
        )
    report = draft_of(row.id).report
    assert "新增无记录。" in words_of(report)
    assert report.figures["w.near_count"].name == "写稿以后取消的指标"


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
def test_a_locked_report_is_the_same_file_for_ever_whatever_the_records_become(app, may):
    row = assessments.round_with_supply()
    write(row, "锁定时有老人{eligible}，服务半径内{covered}。")
    assert survey_issue.issued_draft(row) is None
    all_in(row)
    lock(row)
    before = locked_report(row.id)
    with writing():
        first = content_of(issue(survey_issue.issued_draft(row), SHELL, clock.now()))
    _everything_moves()
    assert report_of(row.id) == before
    later = survey_issue.issued_draft(row)
    assert later.kept is not None and content_of(later.kept) == first
    assert survey_report.draw(before, later.stamp, app.config) == first
    printed = printed_of(first)
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
