"""Messages that stay in memory."""
