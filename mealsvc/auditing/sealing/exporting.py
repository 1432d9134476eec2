"""A month that proves itself: lines in clear, the hashes that lead from them to the seals, and a
program that checks them without us."""

import json
import zipfile
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, select

from mealsvc.auditing.sealing.queries import all_seals, trail_rows
from mealsvc.auditing.sealing.refusals import NothingToExport
from mealsvc.auditing.sealing.rules import Sealed, leaf_of, levels_of, proof_of
from mealsvc.auditing.sealing.services import seal
from mealsvc.auditing.sealing.witness import as_json
from mealsvc.kernel.actors import Actor
from mealsvc.kernel.dates import format_instant
from mealsvc.kernel.months import Month
from mealsvc.places.models import MealPoint
from mealsvc.plumbing.db import db, micros
from mealsvc.servings.models import Decision, Serving
from mealsvc.servings.services import LINE_COLUMNS, plain_value
from mealsvc.settlement.area import district
from mealsvc.settlement.models import SettlementBatch
from mealsvc.settlement.services import adjustments_of, heading_of, settlement_of
from mealsvc.trail.models import TrailEvent
from mealsvc.trail.rules import canonical
from mealsvc.trail.services import SYSTEM, record

VERIFIER = Path(__file__).with_name("verify_export.py")
FORMAT, VERSION = "mealsvc-proof", 1
FETCHED = 2_000
README = """本压缩包是{division}老年助餐{month}的流水和证明，可以不依赖助餐系统独立核对：
  1. 电脑上装有 Python 3.9 或更高版本；
  2. 解压后运行  python3 verify.py --witness 见证方留存的摘要（或见证文件）。
通过的，说明：列出的每条流水在封存之前就是这样记录的，封存与见证方留存的一致；已提交的助餐点，
流水和结算正是提交时的那些，一条不多、一条不少，金额相符，可以和纸质结算表上的锚值核对。
不能说明：录入的内容是否真实；没有提交的月份有没有遗漏；没有交给见证方之前是否改写过。
lines.jsonl 流水（老人只有编号）  decisions.json 补贴决定  settlement.json 结算
trail.jsonl 流水和提交的操作留痕  proofs.json、seals.json 证明和封存  verify.py 核对程序
"""


def export_proof(month: Month, points: Collection[str] | None, out: BinaryIO, now: datetime) -> int:
    """Writes the zip of a month, of these points or of all; returns the number of lines. What is not
    under a seal yet is sealed first. Raises `NothingToExport`.
    """
    seal(SYSTEM, now)
    with db.engine.connect() as connection, connection.begin():
        entries = _entries(month, points)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            opened = _write_lines(archive, connection, month, entries)
            if not opened:
                raise NothingToExport(month=month.chinese)
            lines = len(opened)
            opened |= _submissions(connection, month, entries)
            seals = all_seals(connection)
            _write_proofs(archive, connection, seals, sorted(opened))
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "division": district(),
                "month": str(month),
                "points": [entry["point"] for entry in entries],
                "lines": lines,
                "made_at": format_instant(now),
            }
            told = {"division": district(), "month": month.chinese}
            archive.writestr("seals.json", json.dumps([as_json(one) for one in seals]))
            archive.writestr("settlement.json", json.dumps(entries, ensure_ascii=False))
            archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
            archive.writestr("说明.txt", README.format(**told))
            archive.write(VERIFIER, "verify.py")
    return lines


def note_export(month: Month, points: Collection[str] | None, lines: int, by: Actor) -> None:
    """Leaves the trail row of an export that was given out."""
    detail = {"lines": lines, "points": sorted(points) if points else []}
    record(by, "seals.export", str(month), detail)


def _entries(month: Month, points: Collection[str] | None) -> list[dict[str, Any]]:
    """What the export holds of each point's settlement, in order of code."""
    batches = {
        row.point_id: row
        for row in db.session.scalars(select(SettlementBatch).filter_by(month=month.key))
    }
    places = select(MealPoint).order_by(MealPoint.code)
    if points is not None:
        places = places.where(MealPoint.code.in_(points))
    previews = {one["point"]: one for one in settlement_of(month)["points"]}
    return [
        _entry(month, place, batches.get(place.id), previews[place.code])
        for place in db.session.scalars(places)
        if place.code in previews
    ]


def _entry(
    month: Month, place: MealPoint, batch: SettlementBatch | None, preview: dict[str, Any]
) -> dict[str, Any]:
    claim = {name: value for name, value in preview.items() if name != "status"}
    return {
        "point": place.code,
        "point_id": place.id,
        "submitted": batch is not None,
        "document": batch.document if batch else json.dumps(claim, ensure_ascii=False),
        "heading": batch.heading if batch else json.dumps(heading_of(place), ensure_ascii=False),
        "adjustments": [
            [one.kind, one.sequence, one.amount_fen, one.funding, micros(one.made_at)]
            for one in adjustments_of(month, [place.id])
        ],
    }


def _write_lines(
    archive: zipfile.ZipFile,
    connection: Connection,
    month: Month,
    entries: Sequence[dict[str, Any]],
) -> set[int]:
    """The lines, and the decisions that they have; returns their numbers in the trail."""
    opened: set[int] = set()
    decisions: dict[str, str] = {}
    with archive.open("lines.jsonl", "w", force_zip64=True) as file:
        for row in _lines(connection, month, [entry["point_id"] for entry in entries]):
            decisions[row.digest] = row.content
            told = [
                plain_value(row._mapping[name]) for name in LINE_COLUMNS if name != "decision_id"
            ]
            file.write(canonical([*told, row.digest]) + b"\n")
            opened.add(row.sequence)
    archive.writestr("decisions.json", json.dumps(list(decisions.values()), ensure_ascii=False))
    return opened


def _lines(connection: Connection, month: Month, point_ids: Sequence[int]) -> Iterator[Any]:
    rows = (
        select(*Serving.__table__.columns, Decision.content, Decision.digest)
        .join(Decision, Decision.id == Serving.decision_id)
        .where(Serving.settle_month == month.key, Serving.point_id.in_(point_ids))
        .order_by(Serving.sequence)
    )
    yield from connection.execute(rows, execution_options={"yield_per": FETCHED})


def _submissions(
    connection: Connection, month: Month, entries: Sequence[dict[str, Any]]
) -> set[int]:
    names = [f"{month}/{entry['point']}" for entry in entries]
    rows = select(TrailEvent.seq).where(
        TrailEvent.action == "settlement.submit", TrailEvent.subject.in_(names)
    )
    return set(connection.scalars(rows))


def _write_proofs(
    archive: zipfile.ZipFile, connection: Connection, seals: Sequence[Sealed], opened: list[int]
) -> None:
    """The opened rows of the trail, and for each seal the nodes that lead to its root. Only the
    seals with such a row are read, one at a time."""
    proofs, wanted = {}, set(opened)
    with archive.open("trail.jsonl", "w", force_zip64=True) as file:
        for one in seals:
            mine = {seq for seq in range(one.from_seq, one.to_seq + 1) if seq in wanted}
            if not mine:
                continue
            leaves = []
            for row in trail_rows(connection, one.from_seq - 1, one.to_seq):
                leaves.append(leaf_of(*row))
                if row.seq in mine:
                    file.write(canonical([*row[:-1], bytes(row.mac).hex()]) + b"\n")
            places = {seq - one.from_seq for seq in mine}
            proofs[str(one.number)] = proof_of(levels_of(leaves), places)
    archive.writestr("proofs.json", json.dumps(proofs, separators=(",", ":")))
