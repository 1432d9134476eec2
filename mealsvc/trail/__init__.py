"""The append-only record of who did what: a keyed chain, anchored outside the database."""
