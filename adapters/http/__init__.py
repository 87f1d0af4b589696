"""Messages pushed over HTTP."""
