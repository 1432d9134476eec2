"""The anomaly rules: pure functions from a month's columns to anomalies, one line each in a list."""
