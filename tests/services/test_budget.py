"""The budget: what every stage costs each source, what may still be approved, and the changes."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from mealsvc.accounts.services import add_user
from mealsvc.exchange.exports import export_table
from mealsvc.exchange.importing import import_file
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.months import Month
from mealsvc.places.services import put_division, put_point
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.servings.models import Serving
from mealsvc.settlement import acts, holding, refusals, steps
from mealsvc.settlement.batches import acts_of, batch_at
from mealsvc.settlement.budget_lines import history, lines_of, put_budget
from mealsvc.settlement.budget_report import behind, report_of
from mealsvc.settlement.budget_words import noted as noted_words
from mealsvc.settlement.services import submit
from mealsvc.settlement.spending import Cost, also, costs_of
from mealsvc.trail.models import TrailEvent
from tests.factories.tills import SHELL, TOWN, serve, small_district

MAY, JUNE = Month(2024, 5), Month(2024, 6)
NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)
MAY_7 = datetime(2024, 5, 7, 3, 30, tzinfo=UTC)
DISTRICT, NIUTANG = "320412", "320412101"
STAFF = {"town": "town", "district": "district", "clerk": "district", "chief": "approver"}


@pytest.fixture
def may(app, monkeypatch):
    """Four servings of May at P01, P02 and P09 (in another town); June has begun at P01."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    known = app.extensions.get("mealsvc.other_costs", ())
    monkeypatch.setitem(app.extensions, "mealsvc.other_costs", [*known])  # what a test adds goes
    small_district()
    with writing():
        put_division({"code": NIUTANG, "name": "牛塘镇", "level": "town"}, SHELL)
        there = {"division": f"{NIUTANG}001", "kind": "serving_point"}
        put_point({"code": "P09", "name": "远处助餐点", **there}, SHELL)
        for login, role in STAFF.items():
            scope = TOWN if role == "town" else DISTRICT
            add_user(login, role, scope, login, SHELL, NOW)
    serve("a", "C001")
    serve("b", "C002", point="P02")
    serve("c", "C004", point="P09", served_at=MAY_7)
    serve("d", "C001", served_at=MAY_7)
    serve("e", "C002", served_at=NOW)


def budget(source, fen, division="", year=2024, basis="年初预算"):
    with writing():
        return put_budget(year, source, fen, SHELL, division, basis)


def by(login):
    return Actor("user", login)


def notice(*codes):
    """Submitted, reviewed twice and posted."""
    with writing():
        submit(MAY, None, SHELL, NOW)
    for code in codes:
        with writing():
            steps.first_review(MAY, code, "", by("town"), NOW)
            steps.recheck(MAY, code, "", by("district"), NOW)
            steps.take(acts.ACTS["notice"], batch_at(MAY, code), by("clerk"), NOW)


def approve(code, decision=""):
    with writing():
        steps.approve(MAY, code, "同意", by("chief"), NOW, decision)


def funding(code, month=202405):
    """What the sources pay at a point, from the ledger's own decisions."""
    rows = db.session.execute(
        text(
            "SELECT d.content FROM serving s JOIN decision d ON d.id = s.decision_id"
            " JOIN meal_point p ON p.id = s.point_id"
            " WHERE p.code = :code AND s.settle_month = :month AND s.reverses IS NULL"
        ),
        {"code": code, "month": month},
    )
    sums = Counter()
    for (content,) in rows:
        decision = json.loads(content)
        for _, _, parts in decision.get("rules", ()):
            sums.update(dict(parts))
        sums.update(dict(decision.get("delivery_funding", ())))
    return sums


def stages(source, division=""):
    report = report_of(2024, date(2024, 6, 3), division)
    return {
        row.division: {stage: fen for stage, fen in row.stages.items() if fen}
        for row in report.rows
        if row.source == source
    }


