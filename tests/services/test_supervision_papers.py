"""The papers of supervision: each says everything that its catalogue lists, is kept byte for byte."""

import json
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import event, select

from mealsvc.papers.models import IssuedPaper
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.supervision import facts_visits, papers, record
from mealsvc.reports.supervision.catalogue import BLANK, COMMON, KINDS, PAPERS
from mealsvc.reports.supervision.common import PREVIEW
from mealsvc.supervision.findings.models import Measure, Reply
from mealsvc.supervision.visits.models import Visit, VisitPlan
from mealsvc.trail.models import TrailEvent
from tests.factories import inspected, tills
from tests.factories.tills import SHELL
from tests.support.papers import pages_of, words_of

NAMES = ("沈立群", "顾晓燕", "周明亮", "吴桂兰", "苏D-2024")


@pytest.fixture
def case(app) -> dict[str, int]:
    tills.small_district()
    return inspected.case()


def printed(kind: str, key: int) -> bytes:
    paper = papers.paper_of(kind, key)
    with writing():
        return papers.hand_over(paper, SHELL, clock.now())


def page_words(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def test_every_field_of_the_catalogue_stands_on_its_paper(case):
    lacking = []
    for kind in KINDS:
        words = words_of(printed(kind, case[kind]))
        about = PAPERS.get(kind, BLANK)
        common = COMMON if kind in PAPERS else ()
        labels = [field.label for field in (*about.fields, *common)]
        lacking += [(kind, label) for label in labels if label not in words]
    assert not lacking


def test_every_kind_of_the_catalogue_can_be_read_and_no_other():
    assert set(papers.READERS) == set(KINDS)
    assert set(papers.TABLES) == {*KINDS, papers.INSPECTION}
    letters = [kind.letters for kind in (*PAPERS.values(), BLANK)]
    assert len(letters) == len(set(letters))


def test_each_paper_bears_the_number_of_its_row_and_no_character_is_missing(case):
    for kind in PAPERS:
        words = words_of(printed(kind, case[kind]))
        issued = db.session.scalars(select(IssuedPaper).order_by(IssuedPaper.id.desc())).first()
        assert issued is not None
        number = json.loads(issued.totals)["文号"]
        assert number in words and issued.number in words, kind
        assert "〓" not in words, kind


def test_a_paper_stays_the_same_bytes_whatever_the_point_is_called_later(case):
    before = {kind: printed(kind, case[kind]) for kind in ("record", "result", "order", "notice")}
    with writing():
        point = db.session.scalars(select(MealPoint).where(MealPoint.code == "P01")).one()
        point.name, point.address = "改名助餐点", "别处"
    assert {kind: printed(kind, case[kind]) for kind in before} == before
    assert db.session.query(IssuedPaper).count() == len(before)


def test_a_second_reply_makes_the_second_edition_of_the_report(case):
    first = printed("reply", case["reply"])
    with writing():
        old = db.session.scalars(select(Reply).order_by(Reply.id)).first()
        assert old is not None
        again = Reply(
            order_id=old.order_id,
            finding_id=old.finding_id,
            round=2,
            cause="第一次更换的盖板尺寸不符。",
            measure="已更换合适的盖板。",
            done_on=old.done_on + timedelta(days=7),
            person="周明亮",
            replied_at=old.replied_at + timedelta(days=7),
            by=str(SHELL),
        )
        db.session.add(again)
    second = printed("reply", case["reply"])
    numbers = db.session.scalars(select(IssuedPaper.number).order_by(IssuedPaper.id)).all()
    assert numbers[1] == f"{numbers[0]}-2"
    assert "第2次报告" in words_of(second) and "第2次报告" not in words_of(first)


def test_what_was_given_out_stands_in_the_trail(case):
    printed("order", case["order"])
    printed("blank", case["blank"])
    rows = db.session.scalars(
        select(TrailEvent.subject).where(TrailEvent.action == "reports.print")
    )
    assert list(rows) == [f"ZG-2024-{case['order']}", f"blank/{case['blank']}"]


def test_the_public_page_of_a_paper_names_nobody(case):
    for kind in PAPERS:
        printed(kind, case[kind])
    told = " ".join(db.session.scalars(select(IssuedPaper.totals)))
    titles = " ".join(db.session.scalars(select(IssuedPaper.title)))
    assert not [name for name in NAMES if name in told or name in titles]


def test_a_letter_to_another_body_does_not_tell_the_public_whom_it_is_about(case):
    printed("referral", case["referral"])
    issued = db.session.scalars(select(IssuedPaper)).one()
    assert "丰乐" not in issued.totals + issued.title


def test_a_plan_is_a_preview_until_it_is_approved(case):
    with writing():
        plan = db.session.get_one(VisitPlan, case["plan"])
        draft = VisitPlan(
            **{
                name: getattr(plan, name)
                for name in ("kind", "mode", "title", "source", "basis", "from_on", "to_on")
            },
            number="武民测计〔2024〕0002号",
            seed=plan.seed,
            draw=plan.draw,
            made_by=plan.made_by,
            made_at=plan.made_at,
        )
        db.session.add(draft)
        db.session.flush()
        key = draft.id
    assert PREVIEW in words_of(printed("plan", key))
    assert db.session.query(IssuedPaper).count() == 0
    assert PREVIEW not in words_of(printed("plan", case["plan"]))
    assert db.session.query(IssuedPaper).count() == 1


def test_a_plan_shows_the_draw_as_anybody_can_repeat_it(case):
    words = words_of(printed("plan", case["plan"]))
    assert inspected.SEED in words
    assert "基础10；等级+20（上次C级）；久未查+15（从未检查）" in words
    plan = facts_visits.plan_facts(db.session.get_one(VisitPlan, case["plan"]))
    assert sorted(one.drawn for one in plan.candidates) == [1, 2]
    assert [one.counted for one in plan.visits if one.place.code == "P01"] == [2]


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("record", papers.NotSigned),
        ("result", papers.NotSigned),
        (papers.INSPECTION, papers.NotSigned),
        ("notice", papers.NoNotice),
    ],
)
def test_a_visit_that_is_not_signed_has_no_record(case, kind, refusal):
    with pytest.raises(refusal):
        papers.paper_of(kind, case["blank"])


