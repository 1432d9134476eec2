"""Complaints and satisfaction: recorded, assigned, answered, closed in time."""
