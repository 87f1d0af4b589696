"""Fields drawn fast: a template draws each field once with a hole where its value goes, and the rest is kept.

In: a `Control` and where it stands. Out: its HTML, the same that the macro `field` of fields.html gives. What has
findings, or more than one value, is always drawn by the macro itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import cast

from flask import current_app
from markupsafe import Markup

from engine.web.controls import Control
from engine.web.escaping import escaped
from engine.web.surroundings import language, runtime

HOLE, SECOND = "\ufdd0", "\ufdd1"
"""Characters that Unicode keeps out of all texts: nobody can type them."""
_HOLLOW = {"text", "number", "long", "date", "datetime", "time", "search"}
_SEVERAL = {"file", "tags", "checks", "table"}
_MOST_FORMS = 2_000
_kept: dict[tuple[str, str, str, str], dict[tuple[object, ...], tuple[str, ...]]] = {}


class Drawing:
    """Draws the fields of one form; `event` names the event that asks for them, if one does."""

    def __init__(self, document: str, event: str = "") -> None:
        self.document, self.event = document, event
        key = (runtime().definitions.version, language(), document, event)
        if len(_kept) >= _MOST_FORMS:
            _kept.clear()
        self.kept = _kept.setdefault(key, {})
        self.macro = _macro()

    def __call__(self, control: Control, place: str, *, alone: bool = False) -> Markup:
        """The HTML of one field; `place` is the id of its input, `alone` leaves the label to the section's title."""
        return Markup(self._drawn(control, place, alone))  # noqa: S704 -- every value in it is escaped

    def all(self, controls: Iterable[Control], before: str, *, alone: bool = False) -> Markup:
        """The HTML of fields that follow each other; the ids of their inputs begin with `before`."""
        drawn = [self._drawn(one, before + one.view.name, alone) for one in controls]
        return Markup("\n".join(drawn))  # noqa: S704 -- every value in it is escaped

    def _drawn(self, control: Control, place: str, alone: bool) -> str:
        view = control.view
        if control.findings or not _has_holes(control):
            return self._whole(control, place, alone)
        marks = (place, control.widget, view.shown, view.required, view.editable, view.masked, alone)
        # Of a tick only whether it is set: what was typed is anybody's, and must not fill the memory.
        key = (*marks, control.value == "true") if control.widget == "check" else (*marks, len(control.options))
        parts = self.kept.get(key)
        if parts is None:
            parts = self.kept[key] = self._parts(control, place, alone)
        return "".join(_filled(control, parts))

    def _whole(self, control: Control, place: str, alone: bool) -> Markup:
        return self.macro(control, self.document, place, self.event, alone)

    def _parts(self, control: Control, place: str, alone: bool) -> tuple[str, ...]:
        """The field drawn once, cut at its holes."""
        if not control.view.editable:
            hollow = control._replace(view=control.view._replace(text=HOLE))
        elif control.widget == "check":
            hollow = control
        elif control.widget == "select":
            hollow = control._replace(value="", texts=())
        else:
            hollow = control._replace(value=HOLE, texts=(SECOND,))
        return tuple(str(self._whole(hollow, place, alone)).replace(SECOND, HOLE).split(HOLE))


def _has_holes(control: Control) -> bool:
    if not control.view.editable:
        return control.widget not in _SEVERAL
    if control.widget == "select":
        known = not control.value or any(option.value == control.value for option in control.options)
        return known and control.view.field.filter is None
    return control.widget in _HOLLOW or control.widget == "check"


def _filled(control: Control, parts: tuple[str, ...]) -> list[str]:
    if not control.view.editable:
        return [parts[0], escaped(control.view.text or "—"), *parts[1:]]
    if control.widget == "check":
        return [parts[0]]
    if control.widget == "select":
        option = f'<option value="{escaped(control.value)}"'
        return [parts[0].replace(option, f"{option} selected", 1) if control.value else parts[0]]
    if control.widget == "search":
        text = control.texts[0] if control.texts else ""
        return [parts[0], escaped(control.value), parts[1], escaped(text), parts[2]]
    return [parts[0], escaped(control.value), parts[1]]


def repeated(drawn: str, rows: Iterable[Sequence[object]]) -> Markup:
    """What was drawn once with holes, again for each row of what fills them; a row has a value for every hole."""
    parts = drawn.split(HOLE)
    made: list[str] = []
    for row in rows:
        for part, value in zip(parts, row, strict=False):
            made += (part, escaped(value))
        made.append(parts[-1])
    return Markup("".join(made))  # noqa: S704 -- every value in it is escaped


def icons(sheet: str) -> Callable[..., Markup]:
    """What draws symbols of a sheet, `icon(name, words)`; the words tell it to those who cannot see it."""

    @lru_cache(maxsize=1_000)
    def icon(name: str, words: str = "") -> Markup:
        told = Markup('role="img" aria-label="{}"').format(words) if words else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(told, sheet, name)

    return icon


def _macro() -> Callable[..., Markup]:
    extensions = current_app.extensions
    if "field" not in extensions:
        extensions["field"] = current_app.jinja_env.get_template("fields.html").module.field  # type: ignore[attr-defined]
    return cast("Callable[..., Markup]", extensions["field"])
