"""What a store must keep for a document type: derived from its definition, all that a database adapter knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.criteria import ALWAYS, Criterion
from engine.model.types import Type


@dataclass(frozen=True, slots=True)
class Column:
    """One stored field. `length`: characters of text; `digits`/`scale`: of a decimal; `encrypted`: kept as cipher text
    with a blind index beside it for equality."""

    name: str
    type: Type
    length: int | None = None
    digits: int | None = None
    scale: int | None = None
    encrypted: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A child table: its rows keep their order and carry an id of their own."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Unique:
    """Fields that may not repeat among rows that are not deleted, where `when` holds."""

    fields: tuple[str, ...]
    when: Criterion = ALWAYS


@dataclass(frozen=True, slots=True)
class Storage:
    """Everything stored of one document type.

    `indexes` lists field groups, equality fields first; `search` the fields of full-text search; `renamed` maps new
    names to former ones, for fields (`name`) and child tables' fields (`table.name`).
    """

    document: str
    columns: tuple[Column, ...]
    tables: tuple[StoredTable, ...] = ()
    uniques: tuple[Unique, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    search: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    append_only: bool = False  # rows come and stay: nothing changes or removes one
