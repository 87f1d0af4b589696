"""Scanned paper: pictures of pages and what their codes say."""
