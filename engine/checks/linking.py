"""Linking one formula: it is checked in its scope, compiled, and keeps the result.

In: a formula, a given value or a template with its scope, and what type is wanted. Out: the type found, and problems
added to the linker's list. Which formula stands in which scope is known to the modules of `engine.checks.links`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.checks.catalog import DefinitionCatalog, Reach, Shared
from engine.checks.shapes import field_types, row_type
from engine.expressions.expression import Checked, check_expression, source_scope
from engine.expressions.kinds import ORDERED, is_loose
from engine.expressions.names import Scope
from engine.model.documents import Field
from engine.model.formula import Formula, Given, Sort, Template
from engine.model.system import Definitions
from engine.model.types import ANY, BOOLEAN, Kind, Shape, Type
from engine.problems import Problem


@dataclass
class Linker:
    """Links the formulas of one system. `surroundings` is the scope of an expression that has no row at hand."""

    definitions: Definitions
    shared: Shared
    reach: Reach
    system: str
    surroundings: Scope
    problems: list[Problem]
    local: Mapping[str, str] = field(default_factory=dict)

    @property
    def catalog(self) -> DefinitionCatalog:
        """What expressions of this system may name."""
        return DefinitionCatalog(self.shared, self.reach, self.system, self.local)

    def shape(self, document: str) -> Shape:
        """Shape of a document type; an unknown one where there is none, which another check reports."""
        return self.catalog.shape(document) or UNKNOWN

    def row(self, document: str) -> Type:
        """A record of a document type."""
        shape = self.shape(document)
        return ANY if shape is UNKNOWN else row_type(shape)

    def types(self, fields: Mapping[str, Field]) -> dict[str, Type]:
        """Types of questions or parameters."""
        return field_types(fields, self.shared.sound)

    def asked(self, fields: Mapping[str, Field]) -> Shape:
        """What comes with an event."""
        return Shape("event", self.types(fields))

    def wanted(self, field: Field | None) -> Type | None:
        """The type of a value for a field; None where nothing can be said of it."""
        return None if field is None or field.is_table else self.shared.sound(field.type).nullable()

    def formula(
        self, formula: Formula | None, scope: Scope, expected: Type | None = None, *, as_rows: bool = False
    ) -> Type | None:
        """Link a formula; its type, or None where it is wrong or missing. `as_rows` where rows are asked for."""
        if formula is None or scope.row is UNKNOWN:
            return None
        checked, problems = check_expression(
            formula.text, formula.where, scope, self.catalog, expected=expected, as_rows=as_rows
        )
        self.problems.extend(problems)
        if checked is not None:
            formula.linked = checked
        return checked.type if checked is not None else None

    def order(self, sort: Sort | None, scope: Scope) -> None:
        """Link the keys of an order; what cannot be told greater or less is none."""
        for key in sort.keys if sort is not None else ():
            found = self.formula(key.formula, scope)
            if found is not None and found.kind not in _SORTED and not is_loose(found):
                self.problems.append(Problem("EXP044", key.formula.where))

    def condition(self, given: bool | Formula | None, scope: Scope) -> None:
        """Link a condition that may be fixed."""
        if isinstance(given, Formula):
            self.formula(given, scope, BOOLEAN)

    def formulas(self, formulas: Mapping[str, Formula], scope: Scope) -> dict[str, Type]:
        """Link several; their types, of those that are wrong an unknown one: their names are there all the same."""
        return {name: self.formula(formula, scope) or ANY for name, formula in formulas.items()}

    def given(self, given: Given | None, scope: Scope, expected: Type | None = None) -> None:
        """Link what a key gives, also inside lists and mappings."""
        if given is None:
            return
        if given.formula is not None:
            self.formula(given.formula, scope, expected)
        for inner in _inside(given.literal):
            self.given(inner, scope)

    def template(self, template: Template | None, scope: Scope) -> None:
        """Link the formulas in the braces of a text."""
        if template is None:
            return
        for piece in template.pieces:
            if not isinstance(piece, str):
                self.formula(piece[0], scope)
        for other in template.others.values():
            self.template(other, scope)

    def source(
        self, formula: Formula | None, scope: Scope, names: Mapping[str, Type] | None = None, *, as_rows: bool = True
    ) -> Scope:
        """Link a source and give the scope of its rows; one without fields where it is wrong."""
        found = self.formula(formula, scope, as_rows=as_rows)
        linked = formula.linked if formula is not None else None
        inner = source_scope(linked, scope, self.catalog) if isinstance(linked, Checked) else None
        if inner is None:
            if found is not None and formula is not None:
                self.problems.append(Problem("REF017", formula.where, {"text": formula.text}))
            inner = scope.inner(UNKNOWN)
        return replace(inner, locals=names or {})


_SORTED = ORDERED | {Kind.BOOLEAN, Kind.REF, Kind.NULL}
UNKNOWN = Shape("?", {})
"""Rows of a source that is wrong; what is asked of them cannot be judged."""


def _inside(literal: object) -> Iterable[Given]:
    if isinstance(literal, Mapping):
        members: Iterable[object] = literal.values()
    elif isinstance(literal, tuple | list):
        members = literal
    else:
        return
    for member in members:
        if isinstance(member, Given):
            yield member
        else:
            yield from _inside(member)
