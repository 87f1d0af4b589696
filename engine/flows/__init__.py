"""Flows: what follows a step, by its outcome. Pure."""
