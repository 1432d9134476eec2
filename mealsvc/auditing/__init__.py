"""Proof that nothing recorded was altered; anomalies and cases to come."""
