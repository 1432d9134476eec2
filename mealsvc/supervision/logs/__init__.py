"""The daily logs of a point: what was measured and done, and what is missing."""
