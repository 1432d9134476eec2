#!/usr/bin/env python3
"""独立核对程序：核对 mealsvc audit export 导出的一个月的流水，不依赖 mealsvc，只用 Python 3.9 以上的标准库。

    python3 verify.py                        核对本程序所在的文件夹（解压后的导出文件）
    python3 verify.py 导出.zip               核对没有解压的导出文件
    python3 verify.py 导出.zip --witness X   X 是见证方留存的摘要（第 N 次封存），或见证文件

An independent verifier of a month's export; it trusts nothing but SHA-256 and the witness's digest.
Exit status: 0 proven, 1 not proven; the first bad row is named.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT, VERSION = "mealsvc-proof", 1
# The columns of a line, as its digest spells them; after them the decision's text.
COLUMNS = (
    "sequence", "key", "point_id", "resident_id", "served_at", "served_on", "meal", "mode",
    "method", "price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen", "reason", "age",
    "settle_month", "late", "reverses", "note", "content_mac", "operator", "device",
    "recorded_at",
)  # fmt: skip
AT = {name: place for place, name in enumerate(COLUMNS)}
SEQ, ACTION, SUBJECT, DETAIL = 0, 4, 5, 6
ACTIONS = {True: "servings.record", False: "servings.reverse"}
SHOWN = 16
SUMS = ("price_fen", "subsidy_fen", "self_pay_fen", "delivery_fen")


class Bad(Exception):
    """What is wrong, naming the first bad row."""


def canonical(values: Any) -> bytes:
    """One spelling for one list of plain values: compact JSON in UTF-8."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def digest(values: Any) -> str:
    return hashlib.sha256(canonical(values)).hexdigest()


class Source:
    """The files of an export, in a folder or a zip."""

    def __init__(self, path: Path) -> None:
        self._folder = path if path.is_dir() else None
        self._zip = None if self._folder else zipfile.ZipFile(path)

    def document(self, name: str) -> Any:
        with self._open(name) as file:
            return json.load(file)

    def rows(self, name: str) -> Iterator[Any]:
        with self._open(name) as file:
            for line in file:
                yield json.loads(line)

    def _open(self, name: str) -> Any:
        if self._folder is not None:
            return (self._folder / name).open(encoding="utf-8")
        assert self._zip is not None
        return io.TextIOWrapper(self._zip.open(name), encoding="utf-8", newline="\n")


def check_seals(seals: list[dict[str, Any]]) -> None:
    """封存链：each seal's digest covers itself and the digest before."""
    before, end = "", 0
    for number, seal in enumerate(seals, 1):
        told = [number, seal["from"], seal["to"], seal["root"], seal["at"], seal["by"], before]
        if seal["number"] != number or seal["from"] != end + 1 or digest(told) != seal["digest"]:
            raise Bad(f"第 {number} 次封存与封存链不符 (seal chain broken)")
        before, end = seal["digest"], seal["to"]


def check_witness(seals: list[dict[str, Any]], witness: str) -> int:
    """见证：the number of the last seal that the witness knows."""
    path = Path(witness)
    if path.is_file():
        known = json.loads(path.read_text(encoding="utf-8"))["seals"]
        for place in range(min(len(seals), len(known))):
            if seals[place]["digest"] != known[place]["digest"]:
                raise Bad(f"第 {place + 1} 次封存与见证文件不符 (differs from the witness)")
        if not known:
            raise Bad("见证文件里没有封存 (the witness file holds no seal)")
        return min(len(seals), len(known))
    typed = "".join(letter for letter in witness.lower() if letter in "0123456789abcdef")
    if len(typed) < 2 * SHOWN:
        raise Bad("见证摘要至少要 32 位 (type at least 32 letters of the witness's digest)")
    for seal in seals:
        if seal["digest"].startswith(typed):
            return seal["number"]
    raise Bad("封存链里没有见证方的摘要 (the witness's digest is not in the chain)")


def root_over(count: int, opened: dict[int, bytes], proof: list[list[list[Any]]]) -> bytes:
    """The root of a tree of `count` leaves from the opened ones and the nodes of the proof."""
    known = opened
    for level in proof:
        given = {place: bytes.fromhex(node) for place, node in level}
        if known.keys() & given.keys():
            raise KeyError(min(known.keys() & given.keys()))  # a node in the place of a row
        known = {**known, **given}
        above = {}
        for place in {one >> 1 for one in known}:
            left, right = known[2 * place], known.get(2 * place + 1)
            if right is None and 2 * place + 1 < count:
                raise KeyError(2 * place + 1)
            above[place] = left if right is None else node_of(left, right)
        known, count = above, (count + 1) >> 1
    if count != 1 or set(known) != {0}:
        raise KeyError(0)
    return known[0]


