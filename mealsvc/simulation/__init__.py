"""What a month would have cost under another policy (政策测算); nothing of it is recorded."""
