"""Every threshold with its legal basis and the day from which it holds."""
