"""Pages as people see and use them, in Chromium."""