def test_a_signed_visit_needs_no_blank_sheet(case):
    with pytest.raises(papers.NotToPrint):
        papers.paper_of("blank", case["record"])


def test_an_order_without_an_answer_has_no_report(case):
    with writing():
        order = db.session.get_one(papers.RectificationOrder, case["order"])
        bare = papers.RectificationOrder(
            number="武民测改〔2024〕0002号",
            point_id=order.point_id,
            issued_on=order.issued_on,
            issued_at=order.issued_at,
            issued_by=order.issued_by,
            working_days=10,
            first_deadline=order.first_deadline,
            deadline=order.deadline,
            consequence=order.consequence,
        )
        db.session.add(bare)
        db.session.flush()
        key = bare.id
    with pytest.raises(papers.NoReply):
        papers.paper_of("reply", key)


def test_a_measure_that_goes_on_has_no_resumption(case):
    with writing():
        old = db.session.get_one(Measure, case["measure"])
        other = Measure(
            number="武民测停〔2024〕0002号",
            kind="point",
            point_id=old.point_id,
            from_on=old.from_on,
            facts="仍未整改",
            basis="服务协议",
            decided_at=old.decided_at,
            decided_by=old.decided_by,
        )
        db.session.add(other)
        db.session.flush()
        key = other.id
    with pytest.raises(papers.NotResumed):
        papers.paper_of("resume", key)
    assert "暂停助餐点运营决定书" in words_of(printed("measure", key))


