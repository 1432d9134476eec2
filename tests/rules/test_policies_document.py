"""A policy file is read whole, or refused with every line that is wrong."""

from datetime import date

import pytest

from mealsvc.policies.document import BadPolicy, read_policy
from mealsvc.policies.rules import MEALS, Conditions, Delivery, Operating, Rule
from tests.factories.policies import SAMPLE

SHORTEST = '[policy]\ncode = "P"\ndivision = "320412"\neffective_from = 2024-01-01\n'
RULE = '[[rule]]\ncode = "A"\namount_fen = 3\nfunding = { town = 3 }\n'


def line_of(text: str, part: str) -> int:
    """The line, from 1, on which a part of the text stands."""
    return text[: text.index(part)].count("\n") + 1


def refused(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadPolicy) as caught:
        read_policy(text)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_the_contract_s_example_is_read_as_it_is_meant():
    policy = read_policy(SAMPLE)
    assert (policy.code, policy.title) == ("TN-2022", "演示：按天宁区2022年标准")
    assert (policy.division, policy.exclude) == ("320412", ("320412001", "320412104"))
    assert (policy.effective_from, policy.effective_to) == (date(2023, 4, 1), None)
    assert (policy.scope, policy.min_age, policy.age_counts_from) == ("hukou", 60, "birthday")
    assert (policy.min_self_pay_fen, policy.per_day, policy.per_month) == (100, 2, 40)
    assert policy.meals == {"lunch", "dinner"}
    assert policy.rules == (
        Rule(
            "U60",
            "universal",
            Conditions(min_age=60, max_age=79),
            300,
            None,
            None,
            (("district", 200), ("town", 100)),
        ),
        Rule(
            "U80",
            "universal",
            Conditions(min_age=80),
            400,
            None,
            None,
            (("district", 200), ("town", 200)),
        ),
        Rule(
            "T1",
            "targeted",
            Conditions(categories=frozenset({"TK", "DB"})),
            200,
            None,
            None,
            (("district", 200),),
        ),
    )
    delivery = Delivery("D1", Conditions(categories=frozenset({"SN"})), 100, (("lottery", 100),))
    assert policy.deliveries == (delivery,)
    assert policy.operating == (Operating("O1", 50, 200000, 50, 15, (("district", 100),)),)


def test_what_is_absent_always_holds():
    policy = read_policy(SHORTEST + RULE)
    assert (policy.title, policy.exclude, policy.scope) == ("P", (), "hukou")
    assert (policy.min_age, policy.age_counts_from, policy.min_self_pay_fen) == (
        None,
        "birthday",
        0,
    )
    assert (policy.per_day, policy.per_month, policy.meals) == (None, None, frozenset(MEALS))
    assert (policy.deliveries, policy.operating) == ((), ())
    assert policy.rules[0].layer == "universal"
    assert policy.rules[0].when == Conditions()


def test_a_percentage_names_its_maximum_and_its_shares_in_the_order_of_the_file():
    text = SHORTEST + (
        '[[rule]]\ncode = "P1"\npercent = 20\nmax_fen = 250\nmodes = ["dine_in", "take_away"]\n'
        'meals = ["lunch"]\n[rule.funding]\nvillage = 2\ndistrict = 1\n'
    )
    only = read_policy(text).rules[0]
    assert (only.amount_fen, only.percent, only.max_fen) == (None, 20, 250)
    assert only.funding == (("village", 2), ("district", 1))
    assert only.when == Conditions(
        meals=frozenset({"lunch"}), modes=frozenset({"dine_in", "take_away"})
    )


