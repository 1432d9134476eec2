"""CSV and XLSX in and out: every good row comes in, every bad row comes back with its reason."""
