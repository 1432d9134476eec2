"""Tests of mealsvc, laid out by what they promise."""
