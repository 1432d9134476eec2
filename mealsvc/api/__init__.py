"""JSON for tills and other systems, under /api/v1."""
