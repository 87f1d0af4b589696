"""Checks: the step between definitions as loaded and definitions in force.

In: `engine.loading.Loaded`. Out: `CheckedDefinitions`: linked definitions, a program for each document type, compiled
tables, back references, and every problem of every family, those of loading included.

    checked = check(load(DiskTree(Path("definitions"))))
    checked.problems              # all, sorted by place
    checked.definitions           # formulas linked; a wrong one stays unlinked
    force = put_in_force(loaded)  # the same, or DefinitionError when one problem is an error

A wrong element hides no other: what depends on it is passed over, everything else is judged. Knows no store, no page.
"""

from engine.checks.check import CheckedDefinitions, check, put_in_force

__all__ = ["CheckedDefinitions", "check", "put_in_force"]