def node_of(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Trail:
    """留痕行：the opened rows, each proven to lie under a seal."""

    def __init__(self, source: Source, seals: list[dict[str, Any]]) -> None:
        self.told: dict[int, tuple[str, str, str]] = {}
        self.claims: dict[str, tuple[int, dict[str, Any], str]] = {}
        self._proofs = source.document("proofs.json")
        place, leaves, last = 0, {}, 0
        for row in source.rows("trail.jsonl"):
            while place < len(seals) and row[SEQ] > seals[place]["to"]:
                self._close(seals[place], leaves)
                place, leaves = place + 1, {}
            if place == len(seals) or row[SEQ] <= last:
                raise Bad(f"留痕第 {row[SEQ]} 行不在封存范围内或重复 (row outside the seals)")
            leaves[row[SEQ] - seals[place]["from"]] = hashlib.sha256(
                b"\x00" + canonical(row)
            ).digest()
            self._keep(row)
            last = row[SEQ]
        for seal in seals[place:]:
            self._close(seal, leaves)
            leaves = {}

    def _keep(self, row: list[Any]) -> None:
        self.told[row[SEQ]] = (row[ACTION], row[SUBJECT], row[DETAIL])
        if row[ACTION] == "settlement.submit":
            self.claims[row[SUBJECT]] = (row[SEQ], json.loads(row[DETAIL]), row[7])

    def _close(self, seal: dict[str, Any], leaves: dict[int, bytes]) -> None:
        if not leaves:
            return
        count = seal["to"] - seal["from"] + 1
        try:
            right = root_over(count, leaves, self._proofs[str(seal["number"])])
        except (KeyError, ValueError, TypeError):
            raise Bad(f"第 {seal['number']} 次封存的证明不完整 (incomplete proof)") from None
        if right.hex() != seal["root"]:
            first, last = min(leaves) + seal["from"], max(leaves) + seal["from"]
            raise Bad(
                f"留痕第 {first} 至 {last} 行与第 {seal['number']} 次封存不符：有行被改动 (root differs)"
            )


class Point:
    """One point's month, added up from its lines."""

    def __init__(self) -> None:
        self.lines, self.sha = 0, hashlib.sha256()
        self.sums: dict[str, int] = defaultdict(int)
        self.rules: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, line: list[Any], content: str, decision: dict[str, Any]) -> None:
        self.lines += 1
        own = [line[place] for name, place in AT.items() if name != "content_mac"]
        self.sha.update(canonical([*own, content]) + b"\n")
        if line[AT["late"]]:
            self.sums["late"] += 1
            return
        sign = 1 if line[AT["reverses"]] is None else -1
        self.sums["servings"] += sign
        self.sums["reversed"] += sign < 0
        for name in SUMS:
            self.sums[name] += line[AT[name]]
        if decision["reason"] is not None:
            return
        self.sums["subsidised"] += sign
        for code, fen, _ in decision["rules"]:
            self.rules[code][0] += sign
            self.rules[code][1] += sign * fen


def read_decisions(source: Source) -> dict[str, tuple[str, dict[str, Any]]]:
    found = {}
    for content in source.document("decisions.json"):
        found[digest([content])] = (content, json.loads(content))
    return found


def check_lines(source: Source, trail: Trail, month: int) -> dict[int, Point]:
    """流水：each line is what its trail row says, and no line of the trail is missing."""
    decisions, points = read_decisions(source), defaultdict(Point)
    wanted = {seq for seq, told in trail.told.items() if told[0] in ACTIONS.values()}
    last = 0
    for line in source.rows("lines.jsonl"):
        seq, values = line[0], line[:-1]
        content = decisions.get(line[-1])
        if seq <= last or len(values) != len(COLUMNS):
            raise Bad(f"流水第 {seq} 号次序不对或重复 (line out of order)")
        if content is None:
            raise Bad(f"流水第 {seq} 号的补贴决定缺失或被改动 (decision missing)")
        told = (
            ACTIONS[values[AT["reverses"]] is None],
            values[AT["key"]],
            digest([*values, content[0]]),
        )
        if trail.told.get(seq) != told:
            raise Bad(
                f"流水第 {seq} 号与留痕不符：该行被改动或是插入的 (line differs from its trail row)"
            )
        if values[AT["settle_month"]] != month:
            raise Bad(f"流水第 {seq} 号不在本月结算 (line of another month)")
        wanted.discard(seq)
        points[values[AT["point_id"]]].add(values, *content)
        last = seq
    if wanted:
        raise Bad(f"流水第 {min(wanted)} 号缺失：该行被删去 (line missing)")
    return points