def test_every_page_of_the_record_is_signed_and_counted(case):
    pages = page_words(printed("record", case["record"]))
    assert len(pages) > 3
    for number, words in enumerate(pages, 1):
        assert f"第{number}页共{len(pages)}页" in words
        assert words.count("检查人员：2024年5月20日") == 2
        assert words.count("被检查单位人员：2024年5月20日") == 1


def test_the_record_tells_facts_and_leaves_the_judgement_to_the_notice(case):
    facts = facts_visits.visit_facts(db.session.get_one(Visit, case["record"]))
    told = [record.seen(one) for one in facts.found]
    assert not [text for text in told if "合格" in text or "符合" in text]
    assert len(facts.failed) == 3
    core = next(one for one in facts.found if one.item.code == "COK-02")
    assert "实测：中心温度63.5℃。" in record.seen(core) and "见照片" in record.seen(core)
    assert "不合格" in words_of(printed("result", case["result"]))


def test_the_record_lists_time_place_and_digest_of_each_photo(case):
    facts = facts_visits.visit_facts(db.session.get_one(Visit, case["record"]))
    words = words_of(printed("record", case["record"]))
    assert len(facts.shots) == 4
    for shot in facts.shots:
        assert shot.sha256 in words
        assert "119.94251，31.70123" in words


def test_a_refused_signature_is_told_with_its_witness(app):
    tills.small_district()
    case = inspected.case(refused=True, photos=0)
    words = words_of(printed("record", case["record"]))
    assert "周明亮称需要请示总部，阅看后拒绝签名。" in words
    assert "见证人签名：吴桂兰" in words and "被检查单位人员签名：拒绝签名" in words


def test_record_and_result_in_one_file_keep_their_own_numbers(case):
    both = printed(papers.INSPECTION, case["record"])
    words = words_of(both)
    numbers = db.session.scalars(select(IssuedPaper.number).order_by(IssuedPaper.id)).all()
    key = case["record"]
    assert numbers == [f"BL-2024-{key}", f"GZ-2024-{key}", f"JC-2024-{key}"]
    assert f"BL-2024-{key}" in words and f"GZ-2024-{key}" in words
    apart = pages_of(printed("record", key)) + pages_of(printed("result", key))
    assert pages_of(both) == apart
    assert words.count("第1页共") == 2
    assert printed(papers.INSPECTION, key) == both


def test_a_unit_s_own_check_is_its_own_record_and_no_notice(case):
    key = inspected.own_check()
    words = words_of(printed("record", key))
    assert "自查记录" in words and "自查人员签名：周明亮" in words
    assert "武进区民政局现场检查笔录" not in words and "单位自查，不适用。" in words
    for kind in ("result", papers.INSPECTION):
        with pytest.raises(papers.OwnCheck):
            papers.paper_of(kind, key)
    latest = papers.last_signed("P01", None, "")
    assert latest is not None and latest.id == case["record"]


def test_many_failed_items_and_photos_all_come_through(app):
    tills.small_district()
    case = inspected.case(failed=20, photos=30)
    record_words = words_of(printed("record", case["record"]))
    facts = facts_visits.visit_facts(db.session.get_one(Visit, case["record"]))
    assert not [one.sha256 for one in facts.shots if one.sha256 not in record_words]
    order_words = words_of(printed("order", case["order"]))
    assert not [one.item.code for one in facts.failed if one.item.code not in order_words]
    assert order_words.count("操作间北侧地面有积水") == 20


def test_the_questions_do_not_grow_with_items_and_photos(app):
    tills.small_district()
    case = inspected.case(failed=12, photos=12)
    asked = {kind: _questions(kind, case[kind]) for kind in ("record", "order", "reply", "plan")}
    assert max(asked.values()) <= 40, asked


def _questions(kind: str, key: int) -> int:
    count = 0

    def note(*_args) -> None:
        nonlocal count
        count += 1

    db.session.expire_all()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        papers.paper_of(kind, key)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return count
