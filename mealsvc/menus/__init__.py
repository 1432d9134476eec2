"""Dishes, set meals and the prices of the day's menu."""
