"""How a survey is weighed up (研判): demand, capacity, catchments, break-even, sites, risks. Pure."""
