"""Meals ordered ahead: bookings with cut-off times, kitchen counts, receiving checks."""
