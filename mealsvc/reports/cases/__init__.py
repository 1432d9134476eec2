"""Papers of cases: the question to a point, the file of a case, the letter that hands it over."""