def test_every_stage_adds_up_to_the_ledger(may):
    meals = {code: funding(code)["district"] for code in ("P01", "P02", "P09")}
    june = funding("P01", 202406)["district"]
    assert all(meals.values()) and june
    before = stages("district")[DISTRICT]
    assert set(before) == {"open"}
    notice("P01", "P02")
    approve("P01")
    with writing():
        steps.take(acts.ACTS["order"], batch_at(MAY, "P01"), by("clerk2"), NOW)
    whole = {
        code: json.loads(batch_at(MAY, code).document)["funding"]["district"] for code in meals
    }
    assert all(whole[code] >= meals[code] for code in meals)
    assert sum(before.values()) == sum(whole.values()) + _open_june()
    found = stages("district")[DISTRICT]
    assert found == {
        "committed": whole["P01"],
        "claimed": whole["P02"] + whole["P09"],
        "open": _open_june(),
    }
    with writing():
        steps.take(acts.ACTS["pay"], batch_at(MAY, "P01"), by("clerk3"), NOW)
    assert stages("district")[DISTRICT]["paid"] == whole["P01"]
    assert sum(stages("district")[DISTRICT].values()) == sum(before.values())


def _open_june():
    (cost,) = (one for one in costs_of(2024) if one.month == 202406)
    return cost.funding["district"]


def test_what_is_held_is_not_spent(may):
    with writing():
        submit(MAY, None, SHELL, NOW)
    before = stages("district")[DISTRICT]["claimed"]
    sequence = db.session.scalars(select(Serving.sequence).where(Serving.key == "a")).one()
    batch = batch_at(MAY, "P01")
    with writing():
        (hold,) = holding.hold_lines(
            MAY, batch.point_id, [sequence], "not_eaten", "", by("town"), NOW
        )
    held = json.loads(hold.funding)["district"]
    assert held > 0
    assert stages("district")[DISTRICT]["claimed"] == before - held


def test_a_town_with_a_line_of_its_own_leaves_the_districts(may):
    notice()
    whole = {
        code: json.loads(batch_at(MAY, code).document)["funding"]["district"]
        for code in ("P01", "P02", "P09")
    }
    budget("district", 1_000_000)
    budget("district", 5_000, NIUTANG)
    found = stages("district")
    assert found[DISTRICT]["claimed"] == whole["P01"] + whole["P02"]
    assert found[NIUTANG] == {"claimed": whole["P09"]}
    seen_from_town = report_of(2024, date(2024, 6, 3), TOWN)
    row = next(one for one in seen_from_town.rows if one.source == "district")
    assert (row.elsewhere, row.budget_fen) == (True, None)
    assert row.stages["claimed"] == whole["P01"] + whole["P02"]
    assert {cost.point for cost, _ in behind(seen_from_town, row.line)} == {"P01", "P02"}


def test_the_last_fen_is_approved_and_one_more_is_not(may):
    notice("P01", "P02")
    claims = {code: json.loads(batch_at(MAY, code).document)["funding"] for code in ("P01", "P02")}
    sums = Counter(claims["P01"]) + Counter(claims["P02"])
    for source, fen in sums.items():
        budget(source, fen)
    approve("P01")
    budget("district", sums["district"] - 1, basis="调减一分")
    with pytest.raises(refusals.BudgetExceeded) as refused:
        approve("P02")
    said = refused.value.message
    assert "区资金预算" in said
    assert "差0.01元" in said
    assert batch_at(MAY, "P02").status == "public_notice"
    assert batch_at(MAY, "P02").held_fen is None
    budget("district", sums["district"], basis="追加一分")
    approve("P02")
    assert batch_at(MAY, "P02").status == "approved"


