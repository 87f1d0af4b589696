"""A child table as the browser's grid takes it: columns, rows as aligned texts, findings by cell. Plain JSON data.

In: a FieldView of a table, what was typed, and findings. Rows are lists in the order of the columns, because five
thousand of them go over the wire.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.model.types import Kind
from engine.problems import Finding
from engine.usecases.views import FieldView
from engine.web.controls import GROUPS, TEXTS, Choices, How, text_for_input
from engine.web.explaining import explained
from engine.web.following import column_sources
from engine.web.incoming import read_json
from engine.web.surroundings import text_of, title

NUMBERS = {Kind.INTEGER, Kind.NUMBER}


def grid(
    view: FieldView, document: str, raw: object, choices: Choices, findings: Sequence[Finding], summed: frozenset[str]
) -> dict[str, Any]:
    """Everything the grid needs. `raw` are the rows as typed, or None; `summed` the columns with a total."""
    typed = rows_typed(raw)
    how = explained(document, view.name)
    columns = [column(one, view, choices, summed, how) for one in view.columns]
    for name, places in column_sources(document, view).items():
        next(one for one in columns if one["name"] == name)["sources"] = places
    return {
        "document": document,
        "typed": typed is not None,
        "field": view.name,
        "title": title(view.title),
        "editable": view.editable,
        "min": view.field.rows_min,
        "max": view.field.rows_max,
        "columns": columns,
        "rows": grid_rows(view) if typed is None else _typed_rows(view, typed),
        "findings": [
            {"at": list(one.at[1:]), "level": str(one.level), "text": text_of(one)}
            for one in findings
            if one.at and one.at[0] == view.name
        ],
    }


def column(one: FieldView, table: FieldView, choices: Choices, summed: frozenset[str], how: How) -> dict[str, Any]:
    """One column of the grid."""
    declared = one.field
    widget = TEXTS.get(declared.kind, "text")
    number = declared.type.kind in NUMBERS
    found: dict[str, Any] = {
        "name": one.name,
        "title": title(one.title),
        "widget": widget,
        "editable": table.editable and one.editable,
        "required": one.required,
    }
    if hint := title(declared.hint):
        found["hint"] = hint
    if number:
        scale = declared.scale if declared.scale is not None else (2 if declared.kind == "money" else None)
        found["scale"] = 0 if declared.type.kind is Kind.INTEGER else scale
        found["money"] = declared.kind == "money"
        found["total"] = one.name in summed
    if not one.editable and (declared.is_derived or declared.copied is not None):
        found["computed"] = True
        found["how"] = how(one)
    if declared.kind in GROUPS:
        found["groups"] = GROUPS[declared.kind]
    found["path"] = f"{table.name}.{one.name}"
    if widget in {"one", "many"}:
        options = choices(one, (table.name, one.name)) if found["editable"] else None
        if declared.filter is not None:
            found["narrowed"] = True
        if options is not None:
            found["options"] = [[option.value, option.title, option.keys] for option in options]
    elif isinstance(declared.maximum, Decimal) and not number:
        found["most"] = int(declared.maximum)
    return found


def rows_typed(raw: object) -> list[Mapping[str, object]] | None:
    """The rows that a form sent back, or None where it sent none."""
    if isinstance(raw, str):
        try:
            raw = read_json(raw)
        except ValueError:
            return None
    if not isinstance(raw, list | tuple):
        return None
    return [row for row in raw if isinstance(row, Mapping)]


def grid_rows(view: FieldView) -> list[dict[str, Any]]:
    """The rows of a table as the grid keeps them."""
    names = [one.name for one in view.columns]
    worded = [TEXTS.get(one.field.kind) in {"one", "many", "file"} for one in view.columns]
    open_to = [one.editable for one in view.columns]
    return [
        _row(row_id, [row.get(name) for name in names], worded, open_to)
        for row_id, row in zip(view.row_ids, view.rows, strict=False)
    ]


def _row(
    row_id: str, cells: Sequence[FieldView | None], worded: Sequence[bool], open_to: Sequence[bool]
) -> dict[str, Any]:
    found: dict[str, Any] = {"id": row_id, "v": ["" if cell is None else _value(cell) for cell in cells]}
    texts = {
        place: cell.text
        for place, cell in enumerate(cells)
        if cell is not None and cell.text and (worded[place] or cell.masked)
    }
    if texts:
        found["t"] = texts
    fixed = [
        place
        for place, cell in enumerate(cells)
        if open_to[place] and cell is not None and not (cell.editable and cell.shown)
    ]
    if fixed:
        found["fixed"] = fixed
    return found


def _value(cell: FieldView) -> str:
    if isinstance(cell.value, tuple | list) and cell.field.kind in {"codes", "refs"}:
        return ",".join(str(one) for one in cell.value)
    return text_for_input(cell)


def _typed_rows(view: FieldView, typed: Sequence[Mapping[str, object]]) -> list[dict[str, Any]]:
    """Rows as typed; what the engine gives for them comes from the view's row at the same place."""
    known = grid_rows(view)
    names = [one.name for one in view.columns]
    found = []
    for index, row in enumerate(typed):
        made: dict[str, Any] = dict(known[index]) if index < len(known) else {"v": [""] * len(names)}
        made["id"] = str(row.get("id") or made.get("id") or "")
        made["v"] = [_text(row[name]) if name in row else made["v"][place] for place, name in enumerate(names)]
        found.append(made)
    return found


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
