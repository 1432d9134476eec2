"""Months with known frauds among honest look-alikes, to tune and to score the scan."""
