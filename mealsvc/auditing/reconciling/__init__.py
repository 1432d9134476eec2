"""From kitchen to plate: dispatched, received, booked, served, sampled, settled, side by side."""
