"""What a kiosk's screen is told of the parts that people touch, as plain data, worded and projected."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.formula import Title
from engine.usecases.views import FieldView


@dataclass(frozen=True, slots=True)
class EntryView:
    """Fields to fill in, with what was filled in so far."""

    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class KeypadView:
    """One value typed on large keys."""

    field: FieldView
    kind: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class SearchView:
    """A text that narrows what is shown."""

    field: FieldView


@dataclass(frozen=True, slots=True)
class PictureView:
    """A drawing by its name, or the address of a picture."""

    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class DetailsView:
    """Titles and values of one row."""

    rows: tuple[tuple[Title, str], ...]
