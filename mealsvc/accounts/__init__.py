"""People and tills: who may come in, with which role, for which division or point."""
