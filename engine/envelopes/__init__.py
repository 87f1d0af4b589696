"""Envelopes at work: guards judged in their order, limits counted, parts signed and sealed. Pure; knows no store."""
