"""Rules, without application or database."""
