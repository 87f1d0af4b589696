"""Fingerprint modules of the ZFM family (R30x, AS608, R503): packets, and what is done with them."""
