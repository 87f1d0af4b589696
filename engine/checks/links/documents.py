"""Scopes in documents: fields, child tables, filled tables, rules, numbers, uniqueness.

In: documents and the linker of their system. Out: linked formulas. The row at hand is the document; in a child table it
is the child row, `up` and `parent` being the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.checks.catalog import TARGET
from engine.checks.linking import UNKNOWN, Linker
from engine.checks.shapes import rows_type
from engine.expressions.expression import Checked
from engine.expressions.names import Scope
from engine.model.documents import Document, Field, Rule
from engine.model.formula import Formula, RowSource
from engine.model.machines import Machine
from engine.model.types import BOOLEAN, DATE, INTEGER, TEXT, Kind, Shape, Type
from engine.sources.lookup import Lookup

NUMBER_WORDS: Mapping[str, Type] = {"seq": INTEGER.required(), "uuid": TEXT.required()}
"""What a document's number may name beside fields: the gap-free sequence of its prefix, a fresh id."""


def document_scope(linker: Linker, document: str) -> Scope:
    """The scope of an expression that stands in a document."""
    shape = linker.shape(document)
    return replace(linker.surroundings, row=shape, this=shape)


def row_scope(scope: Scope, table: Field, owner: Shape | None = None) -> Scope:
    """The scope of a row of a child table of the document at hand, or of `owner`."""
    declared = (owner or scope.row).fields.get(table.name)
    shape = declared.shape if declared is not None else None
    return scope.inner(shape or UNKNOWN, parent=scope.row, in_child=True)


def link_document(linker: Linker, document: Document, machine: Machine | None) -> None:
    """Link everything that a document says of itself."""
    scope = document_scope(linker, document.id)
    link_fields(linker, document.fields, scope)
    linker.template(document.number, scope.with_locals(**NUMBER_WORDS))
    linker.formula(document.business_date, scope, DATE)
    for unique in document.uniques:
        linker.condition(unique.when, scope)
    for rule in document.rules.values():
        _link_rule(linker, document, rule, replace(scope, event=_asked_at(linker, rule, machine)))


def link_fields(linker: Linker, fields: Mapping[str, Field], scope: Scope, owner: Shape | None = None) -> None:
    """Link the formulas of fields, each in the row that it stands in; questions stand in the document and have a shape
    of their own as `owner`.
    """
    for field in fields.values():
        _link_conditions(linker, field, scope)
        if field.is_table:
            inner = row_scope(scope, field, owner)
            link_fields(linker, field.fields, inner)
            _link_filled(linker, field, scope)
        else:
            _link_values(linker, field, scope)


def _link_conditions(linker: Linker, field: Field, scope: Scope) -> None:
    for condition in (field.required, field.show, field.edit, field.check):
        linker.condition(condition, scope)
    for bound in (field.minimum, field.maximum):
        if isinstance(bound, Formula):
            linker.formula(bound, scope, bound_type(field))


def bound_type(field: Field) -> Type | None:
    """Type of `min` and `max`: a length for texts, else a value of the field."""
    if field.type.kind in (Kind.INTEGER, Kind.NUMBER):
        return Type(Kind.NUMBER)
    if field.type.kind in (Kind.DATE, Kind.DATETIME, Kind.TIME, Kind.DURATION):
        return field.type.nullable()
    return INTEGER


def _link_values(linker: Linker, field: Field, scope: Scope) -> None:
    wanted = linker.wanted(field)
    linker.given(field.default, scope, wanted)
    linker.formula(field.value, scope, wanted)
    linker.formula(field.copied, scope, wanted)
    if field.type.of:
        linker.condition(field.filter, scope.inner(linker.shape(field.type.of)))
    if field.find is not None:
        link_find(linker, field, scope)


def link_find(linker: Linker, field: Field, scope: Scope) -> None:
    """Link `find` as the function on a source that it is: the newest record, the only one, or all for which it holds.

    The text is checked behind `one(document, `, its place moved back by as much, so that columns stay true. The
    document type goes by a name that no field can have, for a field of the same name would come first.
    """
    assert field.find is not None
    shape = linker.shape(field.type.of)
    if shape is UNKNOWN:
        return
    many, of = field.type.kind is Kind.REFS, TARGET + field.type.of
    newest = field.newest if field.newest in shape.fields else ""
    head = f"list({of}, self, " if many else f"newest({of}, {newest}, " if newest else f"one({of}, "
    where = field.find.where
    moved = Formula(f"{head}{field.find.text})", replace(where, column=where.column - len(head)))
    linker.formula(moved, scope, linker.wanted(field))
    if isinstance(moved.linked, Checked):
        lookup = Lookup(moved.linked, shape.document, newest, many)
        field.find.linked = replace(moved.linked, evaluate=lookup)


def _link_filled(linker: Linker, table: Field, scope: Scope) -> None:
    if table.filled is not None:
        link_rows(linker, table.filled, table.fields, scope)
    for row in table.listed:
        for name, given in row.items():
            linker.given(given, scope, linker.wanted(table.fields.get(name)))


def link_rows(linker: Linker, source: RowSource, columns: Mapping[str, Field], scope: Scope) -> None:
    """Link a table that fills itself: each row of the source is at hand, `per` keys and `rows` are named."""
    one = linker.source(source.each, scope)
    linker.condition(source.where, one)
    linker.order(source.sort, one)
    keys = linker.formulas(source.per, one)
    if source.per:
        keys = {**keys, "rows": rows_type(one.row)}
    inner = one.with_locals(**keys)
    for name, given in source.given.items():
        linker.given(given, inner, linker.wanted(columns.get(name)))


def _asked_at(linker: Linker, rule: Rule, machine: Machine | None) -> Shape | None:
    """What came with the events at which a rule counts, where it names them."""
    if machine is None or not rule.on:
        return None
    asked = {
        name: field for event in rule.on if event in machine.events for name, field in machine.events[event].ask.items()
    }
    return linker.asked(asked)


def _link_rule(linker: Linker, document: Document, rule: Rule, scope: Scope) -> None:
    if rule.each:
        table = document.fields.get(rule.each)
        if table is None or not table.is_table:
            return
        scope = row_scope(scope, table)
    linker.formula(rule.when, scope, BOOLEAN)
    linker.formula(rule.check, scope, BOOLEAN)
    linker.template(rule.message, scope)
