"""The wall clock and fresh identifiers."""
