"""Steps, stars and construction grants in a policy file: read whole, or refused at their lines."""

import pytest

from mealsvc.policies.document import BadPolicy, read_policy
from mealsvc.policies.rules import Construction, Stage, Step

HEAD = '[policy]\ncode = "P"\ndivision = "320412"\neffective_from = 2024-01-01\n'
OPERATING = """\
[[operating]]
code = "O1"
per_serving_fen = 20
funding = { district = 1 }

[[operating]]
code = "O2"
min_stars = 3
monthly_fen = 100000
steps = [
  { from = 1, per_serving_fen = 50 },
  { from = 1001, per_serving_fen = 30 },
]
funding = { district = 2, town = 1 }
"""
BUILDING = """\
[[construction]]
code = "J1"
kinds = ["community_canteen", "serving_point"]
divisions = ["320412100"]
percent_of_cost = 50
max_fen = 10000000
funding = { district = 2, town = 1 }
stages = [
  { name = "验收合格", percent = 60 },
  { name = "运营满一年", percent = 40, after_months = 12 },
]

[[construction]]
code = "J2"
kinds = ["neighbour_table"]
amount_fen = 2000000
funding = { lottery = 1 }
"""
WHOLE = HEAD + OPERATING + BUILDING


def line_of(text, part):
    return text[: text.index(part)].count("\n") + 1


def refused(text):
    with pytest.raises(BadPolicy) as caught:
        read_policy(text)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_steps_stars_and_grants_are_read_as_they_are_meant():
    found = read_policy(WHOLE)
    first, second = found.operating
    assert (first.steps, first.min_stars) == ((), None)
    assert second.steps == (Step(1, 50), Step(1001, 30))
    assert (second.min_stars, second.monthly_fen, second.per_serving_fen) == (3, 100_000, None)
    assert found.construction == (
        Construction(
            "J1",
            frozenset({"community_canteen", "serving_point"}),
            ("320412100",),
            None,
            50,
            10_000_000,
            (Stage("验收合格", 60), Stage("运营满一年", 40, 12)),
            (("district", 2), ("town", 1)),
        ),
        Construction(
            "J2",
            frozenset({"neighbour_table"}),
            (),
            2_000_000,
            None,
            None,
            (Stage("验收合格", 100),),
            (("lottery", 1),),
        ),
    )


def test_steps_may_stand_on_one_line_or_as_tables_of_their_own():
    steps = OPERATING[OPERATING.index("steps") : OPERATING.index("funding = { district = 2")]
    one = steps.replace("\n", " ").replace(" , ]", "]").replace(", ]", "]").strip() + "\n"
    tables = (
        "[[operating.steps]]\nfrom = 1\nper_serving_fen = 50\n"
        "[[operating.steps]]\nfrom = 1001\nper_serving_fen = 30\n"
    )
    assert "\n" not in one.strip()
    apart = HEAD + OPERATING.replace(steps, "") + tables
    for text in (HEAD + OPERATING.replace(steps, one), apart):
        assert read_policy(text).operating == read_policy(HEAD + OPERATING).operating
    wrong = apart.replace("per_serving_fen = 30", "per_serving_fen = -30")
    [(line, message)] = refused(wrong)
    assert line == line_of(wrong, "from = 1001") - 1
    assert "steps 第2项的 per_serving_fen" in message


# In the example the first part is replaced by the second; the problem stands on its line and
# speaks of the third.
WRONG = [
    # Steps: whole, rising, complete, nothing unknown.
    ("{ from = 1, per", "{ from = 0, per", "from"),
    ("{ from = 1, per", "{ frm = 1, from = 1, per", "frm"),
    ("{ from = 1001", "{ from = 1", "from 要大于前一档的 1"),
    ("{ from = 1001, per_serving_fen = 30 }", "{ from = 1001 }", "per_serving_fen"),
    ("{ from = 1001, per_serving_fen = 30 }", "{ per_serving_fen = 30 }", "from"),
    ("per_serving_fen = 30", 'per_serving_fen = "30"', "per_serving_fen"),
    # Stars are 1 to 5, and never with per_serving_fen: that follows each line, not the month.
    ("min_stars = 3", "min_stars = 0", "min_stars"),
    ("min_stars = 3", "min_stars = 6", "min_stars"),
    ("min_stars = 3", "min_stars = 3\nper_serving_fen = 1", "min_stars 不能和 per_serving_fen"),
    ("per_serving_fen = 20", "per_serving_fen = 20\nmin_days = 1", "min_days"),
    # A grant: exactly one of amount and share, a limit only for a share, kinds that exist.
    ("amount_fen = 2000000", "amount_fen = 2000000\npercent_of_cost = 10", "percent_of_cost"),
    ("amount_fen = 2000000", "amount_fen = 2000000\nmax_fen = 200", "max_fen"),
    ("amount_fen = 2000000", "amount_fen = 99", "amount_fen"),
    ("percent_of_cost = 50", "percent_of_cost = 101", "percent_of_cost"),
    ('["neighbour_table"]', '["kiosk"]', "kinds"),
    ('["320412100"]', '["x"]', "divisions"),
    ("{ lottery = 1 }", "{ lottery = 0 }", "funding"),
    # Stages: named, adding up to 100, none due before an earlier one.
    ('name = "运营满一年"', 'name = "验收合格"', "name 重复"),
    ('{ name = "运营满一年", ', "{ ", "name"),
    ("percent = 40, ", "", "percent"),
    ("after_months = 12", "after_months = -1", "after_months"),
    ("after_months = 12", "after_month = 12", "after_month"),
    ("percent = 60 }", "percent = 60, after_months = 13 }", "after_months 不能早于前一期"),
]


@pytest.mark.parametrize(("right", "wrong", "word"), WRONG)
def test_one_wrong_line_is_refused_with_its_number(right, wrong, word):
    assert WHOLE.count(right) == 1
    problems = refused(WHOLE.replace(right, wrong))
    assert len(problems) == 1
    line, message = problems[0]
    first = line_of(WHOLE, right)
    late = 1 if "13" in wrong else 0  # it is the later stage that comes too early
    assert line in range(first + late, first + late + wrong.count("\n") + 1)
    assert word in message


@pytest.mark.parametrize("total", ["50", "39", "41"])
def test_the_stages_add_up_to_a_hundred(total):
    text = WHOLE.replace("percent = 40", f"percent = {total}")
    [(line, message)] = refused(text)
    assert line == line_of(text, "stages = [")
    assert f"合计 {60 + int(total)}" in message


@pytest.mark.parametrize(
    ("part", "near", "word"),
    [
        ("amount_fen = 2000000\n", 'code = "J2"', "percent_of_cost"),
        ("funding = { lottery = 1 }\n", 'code = "J2"', "funding"),
        ('kinds = ["neighbour_table"]\n', 'code = "J2"', "kinds"),
        ("per_serving_fen = 20\n", 'code = "O1"', "steps"),
    ],
)
def test_a_missing_key_is_refused_at_its_heading(part, near, word):
    assert WHOLE.count(part) == 1
    text = WHOLE.replace(part, "")
    [(line, message)] = refused(text)
    assert line == line_of(text, near) - 1
    assert word in message


@pytest.mark.parametrize("steps", ["[]", "5", "[1, 2]", "{ from = 1 }"])
def test_steps_are_a_list_of_tables(steps):
    text = HEAD + f'[[operating]]\ncode = "O"\nfunding = {{ town = 1 }}\nsteps = {steps}\n'
    [(line, message)] = refused(text)
    assert (line, "steps 请写成列表" in message) == (line_of(text, "steps"), True)
