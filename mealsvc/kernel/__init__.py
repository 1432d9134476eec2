"""Arithmetic the whole product shares: money, identity, time, places. Standard library only."""
