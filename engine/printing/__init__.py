"""Prints: Jinja templates of the definitions become HTML pages; the checker reads the same templates at load."""
