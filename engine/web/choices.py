"""Options of short code lists, drawn with the form; long lists and references are searched while one types.

They are the same for everybody on a day, so they are kept for as long as the definitions stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.model.types import Kind
from engine.usecases import choosing
from engine.usecases.views import FieldView, Option
from engine.web.controls import Choices, Path
from engine.web.surroundings import actor, language, runtime

SHORT = 30
_MOST_KEPT = 2_000
_kept: dict[tuple[str, str, str, Path, str, date], Sequence[Option]] = {}


def choices(document: str, event: str = "") -> Choices:
    """What `controls` asks for the fields of one form; with `event`, for those that the event asks for."""

    def of(view: FieldView, path: Path) -> Sequence[Option] | None:
        return _listed(document, event, path) if is_short(view) else None

    return of


def is_short(view: FieldView) -> bool:
    """Whether all options of a field can be drawn at once."""
    if view.field.type.kind not in (Kind.CODE, Kind.CODES):
        return False
    codes = runtime().definitions.codes.get(view.field.type.of)
    return codes is not None and len(codes.entries) <= SHORT


def _listed(document: str, event: str, path: Path) -> Sequence[Option]:
    key = (runtime().definitions.version, document, event, path, language(), runtime().clock.now().date())
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = choosing.options(runtime(), actor(), document, path, "", event)
    return _kept[key]
