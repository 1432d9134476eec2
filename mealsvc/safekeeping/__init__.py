"""Backups and restores, and up to where everything recorded is safe."""
