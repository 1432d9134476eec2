"""The whole proof: what `auditing.proof` checks, and the seals against the trail and their file."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection

from mealsvc.auditing import proof
from mealsvc.auditing.sealing import tables
from mealsvc.auditing.sealing.queries import SEAL, all_seals
from mealsvc.auditing.sealing.refusals import BadAnchorTyped, SealsMissing
from mealsvc.auditing.sealing.rules import NOTHING, Growing, Sealed, leaf_of
from mealsvc.auditing.sealing.seal_file import FILENAME, read_seals
from mealsvc.kernel.text import tidy_code
from mealsvc.trail.rules import Link
from mealsvc.trail.verify import Broken, Verified


def verify(progress: "Progress | None" = None, printed: Link | None = None) -> Verified:
    """Everything recorded, in one snapshot; raises `Broken` naming the first bad row. `printed` is
    the anchor on some paper: the record must still hold it."""
    folder: Path = current_app.config["INSTANCE"]
    told = read_seals(folder)  # before the snapshot: never ahead of it
    return proof.verify(Seals(told, folder / FILENAME, progress, printed))


def anchor_typed(text: str | None) -> Link | None:
    """An anchor as a paper prints it and somebody types it: 70660:efdd…"""
    if text is None:
        return None
    seq, _, mac = tidy_code(text).partition(":")
    try:
        link = Link(int(seq), bytes.fromhex(mac))
    except ValueError as error:
        raise BadAnchorTyped() from error
    if len(link.mac) != 32:
        raise BadAnchorTyped()
    return link


def verify_within(connection: Connection, anchor: Link) -> Verified:
    """The same in a transaction of the caller's, where no file of seals lies beside."""
    return proof.verify_within(connection, anchor, Seals(None, None))


class Progress:
    """Counts what the walk has passed; a page shows it."""

    def told(self, done: int) -> None:
        """Called now and then with the number of rows."""


class Seals:
    """The seals, held against the trail as it is walked. `told` is what their file holds."""

    EVERY = 5_000

    def __init__(
        self,
        told: Sequence[Sealed] | None,
        path: Path | None,
        progress: Progress | None = None,
        printed: Link | None = None,
    ) -> None:
        self._told, self._path, self._progress = told, path, progress
        self._printed = printed
        self._seals: list[Sealed] = []
        self._place, self._tree = 0, Growing()
        self._acts: dict[str, Any] = {}
        self._counts: Counter[str] = Counter()

    def begin(self, connection: Connection) -> None:
        """The seals of this snapshot: their own chain, and the same as in their file."""
        self._seals = all_seals(connection)
        before, end = NOTHING, 0
        for number, seal in enumerate(self._seals, 1):
            in_order = seal.number == number and end + 1 == seal.from_seq <= seal.to_seq
            if not in_order or not seal.is_true(before):
                raise Broken(f"第 {number} 次封存与封存链不符：该行被改动、删除或插入。")
            before, end = seal.digest, seal.to_seq
        self._check_file()

    def note(self, event: Any) -> None:
        """Takes a proven row of the trail under the seal that it belongs to."""
        action = event.action
        if action in tables.ACTS:
            self._counts[action] += 1
        elif action == SEAL:
            self._acts[event.subject] = event
        if self._printed is not None and event.seq == self._printed.seq:
            if event.mac != self._printed.mac:
                raise Broken(f"操作留痕第 {event.seq} 行与纸面上的锚值不符：记录曾被整体改写。")
            self._printed = None
        if self._progress is not None and event.seq % self.EVERY == 0:
            self._progress.told(event.seq)
        if self._place == len(self._seals):
            return
        seal = self._seals[self._place]
        self._tree.add(leaf_of(*event))
        if event.seq == seal.to_seq:
            if self._tree.root() != seal.root:
                raise Broken(
                    f"操作留痕第 {seal.from_seq} 至第 {seal.to_seq} 行与第 {seal.number} 次封存不符："
                    "记录曾被改写。"
                )
            self._place, self._tree = self._place + 1, Growing()

    def check(self, connection: Connection) -> None:
        """Every seal has its rows and its act; the tables beside are as the acts tell."""
        if self._printed is not None:
            raise Broken(
                f"纸面上的锚值在第 {self._printed.seq} 行，操作留痕没有这一行：末尾被截去。"
            )
        if self._place < len(self._seals):
            seal = self._seals[self._place]
            raise Broken(f"第 {seal.number} 次封存到操作留痕第 {seal.to_seq} 行，末尾被截去。")
        covered = []
        for seal in self._seals:
            act = self._acts.pop(str(seal.number), None)
            detail = {} if act is None else json.loads(act.detail)
            if detail.get("digest") != seal.digest:
                raise Broken(f"第 {seal.number} 次封存没有对应的留痕：该行是插入的或被改动。")
            covered.append((seal.number, detail["tables"]))
        if self._acts:
            lost = min(self._acts.values(), key=lambda one: one.seq)
            raise Broken(f"第 {lost.subject} 次封存缺失（留痕第 {lost.seq} 行）：该行被删除。")
        tables.check(connection, covered, self._counts)

    def _check_file(self) -> None:
        """Behind by one sealing is what a crash leaves; the next one makes it good."""
        if self._path is None or not (self._seals or self._told):
            return
        told = self._told
        if told is None:
            raise SealsMissing(path=self._path)
        for number, (own, other) in enumerate(zip(self._seals, told, strict=False), 1):
            if own != other:
                raise Broken(f"第 {number} 次封存与库外封存文件不符：记录曾被整体改写。")
        if len(told) > len(self._seals):
            raise Broken(
                f"封存止于第 {len(self._seals)} 次，而库外封存文件有 {len(told)} 次：末尾被截去。"
            )
        if len({seal.at for seal in self._seals[len(told) :]}) > 1:
            raise SealsMissing(path=self._path)
