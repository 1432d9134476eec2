"""Proof that nothing recorded was altered, leads, cases, samples, and the way from kitchen to plate."""
