"""The demo district (演示): made by a seeded generator, through the same services as real data."""
