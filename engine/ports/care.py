"""The door to the care of a node: copies of what it keeps, versions of what it runs, its clock.

In: an order by name with its arguments. Out: an outcome and an answer, of the columns that `engine.model.flow_devices`
declares. Implemented by the composition root, which knows folders and processes; orders take their time and are carried
out beside every transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Cared:
    """How an order ended, and what it gave."""

    outcome: str
    answer: Mapping[str, object] = field(default_factory=dict)


class NodeCare(Protocol):
    """Carries out orders of the classes `backup`, `update`, `clock` and `node`."""

    def order(self, what: str, arguments: Mapping[str, object]) -> Cared:
        """Carry out `CLASS.COMMAND`. Never raises: what goes wrong is an outcome, and `why` says it in a word."""
        ...
