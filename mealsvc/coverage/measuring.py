"""Distances of many homes to the nearest of many sites: fast, and on the border exact. Pure.

Unit vectors and one matrix product find the nearest site within 20 cm; whatever lies within a metre
of a border (or all of them) is measured again along the great circle, so that counts are those of
`kernel.distance`. numpy comes in where it is used: the start of the web server stays light.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mealsvc.coverage.rules import Position
from mealsvc.kernel.distance import EARTH_RADIUS_M, great_circle_m

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MARGIN_M = 1.0  # a dot product of unit vectors is wrong by 0.2 m at most
AT_ONCE = 20_000  # homes whose distances to all sites are held in memory together


def nearest_m(lon: "Floats", lat: "Floats", sites: Sequence[Position]) -> list[float | None]:
    """The exact distance (m) from each position to the nearest site; None without a site."""
    import numpy as np

    if not sites:
        return [None] * len(lon)
    return _measured(lon, lat, sites, np.full(1, np.inf)).tolist()


def nearest_for(
    lon: "Floats", lat: "Floats", sites: Sequence[Position], borders_m: Sequence[float]
) -> "Floats":
    """The distance (m) to the nearest site, right within 0.2 m, and on the right side of every
    border; infinite without a site."""
    import numpy as np

    if not sites or not len(lon):
        return np.full(len(lon), np.inf)
    return _measured(lon, lat, sites, np.asarray(borders_m, dtype=np.float64))


def _measured(
    lon: "Floats", lat: "Floats", sites: Sequence[Position], borders_m: "Floats"
) -> "Floats":
    """An infinite border asks for every distance to be exact."""
    import numpy as np

    places = np.asarray(sites, dtype=np.float64)
    towards = _unit(places[:, 0], places[:, 1]).T
    found = np.empty(len(lon))
    for start in range(0, len(lon), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        cosines = _unit(lon[part], lat[part]) @ towards
        found[part] = _along(cosines.max(axis=1))
        near = np.abs(found[part, None] - borders_m).min(axis=1) <= MARGIN_M
        for home in np.flatnonzero(near | np.isinf(borders_m).any()).tolist():
            reach = found[start + home] + MARGIN_M
            close = np.flatnonzero(_along(cosines[home]) <= reach).tolist()
            position = float(lon[start + home]), float(lat[start + home])
            found[start + home] = min(great_circle_m(*position, *sites[one]) for one in close)
    return found


def _unit(lon: "Floats", lat: "Floats") -> "Floats":
    import numpy as np

    across, up = np.radians(lon), np.radians(lat)
    return np.stack((np.cos(up) * np.cos(across), np.cos(up) * np.sin(across), np.sin(up)), axis=1)


def _along(cosine: "Floats") -> "Floats":
    import numpy as np

    half = np.sqrt(np.clip((1 - cosine) / 2, 0, 1))
    return 2 * EARTH_RADIUS_M * np.arcsin(half)
