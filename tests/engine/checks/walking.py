"""Everything inside a tree of definitions, however deep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from engine.model.formula import Formula
from engine.model.types import Shape, Type


def formulas(part: object, path: str = "") -> Iterator[tuple[str, Formula]]:
    """All formulas with the path that leads to each."""
    if isinstance(part, Formula):
        yield path, part
    elif isinstance(part, Mapping):
        for name, inner in part.items():
            yield from formulas(inner, f"{path}.{name}")
    elif isinstance(part, tuple | list):
        for index, inner in enumerate(part):
            yield from formulas(inner, f"{path}[{index}]")
    elif is_dataclass(part) and not isinstance(part, Type | Shape):
        for one in fields(part):
            yield from formulas(getattr(part, one.name), f"{path}.{one.name}")
