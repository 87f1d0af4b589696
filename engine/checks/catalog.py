"""The catalog that expressions are checked against: what the definitions offer to one system, by name.

In: the model, and the reach of a system (itself, what it uses, what is shared). Out: shapes, code columns, signatures,
types of parameters, and all names of a kind for suggestions. Knows no expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from engine.checks.shapes import STATES, back_references, record_shapes, rows_type
from engine.expressions.names import NameKind, Signature
from engine.loading.names import Found
from engine.model.system import CodeList, Definitions, Query
from engine.model.tables import DecisionTable
from engine.model.types import ANY, TEXT, Kind, Shape, Type


class Reach(Protocol):
    """How ids are found from inside a system (`engine.loading` gives it)."""

    def key(self, kind: str, name: str, system: str) -> str | None:
        """The registry key of an id as written, or None."""
        ...

    def known(self, kind: str, system: str) -> Iterable[str]:
        """All ids of a kind in reach."""
        ...

    def find(self, kind: str, name: str, system: str) -> Found:
        """What an id means."""
        ...


def spelled(reach: Reach, kind: str, system: str) -> list[str]:
    """All ids of a kind as they may be written: one that means several things with its system."""
    found: list[str] = []
    for name in reach.known(kind, system):
        found.extend(reach.find(kind, name, system).ambiguous or (name,))
    return found


TARGET = "__"
"""Begins the name of a document type where no field may come before it."""


@dataclass
class Shared:
    """What is worked out once for all systems."""

    definitions: Definitions
    query_shapes: dict[str, Shape] = field(default_factory=dict)
    link_query: Callable[[str, Query], Shape] = field(default=lambda _key, query: query.shape)
    _open: set[str] = field(default_factory=set)

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """Shapes of records by document type."""
        return record_shapes(self.definitions.documents, self.definitions.machines, self._known)

    def sound(self, kind: Type) -> Type:
        """A type with the shape of its rows; any, where it names something that is not there."""
        if kind.kind is not Kind.ROW or not kind.of or kind.shape is not None:
            return self._known(kind)
        shape = self.shape(kind.of)
        return ANY if shape is None else Type(Kind.ROW, kind.of, kind.optional, shape)

    def _known(self, kind: Type) -> Type:
        if kind.kind not in (Kind.REF, Kind.REFS) or not kind.of or kind.of in self.definitions.documents:
            return kind
        owner, _, table = kind.of.rpartition(".")
        document = self.definitions.documents.get(owner)
        return kind if document is not None and table in document.fields else ANY

    def shape(self, key: str) -> Shape | None:
        """Shape by registry key; `document.table` is that of a child row."""
        found = self.shapes.get(key)
        if found is not None or "." not in key:
            return found
        owner, _, table = key.rpartition(".")
        rows = self.shapes[owner].fields.get(table) if owner in self.shapes else None
        return rows.shape if rows is not None and rows.kind is Kind.ROWS else None

    @cached_property
    def backs(self) -> dict[tuple[str, str], str]:
        """The field behind a back reference, by (document type referred to, name)."""
        return {
            (document, back.name): ".".join(back.path)
            for document, backs in back_references(self.definitions.documents).items()
            for back in backs
        }

    @cached_property
    def codes(self) -> dict[str, dict[str, None]]:
        """All codes by list, in order."""
        return {
            key: dict.fromkeys(entry.code for entry in found.entries) for key, found in self.definitions.codes.items()
        }

    def table(self, key: str) -> Signature | None:
        """A decision table as a function."""
        found = self.definitions.tables.get(key)
        return table_signature(found) if found is not None else None

    def query(self, key: str) -> Signature | None:
        """A query as a source; its rows are found by linking it, unless that is under way."""
        found = self.definitions.queries.get(key)
        if found is None:
            return None
        if key not in self.query_shapes and key not in self._open:
            self._open.add(key)
            self.query_shapes[key] = self.link_query(key, found)
        shape = self.query_shapes.get(key, found.shape)
        params = {name: field.type for name, field in found.takes.items()}
        return Signature(params, rows_type(shape), uses_this=bool(found.document))

    def local_queries(self, document: str) -> dict[str, str]:
        """Queries of one document type: name to registry key."""
        queries = self.definitions.queries.items()
        return {query.id: key for key, query in queries if query.document == document}


@dataclass(frozen=True)
class DefinitionCatalog:
    """The `engine.expressions.names.Catalog` of one system."""

    shared: Shared
    reach: Reach
    system: str
    local: Mapping[str, str] = field(default_factory=dict)
    """Queries of the document at hand: name to registry key."""

    def shape(self, document: str) -> Shape | None:
        """What a record of a document type holds."""
        name = document.removeprefix(TARGET)
        return self.shared.shape(self._key("document", name) or name)

    def code_columns(self, list_id: str) -> Mapping[str, Type] | None:
        """Columns of a code list; states have a title."""
        if list_id.startswith(STATES):
            return {"title": TEXT}
        found = self._code_list(list_id)
        return found.columns if found else None

    def callable(self, name: str) -> Signature | None:
        """A decision table or a query."""
        if name in self.local:
            return self.shared.query(self.local[name])
        if key := self._key("table", name):
            return self.shared.table(key)
        key = self._key("query", name)
        return self.shared.query(key) if key else None

    def parameter(self, name: str) -> Type | None:
        """Type of `values.name`."""
        key = self._key("value", name)
        found = self.shared.definitions.parameters.get(key) if key else None
        return found.type if found else None

    def names(self, kind: NameKind) -> Iterable[str]:
        """All names of a kind in reach."""
        if kind == "callable":
            kinds = [*spelled(self.reach, "table", self.system), *spelled(self.reach, "query", self.system)]
            return [*self.local, *kinds]
        return spelled(self.reach, "value" if kind == "parameter" else kind, self.system)

    def resolved(self, kind: NameKind, name: str) -> str:
        """The registry key of a name as written."""
        if kind == "callable":
            return self.local.get(name) or self._key("table", name) or self._key("query", name) or name
        return self._key("value" if kind == "parameter" else kind, name) or name

    def back_field(self, document: str, name: str) -> str | None:
        """The field of the referring document type."""
        return self.shared.backs.get((self._key("document", document) or document, name))

    def code_exists(self, list_id: str, code: str) -> bool:
        """Whether a list has the code on any date; an unknown list is another problem."""
        known = self._codes(list_id)
        return known is None or code in known

    def codes(self, list_id: str) -> Iterable[str]:
        """All codes of a list."""
        return self._codes(list_id) or ()

    def _codes(self, list_id: str) -> Iterable[str] | None:
        if list_id.startswith(STATES):
            machine = self.shared.definitions.machines.get(list_id.removeprefix(STATES))
            return machine.states if machine else None
        key = self._key("code", list_id)
        return self.shared.codes.get(key) if key else None

    def _code_list(self, list_id: str) -> CodeList | None:
        key = self._key("code", list_id)
        return self.shared.definitions.codes.get(key) if key else None

    def _key(self, kind: str, name: str) -> str | None:
        return self.reach.key(kind, name, self.system)


def table_signature(table: DecisionTable) -> Signature:
    """A decision table as a function: a row of its outputs, several of them, or one number."""
    shape = Shape(table.id, {output.name: output.type.nullable() for output in table.outputs})
    params = {column.name: column.type for column in table.inputs}
    if table.hit.is_listing:
        return Signature(params, rows_type(shape))
    return Signature(params, Type(Kind.ROW, shape=shape))
