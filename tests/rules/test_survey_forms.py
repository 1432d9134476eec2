"""The survey's forms as data, and how what people type into them is read."""

from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mealsvc.demo.survey_answers import answers
from mealsvc.survey.forms import supply
from mealsvc.survey.forms.catalogue import FORMS
from mealsvc.survey.forms.reading import Unreadable, answer, shown
from mealsvc.survey.forms.rules import asked, doubts, raw_of, read

CODES = {  # as they went out to the villages: a code is never given to another question
    "A": "A01 A02 A03 A04 A05 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A30 A31 A32 A33 A34 A35 A36 "
    "A41 A42 A43 A51 A52 A53 A54 A55 A61 A62 A63 A64 A71 A72 A73 A74 A81 A82 A91",
    "B": "B01 B08 B02 B03 B04 B05 B06 B11 B12 B13 B21 B22 B23 B24 B25 B26 B27 B28 B31 B32 B33 B34 "
    "B35 B36 B37 B45 B41 B42 B43 B44 B51 B52",
    "C": "C03 C01 C02",
    "D": "D00 D01 D02 D03 D04 D05 D06 D07 D08 D09 D10 D11 D12 D13 D14 D15 D16 D17 D18 D19 D20",
    "E": "E01 E02 E11 E12 E13 E14 E15 E16 E21 E22 E23 E24 E25 E31 E32 E33",
}
COUNTED = {
    "A01": "60", "A02": "30", "A03": "9", "A04": "1", "A05": "100",
    "A17": "12", "A18": "20", "A30": "50", "A31": "20", "A32": "5", "A33": "25", "A35": "22",
}  # fmt: skip
POINT = {
    "B01": "社区食堂", "B02": "40", "B03": "120.5平方米", "B11": "1", "B12": "2", "B21": "100",
    "B22": "22", "B24": "1000", "B26": "1000", "B31": "12元", "B32": "6", "B34": "0", "B35": "5000",
    "B36": "800", "B45": "11800", "B41": "9000", "B43": "3000", "B44": "200",
}  # fmt: skip


def known(**whole):
    return SimpleNamespace(whole=whole, part={})


def one(letter, code, raw):
    return answer(FORMS[letter].field(code), raw)


def test_codes_stay_with_their_questions():
    assert {letter: " ".join(f.code for f in form.fields) for letter, form in FORMS.items()} == (
        CODES
    )
    assert [c.code for c in FORMS["C"].field("C01").columns] == [f"C{n}" for n in range(11, 23)]


def test_every_form_can_be_read_by_its_wording_and_every_list_fits_a_spreadsheet():
    for form in FORMS.values():
        labels = [field.label for field in form.fields]
        assert len(labels) == len(set(labels)), form.letter
        for field in (*form.fields, *(c for f in form.fields for c in f.columns)):
            names = [name for _, name in field.options]
            assert len(",".join(names)) <= 255
            assert not any(code.isdigit() for code, _ in field.options)
            if field.kind == "choices":
                assert not any(set(name) & set(",，、;；/|") for name in names), field.code
        for sums in form.sums:
            assert {form.field(code).kind for code in (*sums.parts, *sums.whole)}


def test_the_questionnaire_has_twenty_questions():
    assert [f.code for f in FORMS["D"].fields][1:] == [f"D{n:02d}" for n in range(1, 21)]


def test_nobody_is_asked_for_families_of_the_one_child_scheme():
    assert not any("计划生育" in f.label or "失独" in f.label for f in FORMS["A"].fields)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("１２０", 120), (" 120人 ", 120), ("约120", 120), ("1,200", 1200), ("1.2万", 12000),
        ("无", 0), ("", None), ("/", None), ("——", None), ("0", 0), ("12.0", 12),
    ],
)  # fmt: skip
def test_counts_are_read_as_people_type_them(raw, found):
    assert one("A", "A01", raw) == found


@pytest.mark.parametrize("raw", ["十二", "12.5", "-1", "1e3", "12 3x", "1000000", "=1+1", "NaN"])
def test_what_is_no_count_is_said_so(raw):
    with pytest.raises(Unreadable):
        one("A", "A01", raw)


@pytest.mark.parametrize(
    ("raw", "fen"), [("12.5元", 1250), ("￥12", 1200), ("１２．５", 1250), ("0.1", 10)]
)
def test_money_is_kept_in_fen(raw, fen):
    assert one("B", "B31", raw) == fen


def test_a_loss_is_negative_and_other_money_is_not():
    assert one("B", "B44", "-1200.5") == one("B", "B44", "负1200.5") == -120050
    with pytest.raises(Unreadable, match="不能小于0"):
        one("B", "B31", "-1")


@pytest.mark.parametrize("raw", ["20260630", "2026/6/30", "2026.6.30", "2026年6月30日"])
def test_dates_are_read_in_every_usual_way(raw):
    assert one("B", "B06", raw) == "2026-06-30"


@pytest.mark.parametrize("raw", ["alone", "一个人住", "1", "①", "A", "1.一个人住"])
def test_an_option_is_known_by_its_name_or_number(raw):
    assert one("D", "D01", raw) == "alone"


