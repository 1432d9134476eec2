"""Public money on its way: payees, payment orders, grants."""
