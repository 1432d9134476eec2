"""What a report consists of, as plain data that survives the lock as JSON. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Head:
    """A heading of the second level: （一）……"""

    text: str


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph; its figures stand in it as `{code}`."""

    text: str


@dataclass(frozen=True, slots=True)
class Col:
    """A column: `share` is its width beside the others'; align left, right or center."""

    head: str
    share: float = 1.0
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table (表)."""

    caption: str
    columns: tuple[Col, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    note: str = ""
    empty: str = "没有记录"


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart (图): `kind` bars (lying), columns (standing) or pairs (two bars a place)."""

    caption: str
    kind: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Map:
    """A map (图): `view` is what the map room needs to draw it again."""

    caption: str
    view: Mapping[str, Any]
    note: str = ""


Block = Head | Para | Grid | Chart | Map
EXHIBITS = (Grid, Chart, Map)
KINDS: dict[str, type[Block]] = {
    "head": Head,
    "para": Para,
    "grid": Grid,
    "chart": Chart,
    "map": Map,
}
_NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Part:
    """A section or an annex: `code`, its heading, what stands in it."""

    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Cited:
    """A figure as the report cites it."""

    name: str
    text: str
    definition: str
    as_of: str
    source: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole survey report. `day` is the day of its lock (ISO), empty before."""

    title: str
    issuer: str
    subject: str
    as_of: str
    day: str
    demo: bool
    sections: tuple[Part, ...]
    annexes: tuple[Part, ...]
    figures: Mapping[str, Cited] = field(default_factory=dict)

    @property
    def locked(self) -> bool:
        return bool(self.day)


def sign_of(block: Block) -> str:
    """图 or 表, or nothing for words."""
    return "" if not isinstance(block, EXHIBITS) else "表" if isinstance(block, Grid) else "图"


def numbered(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Captions with their numbers, tables and figures each counted from 1."""
    counts = {"表": 0, "图": 0}

    def one(block: Block) -> Block:
        sign = sign_of(block)
        if not sign or isinstance(block, Head | Para):
            return block
        counts[sign] += 1
        return replace(block, caption=f"{sign}{counts[sign]}　{block.caption}")

    return tuple(replace(part, blocks=tuple(map(one, part.blocks))) for part in parts)


def to_plain(report: Report) -> dict[str, Any]:
    """The report as JSON takes it."""
    made = {name: getattr(report, name) for name in ("title", "issuer", "subject", "as_of", "day")}
    made["demo"] = report.demo
    for name in ("sections", "annexes"):
        made[name] = [
            [part.code, part.title, [[_NAMES[type(b)], asdict(b)] for b in part.blocks]]
            for part in getattr(report, name)
        ]
    made["figures"] = {code: asdict(cited) for code, cited in report.figures.items()}
    return made


def from_plain(made: Mapping[str, Any]) -> Report:
    """The report that `to_plain` made this of."""
    return Report(
        *(made[name] for name in ("title", "issuer", "subject", "as_of", "day")),
        demo=made["demo"],
        sections=tuple(map(_part, made["sections"])),
        annexes=tuple(map(_part, made["annexes"])),
        figures={code: Cited(**cited) for code, cited in made["figures"].items()},
    )


def _part(made: Sequence[Any]) -> Part:
    code, title, blocks = made
    return Part(code, title, tuple(_block(kind, fields) for kind, fields in blocks))


def _block(kind: str, fields: Mapping[str, Any]) -> Block:
    given = dict(fields)
    if kind == "grid":
        given["columns"] = tuple(Col(**column) for column in given["columns"])
        given["rows"] = tuple(map(tuple, given["rows"]))
        given["total"] = tuple(given["total"])
    if kind == "chart":
        given["labels"] = tuple(given["labels"])
        given["series"] = tuple((name, tuple(values)) for name, values in given["series"])
    return KINDS[kind](**given)
