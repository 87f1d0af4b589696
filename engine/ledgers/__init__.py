"""Ledgers: which account a posting means, what it adds, and whether what comes of it may be. Pure."""
