"""What the survey means: demand, gaps, break-even, tariffs, candidates, risks."""