def test_a_decision_lets_it_pass_and_stays_on_record(may):
    notice("P01")
    budget("district", 100)
    for source in ("town", "village", "lottery", "charity"):
        budget(source, 1_000_000)
    with pytest.raises(refusals.BudgetExceeded):
        approve("P01")
    approve("P01", "区政府第3次常务会议同意")
    act = acts_of(batch_at(MAY, "P01").id)[-1]
    noted = json.loads(act.detail)
    assert noted["decision"] == "区政府第3次常务会议同意"
    (beyond,) = noted["beyond"]
    assert (beyond["source"], beyond["division"], beyond["budget_fen"]) == (
        "district",
        DISTRICT,
        100,
    )
    assert beyond["missing_fen"] == beyond["claim_fen"] - 100
    missing = beyond["missing_fen"]
    assert noted_words(act.detail) == (
        f"超预算决定：区政府第3次常务会议同意（区资金超出{missing / 100:.2f}元）"
    )
    trail = db.session.scalars(
        select(TrailEvent.detail).where(TrailEvent.action == "settlement.approve")
    ).one()
    assert json.loads(trail)["decision"] == "区政府第3次常务会议同意"


def test_a_source_without_a_line_needs_a_decision_too(may):
    notice("P01")
    budget("lottery", 1)
    with pytest.raises(refusals.BudgetExceeded, match="没有安排预算"):
        approve("P01")
    approve("P01", "先行垫付")


def test_without_any_budget_the_approval_goes_on_and_says_so(may):
    notice("P01")
    budget("district", 1, year=2025)
    approve("P01")
    assert json.loads(acts_of(batch_at(MAY, "P01").id)[-1].detail)["budget"] == "none"
    assert noted_words(acts_of(batch_at(MAY, "P01").id)[-1].detail) == "审批时本年没有录入预算"
    assert noted_words(acts_of(batch_at(MAY, "P01").id)[0].detail) == ""


def test_two_approvals_at_once_share_one_line(may, app):
    notice("P01", "P02")
    claims = [json.loads(batch_at(MAY, code).document)["funding"] for code in ("P01", "P02")]
    for source in {source for claim in claims for source in claim}:
        both = sum(claim.get(source, 0) for claim in claims)
        budget(source, both - 1 if source == "district" else both)
    db.session.remove()

    def one(code):
        with app.app_context():
            try:
                approve(code)
            except refusals.BudgetExceeded:
                return "refused"
            return "approved"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(one, ("P01", "P02")))
    assert outcomes == ["approved", "refused"]


def test_a_point_that_moves_takes_no_money_out_of_its_towns_line_or_into_another(may):
    notice("P01", "P02")
    claims = {code: json.loads(batch_at(MAY, code).document)["funding"] for code in ("P01", "P02")}
    for source in {source for claim in claims.values() for source in claim}:
        budget(source, 1_000_000)
    budget("town", claims["P01"]["town"], TOWN)
    approve("P01")
    moved = {"kind": "community_canteen", "division": f"{NIUTANG}001"}
    for code in ("P01", "P02"):
        with writing():
            put_point({"code": code, "name": "新址", **moved}, SHELL)
    assert stages("town")[TOWN]["committed"] == claims["P01"]["town"]
    with pytest.raises(refusals.BudgetExceeded):
        approve("P02")


def test_another_room_may_take_from_the_budget(may, app):
    notice("P01")
    grant = Cost(
        "P01", "丰乐助餐点", f"{TOWN}001", 202401, "approved", {"district": 900}, "建设补贴"
    )
    also(app, lambda year: [grant] if year == 2024 else [])
    claim = json.loads(batch_at(MAY, "P01").document)["funding"]
    for source, fen in claim.items():
        budget(source, fen)
    budget("district", claim["district"] + 899, basis="追加")
    assert stages("district")[DISTRICT]["committed"] == 900
    with pytest.raises(refusals.BudgetExceeded, match=r"差0\.01元"):
        approve("P01")
    assert not [one for one in costs_of(2023) if one.title]


