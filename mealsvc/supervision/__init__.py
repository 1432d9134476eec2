"""What is checked at the points: logs, inspections, findings, prices, complaints; one sub-room each."""
