"""Which parameters messages are made with: those that mappings and envelopes of a node name.

In: mappings that leave, envelopes around them. Out: ids of parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.model.formula import Formula
from engine.model.messages import MessageLeaf, MessageMapping
from engine.usecases.runtime import Runtime

_NAMED = re.compile(r"\bvalues\.(\w+)")


def exchange_parameters(runtime: Runtime) -> frozenset[str]:
    """Ids of the parameters that messages which leave are made with."""
    definitions = runtime.definitions
    leaving = [one for one in definitions.mappings.values() if one.to and one.system in runtime.node.systems]
    carried = [definitions.envelopes[one.envelope].mapping for one in leaving if one.envelope in definitions.envelopes]
    return frozenset(name for one in (*leaving, *carried) for text in _texts(one) for name in _NAMED.findall(text))


def _texts(mapping: MessageMapping) -> Iterator[str]:
    signs = mapping.sign.when if mapping.sign is not None else None
    yield from _told([mapping.sender, mapping.receiver, signs, *mapping.attributes.values()])
    yield from _leaves(mapping.tree)


def _leaves(leaves: Sequence[MessageLeaf]) -> Iterator[str]:
    for leaf in leaves:
        yield from _told([leaf.value, *leaf.attributes.values()])
        yield from _leaves(leaf.children)


def _told(formulas: Sequence[Formula | None]) -> Iterator[str]:
    for one in formulas:
        if one is not None:
            yield one.text
