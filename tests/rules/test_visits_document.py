"""The inspection document: what is taken over, and every reason why it is not."""

from typing import Any

import pytest

from mealsvc.supervision.checklist.fields import fields_of
from mealsvc.supervision.checklist.rules import items_for
from mealsvc.supervision.visits.document import Entered, check
from tests.factories.visits import GOOD, NAMES, STROKES, good
from tests.rules.test_checklist_rules import EVERYWHERE, FIRST

COOKS = frozenset(("COOK",))
PHOTO = {"result": "FAIL", "note": "温度不足", "photos": ["k1"], "measured": {"core_temp_c": "60"}}


def document(mode="patrol", traits=COOKS, items: dict[str, Any] | None = None, **changed):
    results = {
        item.code: {
            "result": "PASS",
            "measured": {one.name: good(one) for one in fields_of(item) if one.needed},
        }
        for item in items_for(FIRST, mode, traits)
    } | (items or {})
    made = {
        "started_at": "2024-05-06T11:00:00+08:00",
        "ended_at": "2024-05-06T12:00:00+08:00",
        "present": "王店长 店长",
        "cards_shown": True,
        "results": {code: one for code, one in results.items() if one is not None},
        "headcount": {"counted": 20, "till": 20, "at": "2024-05-06T11:45:00+08:00"},
        "signatures": signatures(),
    }
    return made | changed


def signatures(**changed):
    usual = {"lead": NAMES[0], "second": NAMES[1], "unit": "王店长"}
    made = {part: {"name": name, "strokes": STROKES} for part, name in usual.items()}
    return {part: one for part, one in (made | changed).items() if one is not None}


def problems(given, mode="patrol", traits=COOKS, open_items=(), **how):
    found = check(given, FIRST, mode, traits, open_items, **how)
    return [] if isinstance(found, Entered) else [(one.item, one.field) for one in found]


def test_a_complete_document_is_taken_over_as_it_is():
    found = check(document(items={"COK-02": PHOTO}), FIRST, "patrol", COOKS)
    assert isinstance(found, Entered)
    assert found.results["COK-02"].outcome == "RECTIFY_BY_DATE"  # where nothing was chosen
    assert found.results["COK-02"].photos == ("k1",)
    assert found.recusal == "未申请回避" and found.headcount and found.headcount.counted == 20
    assert found.results["SMP-01"].measured == {"grams": GOOD["grams"]}


@pytest.mark.parametrize(
    ("items", "problem"),
    [
        ({"COK-02": None}, ("COK-02", "result")),
        ({"COK-02": {"result": ""}}, ("COK-02", "result")),
        ({"COK-02": {"result": "PARTIAL", "note": "x", "photos": ["k"],
                     "measured": {"core_temp_c": "70"}}}, ("COK-02", "result")),
        ({"COK-02": PHOTO | {"note": " "}}, ("COK-02", "note")),
        ({"COK-02": PHOTO | {"photos": []}}, ("COK-02", "photos")),
        ({"COK-02": PHOTO | {"photos": "k1"}}, ("COK-02", "photos")),
        ({"COK-02": PHOTO | {"photos": [f"k{at}" for at in range(10)]}}, ("COK-02", "photos")),
        ({"COK-02": PHOTO | {"outcome": "BEAT_THEM"}}, ("COK-02", "outcome")),
        ({"COK-02": PHOTO | {"measured": {}}}, ("COK-02", "core_temp_c")),
        ({"COK-02": {"result": "PASS", "measured": {}}}, ("COK-02", "core_temp_c")),
        ({"COK-02": {"result": "PASS", "measured": {"core_temp_c": "60"}}}, ("COK-02", "core_temp_c")),
        ({"COK-02": {"result": "PASS", "note": "x" * 1001,
                     "measured": {"core_temp_c": "70"}}}, ("COK-02", "note")),
        ({"DLV-02": {"result": "NA"}}, ("DLV-02", "result")),  # does not apply to the point
        ({"QQQ-01": {"result": "NA"}}, ("QQQ-01", "result")),
        ({"COK-02": "PASS"}, ("COK-02", "result")),
    ],
)  # fmt: skip
def test_a_result_that_is_not_complete_is_named(items, problem):
    assert problems(document(items=items)) == [problem]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"started_at": "today"}, ("", "started_at")),
        ({"ended_at": "2024-05-07T11:01:00+08:00"}, ("", "ended_at")),
        ({"present": ""}, ("", "present")),
        ({"cards_shown": "yes"}, ("", "cards_shown")),
        ({"statement": "x" * 1001}, ("", "statement")),
        ({"results": []}, ("", "results")),
        ({"more": 1}, ("", "more")),
        ({"headcount": None}, ("SUB-02", "headcount")),
        ({"headcount": [1]}, ("SUB-02", "headcount")),
        ({"headcount": {"counted": -1, "at": "2024-05-06T11:45:00+08:00"}}, ("SUB-02", "counted")),
        ({"headcount": {"counted": 1, "till": "1", "at": "2024-05-06T11:45:00+08:00"}},
         ("SUB-02", "till")),
        ({"headcount": {"counted": 1, "at": "2024-05-06T12:01:00+08:00"}}, ("SUB-02", "at")),
        ({"signatures": signatures(lead=None)}, ("", "lead")),
        ({"signatures": signatures(second=None)}, ("", "second")),
        ({"signatures": signatures(unit=None)}, ("", "unit")),
        ({"signatures": signatures(second={"name": NAMES[0], "strokes": STROKES})}, ("", "second")),
        ({"signatures": signatures(boss={"name": "x", "strokes": STROKES})}, ("", "signatures")),
        ({"refused_why": "拒绝签字", "signatures": signatures(unit=None)}, ("", "witness")),
    ],
)  # fmt: skip
def test_what_is_missing_of_the_visit_itself_is_named(changed, problem):
    assert problems(document(**changed)) == [problem]


