"""The search for what does not add up: pure rules over a month, leads that a clerk can read."""
