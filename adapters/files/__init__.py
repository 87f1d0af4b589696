"""Attachments and archived prints in a folder of the node: the `FileStore` of the ports."""
