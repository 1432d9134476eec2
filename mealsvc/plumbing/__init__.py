"""What every room stands on: database session, keys, guards, page helpers, paper kit."""