def test_a_grant_is_spent_once_and_foretells_nothing(may, app):
    for day in ("2024-03-04", "2024-04-08"):
        serve(f"m{day}", "C001", served_at=datetime.fromisoformat(f"{day}T03:30:00+00:00"))
    budget("district", 1_000_000)

    def row():
        return next(iter(report_of(2024, date(2024, 6, 3)).rows))

    before = row()
    grant = Cost(
        "P01", "丰乐助餐点", f"{TOWN}001", 202404, "paid", {"district": 90_000}, "建设补贴"
    )
    also(app, lambda year: [grant] if year == 2024 else [])
    after = row()
    assert after.used_fen == before.used_fen + 90_000
    assert before.forecast and before.forecast.expected_fen > 0
    assert after.forecast == before.forecast


def test_every_change_is_kept_with_its_basis(may):
    assert budget("district", 500, basis="") == "created"
    assert budget("district", 500, basis="") == "unchanged"
    with pytest.raises(refusals.BasisMissing):
        budget("district", 600, basis="")
    assert budget("district", 600, basis="追加") == "updated"
    assert lines_of(2024) == {(DISTRICT, "district"): 600}
    kept = db.session.scalars(history(2024, DISTRICT, "district")).all()
    assert [(one.before_fen, one.after_fen, one.basis) for one in kept] == [
        (500, 600, "追加"),
        (None, 500, ""),
    ]
    for statement in (
        "UPDATE budget_change SET after_fen = 1",
        "DELETE FROM budget_change",
    ):
        with pytest.raises(DatabaseError, match="append-only"), writing() as connection:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("division", ["320413", "320412999", "3204121"])
def test_a_line_belongs_to_a_division_of_the_district(may, division):
    with pytest.raises(refusals.BudgetElsewhere):
        budget("district", 500, division)
    assert lines_of(2024) == {}


def test_a_line_entered_before_there_were_points_is_the_districts(app):
    assert budget("district", 500) == "created"
    small_district()
    assert lines_of(2024) == {(DISTRICT, "district"): 500}
    assert budget("district", 500) == "unchanged"
    assert budget("district", 700) == "updated"
    assert lines_of(2024) == {(DISTRICT, "district"): 700}


def test_a_file_may_name_divisions_and_need_not(may, tmp_path):
    def load(content):
        path = tmp_path / "budget.csv"
        path.write_text(content, "utf-8")
        return import_file("budget", path, SHELL, filename="budget.csv").document

    load("年度,资金来源,金额\n2024,区,1000\n2024,镇,500\n")
    assert lines_of(2024) == {(DISTRICT, "district"): 100_000, (DISTRICT, "town"): 50_000}
    content = f"年度,资金来源,金额,区划代码,依据\n2024,镇,20,{NIUTANG},镇人大批准\n2024,区,1100,,\n2024,区,1,329999,\n"
    document = load(content)
    assert sum(document["rejected"].values()) == 1
    assert lines_of(2024) == {
        (DISTRICT, "district"): 110_000,
        (DISTRICT, "town"): 50_000,
        (NIUTANG, "town"): 2_000,
    }
    change = db.session.scalars(history(2024, DISTRICT, "district").limit(1)).one()
    assert (change.before_fen, change.basis) == (100_000, "导入文件 budget.csv")
    again = load(content)
    assert (again["created"], again["updated"]) == (0, 0)


def test_the_export_adds_up(may, tmp_path):
    budget("district", 1_000_000)
    budget("district", 5_000, NIUTANG)
    with (tmp_path / "budget.csv").open("wb") as stream:
        export_table("budget", 2024, stream, "csv", SHELL)
    lines = (tmp_path / "budget.csv").read_text("utf-8-sig").splitlines()
    rows = [line.split(",") for line in lines[1:]]
    years = [row for row in rows if row[3] == "区" and row[4] == "全年"]
    assert [row[5] for row in years] == ["10000.00", "50.00"]
    for year in years:
        months = [row for row in rows if row[1] == year[1] and row[3] == "区" and row != year]
        for column in range(6, 11):
            assert sum(round(float(row[column]) * 100) for row in months) == round(
                float(year[column]) * 100
            )
    total = sum(round(float(row[10]) * 100) for row in years)
    assert total == sum(one.funding.get("district", 0) for one in costs_of(2024))
