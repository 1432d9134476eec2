"""A district of many points and a whole year for the report, by SQL: every value follows from its
row's number. Triggers are left out: this is a database to read and throw away."""

import json
import sqlite3
from pathlib import Path

from flask import current_app
from sqlalchemy import text

from mealsvc.plumbing import clock
from mealsvc.plumbing.db import db, writing
from mealsvc.reports.period import Period
from mealsvc.supervision.checklist.services import checklist_on, put_first
from tests.bench.month import add_points
from tests.factories.tills import SHELL

DECISION = {
    "policy": "TN-2022", "reason": None, "cut_fen": 0, "tier": "A", "tier_name": "普惠60档",
    "rules": [["A", 300, [["district", 300]]]],
}  # fmt: skip
AT = 1_704_081_600_000_000  # microseconds: noon, 1 January 2024 in Shanghai
DAY = 86_400_000_000
MONTH_OF = "CAST(strftime('%Y%m', d.day) AS INTEGER)"
FILL = (
    "CREATE TEMP TABLE d AS WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n"
    " WHERE n + 1 < :days) SELECT n, date(:first, '+' || n || ' days') AS day FROM n",
    "CREATE TEMP TABLE m AS WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n"
    " WHERE n + 1 < :meals) SELECT n FROM n",
    "CREATE TEMP TABLE p AS SELECT id FROM meal_point",
    "INSERT INTO serving SELECT row_number() OVER () + 1000000, 'B' || p.id || '-' || d.n || '-'"
    " || m.n, p.id, 1 + (p.id * 31 + m.n * 7 + d.n % 3) % :elders, :at + d.n * :day, d.day,"
    " 'lunch', CASE m.n % 10 WHEN 0 THEN 'delivery' ELSE 'dine_in' END, 'card',"
    " 1200 + p.id % 5 * 50, 300, 900 + p.id % 5 * 50, 0, NULL, :decision, 65 + m.n % 30,"
    f" {MONTH_OF}, 0, NULL, '', x'00', '', '', :at + d.n * :day FROM p, d, m",
    "INSERT INTO daily_tally SELECT settle_month, point_id, late, served_on, meal, decision_id,"
    " count(*), 0, sum(price_fen), sum(subsidy_fen), sum(self_pay_fen), 0 FROM serving"
    " GROUP BY 1, 2, 3, 4, 5, 6",
    "INSERT INTO menu_item (point_id, served_on, meal, name, kind, portion_g, salt_g, allergens,"
    " diet) SELECT p.id, d.day, 'lunch', k.kind || ((d.n + p.id) % 9), k.kind, 80, 1, '', '' FROM p,"
    " d, (SELECT '大荤' AS kind UNION ALL SELECT '小荤' UNION ALL SELECT '素' UNION ALL SELECT '汤'"
    " UNION ALL SELECT '主食') k",
    "INSERT INTO menu_day SELECT p.id, d.day, 'lunch', :at + (d.n - 9) * :day, :at, 'bench'"
    " FROM p, d",
    "INSERT INTO log_entry (key, point_id, kind, day, meal, subject, facts, within, action, at,"
    " recorded_at, by, device, withdrawn_by, withdrawn_why) SELECT 'S' || id, point_id, 'sample',"
    " served_on, meal, name, '{}', id % 50 <> 0, '', :at, :at, 'bench', '', '', ''"
    " FROM menu_item",
    "INSERT INTO log_entry (key, point_id, kind, day, meal, subject, facts, within, action, at,"
    " recorded_at, by, device, withdrawn_by, withdrawn_why) SELECT k.kind || p.id || '-' || d.n,"
    " p.id, k.kind, d.day, '', '', '{}', (p.id + d.n) % 40 <> 0, '', :at, :at, 'bench', '', '', ''"
    " FROM p, d, (SELECT 'daily_control' AS kind UNION ALL SELECT 'core_temp' UNION ALL"
    " SELECT 'cold_store') k",
    "INSERT INTO visit (key, number, point_id, kind, mode, checklist, traits, reason, planned_on,"
    " unannounced, status, notice_number, made_by, made_at, cancelled_why, present, cards_shown,"
    " recusal, statement, refused_why, score, grade, conclusion, ended_at, signed_at, signed_by)"
    " SELECT 'V' || p.id || '-' || d.n, 'V' || p.id || '-' || d.n, p.id, 'admin_inspection',"
    " 'full', :version, 'COOK', '', d.day, 0, 'signed', '', 'bench', :at, '', '', 1, '', '', '',"
    " 900, 'A', '', :at + d.n * :day, :at + d.n * :day, 'bench' FROM p, d"
    " WHERE (d.n + p.id) % 90 = 0",
    "INSERT INTO finding (point_id, visit_id, source, item, checklist, critical, fact, outcome,"
    " found_on, found_at, found_by, state) SELECT point_id, id, 'visit', 'ENV-01', checklist, 0,"
    " '地面有积水', 'RECTIFY_BY_DATE', planned_on, signed_at, 'bench', 'ordered' FROM visit",
    "INSERT INTO rectification_order (number, point_id, visit_id, issued_on, issued_at, issued_by,"
    " working_days, first_deadline, deadline, consequence, state) SELECT 'O' || id, point_id, id,"
    " planned_on, signed_at, 'bench', 10, date(planned_on, '+14 days'),"
    " date(planned_on, '+14 days'), '', CASE id % 12 WHEN 0 THEN 'issued' ELSE 'closed' END"
    " FROM visit",
    "INSERT INTO order_item SELECT o.id, f.id, '清理', CASE o.state WHEN 'closed'"
    " THEN o.first_deadline END FROM rectification_order o JOIN finding f"
    " ON f.visit_id = o.visit_id",
    "INSERT INTO filed_price (point_id, meal, name, public_price_fen, elder_price_fen,"
    " effective_from, ended, basis, filed_at, filed_by) SELECT id, 'lunch', '套餐',"
    " 1500 + id % 5 * 50, 1200 + id % 5 * 50, '2023-01-01', 0, '', :at, 'bench' FROM p",
    "INSERT INTO staff_member (point_id, name, post, handles_food, volunteer, joined_on)"
    " SELECT p.id, '员工' || m.n, 'cook', 1, 0, '2023-01-01' FROM p, m WHERE m.n < 6",
    "INSERT INTO staff_paper (staff_id, kind, number, issued_on, valid_to, note, entered_at,"
    " entered_by, withdrawn_why) SELECT id, 'health', '', '2024-02-01', '2025-01-31', '', :at,"
    " 'bench', '' FROM staff_member",
    "INSERT INTO frozen_month SELECT DISTINCT point_id, settle_month FROM daily_tally",
    "INSERT INTO settlement_batch (point_id, month, status, document, heading, payable_fen,"
    " line_count, line_digest, last_sequence, submitted_at, submitted_by, grounds) SELECT point_id,"
    " settle_month, 'submitted', json_object('point', '', 'subsidy_fen', sum(subsidy_fen),"
    " 'delivery_fen', 0, 'operating_fen', 0, 'adjustment_fen', 0, 'funding',"
    " json_object('district', sum(subsidy_fen)), 'adjustment_funding', json_object()), '{}',"
    " sum(subsidy_fen), sum(lines), '', 0, :at, 'bench', '{}' FROM daily_tally GROUP BY 1, 2",
)


def fill(points: int, period: Period, meals: int, elders: int) -> int:
    """Everything that the report reads; returns how many servings there are."""
    add_points(points - 1)  # the register brought the first
    with writing():
        put_first(SHELL, clock.now())
    version = checklist_on(period.last_day).version
    db.session.remove()
    connection = sqlite3.connect(Path(current_app.config["INSTANCE"]) / "mealsvc.db")
    values = {
        "first": str(period.first_day), "days": period.length, "meals": meals, "elders": elders,
        "at": AT, "day": DAY, "version": version, "decision": 1,
    }  # fmt: skip
    with connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        content = json.dumps(DECISION, ensure_ascii=False)
        connection.execute("INSERT INTO decision VALUES (1, 'bench', ?)", (content,))
        for statement in FILL:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(statement, named)
        connection.execute("ANALYZE")
    connection.close()
    return db.session.scalar(text("SELECT count(*) FROM serving")) or 0
