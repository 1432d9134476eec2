"""A picture of where the points are, for those who like maps better than lists; it says nothing of elders."""

import re
from dataclasses import replace
from datetime import date

from mealsvc.coverage.mapping.pictures import svg
from mealsvc.coverage.mapping.services import map_on
from mealsvc.public.kept import kept

_LAYERS = ("points", "outlines", "names")
_SMALL_NAMES = re.compile(r'<g class="names wide".*?</g>', re.DOTALL)
_SUMMARY = re.compile(r'<desc.*?</desc>| aria-describedby="[^"]*"| data-map(?=>)', re.DOTALL)
"""How many elders are reached, and what only a page understands."""


def picture(day: date) -> str:
    """An SVG file; empty where no point has a position."""
    return kept(("picture", day), lambda: _draw(day))


def _draw(day: date) -> str:
    view = map_on(day)
    serving = tuple(site for site in view.sites if site.serves)
    if not serving:
        return ""
    shown = replace(view.with_layers(_LAYERS), sites=serving)
    drawn = str(svg(shown, title="助餐点位置图"))
    drawn = _SMALL_NAMES.sub("", _SUMMARY.sub("", drawn))
    return drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
