"""Prices and dining standards: charged, filed, posted and public prices; meals and portions."""
