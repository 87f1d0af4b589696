"""The machine that the node runs on."""
