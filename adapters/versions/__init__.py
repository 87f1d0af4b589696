"""Versions of what a node runs: signed packages, where they lie, which is in force."""
