"""Readers of machine-readable zones: lines off a reader, check digits of ICAO 9303, what the lines mean."""