def test_a_visit_ends_after_it_began():
    late = {"counted": 20, "till": 20, "at": "2024-05-06T11:45:00+08:00"}
    given = document(started_at="2024-05-06T12:01:00+08:00", headcount=late)
    assert problems(given) == [("", "ended_at"), ("SUB-02", "at")]


def test_a_signature_needs_strokes_on_the_screen_and_a_name_on_paper():
    named = {"name": NAMES[0], "strokes": ""}
    assert ("", "lead") in problems(document(signatures=signatures(lead=named)))
    assert not problems(document(signatures=signatures(lead=named), paper=True))
    broken = {"name": NAMES[0], "strokes": "1;;2"}
    assert ("", "lead") in problems(document(signatures=signatures(lead=broken)))


def test_a_unit_that_does_not_sign_is_witnessed():
    witness = {"name": "赵见证", "strokes": STROKES}
    given = signatures(unit=None, witness=witness)
    assert not problems(document(refused_why="店长拒绝签字", signatures=given))


def test_a_value_outside_its_limit_may_pass_with_the_reason():
    cold = {"result": "PASS", "measured": {"core_temp_c": "60"}, "note": "凉菜，冷藏供应"}
    assert not problems(document(items={"COK-02": cold}))


def test_a_record_on_paper_needs_neither_photos_nor_measured_values_nor_a_count():
    bare = {"COK-02": {"result": "FAIL", "note": "未烧熟"}, "SMP-01": {"result": "PASS"}}
    assert not problems(document(items=bare, headcount=None, paper=True))
    assert problems(document(items={"COK-02": {"result": "FAIL"}}, paper=True)) == [
        ("COK-02", "note")
    ]


def test_one_inspector_is_enough_on_paper_but_never_for_an_administrative_inspection():
    alone = document(signatures=signatures(second=None), paper=True)
    assert not problems(alone, kind="contract_patrol")
    assert problems(alone, kind="admin_inspection") == [("", "second")]


def test_a_self_check_is_signed_by_the_unit_alone():
    own = document("daily", signatures=signatures(lead=None, second=None), cards_shown=False)
    assert not problems(own, "daily", kind="self_check")


def test_a_patrol_may_note_what_else_was_seen_and_other_visits_may_not():
    seen = {"ENV-01": {"result": "FAIL", "note": "地面积水", "photos": ["k"]}}
    assert not problems(document(items=seen))
    assert problems(document("audit", items=seen), "audit") == [("ENV-01", "result")]
    assert problems(document(), open_items=("ENV-01",)) == [("ENV-01", "result")]


def test_a_full_visit_wants_every_item_that_applies():
    assert not problems(document("full", EVERYWHERE), "full", EVERYWHERE)
    assert len(problems(document("full", EVERYWHERE, results={}), "full", EVERYWHERE)) == 60


@pytest.mark.parametrize("given", [None, [], "text", 5])
def test_what_is_no_document_at_all_is_one_problem(given):
    assert problems(given) == [("", "document")]
