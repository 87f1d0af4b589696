"""What templates can say: texts, titles, addresses of static files, sizes. Templates are compiled once and kept."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby

from flask import Flask, g, request
from jinja2 import StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from engine.documents.field_kinds import json_of, text_of
from engine.model.values import StoredFile
from engine.usecases.views import FieldView
from engine.web import frame, surroundings
from engine.web.addresses import addresses
from engine.web.controls import Control
from engine.web.drawing import HOLE, icons, repeated
from engine.web.list_rows import row_values
from engine.web.wording import PAGES

MANY = 6
"""Fields without a value that a section shows one by one."""
WIDE = 8
"""Columns up to which a child table shows all, whether they hold anything or not."""


def dress(app: Flask) -> None:
    """Give an application's templates their words."""
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.auto_reload = False
    app.json.sort_keys = app.json.ensure_ascii = False  # type: ignore[attr-defined]
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.filters.update(
        worded=surroundings.title,
        told=surroundings.text_of,
        size=size_text,
        as_files=as_files,
        files_json=files_json,
        total=total_text,
        filled_columns=filled_columns,
        filled_facts=filled_facts,
        in_runs=in_runs,
    )
    address = app.extensions["assets"].address
    environment.globals.update(
        today=surroundings.today, t=surroundings.say, asset=address, frame=frame.frame, dict=dict, url_for=addresses(),
        icon_of=icons(address("icons.svg")), repeated=repeated, hole=HOLE, row_values=row_values,
    )  # fmt: skip
    app.context_processor(_page_values)


def _page_values() -> dict[str, object]:
    """What the layout needs on every page."""
    shell, language = surroundings.shell(), surroundings.language()
    signed_in = "actor" in g
    return {
        "language": language,
        "theme": surroundings.theme(),
        "signed_in": signed_in,
        "who": surroundings.actor() if signed_in else None,
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        "words": _words(language),
        "assets_complete": shell.assets.complete,
    }


@cache
def _words(language: str) -> Markup:
    """The texts of scripts as they stand in every page."""
    return htmlsafe_json_dumps(PAGES.for_scripts(language), ensure_ascii=False, separators=(",", ":"))


def in_runs(fields: Iterable[FieldView]) -> list[tuple[bool, list[FieldView]]]:
    """Fields that follow each other, tables apart from plain ones: a page keeps the order that was declared."""
    return [(tables, list(found)) for tables, found in groupby(fields, lambda one: one.field.is_table)]


def size_text(size: int) -> str:
    """Bytes in the unit that suits; a limit that was declared in round kilobytes is told as it was declared."""
    step = 1000 if size % 1000 == 0 else 1024
    if size < step:
        return f"{size} B"
    if size < step * step:
        return f"{size / step:.0f} KB"
    large, unit = (size / step**2, "MB") if size < step**3 else (size / step**3, "GB")
    return f"{f'{large:.1f}'.removesuffix('.0') if step == 1000 else f'{large:.1f}'} {unit}"


def as_files(value: object) -> Sequence[StoredFile]:
    """The files of a file field's value."""
    several = value if isinstance(value, tuple | list) else (value,)
    return [one for one in several if isinstance(one, StoredFile)]


def files_json(control: Control) -> str:
    """What a form sends back for files that are there already."""
    files = [json_of(one, "file") for one in control.files]
    if not files:
        return ""
    return json.dumps(files if control.view.field.many else files[0], ensure_ascii=False)


def total_text(rows: Sequence[Mapping[str, FieldView]], column: FieldView) -> str:
    """The exact sum of a column, worded as its type."""
    values = [row[column.name].value for row in rows if column.name in row]
    numbers = [value for value in values if isinstance(value, Decimal | int) and not isinstance(value, bool)]
    return text_of(sum(numbers, Decimal(0)), column.field.kind) if numbers else ""


def filled_columns(table: FieldView) -> tuple[list[FieldView], list[FieldView]]:
    """The columns of a child table that are shown, and those of a wide one that hold nothing in any row."""
    shown = [column for column in table.columns if column.shown]
    if len(shown) <= WIDE:
        return shown, []
    filled = {name for row in table.rows for name, cell in row.items() if cell.text or cell.value is not None}
    return [one for one in shown if one.name in filled], [one for one in shown if one.name not in filled]


def filled_facts(fields: Iterable[FieldView], kept: Collection[str] = ()) -> tuple[list[FieldView], list[FieldView]]:
    """The fields of a section that are shown, and those that hold nothing where these are many; never those `kept`."""
    shown = [one for one in fields if one.shown]
    empty = [one for one in shown if not one.text and not one.value and one.name not in kept]
    if len(empty) <= MANY:
        return shown, []
    names = {one.name for one in empty}
    return [one for one in shown if one.name not in names], empty
