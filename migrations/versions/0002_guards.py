"""The database guards the record: triggers that refuse edits and keep slots, keys and tallies."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("serving", "trail_event", "decision", "serving_key", "frozen_month")
PRIMARY = {
    "serving": "sequence = NEW.sequence",
    "trail_event": "seq = NEW.seq",
    "decision": "id = NEW.id OR digest = NEW.digest",
    "serving_key": "key = NEW.key",
}
FROZEN_COLUMNS = {
    "settlement_batch": (
        "point_id, month, document, heading, payable_fen, line_count, line_digest,"
        " last_sequence, submitted_at, submitted_by",
        "1 = 1",
    ),
    "subsidy_policy": (
        "code, title, division, effective_from, effective_to, document, approved_by, approved_at",
        "OLD.status = 'approved'",
    ),
}
TALLY = (
    "settle_month, point_id, late, served_on, meal, decision_id, lines, reversals,"
    " price_fen, subsidy_fen, self_pay_fen, delivery_fen"
)
TALLY_KEY = "settle_month, point_id, late, served_on, meal, decision_id"
TALLY_SUMS = ", ".join(
    f"{name} = daily_tally.{name} + excluded.{name}"
    for name in ("lines", "reversals", "price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen")
)
NOT_ITS_NEGATIVE = """
    o.sequence IS NULL OR o.reverses IS NOT NULL
    OR r.price_fen <> -o.price_fen OR r.subsidy_fen <> -o.subsidy_fen
    OR r.self_pay_fen <> -o.self_pay_fen OR r.delivery_fen <> -o.delivery_fen
    OR r.point_id <> o.point_id OR r.resident_id <> o.resident_id
    OR r.served_on <> o.served_on OR r.meal <> o.meal OR r.decision_id <> o.decision_id
"""

SQLITE_LEDGER = (
    f"""
CREATE TRIGGER serving_added AFTER INSERT ON serving BEGIN
    SELECT RAISE(ABORT, 'serving_key: already used') FROM serving_key WHERE key = NEW.key;
    INSERT INTO serving_key (key, sequence) VALUES (NEW.key, NEW.sequence);
    INSERT INTO daily_tally ({TALLY})
        SELECT NEW.settle_month, NEW.point_id, NEW.late, NEW.served_on, NEW.meal, NEW.decision_id,
            NEW.reverses IS NULL, NEW.reverses IS NOT NULL,
            NEW.price_fen, NEW.subsidy_fen, NEW.self_pay_fen, NEW.delivery_fen WHERE TRUE
        ON CONFLICT ({TALLY_KEY}) DO UPDATE SET {TALLY_SUMS};
END
""",
    """
CREATE TRIGGER serving_subsidised AFTER INSERT ON serving WHEN NEW.subsidy_fen > 0 BEGIN
    SELECT RAISE(ABORT, 'serving_slot: already taken')
        FROM serving_slot s WHERE s.served_on = NEW.served_on
        AND s.meal = NEW.meal AND s.resident_id = NEW.resident_id;
    INSERT INTO serving_slot (served_on, meal, resident_id, sequence)
        VALUES (NEW.served_on, NEW.meal, NEW.resident_id, NEW.sequence);
END
""",
    f"""
CREATE TRIGGER serving_reversed AFTER INSERT ON serving WHEN NEW.reverses IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'serving_reversal: not the negative of its line')
        FROM serving r LEFT JOIN serving o ON o.sequence = NEW.reverses
        WHERE r.sequence = NEW.sequence AND ({NOT_ITS_NEGATIVE});
    DELETE FROM serving_slot WHERE NEW.subsidy_fen < 0 AND served_on = NEW.served_on
        AND meal = NEW.meal AND resident_id = NEW.resident_id AND sequence = NEW.reverses;
END
""",
)

POSTGRESQL = f"""
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION serving_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added r LEFT JOIN serving o ON o.sequence = r.reverses
               WHERE r.reverses IS NOT NULL AND ({NOT_ITS_NEGATIVE})) THEN
        RAISE EXCEPTION 'serving_reversal: not the negative of its line'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    INSERT INTO serving_key (key, sequence) SELECT key, sequence FROM added;
    DELETE FROM serving_slot s USING added a WHERE a.subsidy_fen < 0 AND s.served_on = a.served_on
        AND s.meal = a.meal AND s.resident_id = a.resident_id AND s.sequence = a.reverses;
    INSERT INTO serving_slot (served_on, meal, resident_id, sequence)
        SELECT served_on, meal, resident_id, sequence FROM added WHERE subsidy_fen > 0;
    INSERT INTO daily_tally ({TALLY})
        SELECT {TALLY_KEY},
            count(*) FILTER (WHERE reverses IS NULL), count(*) FILTER (WHERE reverses IS NOT NULL),
            sum(price_fen), sum(subsidy_fen), sum(self_pay_fen), sum(delivery_fen)
        FROM added GROUP BY {TALLY_KEY}
        ON CONFLICT ({TALLY_KEY}) DO UPDATE SET {TALLY_SUMS};
    RETURN NULL;
END $$;

CREATE TRIGGER serving_added AFTER INSERT ON serving
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION serving_added();
"""


def upgrade() -> None:
    """Puts the guards up, in the words of each database."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in _sqlite_guards():
            op.execute(statement)
        return
    op.execute(POSTGRESQL)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, (columns, when) in FROZEN_COLUMNS.items():
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns} ON {table}"
            f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table}"
            f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Takes the guards down; the rows stay."""
    if op.get_bind().dialect.name == "sqlite":
        for name in _sqlite_names():
            op.execute(f"DROP TRIGGER {name}")
        return
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_kept ON {table}")
        op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
    for table in FROZEN_COLUMNS:
        op.execute(f"DROP TRIGGER {table}_frozen ON {table}")
        op.execute(f"DROP TRIGGER {table}_kept ON {table}")
    op.execute("DROP TRIGGER serving_added ON serving")
    op.execute("DROP FUNCTION serving_added()")
    op.execute("DROP FUNCTION refuse_change()")


def _sqlite_guards() -> list[str]:
    guards = [*SQLITE_LEDGER]
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            guards.append(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
            )
    for table, same in PRIMARY.items():
        guards.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"
            f" BEGIN SELECT RAISE(ABORT, '{table}: append-only'); END"
        )
    for table, (columns, when) in FROZEN_COLUMNS.items():
        guards.append(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OF {columns} ON {table} WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: frozen'); END"
        )
        guards.append(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN {when}"
            f" BEGIN SELECT RAISE(ABORT, '{table}: frozen'); END"
        )
    return guards


def _sqlite_names() -> list[str]:
    return [guard.split()[2] for guard in _sqlite_guards()]