def test_several_options_come_in_the_order_of_the_form_and_none_stands_alone():
    assert one("D", "D04", "软烂（牙口或吞咽不好），2") == ["salt", "soft"]
    with pytest.raises(Unreadable, match="就不能再选别的"):
        one("D", "D04", "1,2")
    with pytest.raises(Unreadable, match="最多选3项"):
        one("D", "D08", "1,2,3,4")


@pytest.mark.parametrize("raw", ["身份证320412195001011234", "打13800001234问他"])
def test_numbers_of_persons_are_refused(raw):
    with pytest.raises(Unreadable, match="请不要写"):
        one("D", "D20", raw)


def test_a_licence_number_is_no_person():
    assert one("B", "B05", "JY13204120012345") == "JY13204120012345"


def test_a_good_form_has_no_errors():
    found, errors = read(FORMS["A"], COUNTED)
    assert not errors
    assert found["A05"] == 100


@pytest.mark.parametrize(
    ("changed", "at", "words"),
    [
        ({"A05": "101"}, "A05", "应当相等"),
        ({"A17": "101"}, "A17", "多于“合计”"),
        ({"A33": "24"}, "A30", "应当相等"),
        ({"A35": "26"}, "A35", "“愿意到助餐点就餐”加“需要送餐上门”"),
        ({"A20": "11"}, "A20", "多于"),
        ({"A18": ""}, "A18", "没有的填 0"),
        ({"A41": "20", "A42": "6"}, "A42", "多于"),
    ],
)
def test_sums_that_do_not_hold_are_told_at_their_field(changed, at, words):
    _, errors = read(FORMS["A"], COUNTED | changed)
    assert list(errors) == [at]
    assert words in errors[at]


def test_income_less_cost_is_the_result():
    assert not read(FORMS["B"], POINT)[1]
    _, errors = read(FORMS["B"], POINT | {"B44": "-200"})
    assert "应当相等" in errors["B44"]
    assert not read(FORMS["B"], POINT | {"B44": "199.5"})[1]  # somebody rounds


def test_a_draft_may_be_incomplete_but_not_unreadable():
    found, errors = read(FORMS["A"], {"A01": "5", "A02": "x"}, whole=False)
    assert found == {"A01": 5}
    assert list(errors) == ["A02"]


def test_questions_that_are_not_asked_need_no_answer_and_take_none():
    assert read(FORMS["D"], {"D00": "不愿回答"}) == ({"D00": "refused"}, {})
    _, errors = read(FORMS["D"], {"D00": "refused", "D01": "alone"})
    assert "不用填" in errors["D01"]
    _, errors = read(FORMS["D"], {"D00": "done", "D06": "no", "D07": "3"})
    assert "不用填" in errors["D07"]
    assert "D08" in errors
    assert not asked(FORMS["D"], {"D00": "refused", "D06": "yes"}, FORMS["D"].field("D07"))


def test_rows_are_read_with_their_own_keys_and_blank_ones_dropped():
    raw = {"C03": "yes", "C01.1.C11": "旧校舍", "C01.1.C12": "闲置房屋", "C01.1.C17": "愿意",
           "C01.3.C11": "饭店"}  # fmt: skip
    found, errors = read(FORMS["C"], raw)
    assert found["C01"][0] == {"C11": "旧校舍", "C12": "idle_room", "C17": "yes"}
    assert set(errors) == {"C01.3.C12", "C01.3.C17"}
    assert read(FORMS["C"], {"C03": "yes"})[1] == {"C01": "请至少填一行。"}
    assert not read(FORMS["C"], {"C03": "no"})[1]


def test_what_disagrees_with_the_register_wants_a_reason():
    found, _ = read(FORMS["A"], COUNTED)
    assert not doubts(FORMS["A"], found, {"A05": 105, "A17": 11})  # within 10 %, or hardly any
    told = doubts(FORMS["A"], found, {"A05": 150, "A17": 12})
    assert told == {"A05": "系统里是150人，填的是100人，少33%，请说明原因。"}
    assert doubts(FORMS["A"], found, {"A05": 105}, tolerance=3)
    point, _ = read(FORMS["B"], POINT)
    assert "社区食堂" in doubts(FORMS["B"], point, {"B01": "serving_point"})["B01"]


def test_a_cost_far_from_its_parts_is_doubted():
    point, _ = read(FORMS["B"], POINT)
    assert not doubts(FORMS["B"], point, {})
    assert supply.made_cost(point) == 1_180_000
    assert "支出" in doubts(FORMS["B"], point | {"B45": 2_000_000}, {})["B45"]


def test_answers_show_in_words():
    assert (
        shown(FORMS["D"].field("D04"), ["salt", "soft"]) == "少盐（血压高）、软烂（牙口或吞咽不好）"
    )
    assert shown(FORMS["B"].field("B44"), -120050) == "-1200.50"
    assert shown(FORMS["C"].field("C01"), [{}]) == "1处"


@given(letter=st.sampled_from("ABCDE"), seed=st.integers(0, 10**6), total=st.integers(0, 2000))
def test_the_demo_answers_well_and_what_is_typed_reads_back(letter, seed, total):
    register = {"A05": total} if letter == "A" else {}
    made = answers(letter, SimpleNamespace(unit="x"), known(**register), Random(seed))
    found, errors = read(FORMS[letter], raw_of(FORMS[letter], made))
    assert not errors
    assert found == {code: value for code, value in made.items() if value != []}
    assert found.get("A05", total) == total
