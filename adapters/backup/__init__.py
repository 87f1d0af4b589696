"""Copies of a node in folders: made, listed, checked, put back."""
