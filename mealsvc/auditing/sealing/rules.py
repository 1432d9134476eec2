"""Merkle trees over the trail (RFC 6962: leaves and nodes are told apart, an odd one goes up as it
is), and the chain of seals. `verify_export.py` spells the same without us."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from mealsvc.trail.rules import canonical

LEAF, NODE = b"\x00", b"\x01"
GROUP = 4
NOTHING = ""  # before the first seal


@dataclass(frozen=True, slots=True)
class Sealed:
    """One seal, as it lies in the database, in the file beside it, and with witnesses."""

    number: int
    from_seq: int
    to_seq: int
    root: bytes
    at: int  # microseconds
    by: str
    digest: str

    def is_true(self, before: str) -> bool:
        """Whether the digest is that of everything else and of the seal before."""
        own = (self.number, self.from_seq, self.to_seq, self.root, self.at, self.by)
        return self.digest == seal_digest(*own, before)


@dataclass(slots=True)
class Growing:
    """A tree that grows leaf by leaf and remembers no more than its right edge."""

    _edge: list[tuple[int, bytes]] = field(default_factory=list)

    def add(self, leaf: bytes) -> None:
        height = 0
        while self._edge and self._edge[-1][0] == height:
            leaf = node(self._edge.pop()[1], leaf)
            height += 1
        self._edge.append((height, leaf))

    def root(self) -> bytes:
        """The root over the leaves so far; at least one."""
        edge = [one for _, one in self._edge]
        found = edge.pop()
        while edge:
            found = node(edge.pop(), found)
        return found


def leaf_of(seq: int, at: int, actor: str, origin: str, action: str, subject: str, detail: str, mac: bytes) -> bytes:  # fmt: skip
    """The leaf of a trail row. The keyed digest in it keeps rows of few possible values from being
    guessed by whoever sees the leaf only."""
    told = canonical([seq, at, actor, origin, action, subject, detail, mac.hex()])
    return hashlib.sha256(LEAF + told).digest()


def node(left: bytes, right: bytes) -> bytes:
    """What stands above two."""
    return hashlib.sha256(NODE + left + right).digest()


def seal_digest(
    number: int, from_seq: int, to_seq: int, root: bytes, at: int, by: str, before: str
) -> str:
    """What stands for a seal and for all before it; `before` is the digest of the one before."""
    told = canonical([number, from_seq, to_seq, root.hex(), at, by, before])
    return hashlib.sha256(told).hexdigest()


def levels_of(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The whole tree from the leaves to the root."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append(list(_above(levels[-1])))
    return levels


def _above(row: Sequence[bytes]) -> Iterator[bytes]:
    for place in range(0, len(row) - 1, 2):
        yield node(row[place], row[place + 1])
    if len(row) % 2:
        yield row[-1]


def proof_of(levels: Sequence[Sequence[bytes]], opened: Collection[int]) -> list[list[list]]:
    """For each level the nodes [place, hex] without which the root cannot be computed from the
    leaves at these places."""
    known, proof = set(opened), []
    for row in levels[:-1]:
        beside = {place ^ 1 for place in known if place ^ 1 < len(row)} - known
        proof.append([[place, row[place].hex()] for place in sorted(beside)])
        known = {place >> 1 for place in known}
    return proof


def in_groups(digest: str) -> str:
    """A digest as people read it out: 8 groups of 4 letters, the first half of it."""
    return "-".join(digest[start : start + GROUP] for start in range(0, 32, GROUP)).upper()
