"""Functions of the language: each declares its signature, what it says of itself, and whether the browser has it too.

Importing the package registers all that is built in; a plug-in adds its own with `registry.install`.
"""

from engine.expressions.functions import dates, digests, identifiers, numbers, surroundings, texts
from engine.expressions.functions.registry import FUNCTIONS, Function, Param, install

__all__ = [
    "FUNCTIONS",
    "Function",
    "Param",
    "dates",
    "digests",
    "identifiers",
    "install",
    "numbers",
    "surroundings",
    "texts",
]