def check_point(entry: dict[str, Any], point: Point, trail: Trail, month: str) -> str | None:
    """结算：lines, claim and sums of one point; gives what to compare with the printed sheet."""
    code, sha = entry["point"], point.sha.copy()
    for extra in entry["adjustments"]:
        sha.update(canonical(extra))
    claim = json.loads(entry["document"])
    for name in ("servings", "subsidised", "reversed", "late", *SUMS):
        if point.sums[name] != claim[name]:
            raise Bad(
                f"{code} 的 {name} 合计 {point.sums[name]}，结算为 {claim[name]} (sum differs)"
            )
    check_rules(code, point, claim)
    payable = sum(
        claim[name] for name in ("subsidy_fen", "delivery_fen", "operating_fen", "adjustment_fen")
    )
    if payable != claim["payable_fen"] + claim["held_fen"]:
        raise Bad(f"{code} 的应付金额与各项不符 (payable differs)")
    if claim["point"] != code:
        raise Bad(f"{code} 的结算是另一个助餐点的 (claim of another point)")
    if not entry["submitted"]:
        return None
    if f"{month}/{code}" not in trail.claims:
        raise Bad(f"{code} 没有提交留痕 (no submission in the trail)")
    seq, detail, mac = trail.claims.pop(f"{month}/{code}")
    if detail["lines"] != point.lines or detail["digest"] != sha.hexdigest():
        raise Bad(
            f"{code} 的流水与提交时不符：少了、多了或改了行 (lines differ from the submission)"
        )
    told = (digest([entry["document"], entry["heading"]]), claim["payable_fen"])
    if told != (detail["claim"], detail["payable_fen"]):
        raise Bad(f"{code} 的结算与提交时不符 (claim differs from the submission)")
    return f"留痕第 {seq} 行，链值 {mac}"


def check_rules(code: str, point: Point, claim: dict[str, Any]) -> None:
    told: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for rule in claim["rules"]:
        told[rule["rule"]][0] += rule["count"]
        told[rule["rule"]][1] += rule["subsidy_fen"]
    for rule in {*told, *point.rules}:
        if told[rule] != point.rules[rule]:
            raise Bad(f"{code} 的档次 {rule} 合计不符 (rule's sum differs)")


def verify(path: Path, witness: str | None) -> list[str]:
    """核对全部；返回说明。Raises `Bad` at the first thing that is not as it should be."""
    source = Source(path)
    manifest, seals = source.document("manifest.json"), source.document("seals.json")
    if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
        raise Bad("不是这种导出文件 (another format)")
    check_seals(seals)
    known = check_witness(seals, witness) if witness else 0
    trail = Trail(source, seals)
    month = str(manifest["month"])
    points = check_lines(source, trail, int(month.replace("-", "")))
    entries = source.document("settlement.json")
    if set(points) - {entry["point_id"] for entry in entries}:
        raise Bad("有流水不属于列出的助餐点 (a line of no listed point)")
    told, lines, fen = [], 0, 0
    for entry in entries:
        point = points.get(entry["point_id"], Point())
        proven = check_point(entry, point, trail, month)
        payable = json.loads(entry["document"])["payable_fen"]
        lines, fen = lines + point.lines, fen + payable
        told.append(
            f"  {entry['point']}：流水 {point.lines} 条，应付 {payable / 100:,.2f} 元"
            + (f"；{proven}" if proven else "；未提交：不能证明没有遗漏的行 (not submitted)")
        )
    if trail.claims:
        raise Bad(f"{min(trail.claims)} 的结算缺失 (claim missing)")
    if (lines, [entry["point"] for entry in entries]) != (manifest["lines"], manifest["points"]):
        raise Bad("条数或助餐点与说明不符 (counts differ from the manifest)")
    late = sum(1 for seq in trail.told if known and seq > seals[known - 1]["to"])
    return [
        f"{month}：{len(entries)} 个助餐点，流水 {lines} 条。",
        *told,
        *about(seals, known, late),
    ]


def about(seals: list[dict[str, Any]], known: int, late: int) -> list[str]:
    last = seals[-1]
    if not known:
        return [
            "注意：没有与见证方核对，只证明这份文件前后一致 (not compared with a witness)。",
            f"请把第 {last['number']} 次封存的摘要与见证方留存的核对：{last['digest']}",
        ]
    told = [f"与见证方留存的第 {known} 次封存一致 (agrees with the witness's seal {known})。"]
    if late:
        told.append(f"其中 {late} 行在见证之后才封存 ({late} rows were sealed after that)。")
    return told


def main() -> int:
    asked = argparse.ArgumentParser(description="独立核对程序 / independent verifier")
    asked.add_argument("export", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    asked.add_argument(
        "--witness", help="见证方留存的摘要或见证文件 / the witness's digest or file"
    )
    given = asked.parse_args()
    try:
        told = verify(given.export, given.witness)
    except Bad as bad:
        return said(1, f"核对未通过 NOT PROVEN：{bad}")
    except Exception as error:  # whatever a damaged file makes of itself
        why = f"{type(error).__name__} {error}"
        return said(1, f"核对未通过 NOT PROVEN：读不懂这份文件 cannot be read（{why}）")
    return said(0, "\n".join([*told, "核对通过 PROVEN"]))


def said(status: int, words: str) -> int:
    sys.stdout.buffer.write((words + "\n").encode())
    return status


if __name__ == "__main__":
    sys.exit(main())
