"""Where what operators set is kept. In: nothing. Out: the storage; secrets are sealed apart from the rest."""

from __future__ import annotations

from engine.model.storage import Column, Storage, Unique
from engine.model.types import JSON, TEXT

CONFIGURED = "_configured"


def configured_storage() -> Storage:
    """What the store must keep."""
    columns = (Column("name", TEXT), Column("content", JSON), Column("secrets", TEXT, encrypted=True))
    return Storage(CONFIGURED, columns, uniques=(Unique(("name",)),))
