"""Our speed as ratios, measured in one run against the limits that the project sets itself."""
