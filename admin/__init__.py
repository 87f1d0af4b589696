"""Admin: the configurators' studio and the operators' consoles, a Flask blueprint on the use cases."""
