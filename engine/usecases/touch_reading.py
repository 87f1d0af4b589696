"""Components of a flow's screen, computed: those of free pages, and the parts that people touch.

In: a component as declared, and what the flow stands in. Out: its view. Rows that may be tapped get a key; tables come
as the stretch of rows that is looked at, with the count of all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.documents.field_kinds import json_of
from engine.documents.rules import condition
from engine.documents.wording import filled
from engine.expressions.environment import Env
from engine.model.documents import Field
from engine.model.formula import Formula
from engine.model.free_pages import Buttons, Cell, Component, Filters, Table, Text
from engine.model.touch_parts import Details, Entry, Keypad, Picture, Search, TouchPart
from engine.model.types import Kind, Shape
from engine.model.values import StoredFile
from engine.problems import Finding
from engine.sources.criteria import checked_of
from engine.usecases.components import Reading
from engine.usecases.page_views import ComponentView, PartView, RowView, TableView, TextView, numbered
from engine.usecases.stretches import stretch
from engine.usecases.touch_views import DetailsView, EntryView, KeypadView, PictureView, SearchView
from engine.usecases.views import FieldView
from engine.usecases.wording_cells import head, is_number, node_cell, rows_shape

STRETCH = 60
"""Rows of a table that are told at once; people page through them and ask for the next ones."""
_KEY = 16
_UNCLEAR = frozenset({"password"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What people have filled in on this screen: texts as typed, what they came to, what is wrong with them."""

    raw: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    def about(self, name: str) -> tuple[Finding, ...]:
        """The findings of one field."""
        return tuple(one for one in self.findings if one.at[:1] == (name,))


@dataclass(frozen=True, slots=True)
class TouchReading(Reading):
    """A reading of a flow's screen. `starts` are the first rows of tables that are paged, by path."""

    typed: Typed = Typed()
    starts: Mapping[str, int] = field(default_factory=dict)

    def component(self, component: Component) -> ComponentView | None:
        """The view; None where it is not shown."""
        view = super(TouchReading, self).component(component)
        if view is None or component.pick is None:
            return view
        chosen = self.typed.values.get(component.pick.chosen) if component.pick.chosen else None
        return replace(view, picks=True, chosen=key_of(chosen) if isinstance(chosen, Mapping) else "")

    # --- rows --------------------------------------------------------------------------------------------------

    def _row(self, inner: Env, cells: Sequence[Cell], shape: Shape | None) -> RowView:
        return replace(super(TouchReading, self)._row(inner, cells, shape), key=key_of(inner.row))

    def _table(self, table: Table, path: str) -> TableView:
        shape, start = rows_shape(table.source.of), max(0, self.starts.get(path, 0))
        found = None if table.totals else stretch(self.world, table.source, self.env, start, STRETCH)
        inners = self.rows(table.source) if found is None else []
        count = len(inners) if found is None else found[1]
        start = min(start, max(0, count - 1))
        shown = inners[start : start + STRETCH] if found is None else found[0]
        view = TableView(
            table.form,
            tuple(self._head(cell, shape) for cell in table.cells),
            tuple(is_number(cell.value) for cell in table.cells),
            tuple(self._row(inner, table.cells, shape) for inner in shown),
            tuple(self._total(table, cell, inners) for cell in table.cells) if table.totals else (),
            start + len(shown) < count,
            start,
            count,
        )
        return numbered(view) if table.numbered else view

    # --- what is said and touched ------------------------------------------------------------------------------

    def _plain(self, part: Text | Buttons | Filters) -> PartView:
        if isinstance(part, Text):
            texts = filled(part.text, self.env)
            return TextView(texts.get(self.presenter.language) or texts["zh"], part.form)
        return super(TouchReading, self)._plain(part)

    def _touched(self, part: TouchPart) -> PartView:
        if isinstance(part, Entry):
            return self._entry(part)
        if isinstance(part, Keypad):
            given = part.default.value(self.env) if part.default is not None else None
            return KeypadView(self._filled(part.field, given, self.env), part.kind, part.hidden)
        if isinstance(part, Search):
            return SearchView(self._filled(part.field, None, self.env))
        if isinstance(part, Picture):
            return self._picture(part)
        return self._details(part)

    def _entry(self, entry: Entry) -> EntryView:
        given = {name: one.value(self.env) for name, one in entry.given.items() if name in entry.fields}
        declared = self.presenter.definitions.documents.get(entry.of)
        names = declared.fields if declared is not None else entry.fields
        values = {**dict.fromkeys(names), **given, **self._bound(entry.fields)}
        env = Env(values, self.world, this=values, up=self.env, names=self.env.locals)
        return EntryView(tuple(self._filled(one, given.get(name), env) for name, one in entry.fields.items()))

    def _bound(self, fields: Mapping[str, Field]) -> Mapping[str, object]:
        return {name: self.typed.values[name] for name in fields if name in self.typed.values}

    def _filled(self, field: Field, given: object, env: Env) -> FieldView:
        """A field with what was typed, else with what it begins with."""
        text = self.typed.raw.get(field.name)
        value = self.typed.values.get(field.name, given)
        if text is None:
            text = "" if given is None or field.kind in _UNCLEAR else json_of(given, field.kind)
        return FieldView(
            field.name,
            field,
            None if field.kind in _UNCLEAR else value,
            str(text).lower() if isinstance(text, bool) else str(text),
            condition(field.show, env, default=True),
            condition(field.required, env),
            editable=True,
            findings=self.typed.about(field.name),
        )

    def _picture(self, picture: Picture) -> PictureView:
        found = picture.file(self.env) if picture.file is not None else None
        return PictureView(picture.name, found.hash if isinstance(found, StoredFile) else "")

    def _details(self, details: Details) -> DetailsView:
        row, shape = self._row_of(details.row)
        if row is None:
            return DetailsView(())
        inner = self.env.inner(row, names=self.env.locals)
        found = []
        for name, formula, title in details.columns:
            own = title if title.zh or title.en else head(self.presenter.definitions, name, formula, shape)
            found.append((own, node_cell(self.presenter, formula, shape, inner).text))
        return DetailsView(tuple(found))

    def _row_of(self, formula: Formula) -> tuple[Mapping[str, object] | None, Shape | None]:
        """The row that an expression means, a reference followed."""
        value, kind = formula(self.env), checked_of(formula).type
        document = kind.of if kind.kind is Kind.REF else kind.shape.document if kind.shape is not None else ""
        if isinstance(value, str):
            value = self.world.follow(document, value)
        shape = Shape(document, {}, document) if document else kind.shape
        return (value if isinstance(value, Mapping) else None), shape


def key_of(row: Mapping[str, object]) -> str:
    """What names a row: its id, else what it holds."""
    if "id" in row:
        return str(row["id"])
    return hashlib.sha256(repr(sorted(row.items(), key=lambda one: one[0])).encode()).hexdigest()[:_KEY]
