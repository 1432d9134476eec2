"""A month's papers: the settlement's own figures to the fen, kept as given out, editions by amounts."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from mealsvc.accounts.services import add_user
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.money import capitals
from mealsvc.kernel.months import Month
from mealsvc.papers.models import IssuedPaper
from mealsvc.papers.queries import shown
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.plumbing.pages import fen
from mealsvc.reports import services as reports
from mealsvc.reports.summary_facts import summary_of
from mealsvc.servings.models import Serving
from mealsvc.settlement import acts, holding, returning, steps
from mealsvc.settlement.batches import batch_at
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.settlement.models import LineHold
from mealsvc.settlement.refusals import NotSubmitted
from mealsvc.settlement.services import settlement_of, submit
from tests.factories.tills import SHELL, TOWN, a_day, serve, small_district
from tests.support.papers import pages_of, words_of
from tests.support.people import one_password

APRIL, MAY, JUNE = Month(2024, 4), Month(2024, 5), Month(2024, 6)
NOW = datetime(2024, 7, 3, 4, 0, tzinfo=UTC)
PREVIEW = "预览件，不作结算依据"


@pytest.fixture(autouse=True)
def may(app, monkeypatch):
    """Two points' May, with a full price among them; it is July."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    small_district()
    with writing():
        put_division({"code": "320412101", "name": "湟里镇", "level": "town"}, SHELL)
        kind = {"kind": "community_canteen", "division": "320412101"}
        put_point({"code": "Q01", "name": "湟里助餐点", **kind}, SHELL)
        for source in ("district", "town", "lottery"):
            put_budget(2024, source, 100_000, SHELL)
    serve("a", "C001", served_at=a_day(6))
    serve("b", "C002", served_at=a_day(7), mode="delivery")
    serve("c", "C003", served_at=a_day(8))
    serve("q", "C004", served_at=a_day(6), point="Q01")


@pytest.fixture
def submitted(may):
    with writing():
        submit(MAY, None, SHELL, NOW)


STAFF = ("town", "district", "clerk", "chief", "chief2", "pay1", "pay2")


@pytest.fixture
def by(submitted):
    credentials = one_password()
    with writing():
        for login in STAFF:
            add_user(login, "district", "320412", login, SHELL, NOW, credentials=credentials)
    return {login: Actor("user", login) for login in STAFF}.__getitem__


def printed(kind, place="", month=MAY):
    printing = reports.settled(kind, month, place)
    with writing():
        return reports.hand_over(printing, SHELL, NOW)


def entry(point="P01", month=MAY):
    return settlement_of(month, point)["points"][0]


def sequence_of(key):
    return db.session.scalars(select(Serving.sequence).where(Serving.key == key)).one()


def issued(number):
    return db.session.scalars(select(IssuedPaper).where(IssuedPaper.number == number)).one()


def numbers():
    return db.session.scalars(select(IssuedPaper.number).order_by(IssuedPaper.number)).all()


def hold(by, *keys):
    sequences = [sequence_of(key) for key in keys]
    point = batch_at(MAY, "P01").point_id
    with writing():
        return holding.hold_lines(MAY, point, sequences, "not_eaten", "", by("town"), NOW)


def reviewed(by):
    with writing():
        steps.first_review(MAY, "P01", "份数属实", by("town"), NOW)
        steps.recheck(MAY, "P01", "同意", by("district"), NOW)
        steps.take(acts.ACTS["notice"], batch_at(MAY, "P01"), by("clerk"), NOW)
        steps.approve(MAY, "P01", "准予拨付", by("chief"), NOW)


def closed(by):
    reviewed(by)
    with writing():
        steps.take(acts.ACTS["order"], batch_at(MAY, "P01"), by("pay1"), NOW)
        steps.take(acts.ACTS["pay"], batch_at(MAY, "P01"), by("pay2"), NOW)
        steps.close(MAY, "P01", "", by("clerk"), NOW)


def test_a_preview_is_marked_and_kept_nowhere(may):
    for kind, place in (("settlement", ""), ("town-summary", TOWN), ("district-summary", "")):
        assert PREVIEW in words_of(printed(kind, place))
    assert numbers() == []
    with pytest.raises(NotSubmitted):
        printed("opinions", "P01")


