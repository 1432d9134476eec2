"""Public notices: long enough, in the right place, and nothing in them that must not be seen."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from mealsvc.papers.services import content_of, issue
from mealsvc.places.services import point_by_code, put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.payment_papers import notice_draft, notice_facts
from mealsvc.residents.models import Resident
from mealsvc.settlement import holding, refusals
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.notices import last_day, post_notice
from mealsvc.settlement.services import settlement_of
from mealsvc.settlement.steps import approve
from tests.factories import payments as made
from tests.factories.payments import MAY, NOW, sequence_of, staff
from tests.factories.tills import ELDERS, ID_NUMBERS, LUNCH, SHELL, TOWN, serve, small_district
from tests.support.papers import words_of

FIRST, LAST = date(2024, 6, 4), date(2024, 6, 11)  # five working days: Monday 10 June is a holiday


@pytest.fixture
def may(app, monkeypatch):
    """Servings of May at P01, one at full price, reviewed twice; it is Monday, 3 June."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    serve("a", "C001")
    serve("b", "C002", served_at=LUNCH.replace(day=7))
    serve("c", "C002", served_at=LUNCH.replace(day=8))
    serve("d", "C003")
    made.reviewed()


def post(codes=("P01",), division=TOWN, first=FIRST, last=LAST):
    clerk = staff("clerk")
    with writing():
        return post_notice(MAY, division, codes, first, last, "村务公开栏", clerk, NOW)


def test_a_notice_takes_its_points_one_step_on(may):
    notice = post()
    assert notice.number == "GS-2024-05-320412100"
    assert batch_at(MAY, "P01").status == "public_notice"
    chief = staff("chief")
    for day, refused in ((LAST, True), (LAST + timedelta(days=1), False)):
        now = NOW.replace(day=day.day)
        if refused:
            with pytest.raises(refusals.NoticeRunning), writing():
                approve(MAY, "P01", "", chief, now)
        else:
            with writing():
                approve(MAY, "P01", "", chief, now)
    assert batch_at(MAY, "P01").status == "approved"


def test_a_notice_is_long_enough_and_not_in_the_past(may):
    with pytest.raises(refusals.NoticeTooShort, match="6月11日"):
        post(last=LAST - timedelta(days=1))
    with pytest.raises(refusals.NoticePast):
        post(first=NOW.date() - timedelta(days=1))
    with writing():
        db.session.execute(text("UPDATE setting SET value = '7' WHERE key = 'notice.working_days'"))
    with pytest.raises(refusals.NoticeTooShort, match="7个工作日"):
        post()
    assert batch_at(MAY, "P01").status == "district_review"


@pytest.mark.parametrize(
    ("first", "days", "last"),
    [
        (date(2024, 6, 4), 5, date(2024, 6, 11)),
        (date(2024, 6, 3), 5, date(2024, 6, 7)),
        (date(2024, 6, 15), 5, date(2024, 6, 21)),
        (date(2024, 6, 7), 1, date(2024, 6, 7)),
        (date(2024, 6, 8), 1, date(2024, 6, 11)),
    ],
)
def test_working_days_follow_the_calendar(app, first, days, last):
    assert last_day(first, days) == last


def test_only_what_is_reviewed_and_stands_there_is_posted(may):
    with pytest.raises(refusals.NoticeNotAtHand):
        post(("P01", "P02"))
    with pytest.raises(refusals.NoticeNotAtHand):
        post(())
    with pytest.raises(refusals.NoticeElsewhere, match="丰乐助餐点"):
        post(division="320412101")
    post()
    with pytest.raises(refusals.NoticeNotAtHand):
        post()


def test_a_second_notice_of_the_month_has_another_number(may):
    with writing():
        put_division({"code": "320412100002", "name": "花园社区", "level": "community"}, SHELL)
        place = {"kind": "serving_point", "division": "320412100002"}
        put_point({"code": "P03", "name": "第三助餐点", **place}, SHELL)
    serve("p3", "C004", point="P03")
    made.reviewed(code="P03")
    assert post().number == "GS-2024-05-320412100"
    assert post(("P03",)).number == "GS-2024-05-320412100-N2"


def test_the_paper_shows_what_may_be_seen_and_nothing_else(may):
    with writing():
        for resident in db.session.query(Resident):
            resident.residence_division = "320412100001"
    notice = post()
    paper = notice_draft(notice)
    clerk = staff("clerk")
    with writing():
        issued = issue(paper, clerk, NOW)
    words = words_of(content_of(issued))
    claim = settlement_of(MAY, "P01")["points"][0]
    for shown in ("张*丰", "欧阳**", "丰乐社区", "GS-2024-05-320412100", "6月11日"):
        assert shown in words
    secrets = (
        [name for name, *_ in ELDERS] + list(ID_NUMBERS.values()) + [card for *_, card in ELDERS]
    )
    for hidden in (*secrets, "低保", "特困", "困难", "张*芳", "R000001"):
        assert hidden not in words
    (point,) = notice_facts(notice).points
    assert sum(count for *_, count in point.diners) == point.subsidised == claim["subsidised"] == 3
    assert point.payable_fen == claim["payable_fen"]
    each = {"3.00", "4.00", "8.00"}  # what one elder's servings came to
    after = words[words.index("就餐老人名单") :]
    assert not [amount for amount in each if amount in after]


def test_a_line_held_while_posted_makes_another_edition(may):
    notice, clerk, town = post(), staff("clerk"), staff("town")
    with writing():
        first = issue(notice_draft(notice), clerk, NOW)
    with writing():
        assert issue(notice_draft(notice), clerk, NOW).id == first.id
    with writing():
        (hold,) = holding.hold_lines(
            MAY, point_by_code("P01").id, [sequence_of("a")], "not_eaten", "", town, NOW
        )
    with writing():
        second = issue(notice_draft(notice), clerk, NOW)
    assert (second.edition, second.number) == (2, "GS-2024-05-320412100-2")
    assert notice_facts(notice).points[0].held_fen == hold.amount_fen
