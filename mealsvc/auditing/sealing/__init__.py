"""Seals over the record that a witness can keep, and an export that proves itself without us."""
