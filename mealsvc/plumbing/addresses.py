"""Addresses that hold a client-made key, whatever its characters."""

from typing import Any

from werkzeug.routing import PathConverter


class KeyConverter(PathConverter):
    """A client-made key within an address: any characters, slashes at its ends included."""

    regex = ".+?"
    part_isolating = False


def accept_keys(state: Any) -> None:
    """Lets a blueprint write `<key:name>` in its addresses; for its `record_once`."""
    state.app.url_map.converters["key"] = KeyConverter
