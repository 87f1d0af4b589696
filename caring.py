"""Composition root, care of a node: its copies, its versions and its clock behind the port `NodeCare`."""
