"""Names of divisions for rooms beside the one that keeps them: the application hands the list in."""

from collections.abc import Callable

from flask import Flask, current_app

_EXTENSION = "mealsvc.divisions"
Names = Callable[[str], dict[str, str]]


def init(app: Flask, names: Names) -> None:
    """Hands in who answers, once, when the application is made."""
    app.extensions[_EXTENSION] = names


def divisions_in(prefix: str) -> dict[str, str]:
    """Code and name of every division whose code starts so, in order of code."""
    return current_app.extensions[_EXTENSION](prefix)
