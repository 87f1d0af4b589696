"""Mappings within mappings: which messages an element's message holds again. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.model.messages import MessageLeaf, MessageMapping

_DEEPEST = 8


def holds_itself(mappings: Mapping[str, MessageMapping], name: str, wanted: str, left: int = _DEEPEST) -> bool:
    """Whether a mapping is another or holds it, at whatever depth; one that goes too deep counts as such."""
    if name == wanted or not left:
        return True
    mapping = mappings.get(name)
    inner = nested(mapping.tree) if mapping is not None else ()
    return any(holds_itself(mappings, one, wanted, left - 1) for one in inner)


def nested(tree: Sequence[MessageLeaf]) -> Iterator[str]:
    """The mappings that a tree names."""
    for leaf in tree:
        if leaf.mapping:
            yield leaf.mapping
        yield from nested(leaf.children)
