"""The REST door for free pages: figures, charts and tables as data, and what stands behind them.

The memory of a page stands in the address as on the pages themselves (`k.NAME`); links are addresses of this door.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for

from engine.documents.field_kinds import json_of
from engine.model.formula import Title
from engine.usecases import free_pages
from engine.usecases.components import ROWS
from engine.usecases.page_views import (
    BoardView,
    ButtonView,
    ChartView,
    ComponentView,
    FigureView,
    GridView,
    Layout,
    Link,
    PageView,
    PartView,
    RowView,
    TableView,
    TextView,
)
from engine.usecases.views import FieldView
from engine.web.bearer import with_token
from engine.web.envelope import finding_json
from engine.web.free_pages import KEEP, worded_cell
from engine.web.surroundings import actor, runtime, say

blueprint = Blueprint("rest_pages", __name__, url_prefix="/api/v1")
Json = dict[str, Any]
_POINT = ("x", "split", "row")


@blueprint.get("/_pages")
@with_token
def pages() -> Response:
    """Free pages that the account may open."""
    known = runtime().definitions.free_pages.values()
    found = [one for one in known if free_pages.may_open(runtime(), actor(), one)]
    return make_response(jsonify([{"id": one.id, "title": one.title.texts()} for one in found]))


@blueprint.get("/_pages/<page_id>")
@with_token
def page(page_id: str) -> Response:
    """A page with its components computed."""
    return make_response(jsonify(page_json(free_pages.open_page(runtime(), actor(), page_id, _given()))))


@blueprint.get("/_pages/<page_id>/<path:part>")
@with_token
def drill(page_id: str, part: str) -> Response:
    """What stands behind a component: a drill of the page, or the documents of a point (`rows:PATH`)."""
    at = {name: request.args[name] for name in _POINT if name in request.args}
    view = free_pages.open_drill(runtime(), actor(), page_id, part, _given(), at)
    return make_response(jsonify(page_json(view)))


def _given() -> dict[str, str]:
    return {name.removeprefix(KEEP): text for name, text in request.args.items() if name.startswith(KEEP)}


def page_json(view: PageView) -> Json:
    """A page as JSON."""
    return {
        "id": view.id,
        "title": view.title.texts(),
        "keep": dict(view.given),
        "refresh": view.refresh or None,
        "findings": [finding_json(one) for one in view.findings],
        "body": [_component(view, one) for one in view.body],
    }


def _component(view: PageView, one: ComponentView) -> Json:
    told: Json = {"path": one.path, "title": one.title.texts(), "empty": one.empty.texts()}
    if one.part is None:
        return told | {"failed": None if one.failed is None else finding_json(one.failed)}
    return told | _content(view, one.part)


def _content(view: PageView, part: PartView) -> Json:
    """What a component shows, under the name of what it is."""
    if isinstance(part, FigureView):
        told = {"text": part.text, "unit": part.unit, "alert": part.alert, "link": _link(view, part.link)}
        return {"figure": told}
    if isinstance(part, ChartView):
        return {"chart": _chart(view, part)}
    if isinstance(part, TableView):
        return {"table": _table(view, part)}
    if isinstance(part, BoardView | GridView):
        return {"grid": _grid(view, part)} if isinstance(part, GridView) else {"board": _board(view, part)}
    if isinstance(part, TextView):
        return {"text": {"text": part.text, "form": part.form}}
    if isinstance(part, Layout):
        return {"layout": _layout(view, part)}
    parts = part if isinstance(part, tuple) else ()  # what is touched stands on screens of flows alone
    if any(isinstance(one, FieldView) for one in parts):
        return {"filters": [_filter(one) for one in parts if isinstance(one, FieldView)]}
    return {"buttons": [_button(one) for one in parts if isinstance(one, ButtonView)]}


def _chart(view: PageView, part: ChartView) -> Json:
    series = [{"name": one.name or say("page.count"), "values": list(one.values)} for one in part.series]
    told: Json = {name: list(getattr(part, name)) for name in ("categories", "keys", "splits")}
    return {"form": part.form, **told, "series": series, "unit": part.unit, "link": _link(view, part.link)}


def _table(view: PageView, part: TableView) -> Json:
    columns = [
        {"title": head.texts(), "number": is_number} for head, is_number in zip(part.heads, part.numbers, strict=True)
    ]
    rows, totals = _rows(view, part.rows), list(part.totals)
    return {"form": part.form, "columns": columns, "rows": rows, "totals": totals, "more": part.more}


def _rows(view: PageView, rows: Sequence[RowView]) -> list[Json]:
    return [
        {
            "cells": [{"text": worded_cell(cell), "number": cell.is_number} for cell in row.cells],
            "link": _link(view, row.link),
            "document": row.document or None,
            "state": row.state or None,
            "label": row.label or None,
        }
        for row in rows
    ]


def _board(view: PageView, part: BoardView) -> Json:
    return {"groups": [{"name": name, "rows": _rows(view, rows)} for name, rows in part.groups]}


def _grid(view: PageView, part: GridView) -> Json:
    """Grids with the places that are taken: what stands there, what lies in it, how it stands out."""
    parts = [
        {
            "name": one.name,
            "rows": one.rows,
            "columns": one.columns,
            "places": [
                {"row": row, "column": column, "name": place.name, "sign": place.row.sign or None}
                | {"taken_by": _rows(view, (place.row,))[0], "holds": _signed(view, place.lines)}
                for (row, column), found in sorted(one.places.items())
                for place in found
            ],
        }
        for one in part.parts
    ]
    return {"parts": parts, "columns": [{"title": head.texts()} for head in part.heads], "more": part.more}


def _signed(view: PageView, rows: Sequence[RowView]) -> list[Json]:
    told = zip(_rows(view, rows), rows, strict=True)
    return [shown | {"sign": row.sign or None} for shown, row in told]


def _layout(view: PageView, part: Layout) -> Json:
    titles = part.titles or (Title(),) * len(part.bodies)
    parts = [
        {"title": title.texts(), "body": [_component(view, one) for one in body]}
        for title, body in zip(titles, part.bodies, strict=True)
    ]
    return {"form": part.form, "widths": list(part.widths), "parts": parts}


def _filter(one: FieldView) -> Json:
    value = json_of(one.value, one.field.kind)
    return {"name": one.name, "title": one.title.texts(), "value": value, "text": one.text}


def _button(one: ButtonView) -> Json:
    return {"verb": one.verb, "subject": one.subject, "title": one.title.texts()}


def _link(view: PageView, link: Link | None) -> Json | None:
    """Where something leads, at this door."""
    if link is None:
        return None
    kind, what = link
    name, _, rest = what.partition(":")
    if kind == "document":
        return {"kind": kind, "href": url_for("rest.record", document=name, record_id=rest)}
    if kind == "list":
        return {"kind": kind, "href": url_for("rest.documents", document=what)}
    kept: Json = {KEEP + key: text for key, text in view.given.items()}
    if kind == "drill" and what in runtime().definitions.free_pages:
        return {"kind": "page", "href": url_for("rest_pages.page", page_id=what, **kept)}
    part = f"{ROWS}:{name}" if kind == ROWS else what
    at: Json = kept | ({"row": rest} if rest else {})
    return {"kind": kind, "href": url_for("rest_pages.drill", page_id=view.id, part=part, **at)}
