"""Ways of telling people something."""
