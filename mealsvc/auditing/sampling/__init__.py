"""Samples that anyone can redraw, the calls to elders, and what they say about the whole."""
