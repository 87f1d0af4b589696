"""Free pages: components drawn, their memory in the address, drills and figures kept fresh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request, url_for

from engine.model.documents import Field
from engine.usecases import free_pages
from engine.usecases.page_tables import values
from engine.usecases.page_views import CellView, ChartView, Link, PageView
from engine.usecases.taking_away import MEDIA
from engine.usecases.wording_cells import choices
from engine.web.doors import signed_in
from engine.web.surroundings import actor, language, runtime, said, say, title
from engine.web.tones import tones

blueprint = Blueprint("free_pages", __name__)
KEEP = "k."
_POINT = ("x", "split", "row")


@blueprint.get("/p/<page>")
@signed_in
def page(page: str) -> str:
    """A page; its body alone where a script asks for it."""
    view = free_pages.open_page(runtime(), actor(), page, _given())
    return _drawn("page_body.html" if request.headers.get("HX-Request") else "page.html", view)


@blueprint.get("/p/<page>/taken/<path:part>")
@signed_in
def taken(page: str, part: str) -> Response:
    """A table of a page as a workbook."""
    found = free_pages.take_table(runtime(), actor(), page, part, _given())
    words = {cell.word: worded_cell(cell) for row in found.rows for cell in row if cell.word}
    name, heads = title(found.title), [title(one) for one in found.heads]
    book = runtime().workbook.write(name, heads, [values(row, words) for row in found.rows], found.forms)
    response = Response(book, mimetype=MEDIA["xlsx"])
    file = f"{name}-{runtime().clock.now():%Y%m%d-%H%M}.xlsx"
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file)}"
    return response


@blueprint.get("/p/<page>/<path:part>")
@signed_in
def drill(page: str, part: str) -> str:
    """What stands behind a component of a page."""
    if part in runtime().definitions.free_pages:
        return _drawn("page.html", free_pages.open_page(runtime(), actor(), part, _given()))
    at = {name: request.args[name] for name in _POINT if name in request.args}
    view = free_pages.open_drill(runtime(), actor(), page, part, _given(), at)
    return _drawn("page.html", view, back=url_for("free_pages.page", page=page, **_kept(view)))


def _drawn(template: str, view: PageView, back: str = "") -> str:
    def take(path: str) -> str:
        return url_for("free_pages.taken", page=view.id, part=path, **_kept(view))

    return render_template(template, view=view, back=back, take="" if back else take, **drawing(view))


def drawing(view: PageView) -> dict[str, object]:
    """What templates need to draw the components of a page."""
    return {
        "address": lambda link, **at: _address(view, link, at),
        "chart": lambda one: _chart_json(view, one),
        "options": _options,
        "tones": tones,
        "worded_cell": worded_cell,
    }


def worded_cell(cell: CellView) -> str:
    """The text of a cell; a name of the engine in words."""
    return said(cell.word, cell.word.partition(".")[2]) if cell.word else cell.text


def _given() -> dict[str, str]:
    return {name.removeprefix(KEEP): text for name, text in request.args.items() if name.startswith(KEEP)}


def _kept(view: PageView) -> dict[str, Any]:
    """What the page remembers, for an address; what is empty is left empty, not forgotten."""
    return {KEEP + name: text for name, text in view.given.items()}


def _address(view: PageView, link: Link, at: Mapping[str, str]) -> str:
    """Where a link of a component leads."""
    kind, what = link
    if kind == "document":
        document, _, record_id = what.partition(":")
        return url_for("details.detail", document=document, record_id=record_id)
    if kind == "list":
        return url_for("lists.documents", document=what)
    if kind == "drill" and what in runtime().definitions.free_pages:
        return url_for("free_pages.page", page=what, **_kept(view))
    path, _, row = what.partition(":")
    found: dict[str, Any] = {**_kept(view), **at} | ({"row": row} if row else {})
    return url_for("free_pages.drill", page=view.id, part=f"rows:{path}" if kind == "rows" else what, **found)


def _chart_json(view: PageView, chart: ChartView) -> dict[str, object]:
    """What the drawing of a chart needs; exact numbers go as text and are rounded by the drawing alone."""
    return {
        "form": chart.form,
        "categories": chart.categories,
        "keys": chart.keys,
        "splits": chart.splits,
        "series": [{"name": one.name or say("page.count"), "values": one.values} for one in chart.series],
        "unit": chart.unit,
        "address": _address(view, chart.link, {}) if chart.link else "",
    }


def _options(field: Field) -> tuple[tuple[str, str], ...]:
    """What a filter lets choose from; none where it is typed."""
    return choices(runtime(), field, language())
