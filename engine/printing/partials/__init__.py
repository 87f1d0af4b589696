"""Pieces of paper that every definition may include by name, and the style sheet of print.

In: nothing. Out: texts of the files beside this module, read once.
"""

from __future__ import annotations

from importlib.resources import files
from types import MappingProxyType

_FOLDER = files(__name__)

PARTIALS = MappingProxyType(
    {file.name: file.read_text("utf-8") for file in _FOLDER.iterdir() if file.name.endswith(".html")}
)
"""Templates by name."""

PRINT_CSS = (_FOLDER / "print.css").read_text("utf-8")
"""The style sheet of all prints."""
