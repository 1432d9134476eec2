"""Plays a story to the product's commands and to the oracle, and tells where they differ."""

import contextlib
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from mealsvc.cli import main
from tests.oracle import files
from tests.oracle.contract import Refused, World

Step = tuple[Any, ...]


@dataclass
class Played:
    """What was compared."""

    rows: int = 0
    months: int = 0
    steps: int = 0
    differences: list[str] = field(default_factory=list)


def run(*words: str | Path) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(word) for word in words])
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
    return status, out.getvalue(), err.getvalue()


def play(steps: list[Step], world: World, folder: Path, seed: int) -> Played:
    """Every step on both sides; a difference is a sentence with both answers."""
    played, style = Played(), Random(f"style {seed}")
    bytes_of: dict[Any, Any] = {}
    for number, step in enumerate(steps):
        played.steps += 1
        for text in _STEPS[step[0]](step, world, folder, style, played, bytes_of):
            played.differences.append(f"seed {seed}, step {number} {step[0]} {step[1]}: {text}")
    return played


def _differ(what: str, wanted: Any, got: Any) -> Iterator[str]:
    if wanted != got:
        yield f"{what}: contract {wanted!r}, mealsvc {got!r}"


def _import(step, world, folder, style, played, _bytes) -> Iterator[str]:
    _, kind, rows = step
    path, headings = files.write(kind, rows, folder, style)
    rejects = folder / "rejects.csv"
    rejects.unlink(missing_ok=True)
    dry = run("import", kind, path, "--dry-run", "--json") if style.random() < 0.2 else None
    wanted, rejected = world.take(kind, list(enumerate(rows, start=2)))
    status, out, err = run("import", kind, path, "--rejects", rejects, "--json")
    played.rows += len(rows)
    if status:
        yield f"exit {status}: {err}"
        return
    got = json.loads(out)
    yield from _differ("dry run", dry[1] if dry else out, out)
    for counts in (got, wanted):
        for name in ("full_price", "rejected"):
            counts[name] = {k: n for k, n in sorted(counts.get(name, {}).items()) if n}
    yield from _differ("answer", wanted, {name: got.get(name) for name in wanted})
    found = _rejects(rejects)
    lines = sorted((int(row["line"]), row["code"]) for row in found)
    yield from _differ("rejected rows", sorted(rejected), lines)
    for row in found:
        if row["column"] not in headings:
            yield f"the rejected row {row} names no heading of {headings}"
        if not row["message"]:
            yield f"the rejected row {row} has no message"
        if missing := [name for name in headings if name not in row]:
            yield f"the rejected row {row} lacks {missing}"
        sent = [value for value in rows[int(row["line"]) - 2].values() if value]
        if path.suffix == ".csv" and (lost := set(sent) - {_unquoted(v) for v in row.values()}):
            yield f"the rejected row {row} lost {lost}"


def _rejects(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    text = path.read_bytes().decode("utf-8-sig")
    return [
        {(name or "").strip(): value for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _policy(step, world, folder, style, played, _bytes) -> Iterator[str]:
    path = folder / "policy.toml"
    path.write_text(step[2], "utf-8")
    try:
        wanted = (0, world.take_policy(step[2]))
    except Refused:
        wanted = (1, None)
    status, out, _ = run("import", "policy", path, "--json")
    answer = json.loads(out) if not status else None
    yield from _differ(f"policy\n{step[2]}", wanted, (status, answer))


def _end(step, world, folder, style, played, _bytes) -> Iterator[str]:
    try:
        world.end(step[1], date.fromisoformat(step[2]))
        wanted = 0
    except Refused:
        wanted = 1
    status, _, err = run("policy", "end", step[1], step[2])
    yield from _differ(f"{step} {err}", wanted, status)


def _settle(step, world, folder, style, played, bytes_of) -> Iterator[str]:
    _, month, point, submit = step
    words = ["settle", month, "--json", *(["--point", point] if point else [])]
    try:
        wanted = (0, world.settle(month, point, submit))
    except Refused:
        wanted = (1, None)
    status, out, err = run(*words, *(["--submit"] if submit else []))
    played.months += 1
    got = json.loads(out) if not status else None
    if wanted[0] != status:
        yield f"{step}: contract exit {wanted[0]}, mealsvc {status} {err}"
    elif got is not None:
        yield from _compare(wanted[1], got)
        if got["points"] and got["status"] == "submitted":
            codes = (month, *(page["point"] for page in got["points"]))
            yield from _differ("bytes", bytes_of.setdefault(codes, out), out)


def _compare(wanted: dict[str, Any], got: dict[str, Any]) -> Iterator[str]:
    """Order counts too: of the document, of rules and of sources."""
    if json.dumps(wanted) == json.dumps(got):
        return
    for name in ("month", "division", "status", "total"):
        yield from _differ(name, wanted[name], got[name])
    codes = [page["point"] for page in wanted["points"]]
    yield from _differ("points", codes, [page["point"] for page in got["points"]])
    for ours, theirs in zip(wanted["points"], got["points"], strict=False):
        for name in ours:
            yield from _differ(f"{ours['point']} {name}", ours[name], theirs.get(name))
        for name in ("funding", "adjustment_funding"):
            yield from _differ(f"{name} order", list(ours[name]), list(theirs[name]))
        yield from _differ("names", list(ours), list(theirs))


def _lines(step, world, folder, style, played, bytes_of) -> Iterator[str]:
    """Line by line, in the server's order: what was decided, paid, and where it settles."""
    path, month = folder / "lines.csv", step[1]
    status, _, err = run("export", "servings", "--month", month, "--out", path)
    if status:
        yield f"exit {status}: {err}"
        return
    got = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    got.sort(key=lambda row: int(row["序号"]))
    wanted = [line for line in world.lines if line["own_month"] == month]
    keys = [line["key"] for line in wanted]
    yield from _differ("keys", keys, [_unquoted(row["流水号"]) for row in got])
    words = bytes_of.setdefault("words", {None: ""})
    for line, row in zip(wanted, got, strict=False):
        found = [round(float(row[name]) * 100) for name in ("价格", "补贴", "自付", "送餐补贴")]
        fen = [line["price"], line["subsidy"], line["price"] - line["subsidy"], line["delivery"]]
        yield from _differ(line["key"], [line["net"] * one for one in fen], found)
        word = words.setdefault(line["reason"], row["全价原因"])
        yield from _differ(f"{line['key']} {line['reason']}", word, row["全价原因"])
        yield from _differ(f"{line['key']} late", line["late"], row["迟到"] not in ("", "否"))
    if len(set(words.values())) < len(words):
        yield f"two reasons have one wording: {words}"


def _unquoted(text: str) -> str:
    """A text that a spreadsheet would take for a formula comes with an apostrophe."""
    return text[1:] if text.startswith("'-") else text


_STEPS = {"lines": _lines, "import": _import, "policy": _policy, "end": _end, "settle": _settle}
