"""mealsvc: a district's elderly meal service (老年助餐), from the register to a signed paper."""
