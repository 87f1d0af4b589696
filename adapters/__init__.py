"""Adapters: one package for one outside thing, each on the ports of the engine and its own library."""
