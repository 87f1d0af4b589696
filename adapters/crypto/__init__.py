"""Encryption of fields and digests of passwords."""
