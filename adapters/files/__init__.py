"""Attachments on disk: the `FileStore` of the ports over a folder."""
