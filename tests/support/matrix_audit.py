"""Who may open which page of audits: see `matrix` for letters and scopes."""

LINES = """
"""
