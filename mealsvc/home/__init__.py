"""The first page, the figures, and what lower rooms ask about the records above them."""
