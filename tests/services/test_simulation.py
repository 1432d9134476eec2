"""Months under another policy equal an independent computation, and leave nothing behind."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from mealsvc.kernel.months import Month
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import Base, db, writing
from mealsvc.policies.document import read_policy
from mealsvc.policies.services import import_policy
from mealsvc.residents import services as residents
from mealsvc.residents.services import NewFact
from mealsvc.servings.services import reverse_serving
from mealsvc.settlement.budget_lines import put_budget
from mealsvc.settlement.services import settlement_of
from mealsvc.simulation.services import Stopped, simulate
from tests.factories import tills
from tests.factories.policies import SAMPLE
from tests.oracle import months, policies
from tests.oracle.contract import World
from tests.oracle.play import play, run
from tests.oracle.policies import toml
from tests.oracle.simulation import Again, groups, standing, with_draft

MAY = Month(2024, 5)
PEOPLE = ("residents", "winners", "losers", "servings", "base_fen", "trial_fen")


def everything() -> dict[str, int]:
    db.session.rollback()
    tables = Base.metadata.sorted_tables
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) for one in tables}


def told(tmp_path: Path, text: str, *words: str) -> dict:
    path = tmp_path / "draft.toml"
    path.write_text(text, "utf-8")
    status, out, err = run("simulate", path, *words, "--json")
    assert status == 0, err
    return json.loads(out)


def _by_band(rows: dict[int, list[int]], shown: list[dict]) -> dict[str, list[int]]:
    """The ages added up to the bands that are shown."""
    sums: dict[str, list[int]] = {}
    for age, row in rows.items():
        name = next(one["band"] for one in shown if _within(age, one["band"]))
        sums[name] = [a + b for a, b in zip(sums.get(name, [0] * 6), row, strict=True)]
    return sums


def _within(age: int, band: str) -> bool:
    numbers = [int(part) for part in re.findall(r"\d+", band)]
    if band.endswith("以下"):
        return age <= numbers[0]
    return numbers[0] <= age <= (999 if band.endswith("以上") else numbers[-1])


def _figures(rows: list[dict], name: str) -> dict:
    return {row[name]: [row[part] for part in PEOPLE] for row in rows}


@pytest.mark.parametrize("seed", [7, 21])
def test_three_months_with_late_facts_equal_the_clerks_book(seed: int, app: Flask, tmp_path: Path):
    """Figure by figure: district, town and residence drafts, percents, caps, operating money."""
    world, dice = World(datetime.now(UTC)), Random(seed)
    tale, steps = months.opening(seed)
    steps += [
        ("import", "servings", tale.servings(70)),
        ("import", "reversals", tale.reversals(15)),
    ]
    steps += [("import", "servings", tale.servings(30))]
    steps += [("import", "residents", tale.changed_residents())]
    steps += [("import", "departures", tale.departures())]
    assert not play(steps, world, tmp_path, seed).differences
    base = Again(world, tale.months, world.policies)
    before = everything()
    drafts = policies.all_of(dice, tale.start, tale.end)
    for number, document in enumerate(drafts):
        document["policy"]["code"] = f"NEW{number}"
        text = toml(document)
        got = simulate(read_policy(text), [Month.parse(one) for one in tale.months], world.now)
        trial = Again(world, tale.months, with_draft(world, text))
        _compare(got, base, trial)
        _compare_people(got, groups(world, base, trial, text))
        assert got["recorded"]["servings"] == len(standing(world, tale.months))
    assert everything() == before


def _compare(got: dict, base: Again, trial: Again) -> None:
    assert got["lines"] == len(base.book.lines)
    assert (got["base"], got["trial"]) == (base.cost(), trial.cost())
    before, after = base.points(), trial.points()
    shown = {
        row["point"]: (
            (row["base_fen"], row["base_operating_fen"]),
            (row["trial_fen"], row["trial_operating_fen"]),
        )
        for row in got["points"]
    }
    assert shown == {code: (before[code], after[code]) for code in before}
    subsidies, others = base.subsidies(), trial.subsidies()
    changes = sorted((subsidies[who] - others[who] for who in subsidies), key=lambda one: -abs(one))
    assert [row["change_fen"] for row in got["residents"]] == [one for one in changes if one][:20]


def _compare_people(got: dict, wanted: dict[str, dict]) -> None:
    assert _figures(got["bands"], "band") == _by_band(wanted["age"], got["bands"])
    assert _figures(got["categories"], "category") == wanted["category"]
    assert _figures(got["towns"], "town") == wanted["town"]


@pytest.fixture
def may(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A May of lunches and dinners at two points, one taken back; it is June."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2024, 6, 3, 4, 0, tzinfo=UTC))
    tills.small_district()
    for day in range(1, 11):
        for card in ("C001", "C002", "C003", "C004"):
            at = tills.a_day(day)
            tills.serve(f"l{day}{card}", card, served_at=at)
            if day % 2:
                dinner = {"served_at": at.replace(hour=10), "meal": "dinner", "point": "P02"}
                tills.serve(f"d{day}{card}", card, **dinner)
    with writing() as connection:
        reverse_serving(connection, "back", "l1C001", "登错人", None, tills.SHELL, clock.now())


def simulated(text: str = SAMPLE, **fields) -> dict:
    with_fields = text
    for name, value in fields.items():
        with_fields = re.sub(rf"(?m)^{name} = .*$", value and f"{name} = {value}", with_fields)
    return simulate(read_policy(with_fields), [MAY], clock.now())


def test_the_policy_in_force_itself_changes_nothing(may):
    found, ledger = simulated(), settlement_of(MAY)
    assert not any(found["difference"][name] for name in ("subsidised", "total_fen", "funding"))
    assert (found["winners"], found["losers"], found["unchanged"]) == (0, 0, 4)
    assert found["recorded"]["differences"] == []
    for name in ("servings", "subsidised", "subsidy_fen", "delivery_fen", "operating_fen"):
        assert found["base"][name] == sum(point[name] for point in ledger["points"])
    assert found["base"]["total_fen"] == ledger["total"]["payable_fen"]


def test_caps_are_counted_within_the_replay_exactly(may):
    """One meal a day leaves lunches and the dinner whose lunch was taken back; seven a month."""
    assert simulated()["trial"]["subsidised"] == 3 * 15 - 1
    assert simulated(per_day="1")["trial"]["subsidised"] == 3 * 10
    assert simulated(per_month="7")["trial"]["subsidised"] == 3 * 7
    assert simulated(per_day="1", per_month="7")["trial"]["subsidised"] == 3 * 7


def test_each_calendar_month_counts_anew(may):
    for day in (1, 2, 3):
        tills.serve(f"june{day}", "C001", served_at=tills.a_day(day).replace(month=6))
    text = SAMPLE.replace("per_month = 40", "per_month = 2")
    both = simulate(read_policy(text), [MAY, Month(2024, 6)], clock.now())
    assert [row["month"] for row in both["by_month"]] == ["2024-05", "2024-06"]
    assert both["trial"]["subsidised"] == 3 * 2 + 2


def test_full_price_meals_may_become_subsidised_and_the_other_way_round(may):
    younger = simulated(SAMPLE.replace("min_age = 60", "min_age = 50"))
    assert younger["trial"]["subsidised"] == 4 * 15 - 1
    assert (younger["winners"], younger["losers"]) == (1, 0)
    lunch_only = simulated(meals='["lunch"]')
    assert lunch_only["trial"]["subsidised"] == 3 * 10 - 1
    assert lunch_only["losers"] == 3


def test_a_percent_rule_is_split_by_share(may):
    text = SAMPLE.replace(
        "amount_fen = 300\nfunding = { district = 200, town = 100 }",
        "percent = 30\nmax_fen = 350\nfunding = { district = 2, town = 1 }",
    )
    found = simulated(text)
    in_sixties = 2 * 15 - 1  # of 1952 and of 1948, one lunch taken back
    assert found["trial"]["funding"]["town"] == in_sixties * 117 + 15 * 200
    assert found["difference"]["subsidy_fen"] == in_sixties * 50


def test_a_towns_draft_leaves_the_rest_of_the_district_alone(may):
    elsewhere = SAMPLE.replace('division = "320412"', 'division = "320412999"')
    found = simulated(elsewhere.replace("TN-2022", "TOWN"))
    assert found["difference"]["total_fen"] == 0
    assert found["replaces"] == []
    here = elsewhere.replace("320412999", tills.TOWN).replace(
        "amount_fen = 300", "amount_fen = 200"
    )
    found = simulated(here.replace("town = 100 }", "town = 0 }").replace("TN-2022", "TOWN"))
    assert found["difference"]["subsidy_fen"] == -100 * (2 * 15 - 1)
    assert found["trial"]["funding"].get("town") == 15 * 200


def test_a_longer_division_keeps_its_own_policy_whatever_the_district_tries(may):
    own = SAMPLE.replace('division = "320412"', f'division = "{tills.TOWN}"')
    with writing():
        import_policy(own.replace("TN-2022", "TOWN"), tills.SHELL, clock.now())
    found = simulated(
        SAMPLE.replace("amount_fen = 400", "amount_fen = 0").replace(
            "{ district = 200, town = 200 }", "{ district = 0 }"
        )
    )
    assert found["difference"]["subsidy_fen"] == 0


def test_a_death_known_late_leaves_its_meals_out_and_says_so(may):
    fact = NewFact("departure", "deceased", date(2024, 5, 6), None, "民政")
    with writing():
        residents.add_fact(2, fact, tills.SHELL)
    found = simulated()
    (gone,) = found["recorded"]["differences"]
    assert (gone["recorded"], gone["replayed"]) == (None, "resident_deceased")
    assert (gone["lines"], found["left_out"]) == (7, 7)
    assert found["recorded"]["subsidy_fen"] + gone["subsidy_fen"] == found["base"]["subsidy_fen"]


def test_a_late_move_is_explained_reason_by_reason(may):
    fact = NewFact("departure", "moved_out", date(2024, 5, 9), None, "公安")
    with writing():
        residents.add_fact(1, fact, tills.SHELL)
    (moved,) = simulated()["recorded"]["differences"]
    assert moved == {"recorded": None, "replayed": "moved_out", "lines": 3, "subsidy_fen": -900}


def test_a_stay_in_an_institution_ends_with_its_last_day(may):
    fact = NewFact("departure", "institution", date(2024, 5, 3), date(2024, 5, 4), "民政")
    with writing():
        residents.add_fact(1, fact, tills.SHELL)
    (away,) = simulated()["recorded"]["differences"]
    assert (away["replayed"], away["lines"], away["subsidy_fen"]) == ("in_institution", 3, -900)


def test_the_rest_of_the_year_is_held_against_the_budget_by_source(may):
    with writing():
        put_budget(2024, "district", 200_000, tills.SHELL)
    year = simulated()["year"]
    assert (year["year"], year["from"], year["days_left"]) == (2024, "2024-05-31", 214)
    used = {one["source"]: one for one in year["sources"]}["district"]
    spent = sum(point["funding"]["district"] for point in settlement_of(MAY)["points"])
    assert (used["budget"], used["spent"]) == (200_000, spent)
    assert used["rest_base"] == (2 * spent * 214 + 31) // 62
    assert used["enough_base"] == (spent + used["rest_base"] <= 200_000)


def test_the_command_writes_nothing_at_all(may, instance: Path, tmp_path: Path):
    anchors = {path: path.read_bytes() for path in instance.glob("anchor*")}
    before, text = everything(), SAMPLE.replace("TN-2022", "X").replace("= 400", "= 400")
    first = told(tmp_path, text, "2024-05")
    assert told(tmp_path, text, "2024-05") == first
    assert everything() == before
    assert anchors
    assert {path: path.read_bytes() for path in anchors} == anchors
    assert run("audit", "verify")[0] == 0


def test_the_command_speaks_to_people_and_refuses_in_one_line(may, tmp_path: Path):
    path = tmp_path / "draft.toml"
    path.write_text(SAMPLE.replace("amount_fen = 400", "amount_fen = 401"), "utf-8")
    status, out, err = run("simulate", path, "2024-05")
    assert (status, out) == (1, "")
    assert "funding" in err
    assert run("simulate", tmp_path / "none.toml", "2024-05")[0] == 1
    assert run("simulate", path, "2024-05", "--to", "2024-04")[0] == 2
    path.write_text(SAMPLE, "utf-8")
    status, out, err = run("simulate", path, "2024-05")
    assert status == 0
    assert "支出不变" in out
    assert "59/59" in err


def test_who_watches_may_stop_it(may):
    with pytest.raises(Stopped):
        simulate(read_policy(SAMPLE), [MAY], clock.now(), lambda done, total: False)


def test_a_month_without_meals_is_an_answer_too(may):
    found = simulate(read_policy(SAMPLE), [Month(2019, 1)], clock.now())
    assert (found["lines"], found["base"]["total_fen"], found["residents"]) == (0, 0, [])
