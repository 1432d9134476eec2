"""Distance over the ground, in metres."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8  # mean radius of the sphere that the contract measures on


def great_circle_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Metres along the great circle between two positions in degrees (haversine)."""
    phi_a, phi_b = radians(lat_a), radians(lat_b)
    across = sin(radians(lon_b - lon_a) / 2) ** 2
    half = sin((phi_b - phi_a) / 2) ** 2 + cos(phi_a) * cos(phi_b) * across
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))
