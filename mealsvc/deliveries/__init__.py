"""Meals brought home: rounds, the courier's page, and doors that nobody opens."""
