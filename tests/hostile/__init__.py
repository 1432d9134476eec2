"""Crashes, races, tampering."""
