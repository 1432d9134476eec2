"""The words of the survey report, whose figures stay bound to their queries until the lock."""
