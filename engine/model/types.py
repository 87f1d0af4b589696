"""Types of values, as the checker of expressions and the store see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of values that expressions can tell apart."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    DATETIME = "datetime"
    DURATION = "duration"
    CODE = "code"  # `of` is the code list
    CODES = "codes"
    REF = "ref"  # `of` is the document type, "" for any
    REFS = "refs"
    FILE = "file"
    FILES = "files"
    ROWS = "rows"  # a source: `shape` is what each row holds; `of` the document type, ledger or query where it has one
    ROW = "row"  # one row or record
    JSON = "json"
    LIST = "list"  # `item` is the type of its members
    NULL = "null"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Shape:
    """Names and types of what a row holds. `document` is set where the row is a document's own record. `kept` is what a
    flow keeps: where rows are asked for, a document type comes before a name of it."""

    name: str
    fields: Mapping[str, Type]
    document: str = ""
    parent: str = ""  # document type that a child row belongs to
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Type:
    """Type of an expression or field; `optional` says that it may be null."""

    kind: Kind
    of: str = ""
    optional: bool = True
    shape: Shape | None = field(default=None, compare=False, repr=False)
    item: Type | None = None

    def required(self) -> Type:
        """The same type that is never null."""
        return replace(self, optional=False) if self.optional else self

    def nullable(self) -> Type:
        """The same type that may be null."""
        return self if self.optional else replace(self, optional=True)


TEXT = Type(Kind.TEXT)
INTEGER = Type(Kind.INTEGER)
NUMBER = Type(Kind.NUMBER)
BOOLEAN = Type(Kind.BOOLEAN)
DATE = Type(Kind.DATE)
DATETIME = Type(Kind.DATETIME)
DURATION = Type(Kind.DURATION)
JSON = Type(Kind.JSON)
ANY = Type(Kind.ANY)
NULL = Type(Kind.NULL)

SYSTEM_FIELDS: Mapping[str, Type] = {
    "id": Type(Kind.TEXT, optional=False),
    "number": TEXT,
    "state": TEXT,
    "version": Type(Kind.INTEGER, optional=False),
    "created_at": Type(Kind.DATETIME, optional=False),
    "created_by": TEXT,
    "changed_at": Type(Kind.DATETIME, optional=False),
    "changed_by": TEXT,
    "deleted": Type(Kind.BOOLEAN, optional=False),
    "frozen": Type(Kind.BOOLEAN, optional=False),
}
"""Fields that every stored document has beside its declared ones."""
