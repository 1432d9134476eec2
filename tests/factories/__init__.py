"""Ready-made districts, points, residents and servings for tests."""