def test_a_sheet_shows_what_is_held_and_what_is_paid_as_the_settlement_tells_it(by):
    hold(by, "a")
    told, words = entry(), words_of(printed("settlement", "P01"))
    assert told["held_fen"] > 0
    for name in ("adjustment_fen", "held_fen", "payable_fen"):
        assert fen(told[name]) in words
    assert f"应付金额（大写）{capitals(told['payable_fen'])}" in words
    totals = shown(issued("JS-2024-05-P01")).totals
    assert totals["应付金额"] == f"{fen(told['payable_fen'])} 元"
    assert totals["暂缓"] == f"{fen(told['held_fen'])} 元"


def test_holding_a_line_makes_an_edition_and_reviewing_makes_none(by):
    first = printed("settlement", "P01")
    with writing():
        steps.first_review(MAY, "P01", "属实", by("town"), NOW)
    assert printed("settlement", "P01") == first
    sequence = sequence_of("a")
    with writing():
        holding.hold_lines(
            MAY, batch_at(MAY, "P01").point_id, [sequence], "proxy", "", by("district"), NOW
        )
    assert printed("settlement", "P01") != first
    assert numbers() == ["JS-2024-05-P01", "JS-2024-05-P01-2"]
    assert "JS-2024-05-P01-2" in words_of(printed("settlement", "P01"))


def test_a_closed_months_papers_stay_whatever_comes_later(by):
    one = hold(by, "a")[0]
    with writing():
        holding.refuse(one.id, "未就餐", by("chief"), NOW)
    with writing():
        steps.first_review(MAY, "P01", "", by("town"), NOW)
        steps.recheck(MAY, "P01", "", by("district"), NOW)
        steps.take(acts.ACTS["notice"], batch_at(MAY, "P01"), by("clerk"), NOW)
        steps.approve(MAY, "P01", "", by("chief2"), NOW)
        steps.take(acts.ACTS["order"], batch_at(MAY, "P01"), by("pay1"), NOW)
        steps.take(acts.ACTS["pay"], batch_at(MAY, "P01"), by("pay2"), NOW)
        steps.close(MAY, "P01", "", by("clerk"), NOW)
    kinds = [("settlement", "P01"), ("settlement", ""), ("town-summary", TOWN)]
    kinds += [("district-summary", ""), ("opinions", "P01")]
    before = [printed(*kind) for kind in kinds]
    serve("late", "C004", served_at=a_day(9))
    with writing():
        put_point({"code": "P01", "name": "新名字"}, SHELL)
        put_division({"code": TOWN, "name": "新镇名"}, SHELL)
        put_budget(2024, "district", 200_000, SHELL, basis="武财〔2024〕9号")
    assert [printed(*kind) for kind in kinds] == before


def test_what_was_released_later_stands_among_the_next_months_adjustments(by):
    one = hold(by, "a")[0]
    reviewed(by)
    with writing():
        holding.release(one.id, "电话核实", by("district"), NOW)
    told, words = entry(month=JUNE), words_of(printed("settlement", "P01", JUNE))
    assert told["adjustment_fen"] == one.amount_fen > 0
    assert f"a2024-05-06午餐原流水：暂缓后核实无误：电话核实{fen(one.amount_fen)}" in words
    assert f"合计{fen(told['adjustment_fen'])}" in words


def test_all_sheets_in_one_file_are_kept_each_and_together(submitted):
    whole = printed("settlement")
    assert numbers() == ["JS-2024-05-P01", "JS-2024-05-Q01", "JSH-2024-05-320412"]
    words = words_of(whole)
    for number in ("JS-2024-05-P01", "JS-2024-05-Q01"):
        assert issued(number).check_code in words.replace("-", "")
    assert printed("settlement") == whole
    one = printed("settlement", "P01")
    assert pages_of(one) == 1
    assert len(numbers()) == 3


def test_a_file_with_sheets_still_open_is_no_paper_but_the_submitted_ones_in_it_are(may):
    with writing():
        submit(MAY, "Q01", SHELL, NOW)
    words = words_of(printed("settlement"))
    assert numbers() == ["JS-2024-05-Q01"]
    assert words.count(PREVIEW) == 2  # in the box and among the facts of P01's only page
    assert "".join(issued("JS-2024-05-Q01").check_code) in words.replace("-", "")


