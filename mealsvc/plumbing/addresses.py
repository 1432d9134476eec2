"""What stands in addresses: client-made keys, numbers of rows, and what no database can look for."""

from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map, PathConverter

LARGEST = 2**63 - 1  # number of a row, in either database


class KeyConverter(PathConverter):
    """A client-made key within an address: any characters, slashes at its ends included."""

    regex = ".+?"
    part_isolating = False


def accept_keys(state: Any) -> None:
    """Lets a blueprint write `<key:name>` in its addresses; for its `record_once`."""
    state.app.url_map.converters["key"] = KeyConverter


class RowNumber(IntegerConverter):
    """`<int:…>` in an address: a number that a row can have; any other is not found."""

    def __init__(self, map: Map):
        super().__init__(map, max=LARGEST)


def register(app: Flask) -> None:
    """Before any route is added."""
    app.url_map.converters["int"] = RowNumber
    app.before_request(_without_nul)


def number_asked(name: str) -> int | None:
    """The row's number that the address names; 404 for what no row can have."""
    written = request.args.get(name, "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) < 20):
        abort(404)
    number = int(written)
    return number if number <= LARGEST else abort(404)


def _without_nul() -> None:
    """No text that is kept holds NUL, and PostgreSQL takes none; the API has its own answers."""
    if request.path.startswith("/api/"):
        return
    if "\0" in request.path or b"%00" in request.query_string:
        abort(404)
