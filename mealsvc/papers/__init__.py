"""Papers that were issued: numbered, kept as bytes, and known again when somebody brings one."""
