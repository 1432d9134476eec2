"""Subsidy policy as data: who pays what for one meal."""
