"""Ledgers: amounts that may not go wrong. Accounts by their keys, kinds of entries, and what may never hold.

What is stored of a ledger are records of two document types that the loader makes of it: its accounts, under the
ledger's own key, and its entries. Nobody creates or changes one; an event posts, and that is all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.documents import Field
from engine.model.formula import Formula, Template, Title
from engine.problems import NOWHERE, Span

ENTRIES, CLOSINGS = "entries", "closings"
FROM, TO = "from", "to"
KINDS = "entries of "
"""The kinds of entries of a ledger serve as a code list of this name."""


def entries_of(ledger: str) -> str:
    """The document type that holds the entries of a ledger."""
    return f"{ledger}.{ENTRIES}"


def closings_of(ledger: str) -> str:
    """The document type that holds what the accounts of a ledger were at the end of each period."""
    return f"{ledger}.{CLOSINGS}"


@dataclass(frozen=True, slots=True)
class Never:
    """A condition that no posting may leave behind. `excess` says how far a comparison is beyond its limit: where it
    was broken before, by a limit that was lowered, whatever does not widen it is let through."""

    condition: Formula
    message: Template
    excess: Formula


@dataclass(frozen=True, slots=True)
class EntryKind:
    """A kind of entry: what it adds to which amount, by the names that a posting gives. `sides` has one change for the
    account posted to (""), or one each for `from` and `to`."""

    name: str
    title: Title
    sides: Mapping[str, Mapping[str, Formula]]
    parameters: tuple[str, ...]
    where: Span = NOWHERE

    @property
    def is_between(self) -> bool:
        """Whether it goes from one account to another."""
        return "" not in self.sides


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger. `closing`: at the end of each such period balances are kept, and what is before stays as it is."""

    id: str
    title: Title
    system: str
    keys: Mapping[str, Field]
    amounts: Mapping[str, Field]
    derived: Mapping[str, Field]
    never: tuple[Never, ...]
    entries: Mapping[str, EntryKind]
    closing: str = ""
    where: Span = NOWHERE

    @property
    def records(self) -> str:
        """The document type of its entries."""
        return entries_of(self.id)

    @property
    def closed(self) -> str:
        """The document type of its closed balances; empty where it is never closed."""
        return closings_of(self.id) if self.closing else ""
