"""Names that an expression may use, and what they are: the checker's view of the definitions.

In: shapes, code lists, decision tables, queries and parameters, asked of a `Catalog`; the place of one expression, told
by a `Scope`. Out: types. Knows neither text nor values, and never which definitions there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, runtime_checkable

from engine.model.types import Shape, Type

NameKind = Literal["document", "code", "callable", "parameter"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A decision table or query called by name: parameters in order, and the type of what comes back.

    A parameter whose type is optional may be left out. `uses_this` is set for a query that belongs to one document and
    reads `this`: the call then passes that record under the name `this`.
    """

    params: Mapping[str, Type]
    result: Type
    uses_this: bool = False


class Catalog(Protocol):
    """What is defined, by id. An id may be qualified by its system (`store.sale`) wherever it is asked for."""

    def shape(self, document: str) -> Shape | None:
        """What a record of a document type holds, system fields, child tables and back references included.

        A child table is a field of kind ROWS whose shape has a `parent`; a back reference is one whose shape has a
        `document`. A ledger answers with the shape of its accounts, and with those of its entries and closed balances
        under its id and `.entries`, `.closings`.
        """
        ...

    def code_columns(self, list_id: str) -> Mapping[str, Type] | None:
        """Columns of a code list; `title` need not be named."""
        ...

    def callable(self, name: str) -> Signature | None:
        """A decision table or a query."""
        ...

    def parameter(self, name: str) -> Type | None:
        """Type of `values.name`."""
        ...

    def names(self, kind: NameKind) -> Iterable[str]:
        """All names of a kind, to find the nearest one."""
        ...


@runtime_checkable
class KnowsBackReferences(Protocol):
    """A catalog that can also say which field makes a back reference: `recalls` of one type is `recall.item`."""

    def back_field(self, document: str, name: str) -> str | None:
        """The field of the referring document type, or None."""
        ...


@runtime_checkable
class KnowsCodes(Protocol):
    """A catalog that can also say whether a code stands in a list on any date."""

    def code_exists(self, list_id: str, code: str) -> bool:
        """Whether the list has the code."""
        ...

    def codes(self, list_id: str) -> Iterable[str]:
        """All codes of a list."""
        ...


@runtime_checkable
class ResolvesNames(Protocol):
    """A catalog that can say under which key a world knows a name, where the two differ."""

    def resolved(self, kind: NameKind, name: str) -> str:
        """The key of a name as written; the name itself where nothing is known of it."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands.

    Bare names are fields of `row`, else `locals` (named parameters, `created`, `as` names, `rows` of a query, `seq`).
    `this` is the document of the definition, `up` the scope one row out, `parent` the document of a child row, which
    has a number too when `in_child`; `event` is what came with the event.
    """

    row: Shape
    this: Shape | None = None
    up: Scope | None = None
    parent: Shape | None = None
    in_child: bool = False
    event: Shape | None = None
    locals: Mapping[str, Type] = field(default_factory=dict)
    user: Type | None = None
    org: Type | None = None
    device: Type | None = None
    caller: Type | None = None

    def inner(
        self,
        row: Shape,
        *,
        parent: Shape | None = None,
        in_child: bool = False,
        names: Mapping[str, Type] | None = None,
    ) -> Scope:
        """The scope of a row of a source that is read from here."""
        return replace(self, row=row, up=self, parent=parent, in_child=in_child, locals=names or {})

    def with_locals(self, **names: Type) -> Scope:
        """The same scope with more named values."""
        return replace(self, locals={**self.locals, **names})


EMPTY = Shape("", {})
"""A row without fields, for expressions that have none at hand."""
