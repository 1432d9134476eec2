"""Divisions, the units that provide meals, meal points and candidate sites."""
