"""Inspecting on a phone, also without network: drafts, signatures, conclusion."""