@pytest.mark.parametrize("text", ["\ufeff" + SAMPLE, SAMPLE.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(text):
    assert read_policy(text) == read_policy(SAMPLE)


@pytest.mark.parametrize("counts_from", ["birthday", "next_day", "month", "next_month"])
def test_every_way_to_count_ages_is_understood(counts_from):
    text = SAMPLE.replace('age_counts_from = "birthday"', f'age_counts_from = "{counts_from}"')
    assert read_policy(text).age_counts_from == counts_from


@pytest.mark.parametrize("division", ["32", "3204", "320412", "320412100", "320412100001"])
def test_a_division_may_be_a_province_or_a_community(division):
    assert read_policy(SHORTEST.replace("320412", division)).division == division


# In the example the first part is replaced by the second; the problem stands on its line and
# speaks of the third.
WRONG = [
    # Misspelt and unknown keys never drop a condition in silence.
    ("min_age = 60\nage", "min_agee = 60\nage", "min_agee"),
    ("max_age = 79  ", "maxage = 79  ", "maxage"),
    ("min_days = 15", "minimum_days = 15", "minimum_days"),
    ("[[delivery]]", "[[deliveries]]", "deliveries"),
    # Whole numbers: no text, no decimals, no truth values, no negative amounts.
    ("per_day = 2", 'per_day = "2"', "per_day"),
    ("per_day = 2", "per_day = 2.0", "per_day"),
    ("per_day = 2", "per_day = true", "per_day"),
    ("per_day = 2", "per_day = 0", "per_day"),
    ("per_month = 40", "per_month = 0", "per_month"),
    ("min_self_pay_fen = 100", "min_self_pay_fen = -1", "min_self_pay_fen"),
    ("min_self_pay_fen = 100", "min_self_pay_fen = 1000000001", "min_self_pay_fen"),
    ("min_age = 60\nage", "min_age = 151\nage", "min_age"),
    ("min_age = 60\nage", "min_age = -1\nage", "min_age"),
    ("per_serving_fen = 50", "per_serving_fen = -50", "per_serving_fen"),
    ("min_days = 15", "min_days = 32", "min_days"),
    # Ages the wrong way round.
    ("max_age = 79  ", "max_age = 59  ", "max_age"),
    # Words that nobody knows.
    ('scope = "hukou"', 'scope = "hukuo"', "scope"),
    ('scope = "hukou"', "scope = 1", "scope"),
    ('"birthday"', '"anniversary"', "age_counts_from"),
    ('["lunch", "dinner"]', '["lunch", "supper"]', "meals"),
    ('["lunch", "dinner"]', "[]", "meals"),
    ('["lunch", "dinner"]', '"lunch"', "meals"),
    ('["TK", "DB"]', '["TK", "XX"]', "categories"),
    ('["TK", "DB"]', '["TK", ["DB"]]', "categories"),
    ('["TK", "DB"]', "[]", "categories"),
    ('categories = ["SN"]', 'modes = ["drone"]', "modes"),
    ("{ lottery = 100 }", "{ loterry = 100 }", "loterry"),
    # Divisions are digits, as text.
    ('division = "320412"', "division = 320412", "division"),
    ('division = "320412"', 'division = "32041"', "division"),
    ('division = "320412"', 'division = "３２０４１２"', "division"),
    ('"320412001"', '"x"', "exclude"),
    ('"320412001"', "320412001", "exclude"),
    # Dates are dates.
    ("2023-04-01", '"2023-04-01"', "effective_from"),
    ("2023-04-01", "2023-04-01T00:00:00", "effective_from"),
    ("2023-04-01\n", "2023-04-01\neffective_to = 2023-03-31\n", "effective_to"),
    # Codes can be joined by "+" and stand in an address.
    ('code = "TN-2022"', 'code = "TN 2022"', "code"),
    ('code = "U60"', 'code = "U+60"', "code"),
    ('code = "U60"', 'code = ""', "code"),
    ('code = "U60"', "code = 60", "code"),
    ('code = "T1"', 'code = "U60"', "U60"),
    ('layer = "targeted"', 'layer = ""', "layer"),
    ('title = "演示', 'title = "\\u0000演示', "title"),
    # The funding adds up to the amount, to the fen.
    ("district = 200, town = 100", "district = 200, town = 101", "301"),
    ("district = 200, town = 100", "district = 200, town = 99", "299"),
    ("district = 200, town = 100", "district = 400, town = -100", "town"),
    ("district = 200, town = 100", "district = 200, town = 100.0", "town"),
    ("{ lottery = 100 }", "{ lottery = 99 }", "99"),
    ("{ lottery = 100 }", "100", "funding"),
    # Shares are above 0.
    ("{ district = 100 }", "{ district = 0 }", "funding"),
    ("{ district = 100 }", "{}", "funding"),
    ("{ district = 100 }", "{ district = 100, town = 0 }", "funding"),
    # Exactly one of an amount and a percentage.
    ("amount_fen = 400", "amount_fen = 400\npercent = 20", "percent"),
    ("amount_fen = 400", "amount_fen = 400\nmax_fen = 20", "max_fen"),
    ("amount_fen = 400", "percent = 0", "percent"),
    ("amount_fen = 400", "percent = 101", "percent"),
    ("amount_fen = 400", "percent = 12.5", "percent"),
]


@pytest.mark.parametrize(("right", "wrong", "word"), WRONG)
def test_one_wrong_line_is_refused_with_its_number(right, wrong, word):
    text = SAMPLE.replace(right, wrong, 1)
    problems = refused(text)
    assert len(problems) == 1
    line, message = problems[0]
    first = line_of(SAMPLE, right)
    assert line in range(first, first + wrong.count("\n") + 1)
    assert word in message


MISSING = [
    # What cannot be left out, and the heading that the problem then points at.
    ('code = "TN-2022"                 # unique for ever\n', "[policy]", "code"),
    ('division = "320412"\n', "[policy]", "division"),
    ("effective_from = 2023-04-01\n", "[policy]", "effective_from"),
    ('code = "U60"\n', "[[rule]]", "code"),
    ("amount_fen = 400\n", 'code = "U80"', "amount_fen"),
    ("funding = { district = 200 }\n", 'code = "T1"', "funding"),
    ('code = "D1"\n', "[[delivery]]", "code"),
    ("amount_fen = 100\n", "[[delivery]]", "amount_fen"),
    ("funding = { lottery = 100 }\n", "[[delivery]]", "funding"),
    ('code = "O1"\n', "[[operating]]", "code"),
    ("funding = { district = 100 }\n", "[[operating]]", "funding"),
]


@pytest.mark.parametrize(("part", "near", "word"), MISSING)
def test_a_missing_key_is_refused_at_its_heading(part, near, word):
    assert SAMPLE.count(part) == 1
    text = SAMPLE.replace(part, "")
    problems = refused(text)
    assert len(problems) == 1
    line, message = problems[0]
    assert line in (line_of(text, near), line_of(text, near) - 1)
    assert word in message


def test_conditions_of_the_lump_sum_need_a_lump_sum():
    text = SAMPLE.replace("monthly_fen = 200000\n", "")
    assert [line for line, _ in refused(text)] == [
        line_of(text, "min_daily_average"),
        line_of(text, "min_days"),
    ]
    neither = text.replace("per_serving_fen = 50\nmin_daily_average = 50\nmin_days = 15\n", "")
    assert [line for line, _ in refused(neither)] == [line_of(neither, "[[operating]]")]
    no_lump = text.replace("min_daily_average = 50\nmin_days = 15\n", "")
    assert read_policy(no_lump).operating[0].monthly_fen is None


def test_the_ends_of_every_range_are_allowed():
    text = SAMPLE.replace("max_age = 79  ", "max_age = 60  ").replace("per_day = 2", "per_day = 1")
    text = text.replace("2023-04-01\n", "2023-04-01\neffective_to = 2023-04-01\n")
    text = text.replace("amount_fen = 400", "percent = 100").replace(
        "min_days = 15", "min_days = 31"
    )
    policy = read_policy(text)
    assert policy.effective_to == date(2023, 4, 1)
    assert (policy.rules[0].when.max_age, policy.rules[1].percent) == (60, 100)
    assert read_policy(text.replace("percent = 100", "percent = 1")).rules[1].percent == 1
    nothing = SHORTEST + '[[rule]]\ncode = "Z"\namount_fen = 0\nfunding = { district = 0 }\n'
    assert read_policy(nothing).rules[0].amount_fen == 0


def test_all_problems_are_listed_at_once_in_the_order_of_the_lines():
    text = SAMPLE.replace("town = 100", "town = 101").replace("per_day = 2", "per_day = -2")
    text = text.replace('"SN"', '"SM"').replace("min_days", "min_dayz")
    lines = [line for line, _ in refused(text)]
    assert lines == [line_of(text, part) for part in ("per_day", "town = 101", "SM", "min_dayz")]
    with pytest.raises(BadPolicy) as caught:
        read_policy(text)
    assert caught.value.code == "bad_policy"
    assert caught.value.message.startswith(
        f"补贴政策文件有4处需要改正。第{lines[0]}行：per_day 请填写1至"
    )
    assert "\n" not in caught.value.message


BROKEN = [
    # The line where TOML breaks off; at the end of the file there is no other.
    ("[policy]\ncode = P\n", 2),
    ('[policy]\ncode = "P"\ncode = "Q"\n', 3),
    ("[policy]\nday = 2023-02-30\n", 2),
    ('[policy]\ncode = """\nP\n', 4),
    ("x = " + "[" * 5000, 1),
    # Nothing, or tables of the wrong kind.
    ("", 1),
    ("# nothing yet\n", 1),
    ("\n[[policy]]\n", 2),
    (SHORTEST + "[rule]\n", 5),
    (SHORTEST + "rules = 1\n", 5),
    ("rule = [1]\n" + SHORTEST, 1),
    ('policy = "P"\n', 1),
]


@pytest.mark.parametrize(("text", "line"), BROKEN)
def test_what_is_no_policy_file_is_refused_at_the_line_that_breaks_it(text, line):
    assert [found for found, _ in refused(text)] == [line]


def test_lines_are_found_behind_texts_lists_and_comments_that_look_like_headings():
    text = (
        '# [[rule]]\n[policy] # here\ncode = "P" # = [[rule]]\n'
        'title = "a [[rule]] # b"\ndivision = "320412"\n'
        'exclude = [\n  "320412001", # [rule]\n  "320412002",\n]\n'
        "effective_from = 2024-01-01\nper_day = 0\n"
        '[[rule]]\ncode = "A"\namount_fen = 3\n[rule.funding]\ntown = 3\n'
        '[[rule]]\ncode = "B"\namount_fen = 3\n[rule.funding]\ntown = 4\n'
    )
    assert [line for line, _ in refused(text)] == [11, 20]
