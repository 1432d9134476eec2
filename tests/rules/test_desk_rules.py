"""What the auditor's desk makes of a lead: its pictures, its evidence in words, why it was dismissed."""

import json
import re
from pathlib import Path

import pytest

from mealsvc.auditing.desk import kinds, pictures
from mealsvc.auditing.desk.evidence import KEYS, WORDS, people, pieces, said
from mealsvc.auditing.scanning import rules


@pytest.mark.parametrize(
    ("rules", "lines", "first"),
    [
        ("A07,A06", 40, "order"),
        ("A06,A07", 40, "timeline"),
        ("A05", 4, "map"),
        ("A10,A16", 80, "counts"),
        ("A01", 12, "people"),
        ("A28", 12, "timeline"),
    ],
)
def test_the_first_picture_is_that_of_the_gravest_rule(rules, lines, first):
    shown = kinds.pictures_of(rules, lines, at_a_point=True)
    assert shown[0] == first
    assert len(shown) <= 3
    assert set(shown) <= set(kinds.TITLES)


def test_a_lead_without_lines_has_only_the_counts_and_one_of_no_point_nothing_of_a_queue():
    assert kinds.pictures_of("A12", 0, at_a_point=True) == ["counts"]
    assert kinds.pictures_of("A12", 0, at_a_point=False) == []
    assert kinds.pictures_of("A25,A06", 5, at_a_point=False) == ["people"]


def test_every_fact_that_a_rule_tells_has_a_name():
    named = {
        word
        for file in Path(rules.__file__).parent.glob("*.py")
        for told in re.findall(r"Evidence: (.*?)(?:\"\"\"|\n\n)", file.read_text(), re.S)
        for word in re.findall(r"`(\w+)`", told)
    }
    assert len(named) > 30
    assert named - {*KEYS, *WORDS} == set()


def test_money_and_days_in_evidence_read_as_people_write():
    assert said("fen", {"2024-05-06": -1250}) == "5月6日 -12.50元"
    assert said("usual", {"rice": 120, "oil": 15}) == "米 120，油 15"


def test_few_elders_with_many_lines_are_shown_one_by_one():
    assert kinds.pictures_of("A06", 80, True, 10)[:2] == ["timeline", "people"]
    assert "people" not in kinds.pictures_of("A06", 20, True, 10)
    assert "people" not in kinds.pictures_of("A06", 200, True, 40)


def test_every_rule_of_the_catalogue_has_a_name():
    assert list(kinds.RULES) == [f"A{number:02d}" for number in range(1, 29)]


def test_a_reason_is_kept_with_its_code_and_read_back():
    kept = kinds.why_written("outage", "供电所5月6日停电通知")
    assert kinds.why_shown(kept) == ("断网、停电后补传，有记录佐证", "供电所5月6日停电通知")
    assert kinds.why_shown("看过了") == ("", "看过了")
    assert kinds.why_shown("GONE：没有再发现。") == ("系统自动排除", "没有再发现。")


def test_evidence_is_told_rule_by_rule_in_words():
    told = {
        "A07": {
            "summary": "有2餐同序。",
            "honest": "先核对集体用餐。",
            "lists": 2,
            "chains": [{"day": "2024-05-06", "meal": 1, "share": 0.934567}],
            "residents": [3, 4],
        }
    }
    one, other = pieces(json.dumps(told), "A07,A06", kinds.RULES)
    assert (one.rule, one.name, one.summary, one.honest) == (
        "A07",
        "名单重放",
        "有2餐同序。",
        "先核对集体用餐。",
    )
    assert one.facts == [("同序名单数", "2")]
    assert one.grids == [("同序的名单", ["日期", "占比"], [["5月6日午餐", "93%"]])]
    assert (other.facts, other.told) == ([], False)
    assert people(json.dumps(told)) == [3, 4]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "是"),
        (12345, "12,345"),
        (2.0, "2"),
        (None, "—"),
        (["2024-05-06", "2024-05-07"], "5月6日、5月7日"),
        (list(range(20)), "0、1、2、3、4、5、6、7、8、9、10、11 等20项"),
        ("stated", "登记的供餐时间"),
    ],
)
def test_values_of_evidence_read_as_people_write(value, words):
    assert said("usual", value) == words


@pytest.mark.parametrize("evidence", ["", "[]", '{"A06": [1]}', '{"A06": {"residents": "x"}}'])
def test_evidence_of_another_shape_breaks_nothing(evidence):
    assert [one.rule for one in pieces(evidence, "A06", kinds.RULES)] == ["A06"]
    assert people(evidence) == []


def _busy():
    spread = range(36_000, 48_000, 40)
    return pictures.timeline(
        [pictures.Strip(f"5月{day}日", spread[::3], spread) for day in range(1, 5)],
        [(37_800, 45_000)],
    )


DRAWN = {
    "timeline": _busy,
    "order": lambda: pictures.order([(at, at, at > 60) for at in range(120)], "5月6日", "5月7日"),
    "map": lambda: pictures.places(
        "丰乐", [pictures.Mark((3000.0, 900.0), "牛塘 3次")], [(500.0, 9.0)] * 90, [(1.0, 2.0)] * 50
    ),
    "counts": lambda: pictures.counts(
        [pictures.Bar(f"{day}日", day, 900) for day in range(1, 32)], 1000, 871.5
    ),
    "people": lambda: pictures.people(
        [pictures.Row("诸葛**", range(1, 16), range(16, 32)) for _ in range(8)], 31
    ),
}


@pytest.mark.parametrize("kind", kinds.TITLES)
def test_a_picture_with_much_in_it_is_a_small_file_without_a_script(kind):
    svg = pictures.svg_of(DRAWN[kind](), "一张<图>")
    assert len(svg.encode()) < 12_288
    assert "<title>一张&lt;图&gt;</title>" in svg
    assert "<script" not in svg
    assert 'version="1.0" encoding="utf-8"' in svg


@pytest.mark.parametrize("kind", kinds.TITLES)
def test_an_empty_picture_can_be_drawn_too(kind):
    empty = {
        "timeline": lambda: pictures.timeline([], []),
        "order": lambda: pictures.order([], "", ""),
        "map": lambda: pictures.places("丰乐", [], [], []),
        "counts": lambda: pictures.counts([]),
        "people": lambda: pictures.people([], 30),
    }
    assert pictures.svg_of(empty[kind](), "空").count("<svg") == 1


def test_the_leads_lines_differ_from_the_others_by_shape_too():
    svg = pictures.svg_of(pictures.timeline([pictures.Strip("5月6日", [40_000], [41_000])], []), "")
    paths = [part.split('"')[0] for part in svg.split(' d="')[1:]]
    assert [one.count("v") for one in paths if "v" in one] == [1, 1]  # one tick each
    assert [one.count("l") for one in paths if one.endswith("z")][-1] == 1  # its head, a triangle
