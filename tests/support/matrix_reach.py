"""Who may open which page of coverage, surveys and the overview: see `matrix` for letters and scopes."""

LINES = """
"""
