"""Outside auditors: what each may see, and until when."""
