"""Scans are kept once, leads keep their editions, the command tells the contract's document, and
the server scans by itself every night."""

import fcntl
import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from mealsvc.auditing.scanning import jobs, nights, refusals, services
from mealsvc.auditing.scanning.models import AuditScan, Denial, Lead, LeadEdition, LeadLine
from mealsvc.auditing.scanning.queries import open_leads_by_point, waiting
from mealsvc.auditing.scanning.reading import points_of
from mealsvc.auditing.scanning.rules import scan
from mealsvc.auditing.scanning.rules.limits import Limits
from mealsvc.auditing.scanning.rules.view import Anomaly
from mealsvc.auditing.scanning.thresholds import limits_on
from mealsvc.cli import main
from mealsvc.kernel.meals import LOCAL
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writer, writing
from mealsvc.servings.models import Serving
from mealsvc.servings.services import record_serving
from mealsvc.settings.services import change_setting
from mealsvc.trail.models import TrailEvent
from tests.factories.scans import MAY, scanned, story
from tests.factories.tills import SHELL, order, serve, small_district

NOW = datetime(2024, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture
def lines(app):
    """The sequences of three lunches at P01."""
    small_district()
    for number in range(3):
        serve(f"k{number}", f"C00{number + 1}")
    return list(db.session.scalars(select(Serving.sequence).order_by(Serving.sequence)))


def keep(*stories, **values):
    with writing():
        return services.keep(scanned(*stories, **values), SHELL, NOW)


def lead() -> Lead:
    return db.session.scalars(select(Lead)).one()


def scans() -> int:
    db.session.rollback()  # what other threads wrote meanwhile is seen
    return db.session.scalar(select(func.count()).select_from(AuditScan)) or 0


def test_a_scan_is_kept_with_its_leads_their_lines_and_one_trail_row(lines):
    scan = keep(story(lines=lines[:2], rules=("A07", "A06")), last=9, servings=3)
    made = lead()
    assert (scan.servings, scan.anomalies, scan.leads, scan.last_sequence) == (3, 2, 1, 9)
    assert (made.month, made.story, made.state, made.edition) == (202405, "P01:entered", "open", 1)
    edition = db.session.get_one(LeadEdition, (made.id, 1))
    assert (edition.rules, edition.servings, edition.subsidy_fen) == ("A07,A06", 2, 600)
    assert json.loads(edition.evidence)["A06"]["lines"] == 2
    held = db.session.execute(select(LeadLine.sequence, LeadLine.rules)).all()
    assert held == [(lines[0], "A07,A06"), (lines[1], "A07,A06")]
    rows = db.session.scalars(select(TrailEvent).where(TrailEvent.action == "leads.scan")).all()
    assert [json.loads(row.detail)["new"] for row in rows] == [[made.id]]


def test_what_did_not_change_is_not_kept_again(lines):
    told = story(lines=lines[:2])
    keep(told)
    assert keep(told) is None
    assert (scans(), lead().edition) == (1, 1)
    assert keep(told, last=2) is not None
    assert keep(told, last=2, limits=Limits(grace=60)) is not None
    assert (scans(), lead().edition) == (3, 1)


def test_a_month_without_servings_leaves_no_scan(lines):
    assert keep(servings=0) is None
    assert scans() == 0


def test_a_lead_that_tells_something_else_gets_a_new_edition(lines):
    keep(story(lines=lines[:1]))
    keep(story(lines=lines))
    assert lead().edition == 2
    counts = (
        select(func.count(LeadLine.sequence)).group_by(LeadLine.number).order_by(LeadLine.number)
    )
    assert db.session.scalars(counts).all() == [1, 3]


def test_a_dismissed_lead_stays_so_until_it_holds_lines_that_are_new(lines):
    keep(story(lines=lines[:2]))
    with writing():
        services.dismiss_lead(lead().id, "QUEUE：排队", SHELL, NOW)
    keep(story(lines=lines[:1], summary="少了一笔"))
    assert (lead().state, lead().settled_why, lead().edition) == ("dismissed", "QUEUE：排队", 2)
    keep(story(lines=lines))
    assert (lead().state, lead().settled_at, lead().edition) == ("open", None, 3)


def test_an_open_lead_that_is_no_longer_found_is_put_away_and_comes_back(lines):
    told = story(lines=lines[:2])
    keep(told)
    keep()
    assert (lead().state, lead().settled_why) == ("dismissed", services.GONE)
    keep(told)
    assert (lead().state, lead().edition) == ("open", 1)


def test_a_cased_lead_is_left_to_its_case(lines):
    keep(story(lines=lines[:1]))
    with writing():
        db.session.merge(lead()).state = "cased"
    keep()
    assert lead().state == "cased"
    keep(story(lines=lines))
    assert (lead().state, lead().edition) == ("cased", 2)


def test_settling_a_lead_needs_a_reason_and_the_right_state(lines):
    keep(story(lines=lines))
    number = lead().id
    for why, refusal in (("  ", refusals.ReasonMissing), ("x", None), ("x", refusals.NotOpen)):
        if refusal is None:
            with writing():
                services.dismiss_lead(number, why, SHELL, NOW)
            continue
        with pytest.raises(refusal), writing():
            services.dismiss_lead(number, why, SHELL, NOW)
    with pytest.raises(refusals.ReasonMissing), writing():
        services.reopen_lead(number, "", SHELL, NOW)
    with writing():
        services.reopen_lead(number, "又有举报", SHELL, NOW)
    assert lead().state == "open"
    with pytest.raises(refusals.NotDismissed), writing():
        services.reopen_lead(number, "again", SHELL, NOW)


def test_a_denial_is_noted_once_and_reaches_the_rules(lines):
    for _ in range(2):
        with writing():
            services.note_denial(lines[0], "call", "HF-1", SHELL, NOW)
    assert db.session.scalar(select(func.count()).select_from(Denial)) == 1
    with pytest.raises(refusals.UnknownLine), writing():
        services.note_denial(10**6, "call", "HF-2", SHELL, NOW)
    (seen,) = points_of(MAY)
    assert seen.denied == {lines[0]}


def test_open_leads_are_counted_by_point_and_watching_is_not_counting(lines):
    keep(
        story("P01:entered", lines[:1]),
        story("P01:gone", lines[:2], severity="block"),
        story("P01:regular", lines[:1], severity="watch"),
        story("P02:entered", lines[:1]),
        servings=3,
    )
    settled = db.session.scalars(select(Lead).where(Lead.story == "P02:entered")).one()
    with writing():
        services.dismiss_lead(settled.id, "QUEUE：排队", SHELL, NOW)
    points = {row.code: row.id for row in db.session.scalars(select(MealPoint))}
    assert open_leads_by_point(points.values()) == {points["P01"]: 2}
    assert waiting(MealPoint.code == "P01") == (2, 1)
    assert waiting(MealPoint.code == "P02") == (0, 0)


def test_the_thresholds_as_shipped_are_the_rules_own(app):
    assert limits_on(date(2024, 5, 31), 10) == Limits(points=10)


def test_a_threshold_counts_from_its_day_on(app):
    with writing():
        change_setting(
            "audit.travel", "20,1500", "区里规定", date(2024, 6, 1), True, SHELL, date(2024, 5, 1)
        )
    before, after = limits_on(date(2024, 5, 31), 1), limits_on(date(2024, 6, 30), 1)
    assert (before.travel_seconds, before.travel_metres) == (1_800, 3_000)
    assert (after.travel_seconds, after.travel_metres) == (1_200, 1_500)


# --- the command ---


def told_by(capsys, *words: str) -> str:
    main([*words], standalone_mode=False)
    return capsys.readouterr().out


def _a_rule_that_suspects(monkeypatch, sequences):
    """Instead of the rules: one finding at every point, and a graver one at P01."""

    def here(seen, limits):
        for rule, severity in (("A08", "case"), ("A01", "block"), ("A06", "case")):
            if rule == "A08" or seen.point.code == "P01":
                yield Anomaly(
                    rule=rule,
                    severity=severity,
                    point=seen.point.code,
                    sequences=tuple(seen.lines.sequence.tolist()),
                    days=tuple(seen.lines.day.tolist()),
                    residents=tuple(seen.lines.resident.tolist()),
                    summary="有异常。",
                    honest="先核对。",
                    evidence={"lines": len(seen.lines)},
                )

    monkeypatch.setattr(scan, "RULES", (("A08", "试验", here),))


def test_the_command_prints_the_contracts_document_and_keeps_the_leads(lines, capsys, monkeypatch):
    serve("p2", "C004", point="P02")
    _a_rule_that_suspects(monkeypatch, lines)
    document = json.loads(told_by(capsys, "audit", "scan", "2024-05", "--json"))
    assert document["month"] == "2024-05"
    told = [(one["severity"], one["rule"], one["point"]) for one in document["anomalies"]]
    assert told == [
        ("block", "A01", "P01"),
        ("case", "A06", "P01"),
        ("case", "A08", "P01"),
        ("case", "A08", "P02"),
    ]
    first = document["anomalies"][0]
    assert first["servings"] == ["k0", "k1", "k2"]
    assert first["residents"] == ["R000001", "R000002", "R000003"]
    assert first["dates"] == ["2024-05-06"]
    assert first["summary"] == "有异常。先核对。"
    assert first["evidence"] == {"lines": 3}
    assert scans() == 1
    assert {row.state for row in db.session.scalars(select(Lead))} == {"open"}


@pytest.mark.only("sqlite")
def test_numbers_of_numpy_are_told_and_kept_as_any_other(lines, capsys, monkeypatch):
    told = Anomaly(
        "A06", "case", "P01", tuple(np.array(lines)), tuple(np.array([19_849])), (np.int64(1),),
        "有异常。", "先核对。", {"share": np.float64(0.5), "days": np.arange(2), "n": np.int64(3)},
    )  # fmt: skip
    monkeypatch.setattr(scan, "RULES", (("A08", "试验", lambda seen, limits: iter([told])),))
    (one,) = json.loads(told_by(capsys, "audit", "scan", "2024-05", "--json"))["anomalies"]
    assert one["evidence"] == {"share": 0.5, "days": [0, 1], "n": 3}
    assert scans() == 1
    assert db.session.scalars(select(LeadLine.sequence)).all() == lines


def test_the_command_can_look_without_keeping_at_a_day_or_a_point(lines, capsys, monkeypatch):
    serve("p2", "C004", point="P02", served_at=datetime(2024, 5, 9, 4, tzinfo=UTC))
    _a_rule_that_suspects(monkeypatch, lines)
    words = ("audit", "scan", "2024-05", "--json", "--no-keep")
    found = json.loads(told_by(capsys, *words, "--day", "2024-05-09"))["anomalies"]
    assert [(one["rule"], one["point"]) for one in found] == [("A08", "P02")]
    found = json.loads(told_by(capsys, *words, "--point", "P02"))["anomalies"]
    assert {one["point"] for one in found} == {"P02"}
    assert "一般  A08" in told_by(capsys, "audit", "scan", "2024-05", "--no-keep")
    assert scans() == 0


@pytest.mark.only("sqlite")
def test_the_command_refuses_what_is_not_there(lines, capsys):
    for words, status in (
        (("2024-05", "--day", "2024-06-01"), 2),
        (("2024-13",), 2),
        (("2024-05", "--point", "P99"), 1),
    ):
        with pytest.raises(SystemExit) as ended:
            main(["audit", "scan", *words])
        assert (ended.value.code, capsys.readouterr().out) == (status, "")


def test_a_month_that_nobody_knows_is_an_empty_list(lines, capsys):
    told = told_by(capsys, "audit", "scan", "2031-01", "--json")
    assert json.loads(told) == {"month": "2031-01", "anomalies": []}


def test_a_rule_that_breaks_down_at_a_point_stops_neither_the_others_nor_the_scan(
    lines, capsys, monkeypatch
):
    keep(story("P01:entered", lines[:1]))
    serve("p2", "C004", point="P02")
    _a_rule_that_suspects(monkeypatch, lines)

    def breaks(seen, limits):
        if seen.point.code == "P01":
            raise IndexError("odd")
        return iter(())

    monkeypatch.setattr(scan, "RULES", (*scan.RULES, ("A99", "坏规则", breaks)))
    main(["audit", "scan", "2024-05", "--json"], standalone_mode=False)
    told = capsys.readouterr()
    assert {one["point"] for one in json.loads(told.out)["anomalies"]} == {"P01", "P02"}
    assert "没能判断（详见日志）：P01" in told.err
    scans()
    kept = db.session.scalars(select(Lead).where(Lead.story == "P01:entered")).one()
    assert kept.state == "open"
    assert jobs.scan_now(MAY, SHELL)
    assert "P01" in jobs.last_failure(MAY)


# --- in the background, and at night ---


def test_a_scan_in_the_background_is_kept_and_says_when_it_looked(lines):
    jobs.start(MAY, SHELL)
    jobs.wait()
    assert (scans(), jobs.running(), jobs.last_failure(MAY)) == (1, None, "")
    assert jobs.last_look(MAY) is not None
    assert jobs.last_look(MAY.next) is None


def test_only_one_scan_runs_and_others_see_how_far_it_is(lines, instance):
    jobs.start(MAY, SHELL)
    jobs.wait()
    with (instance / "jobs" / jobs.LOCK).open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        running = jobs.running()
        assert (running.month, running.done, running.total) == (MAY, 1, 1)
        with pytest.raises(refusals.ScanRunning):
            jobs.start(MAY.next, SHELL)
        assert jobs.scan_now(MAY, SHELL) is False
    assert jobs.running() is None


def test_a_scan_that_fails_says_so_and_the_next_one_clears_it(lines, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(services, "look", lambda *_: 1 / 0)
        jobs.start(MAY, SHELL)
        jobs.wait()
    assert "ZeroDivisionError" in jobs.last_failure(MAY)
    assert (jobs.running(), jobs.last_look(MAY)) == (None, None)
    assert jobs.scan_now(MAY, SHELL)
    assert jobs.last_failure(MAY) == ""


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 6, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


def test_the_night_scans_this_month_and_the_last_one_once(lines, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(3, 2, 31))
    with writing():
        record_serving(writer(), order("june", served_at=at(2, 11)), SHELL, at(2, 11))
    assert nights.run_if_due(at(3, 2, 31))
    assert set(db.session.scalars(select(AuditScan.month))) == {202405, 202406}
    assert not nights.run_if_due(at(3, 12))
    assert not nights.run_if_due(at(4, 2, 29))


def test_a_night_that_was_missed_is_made_up_for(app):
    done: list[datetime] = []
    works = (lambda now: bool(done.append(now)) or True,)
    assert nights.run_if_due(at(3, 3), works)
    assert not nights.run_if_due(at(3, 23), works)
    assert nights.run_if_due(at(6, 15), works)
    assert not nights.run_if_due(at(6, 16), works)
    assert done == [at(3, 3), at(6, 15)]


def test_a_night_that_failed_is_tried_again_after_an_hour_and_the_rest_goes_on(app):
    tried: list[str] = []

    def breaks(now):
        tried.append("breaks")
        raise OSError("disk")

    def works(now):
        tried.append("works")
        return True

    assert not nights.run_if_due(at(3, 3), (breaks, works))
    assert not nights.run_if_due(at(3, 3, 59), (breaks, works))
    assert tried == ["breaks", "works"]
    assert nights.run_if_due(at(3, 3) + timedelta(hours=1), (works,))


def test_the_night_is_one_processs_work(app, instance):
    folder = instance / "jobs"
    folder.mkdir(exist_ok=True)
    with (folder / nights.LOCK).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not nights.run_if_due(at(3, 3), (lambda now: True,))
    assert nights.run_if_due(at(3, 3), (lambda now: True,))


def test_the_watch_ends_when_it_is_told(app, monkeypatch):
    seen: list[Month] = []
    monkeypatch.setattr(nights, "EVERY_S", 0.01)
    stop = nights.begin(app, (lambda now: bool(seen.append(MAY)) or True,))
    for _ in range(200):
        if seen:
            break
        stop.wait(0.02)
    stop.set()
    assert seen == [MAY]
