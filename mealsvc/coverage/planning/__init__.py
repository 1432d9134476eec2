"""Where the next points should go: proven best, instantly estimated, compared."""
