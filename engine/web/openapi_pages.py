"""The doors of free pages as OpenAPI tells them: each page that the account may open, what stands behind its parts.

In: the pages in force. Out: a path for a page, one for each drill, one for each component whose documents can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.documents import Field
from engine.model.free_pages import Chart, Component, FreePage, inside
from engine.usecases.components import ROWS
from engine.usecases.free_pages import may_open
from engine.web.free_pages import KEEP
from engine.web.openapi_parts import TEXT, TITLE, WHOLE, WORDS, Json, answer, listed, operation, query, ref, shape
from engine.web.surroundings import actor, runtime, say, title

PAGES = "_pages"
_FLAG: Json = {"type": "boolean"}


def page_paths() -> Json:
    """The list of pages and the doors of each."""
    pages = [one for one in runtime().definitions.free_pages.values() if may_open(runtime(), actor(), one)]
    known = listed(shape({"id": TEXT, "title": ref("title")}))
    found: Json = {
        "/_pages": {
            "get": operation(
                "list", say("rest.pages"), {"200": answer(say("rest.pages"), known)}, tag=PAGES, refusals=()
            )
        }
    }
    for page in pages:
        found[f"/_pages/{page.id}"] = {"get": _open(page, page.id, title(page.title), [])}
        for part, component in _parts(page):
            summary = " · ".join(text for text in (title(page.title), title(component.title) or part) if text)
            found[f"/_pages/{page.id}/{part}"] = {
                "get": _open(page, f"{page.id}.{part}", summary, _point(component, part))
            }
    return found


def _parts(page: FreePage) -> Iterator[tuple[str, Component]]:
    """What a link of the page may lead to, under the name it has in addresses."""
    yield from page.drills.items()
    for component in inside((*page.body, *page.drills.values())):
        if getattr(component.part, "drill", "") == ROWS:
            yield f"{ROWS}:{component.path}", component


def _open(page: FreePage, name: str, summary: str, point: list[Json]) -> Json:
    kept = [query(f"{KEEP}{one.name}", TEXT, _told(one)) for one in page.keep.values()]
    found = {"200": answer(summary, ref("page"))}
    return operation(name, summary, found, tag=PAGES, parameters=[*kept, *point], refusals=(400, 404, 422))


def _told(field: Field) -> str:
    return title(field.title) or field.name


def _point(component: Component, part: str) -> list[Json]:
    """The point that a chart or a row of a table was asked about."""
    if not part.startswith(f"{ROWS}:"):
        return []
    names = ("x", "split") if isinstance(component.part, Chart) else ("row",)
    return [query(one, TEXT, say("rest.page.point")) for one in names]


def page_schemas() -> Json:
    """A page and its components."""
    target = shape({"kind": {"enum": ["document", "list", "rows", "drill", "page"]}, "href": TEXT})
    link = {"anyOf": [target, {"type": "null"}]}
    cell = shape({"text": TEXT, "number": _FLAG})
    row = {"cells": listed(cell), "link": link, "document": WORDS, "state": WORDS, "label": WORDS}
    rows = listed(ref("page.row"))
    series = shape({"name": TEXT, "values": listed(WORDS)})
    chart = {
        "form": TEXT, "categories": listed(TEXT), "keys": listed(TEXT), "splits": listed(TEXT),
        "series": listed(series), "unit": TEXT, "link": link,
    }  # fmt: skip
    columns = listed(shape({"title": TITLE, "number": _FLAG}))
    table = {"form": TEXT, "columns": columns, "rows": rows, "totals": listed(TEXT), "more": _FLAG}
    content: Json = {
        "figure": shape({"text": TEXT, "unit": TEXT, "alert": _FLAG, "link": link}),
        "chart": shape(chart),
        "table": shape(table),
        "board": shape({"groups": listed(shape({"name": TEXT, "rows": rows}))}),
        "grid": _grid(row, rows),
        "text": shape({"text": TEXT, "form": TEXT}),
        "buttons": listed(shape({"verb": {"enum": ["new", "page", "list"]}, "subject": TEXT, "title": TITLE})),
        "filters": listed(shape({"name": TEXT, "title": TITLE, "value": {}, "text": TEXT})),
        "layout": _layout(),
        "failed": {"anyOf": [ref("finding"), {"type": "null"}]},
    }
    component = {"path": TEXT, "title": TITLE, "empty": TITLE, **content}
    page = {
        "id": TEXT, "title": TITLE, "keep": {"type": "object", "additionalProperties": TEXT},
        "refresh": {"type": ["integer", "null"]}, "findings": listed(ref("finding")),
        "body": listed(ref("page.component")),
    }  # fmt: skip
    return {"page": shape(page), "page.row": shape(row), "page.component": shape(component, content)}


def _grid(row: Json, rows: Json) -> Json:
    held = listed(shape(row | {"sign": WORDS}))
    place = {"row": WHOLE, "column": WHOLE, "name": TEXT, "sign": WORDS, "taken_by": rows["items"], "holds": held}
    part = {"name": TEXT, "rows": WHOLE, "columns": WHOLE, "places": listed(shape(place))}
    return shape({"parts": listed(shape(part)), "columns": listed(shape({"title": TITLE})), "more": _FLAG})


def _layout() -> Json:
    parts = listed(shape({"title": TITLE, "body": listed(ref("page.component"))}))
    return shape({"form": {"enum": ["columns", "tabs", "group"]}, "widths": listed(WHOLE), "parts": parts})
