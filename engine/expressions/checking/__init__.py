"""Syntax to typed nodes: every name is resolved, every operator and call judged by the types of what it is given.

In: `Parsed`, a `Scope`, a `Catalog`. Out: one typed node, and all problems found on the way. Knows no values.
"""

from engine.expressions.checking import aggregates, calls, names, operators
from engine.expressions.checking.checker import Checker, Frame

__all__ = ["Checker", "Frame", "aggregates", "calls", "names", "operators"]
