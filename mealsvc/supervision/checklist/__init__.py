"""The inspection checklist as versioned data: items, modes, scores and grades."""
