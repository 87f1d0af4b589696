"""Typed nodes to Python bytecode, built as Python's own syntax tree from ours; the text of a user is never compiled.

In: one checked node. Out: a function of an `Env`. What the function calls stands in `runtime`, `gathering` and
`conditions`; they hold the null rules and the bounds.
"""
