"""Messages that leave as files."""
