"""What is checked at the points: purchases now; logs, inspections and findings to come."""
