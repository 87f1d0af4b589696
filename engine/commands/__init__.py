"""The `guiju` command: one module a verb, over what the composition root offers.

Each verb adds a parser and a function from options to an exit code: 0 only when all is well. Verbs print a summary as
their last line, and with `--json` what a program may read.
"""
