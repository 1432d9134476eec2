"""The checklist: what each mode asks, what results come to, and what a new version may change."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.supervision.checklist import rules
from mealsvc.supervision.checklist.fields import FIELDS, HEADCOUNT, fields_of
from mealsvc.supervision.checklist.items import FAIL, NA, PARTIAL, PASS
from mealsvc.supervision.checklist.refusals import BadChecklist
from mealsvc.supervision.checklist.services import FIRST_FILE

DOCUMENT = json.loads(FIRST_FILE.read_text("utf-8"))
FIRST = rules.read(json.dumps(DOCUMENT))
EVERYWHERE = frozenset(("COOK", "DIST", "DLV"))
KEYS = [
    "QUA-01", "QUA-03", "STF-01", "PUR-01", "PUR-04", "COK-02", "COK-03", "COK-05", "SMP-01",
    "SMP-02", "DIS-01", "DLV-02", "PRC-02", "PRC-04", "SUB-01", "SUB-02", "SUB-03", "AGE-02",
]  # fmt: skip


def changed(**changes):
    """The first checklist as another version, with items (by code) or other parts replaced."""
    made = json.loads(json.dumps(DOCUMENT)) | {"version": "2026.2"}
    for name, value in changes.items():
        made[name] = value
    return made


def with_item(code, **changes):
    made = changed()
    made["items"] = [one | changes if one["code"] == code else one for one in made["items"]]
    return made


def codes(mode, traits=EVERYWHERE, open_items=()):
    return [item.code for item in rules.items_for(FIRST, mode, traits, open_items)]


def test_the_first_version_has_sixty_items_in_fourteen_groups_of_which_eighteen_are_key():
    assert (len(FIRST.items), len(FIRST.groups), FIRST.weight) == (60, 14, 194)
    assert [item.code for item in FIRST.items if item.critical] == KEYS
    assert rules.read(rules.as_json(FIRST)) == FIRST


@pytest.mark.parametrize(
    ("mode", "traits", "count"),
    [
        ("full", EVERYWHERE, 60),
        ("full", {"COOK"}, 55),  # without DLV-01..05
        ("full", {"DIST"}, 32),  # a point that only serves
        ("full", set(), 31),
        ("patrol", EVERYWHERE, 18),
        ("patrol", {"DIST"}, 9),
        ("audit", {"COOK"}, 8),
        ("audit", {"DIST"}, 7),  # SMP-04 is for those who cook
        ("daily", {"COOK"}, 8),
        ("daily", {"DIST"}, 3),
    ],
)
def test_a_mode_asks_what_applies_to_the_point(mode, traits, count):
    assert len(codes(mode, traits)) == count


def test_a_patrol_asks_what_is_still_open_too_and_the_other_modes_do_not():
    assert set(codes("patrol", EVERYWHERE, ("ENV-01", "COK-02"))) == {*KEYS, "ENV-01"}
    assert codes("patrol", {"DIST"}, ("ENV-01",)) == codes("patrol", {"DIST"})
    assert codes("audit", EVERYWHERE, ("ENV-01",)) == codes("audit")


def test_the_daily_and_the_audit_mode_are_those_of_the_district():
    assert codes("daily") == [
        "STF-02", "COK-02", "COK-03", "SMP-01", "DIS-01", "COL-01", "PRC-01", "AGE-02",
    ]  # fmt: skip
    assert codes("audit") == [
        "SMP-04", "PRC-02", "PRC-04", "SUB-01", "SUB-02", "SUB-03", "SUB-04", "SUB-05",
    ]  # fmt: skip


# Weights: QUA-01 5 (key), QUA-02 2, STF-02 3, ENV-01 2, COK-01 3, UNT-01 4.
@pytest.mark.parametrize(
    ("results", "points", "grade"),
    [
        ({}, None, ""),
        ({"QUA-01": NA, "QUA-02": NA}, None, ""),
        ({"QUA-01": PASS}, 1000, "A"),
        ({"QUA-01": FAIL}, 0, "D"),
        ({"QUA-02": FAIL}, 0, "D"),
        ({"QUA-02": PARTIAL}, 500, "D"),
        ({"QUA-02": PASS, "ENV-01": FAIL, "COK-01": NA}, 500, "D"),
        ({"QUA-01": PASS, "QUA-02": PARTIAL, "STF-02": PASS}, 900, "A"),  # 9 of 10
        ({"UNT-01": PASS, "QUA-02": PASS, "ENV-01": FAIL}, 750, "B"),  # 6 of 8
        ({"STF-02": PASS, "QUA-02": FAIL}, 600, "C"),  # 3 of 5
        ({"QUA-01": PASS, "STF-02": PARTIAL, "COK-01": PASS}, 864, "B"),  # 9.5 of 11: 86.36…
        ({"STF-02": PASS, "COK-01": PASS, "ENV-01": PARTIAL}, 875, "B"),  # 7 of 8
        ({"STF-02": PARTIAL, "COK-01": FAIL}, 250, "D"),
        ({"QUA-01": FAIL, "UNT-01": PASS, "STF-02": PASS}, 583, "D"),  # 7 of 12: 58.33…
    ],
)
def test_score_and_grade_of_results(results, points, grade):
    found = rules.score(FIRST, results)
    assert (found.points, found.grade) == (points, grade)


def test_one_failed_key_item_is_grade_d_whatever_the_score():
    results = dict.fromkeys((item.code for item in FIRST.items), PASS) | {"COK-02": FAIL}
    found = rules.score(FIRST, results)
    assert (found.points, found.grade, found.failed_key) == (974, "D", ("COK-02",))
    assert "关键项不合格1项（COK-02），等级D" in rules.conclusion(found)


def test_a_failed_item_that_is_not_key_does_not_touch_the_grade_by_itself():
    results = dict.fromkeys((item.code for item in FIRST.items), PASS) | {"COK-01": FAIL}
    assert rules.score(FIRST, results).grade == "A"


RESULTS = st.dictionaries(
    st.sampled_from([item.code for item in FIRST.items]), st.sampled_from([PASS, PARTIAL, FAIL, NA])
)


@given(RESULTS)
def test_the_score_is_the_exact_fraction_rounded_half_up(results):
    weights = {item.code: item.weight for item in FIRST.items}
    share = {PASS: Fraction(1), PARTIAL: Fraction(1, 2), FAIL: Fraction(0)}
    counted = {code: result for code, result in results.items() if result != NA}
    whole = sum(weights[code] for code in counted)
    found = rules.score(FIRST, results)
    if not whole:
        assert found.points is None
    else:
        exact = 1000 * sum(weights[code] * share[one] for code, one in counted.items()) / whole
        assert found.points == int(exact + Fraction(1, 2))


def test_with_weights_up_to_194_the_rounded_score_would_give_the_same_grade():
    def of_the_rounded(halves, weight):
        tenths = rules.tenths(halves, weight)
        return next(grade for grade, least in rules.GRADES if tenths >= least * 10)

    pairs = [(halves, weight) for weight in range(1, 195) for halves in range(2 * weight + 1)]
    assert all(of_the_rounded(*pair) == rules.grade_of(*pair) for pair in pairs)
    assert of_the_rounded(2 * 1799, 2000) == "A" != rules.grade_of(2 * 1799, 2000)


def test_the_conclusion_is_made_of_figures():
    found = rules.score(FIRST, {"QUA-01": PASS, "QUA-02": PARTIAL, "STF-02": NA})
    assert rules.conclusion(found) == (
        "本次检查适用2项：合格1项、部分合格1项、不合格0项、不适用1项；得分85.7分，等级B。"
    )
    assert "不评分" in rules.conclusion(rules.score(FIRST, {"QUA-01": NA}))


def mistakes_of(document):
    with pytest.raises(BadChecklist) as refused:
        rules.read(document if isinstance(document, str) else json.dumps(document))
    return refused.value.facts["mistakes"]


def test_every_mistake_is_named_at_once():
    document = changed(version="", groups=[*DOCUMENT["groups"], {"code": "QUA", "zh": "x"}], more=1)
    document["items"] = [
        DOCUMENT["items"][0] | {"weight": 0, "critical": "yes"},
        DOCUMENT["items"][1] | {"code": "QUA-1"},
        DOCUMENT["items"][2] | {"group": "QQQ", "applies": "SOME"},
        DOCUMENT["items"][2] | {"zh": "", "note": ""},
        "STF-01",
    ]
    found = "\n".join(mistakes_of(document))
    for word in (
        "version：", "分组QUA：写了两次", "QUA-01：weight", "QUA-01：critical", "第2项：code",
        "QUA-03：group", "QUA-03：applies", "QUA-03：编号写了两次", "QUA-03：zh", "没有栏目 note",
        "第5项：应是一个对象", "more：没有这个栏目",
    ):  # fmt: skip
        assert word in found, word


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ("", "不是有效的JSON"),
        ("[]", "最外层"),
        ('{"version": "1", "version": "2"}', "写了两次"),
        ("[" * 100_000, "JSON"),
        ('{"version": "1"}', "groups"),
        (json.dumps(changed(modes={"daily": ["COK-02"], "audit": ["COK-99"]})), "modes.audit"),
        (json.dumps(changed(modes={"daily": ["COK-02"]})), "modes"),
        (json.dumps(with_item("STF-01", weight=True)), "weight"),
        (json.dumps(with_item("STF-01", zh="\ud800")), "zh"),
        (" " * 300_001, "太大"),
    ],
)
def test_what_is_no_checklist_is_refused_with_the_reason(document, word):
    assert word in "\n".join(mistakes_of(document))


def test_a_code_keeps_its_meaning_for_ever():
    second = rules.read(json.dumps(changed(items=DOCUMENT["items"][1:])))  # QUA-01 retired
    back = rules.read(json.dumps(changed() | {"version": "2026.3"}))
    other = rules.read(json.dumps(with_item("COK-02", zh="别的内容")))
    assert rules.mistakes_against(other, [FIRST])[0].startswith("COK-02：2026.1-draft版已经用过")
    assert rules.mistakes_against(back, [FIRST, second])[0].startswith("QUA-01：")
    assert not rules.mistakes_against(second, [FIRST])


def test_what_changed_between_two_versions_is_told():
    document = with_item("QUA-02", weight=3, critical=True, applies="COOK")
    document["items"] = [
        *(one for one in document["items"] if one["code"] != "STF-02"),
        DOCUMENT["items"][0] | {"code": "QUA-05", "zh": "新的检查项"},
    ]
    document["modes"] = {"daily": ["QUA-05"], "audit": ["SUB-01"]}
    found = rules.changes(FIRST, rules.read(json.dumps(document)))
    told = {(one.code, one.what): (one.before, one.after) for one in found}
    assert told["QUA-02", "权重"] == ("2", "3")
    assert told["QUA-02", "关键项"] == ("否", "是")
    assert told["QUA-02", "适用"] == ("全部", "现场加工")
    assert told["QUA-05", "added"] == ("", "新的检查项")
    assert ("STF-02", "retired") in told and ("日常自查", "检查项") in told
    assert not rules.changes(FIRST, FIRST)


def test_every_item_that_measures_something_has_its_named_inputs():
    for item in FIRST.items:
        asks = bool(item.fields) and item.code != HEADCOUNT
        assert bool(fields_of(item)) is asks, item.code
    assert set(FIELDS) <= {item.code for item in FIRST.items}
    assert all(one.label for row in FIELDS.values() for one in row)
