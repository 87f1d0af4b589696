"""The expression language: text is parsed, checked against types, compiled; values come out.

Stages: `grammar` (text to syntax), `checking` (syntax to typed nodes), `compiling` (typed nodes to bytecode),
`exchange` (typed nodes to JSON for the browser). `expression` is the door that the rest of the engine uses.
"""