def test_a_towns_summary_adds_up_its_own_points(by):
    hold(by, "a")
    [p01] = settlement_of(MAY, within=TOWN)["points"]
    words = words_of(printed("town-summary", TOWN))
    assert "2024年5月湖塘镇" in words
    assert "Q01" not in words
    assert f"应付合计（小写）{fen(p01['payable_fen'])}元" in words
    assert f"{fen(p01['held_fen'])}{fen(p01['payable_fen'])}" in words
    assert issued(f"HZ-2024-05-{TOWN}").issuer == "湖塘镇人民政府"


def test_the_districts_summary_agrees_with_the_settlement_by_point_and_by_source(by):
    hold(by, "a")
    points = settlement_of(MAY)["points"]
    words = words_of(printed("district-summary"))
    payable = sum(one["payable_fen"] for one in points)
    assert f"应付合计（小写）{fen(payable)}元" in words
    for one in points:
        assert f"{one['point']}{'丰乐' if one['point'] == 'P01' else '湟里'}助餐点" in words
        assert fen(one["payable_fen"]) in words
    assert "【湖塘镇】1个" in words
    assert "【湟里镇】1个" in words
    assert "区级财政1,000.00" in words
    assert issued("QH-2024-05-320412").issuer == "武进区民政局"


def test_each_source_pays_less_what_is_held_before_and_after_the_approval(by):
    held = json.loads(hold(by, "a")[0].funding)["district"]
    own = sum(one["funding"]["district"] for one in settlement_of(MAY)["points"])
    row = f"区级财政{fen(own)}0.00{fen(held)}{fen(own - held)}"
    assert row in words_of(printed("district-summary"))
    reviewed(by)
    with writing():
        holding.release(db.session.scalar(select(LineHold.id)), "核实", by("chief2"), NOW)
    facts = summary_of(MAY, "320412")
    assert sum(one.held.get("district", 0) for one in facts.rows) == held
    assert row in words_of(printed("district-summary"))


def test_the_month_before_stands_beside(may):
    serve("april", "C002", served_at=a_day(9).replace(month=4))
    with writing():
        submit(APRIL, None, SHELL, NOW)
        submit(MAY, None, SHELL, NOW)
    before, now = entry(month=APRIL)["payable_fen"], entry()["payable_fen"]
    words = words_of(printed("district-summary"))
    assert before != now
    assert f"{fen(now)}{fen(before)}{fen(now - before)}" in words
    assert words_of(printed("district-summary", month=APRIL)).count("——") >= 2


def test_the_opinions_tell_the_whole_story(by):
    with writing():
        objection = returning.Objection(sequence_of("a"), "by_hand", "没有凭证")
        whole = returning.Objection(None, "other", "请核对")
        returning.return_batch(MAY, "P01", [objection, whole], "请说明", by("town"), NOW)
    one, two = returning.objections_of(batch_at(MAY, "P01"))
    with writing():
        returning.answer(one.id, "agreed", "同意核减", by("clerk"), NOW)
        returning.answer(two.id, "explained", "已核对", by("clerk"), NOW)
        returning.resubmit(MAY, "P01", "说明见附件", by("clerk"), NOW)
    words = words_of(printed("opinions", "P01"))
    told = entry()
    for part in (
        "退回town请说明",
        "重新提交clerk说明见附件",
        "手工登记依据不足：没有凭证同意核减：同意核减",
        "整批—其他（写明情况）：请核对说明情况：已核对",
        "手工登记依据不足",
        f"申报应付{fen(told['payable_fen'] + told['held_fen'])}元",
        f"应付金额{fen(told['payable_fen'])}元",
    ):
        assert part in words
    assert "2024-07-0312:00" in words


def test_every_act_is_another_edition_of_the_opinions(by):
    printed("opinions", "P01")
    closed(by)
    words = words_of(printed("opinions", "P01"))
    assert numbers() == ["SH-2024-05-P01", "SH-2024-05-P01-2"]
    assert "状态已归档" in words
    for told in ("份数属实", "准予拨付", "chief", "pay2"):
        assert told in words
    assert printed("opinions", "P01") == printed("opinions", "P01")


def test_no_paper_names_an_elder(by):
    hold(by, "a")
    for kind, place in (("settlement", ""), ("district-summary", ""), ("opinions", "P01")):
        words = words_of(printed(kind, place))
        for name in ("张国丰", "欧阳秀英", "张桂芳", "单于福"):
            assert name not in words
