"""Every component in every state on one page, light beside dark: what the pages are made of, to look at and to test.

The fields here are invented; nothing is read and nothing can be sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import Blueprint, render_template

from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import Title
from engine.model.types import Type
from engine.model.values import StoredFile
from engine.problems import Finding, Level
from engine.usecases.views import FieldView, Option
from engine.web.administrators import administrators_only
from engine.web.controls import Control, Path, control
from engine.web.doors import signed_in
from engine.web.drawing import Drawing
from engine.web.grids import grid
from engine.web.surroundings import runtime

blueprint = Blueprint("specimen", __name__)
NOWHERE = "_specimen"
"""No document has this name, so that nothing here leads anywhere."""
TONES = ("new", "moving", "waiting", "done", "stopped", "late")
OPTIONS = tuple(Option(code, title) for code, title in (("1", "甲"), ("2", "乙"), ("3", "丙"), ("4", "丁")))
KINDS: dict[str, tuple[object, str]] = {
    "text": ("文字", "文字"),
    "long_text": ("第一行\n第二行", "第一行\n第二行"),
    "integer": (42, "42"),
    "money": (Decimal("12345.60"), "12,345.60"),
    "boolean": (True, "是"),
    "date": (date(2026, 5, 6), "2026-05-06"),
    "datetime": (datetime(2026, 5, 6, 15, 33), "2026-05-06 15:33"),
    "citizen_id": ("11010119900307123X", "11010119900307123X"),
    "mobile": ("13800000000", "13800000000"),
    "code": ("2", "乙"),
    "ref": ("1", "甲"),
    "codes": (("1", "3"), "甲、丙"),
    "file": (StoredFile("0" * 64, "附件.pdf", 482_133, "application/pdf"), "附件.pdf"),
    "password": (None, ""),
}


@blueprint.get("/design")
@signed_in
@administrators_only
def specimen() -> str:
    """The page."""
    now = runtime().clock.now()
    return render_template(
        "specimen.html",
        draw=Drawing(NOWHERE),
        kinds=list(KINDS),
        editable={kind: _control(kind, editable=True) for kind in KINDS},
        states=list(_states()),
        tones=TONES,
        grids={"open": _table(editable=True), "read": _table(editable=False)},
        moments=[now, now - timedelta(hours=5), now - timedelta(days=3)],
    )


def _field(kind: str, **more: object) -> Field:
    wide = {"hint": Title("提示文字", "A hint"), **more}
    return Field(kind, Title(kind, kind), kind, Type(FIELD_TYPES[kind]), **wide)  # type: ignore[arg-type]


def _view(kind: str, **more: object) -> FieldView:
    value, text = KINDS[kind]
    return FieldView(kind, _field(kind), value, text, **more)  # type: ignore[arg-type]


def _options(view: FieldView, path: Path) -> tuple[Option, ...] | None:
    return OPTIONS if view.field.kind in {"code", "codes"} else None


def _control(kind: str, **more: object) -> Control:
    return control(_view(kind, **more), f"x.{kind}", {}, _options)


def _states() -> Iterator[tuple[str, Control]]:
    """One field in each state that a field can be in."""

    def told(level: Level) -> tuple[Finding, ...]:
        return (
            Finding("told", {"zh": "说明哪里不对、怎么改", "en": "What is wrong, and what to do"}, ("text",), level),
        )

    yield "required", _control("text", editable=True, required=True)
    yield "error", _control("text", editable=True, findings=told(Level.ERROR))
    yield "warn", _control("text", editable=True, findings=told(Level.WARN))
    yield "given", control(FieldView("x", _field("money"), Decimal(1), "1.00"), "x.given", {}, _options)
    yield (
        "masked",
        control(FieldView("y", _field("text"), None, "110101****123X", masked=True), "x.masked", {}, _options),
    )


def _table(*, editable: bool) -> dict[str, object]:
    cells = {name: _field(kind) for name, kind in (("a", "text"), ("b", "integer"), ("c", "money"), ("d", "boolean"))}
    values = [("甲", 3, Decimal("12.50"), True), ("乙", 0, Decimal("1000.00"), False), ("", 5, Decimal("0.99"), None)]
    rows = [
        {
            name: FieldView(name, field, value, "" if value is None else str(value), editable=editable)
            for (name, field), value in zip(cells.items(), row, strict=True)
        }
        for row in values
    ]
    view = FieldView(
        "lines",
        Field("lines", Title("明细", "Lines"), "table", Type(FIELD_TYPES["table"]), fields=cells),
        editable=editable,
        columns=tuple(FieldView(name, field, editable=editable) for name, field in cells.items()),
        rows=tuple(rows),
        row_ids=("1", "2", "3"),
    )
    wrong = Finding("told", {"zh": "请填写", "en": "Fill this in"}, ("lines", "2", "a"))
    return grid(view, NOWHERE, None, _options, (wrong,) if editable else (), frozenset({"b", "c"}))
