"""On which line of a TOML file a key stands, so that a refusal can name it.

`tomllib` tells values but no lines. This reads headings and keys only, well enough to point at
them; what a file means is always decided by `tomllib`.
"""

import re
from collections import Counter

Place = tuple[str, int, str]
"""(table, entry of an array of tables from 0, key); the key "" is the heading itself, `steps.1` the
second table in the list of the key `steps`."""

_OPAQUE = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
_HEADING = re.compile(r"\s*(\[\[?)\s*([\w-]+)(?:\s*\.\s*([\w-]+))?[^\]]*\]\]?\s*")
_KEY = re.compile(r"\s*([\w-]+)\s*[.=]")
_BRACKET = re.compile(r"[][{}]")


class Lines:
    """The lines, from 1, of the headings and keys of a text."""

    def __init__(self, text: str) -> None:
        self._found: dict[Place, int] = {}
        self._items: Counter[Place] = Counter()
        entries: Counter[str] = Counter()
        table, under, key, depth = "", "", "", 0
        for number, line in enumerate(without_strings(text).split("\n"), 1):
            heading = None if depth else _HEADING.fullmatch(line)
            if heading is not None:
                brackets, table, under = heading[1], heading[2], heading[3] or ""
                entries[table] += brackets == "[[" and not under
                self._note(table, entries[table], under, number)
                if under and brackets == "[[":
                    self._note_item(table, entries[table], under, number)
                continue
            found = None if depth else _KEY.match(line)
            if found is not None:
                key = under or found[1]
                self._note(table, entries[table], key, number)
            for bracket in _BRACKET.findall(line):
                if bracket == "{" and depth == 1:
                    self._note_item(table, entries[table], key, number)
                depth += 1 if bracket in "[{" else -1

    def of(self, table: str, entry: int, key: str) -> int:
        """The line of a key, else of its table's heading, else 1."""
        whole = key.partition(".")[0]
        places = ((table, entry, key), (table, entry, whole), (table, entry, ""), ("", 0, table))
        return next((self._found[place] for place in places if place in self._found), 1)

    def _note(self, table: str, entries: int, key: str, number: int) -> None:
        self._found.setdefault((table, max(entries - 1, 0), key), number)

    def _note_item(self, table: str, entries: int, key: str, number: int) -> None:
        place = (table, entries, key)
        self._note(table, entries, f"{key}.{self._items[place]}", number)
        self._items[place] += 1


def without_strings(text: str) -> str:
    """The text with its lines, but without comments and what stands in quotes."""
    return _OPAQUE.sub(_blank, text)


def _blank(opaque: re.Match[str]) -> str:
    """The same number of lines without what could be taken for a heading or a key."""
    return ("" if opaque[0].startswith("#") else "_") + "\n" * opaque[0].count("\n")
