"""One printable paper a file."""
