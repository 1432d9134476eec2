"""Visits to points: who may inspect, plans drawn at random, notices, results."""
