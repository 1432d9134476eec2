"""Who lives within reach of a meal point."""
