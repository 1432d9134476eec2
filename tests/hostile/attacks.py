"""Seeded attacks of somebody who owns the database and not the key: each must be found, and nothing
where nothing was done.

    python -m tests.hostile.attacks --count 1000 --seed 7     SQLite, in a folder of its own

Each attack is made in a transaction, judged within it, and rolled back.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mealsvc.auditing.proof import verify_within
from mealsvc.auditing.sealing.checking import Seals
from mealsvc.auditing.sealing.seal_file import FILENAME, read_seals
from mealsvc.auditing.sealing.tables import COUNTED, TABLES
from mealsvc.kernel.refusals import Refusal
from mealsvc.plumbing.db import Base, db
from mealsvc.trail.anchor import read_anchor
from mealsvc.trail.rules import next_mac
from mealsvc.trail.verify import Broken
from tests.hostile.attacker import Attacker

# Tables of which every cell is proven, with what is not of them: numbers that nothing refers to.
PROVEN: dict[str, frozenset[str]] = {
    "serving": frozenset(),
    "trail_event": frozenset(),
    "decision": frozenset(),
    "serving_slot": frozenset(),
    "serving_key": frozenset(),
    "daily_tally": frozenset(),
    "frozen_month": frozenset(),
    "settlement_batch": frozenset(),
    "batch_act": frozenset({"id"}),
    "line_hold": frozenset(),
    "settlement_adjustment": frozenset(),
    "returned_line": frozenset({"id"}),
    "issued_paper": frozenset(),
    "paper_file": frozenset(),
    "record_seal": frozenset(),
    "payee": frozenset(),
    "payment_order": frozenset(),
    "payment_line": frozenset(),
    **{name: frozenset() for name in TABLES},
}
SEALED_ONLY = TABLES.keys() - COUNTED.keys()
RIGHTS = ("role", "scope", "outside", "expires_on", "disabled_at", "person", "login")
LEDGER = ("serving", "serving_key", "serving_slot", "daily_tally")


@dataclass
class Outcome:
    """How a series of attacks went."""

    found: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    imagined: list[str] = field(default_factory=list)


class Series:
    """Attacks on one database, one after the other from a seed."""

    def __init__(self, attacker: Attacker, folder: Path, seed: int) -> None:
        self._folder, self._random, self._engine = folder, Random(seed), attacker.engine
        self._anchor, self._seals = read_anchor(folder), read_seals(folder)
        self._filled = [name for name in PROVEN if self._count(name)]
        self._kinds: list[Callable[[sa.Connection], str]] = [
            *[self._change_a_cell] * 12,
            *[self._delete_a_row] * 4,
            *[self._insert_a_row] * 3,
            *[self._swap_two_rows] * 2,
            self._change_a_right,
            self._cut_the_tail,
            self._put_an_older_copy_back,
            self._rewrite_without_the_key,
            self._rewrite_the_seals,
            self._change_the_file,
        ]

    def run(self, count: int) -> Outcome:
        """Each kind once, then by chance."""
        outcome, each = Outcome(), list(dict.fromkeys(self._kinds))
        while (number := sum(outcome.found.values()) + len(outcome.missed)) < count:
            kind = each[number] if number < len(each) else self._random.choice(self._kinds)
            try:
                with self._undone() as connection:
                    self._told = self._seals
                    what = f"{number}: {kind(connection)}"
                    words = self._judged(connection)
            except DBAPIError:  # the database itself refused: nothing was done
                continue
            if words is None:
                outcome.missed.append(what)
            else:
                outcome.found[kind.__name__.strip("_")] += 1
            if number % 10 == 0:
                self._look_untouched(outcome, number)
        return outcome

    def _look_untouched(self, outcome: Outcome, number: int) -> None:
        self._told = self._seals
        with self._undone() as connection:
            words = self._judged(connection)
        if words is not None:
            outcome.imagined.append(f"{number}: {words}")

    def _judged(self, connection: sa.Connection) -> str | None:
        """What the proof says of this; None when it finds nothing."""
        try:
            verify_within(connection, self._anchor, Seals(self._told, self._folder / FILENAME))
        except (Broken, Refusal) as broken:
            return str(broken)
        except Exception as error:  # a row that cannot even be read is found too
            return f"unreadable: {type(error).__name__}"
        return None

    @contextmanager
    def _undone(self) -> Iterator[sa.Connection]:
        with self._engine.connect() as plain:
            connection = plain.execution_options(isolation_level="READ COMMITTED") if (
                plain.dialect.name == "postgresql"
            ) else plain  # fmt: skip
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                connection.exec_driver_sql("BEGIN")
                try:
                    yield connection
                finally:
                    connection.exec_driver_sql("ROLLBACK")
                return
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    # what is done

    def _change_a_cell(self, connection: sa.Connection) -> str:
        table = self._a_table()
        column = self._random.choice([one for one in table.c if one.name not in PROVEN[table.name]])
        return self._change(connection, table, column)

    def _change_a_right(self, connection: sa.Connection) -> str:
        table = Base.metadata.tables["account"]
        return self._change(connection, table, table.c[self._random.choice(RIGHTS)])

    def _change(self, connection: sa.Connection, table: sa.Table, column: Any) -> str:
        row = self._a_row(connection, table)
        old = row[column.name]
        new = self._another(connection, table, column, old)
        self._put(connection, table, row, {column.name: new})
        return f"{table.name}.{column.name} {old!r} -> {new!r}"

    def _delete_a_row(self, connection: sa.Connection) -> str:
        table = self._a_table()
        row = self._a_row(connection, table)
        connection.execute(sa.delete(table).where(*_same(table, row)))
        return f"deleted {table.name} {_key(table, row)}"

    def _insert_a_row(self, connection: sa.Connection) -> str:
        """A copy of a row under a new key: after the last, or before the first."""
        table = self._a_table()
        row = self._a_row(connection, table)
        column = self._random.choice(list(table.primary_key))
        if table.name in SEALED_ONLY:
            column = table.c[TABLES[table.name]]
        if table.name in SEALED_ONLY:  # what comes after the last seal is not known before the next
            row[column.name] = -self._random.randrange(1, 10**6)
        while connection.execute(sa.select(table).where(*_same(table, row))).first():
            row[column.name] = self._another(connection, table, column, row[column.name])
        for name in ("number", "digest", "key", "to_seq", "version", "edition"):
            unique = table.c.get(name)
            if unique is not None and name not in table.primary_key and not _is_number(unique):
                row[name] = f"{row[name]}-{self._random.randrange(10**6)}"
            elif unique is not None and name not in table.primary_key:
                row[name] = row[name] + 1000 + self._random.randrange(10**6)
        connection.execute(sa.insert(table).values(row))
        return f"inserted {table.name} {_key(table, row)}"

    def _swap_two_rows(self, connection: sa.Connection) -> str:
        """The contents of two rows change places under their keys."""
        table = self._a_table(least=2)
        rows = self._rows(connection, table)
        one, other = self._random.sample(rows, 2)
        own = {column.name for column in table.primary_key}
        loose = [c.name for c in table.c if c.name not in own | PROVEN[table.name]]
        unlike = [name for name in loose if one[name] != other[name]]
        if not unlike:
            return self._change_a_cell(connection)
        unique = {c.name for c in _unique(table)}
        moved = [name for name in unlike if name not in unique] or unlike[:0]
        if not moved:
            return self._change_a_cell(connection)
        self._put(connection, table, one, {name: other[name] for name in moved})
        self._put(connection, table, other, {name: one[name] for name in moved})
        return f"swapped {table.name} {_key(table, one)} and {_key(table, other)}"

    def _cut_the_tail(self, connection: sa.Connection) -> str:
        last = self._random.randrange(1, self._anchor.seq)
        for name, column in (("serving", "sequence"), ("trail_event", "seq")):
            connection.execute(sa.text(f"DELETE FROM {name} WHERE {column} > {last}"))
        return f"cut after {last}"

    def _put_an_older_copy_back(self, connection: sa.Connection) -> str:
        """Trail, ledger and all that follows from it as they were then, seals too."""
        last = self._random.randrange(self._anchor.seq // 2, self._anchor.seq)
        for statement in (
            "DELETE FROM serving WHERE sequence > {}",
            "DELETE FROM serving_key WHERE sequence > {}",
            "DELETE FROM serving_slot WHERE sequence > {}",
            "DELETE FROM trail_event WHERE seq > {}",
            "DELETE FROM record_seal WHERE to_seq >= {}",
        ):
            connection.execute(sa.text(statement.format(last)))
        return f"older copy at {last}"

    def _rewrite_without_the_key(self, connection: sa.Connection) -> str:
        """The whole chain anew under a guessed key, with one thing changed."""
        table = Base.metadata.tables["trail_event"]
        forged, mac, key = (
            self._random.randrange(1, self._anchor.seq),
            bytes(32),
            self._random.randbytes(32),
        )
        for row in connection.execute(sa.text("SELECT * FROM trail_event ORDER BY seq")).all():
            actor = "user:nobody" if row.seq == forged else row.actor
            told = [row.seq, row.at, actor, row.origin, row.action, row.subject, row.detail]
            mac = next_mac(key, mac, told)
            connection.execute(
                sa.update(table).where(table.c.seq == row.seq).values(actor=actor, mac=mac)
            )
        return f"rewritten from {forged}"

    def _rewrite_the_seals(self, connection: sa.Connection) -> str:
        """A forged root, with digests that agree with each other from there on."""
        from mealsvc.auditing.sealing.queries import all_seals
        from mealsvc.auditing.sealing.rules import NOTHING, seal_digest

        table, before = Base.metadata.tables["record_seal"], NOTHING
        seals = all_seals(connection)
        forged = self._random.choice(seals).number
        for one in seals:
            root = self._random.randbytes(32) if one.number == forged else one.root
            own = (one.number, one.from_seq, one.to_seq, root, one.at, one.by)
            before = seal_digest(*own, before)
            values = {"root": root, "digest": before}
            connection.execute(sa.update(table).where(table.c.id == one.number).values(values))
        return f"seals rewritten from {forged}"

    def _change_the_file(self, connection: sa.Connection) -> str:
        """The file of seals, edited, emptied or cut, while the database is as it was."""
        told = list(self._seals or [])
        place = self._random.randrange(len(told))
        match self._random.choice(("gone", "emptied", "edited", "more")):
            case "gone":
                self._told = None
            case "emptied":
                self._told = []
            case "edited":
                told[place] = _with(told[place], root=self._random.randbytes(32))
                self._told = told
            case _:
                last = told[-1]
                self._told = [*told, _with(last, number=last.number + 1)]
        return f"file of seals at {place}"

    # with what

    def _a_table(self, least: int = 1) -> sa.Table:
        while True:
            name = self._random.choice(self._filled)
            if self._count(name) >= least:
                return Base.metadata.tables[name]

    def _a_row(self, connection: sa.Connection, table: sa.Table) -> dict[str, Any]:
        return self._random.choice(self._rows(connection, table))

    def _rows(self, connection: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
        rows = connection.execute(sa.select(table).order_by(*table.primary_key))
        return [dict(row._mapping) for row in rows]

    def _count(self, name: str) -> int:
        return db.session.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[name]))

    def _put(
        self, connection: sa.Connection, table: sa.Table, row: dict[str, Any], new: dict[str, Any]
    ) -> None:
        done = connection.execute(sa.update(table).where(*_same(table, row)).values(new))
        assert done.rowcount == 1

    def _another(self, connection: sa.Connection, table: sa.Table, column: Any, old: Any) -> Any:
        """Another value of the same kind: that of another row half the time."""
        if self._random.random() < 0.5 and column not in _unique(table):
            others = {row[column.name] for row in self._rows(connection, table)} - {old, None}
            if others:
                return self._random.choice(sorted(others, key=repr))
        if old is None:
            return _some(column)
        if isinstance(old, bool):
            return not old
        if isinstance(old, int):
            return old + self._random.choice((1, 100, 1000, 7919))
        if isinstance(old, bytes):
            place = self._random.randrange(max(len(old), 1))
            return (
                old[:place]
                + bytes([old[place] ^ 1 << self._random.randrange(8)])
                + old[place + 1 :]
            )
        if hasattr(old, "astimezone"):
            return old + timedelta(microseconds=self._random.choice((1, 10**6, 10**9)))
        if isinstance(old, date):
            return old + timedelta(days=self._random.choice((1, 30)))
        if isinstance(old, float):
            return old + 0.25
        return _other_text(old, self._random)


def _other_text(old: str, random: Random) -> str:
    if not old or random.random() < 0.5:
        return f"{old}x"
    place = random.randrange(len(old))
    letter = "0" if old[place] != "0" else "1"
    return old[:place] + letter + old[place + 1 :]


def _some(column: Any) -> Any:
    """A value where there was none."""
    kind = column.type
    if isinstance(kind, sa.Date):
        return date(2031, 5, 9)
    if "Instant" in type(kind).__name__:
        from mealsvc.plumbing.db import instant

        return instant(1_700_000_000_000_000)
    if isinstance(kind, sa.LargeBinary):
        return b"x"
    return 1 if isinstance(kind, sa.Integer | sa.BigInteger) else "x"


def _is_number(column: Any) -> bool:
    return isinstance(column.type, sa.Integer | sa.BigInteger)


def _unique(table: sa.Table) -> list[Any]:
    """Columns that no two rows may share: a database refuses an edit that makes them equal."""
    found = list(table.primary_key) if len(table.primary_key) == 1 else []
    for one in table.constraints:
        if isinstance(one, sa.UniqueConstraint) and len(one.columns) == 1:
            found += list(one.columns)
    for index in table.indexes:
        if index.unique:
            found += list(index.columns)
    return found


def _same(table: sa.Table, row: dict[str, Any]) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key]


def _key(table: sa.Table, row: dict[str, Any]) -> list[Any]:
    return [row[column.name] for column in table.primary_key]


def _with(seal: Any, **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(seal, **changes)


def main() -> int:
    """Runs a long series on SQLite and prints the score."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MEALSVC_INSTANCE"] = folder
        os.environ.pop("MEALSVC_DATABASE_URL", None)
        from mealsvc.app import create_app
        from mealsvc.kernel.actors import Actor
        from mealsvc.setup import prepare
        from tests.hostile.attacked import record_a_month

        prepare(Actor("command", "attacks"))
        with create_app({"TESTING": True}).app_context():
            record_a_month()
            attacker = Attacker()
            attacker.take_guards_down()
            outcome = Series(attacker, Path(folder), given.seed).run(given.count)
            attacker.engine.dispose()
    told = {"found": sum(outcome.found.values()), "of": given.count, "by_kind": outcome.found}
    told |= {"missed": outcome.missed, "imagined": outcome.imagined}
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return 1 if outcome.missed or outcome.imagined else 0


if __name__ == "__main__":
    sys.exit(main())
