"""How a screen is drawn: which keys a field is typed with, what its buttons are, the signs of states, the pictures.

In: views of `engine.usecases`. Out: what templates ask for. It names no definition: keys follow from types, signs from
machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from markupsafe import Markup

from engine.model.documents import Field
from engine.model.formula import Title
from engine.usecases.flow_views import Screen, TouchButton
from engine.usecases.page_views import (
    BoardView,
    ChartView,
    ComponentView,
    GridPart,
    GridView,
    Layout,
    RowView,
    TableView,
)
from engine.usecases.touch_views import EntryView, KeypadView, PictureView, SearchView
from engine.usecases.views import FieldView
from engine.usecases.wording_cells import choices
from engine.web.surroundings import language, runtime, title
from engine.web.tones import tones
from kiosk.wording import KIOSK

PICTURES = Path(__file__).parent / "pictures"
MANY = 2
"""Buttons beyond which a screen that asks nothing else is a menu."""
_AWAY = ("back", "cancel", "exit")
"""Buttons that lead away stand at the same place on every screen."""
SEGMENTS = 4
"""Choices up to which all of them are seen at once."""
_KEYS = {
    "integer": "digits", "counter": "digits", "mobile": "digits", "date": "date", "time": "digits", "datetime": "date",
    "decimal": "number", "money": "number", "duration": "digits", "citizen_id": "identity",
    "credit_code": "letters", "mrz": "letters", "password": "latin",
}  # fmt: skip
_ENTERED = {"digits": "digits", "number": "number", "letters": "letters", "text": "text"}
INLINE = frozenset({"digits", "number", "letters"})
"""Keys that have room within a screen; others come up at its foot."""
_HIDDEN = {"text": "latin"}
"""What is typed unseen is never Chinese."""


def drawing() -> dict[str, object]:
    """What templates of screens need."""
    return {
        "keys_of": keys_of, "entered_with": entered_with, "options_of": options_of, "tone": tone, "signs": signs,
        "picture": picture, "chart_json": chart_json, "is_menu": is_menu, "acts": acts, "short_name": short_name,
        "target_part": target_part, "segments": SEGMENTS, "letter": letter, "asked": asked,
        "inline": INLINE, "look": look,
        "tells_state": tells_state, "differ": differ, "goal": goal,
    }  # fmt: skip


def inner(body: tuple[ComponentView, ...]) -> Iterator[ComponentView]:
    """The components and all that stand in them."""
    for one in body:
        yield one
        if isinstance(one.part, Layout):
            for beside in one.part.bodies:
                yield from inner(beside)


# --- buttons ---------------------------------------------------------------------------------------------------------


def is_menu(screen: Screen) -> bool:
    """Whether choosing among buttons is all that the screen asks for: a picture says what else is to be done."""
    asks = EntryView | KeypadView | SearchView | TableView | GridView | BoardView | PictureView
    busy = any(isinstance(one.part, asks) for one in inner(screen.body))
    return not busy and len([one for one in screen.buttons if one.outcome not in _AWAY]) > MANY


def acts(screen: Screen) -> tuple[TouchButton | None, tuple[TouchButton, ...]]:
    """The button that leads away, if there is one, and the others: the first of them is what one mostly wants."""
    named = {one.outcome: one for one in screen.buttons}
    if screen.back:
        named.setdefault("back", TouchButton("back", _both("back")))
    away = next((named[outcome] for outcome in _AWAY if outcome in named), None)
    if away is not None and away.outcome != "back" and len(named) == 1:
        away = None  # the only button is what one wants
    return away, tuple(one for one in screen.buttons if one is not away)


def _both(key: str) -> Title:
    return Title(*KIOSK.texts[key])


# --- fields ----------------------------------------------------------------------------------------------------------


def keys_of(field: Field) -> str:
    """The keys that a field of a form is typed with."""
    return _KEYS.get(field.kind, "text")


def entered_with(view: KeypadView) -> str:
    """The keys of a keypad."""
    keys = _ENTERED.get(view.kind, "text")
    return _HIDDEN.get(keys, keys) if view.hidden else keys


def options_of(view: FieldView) -> tuple[tuple[str, str], ...]:
    """What a field is chosen from; nothing where it is typed."""
    return choices(runtime(), view.field, language())


def asked(screen: Screen) -> frozenset[str]:
    """The names of what is filled in on a screen."""
    found = [one.part for one in inner(screen.body)]
    entries = [view.name for part in found if isinstance(part, EntryView) for view in part.fields]
    return frozenset([*entries, *(part.field.name for part in found if isinstance(part, KeypadView | SearchView))])


# --- states ----------------------------------------------------------------------------------------------------------


def tone(row: RowView) -> str:
    """The colour and shape of a row's state."""
    return row.tone or (tones(row.document).get(row.state, "") if row.state else "")


def tells_state(view: TableView) -> bool:
    """Whether a table says the state of its rows beside its columns: not where a column does, nor the only one that
    a document can be in."""
    if any(row.document and len(tones(row.document)) < 2 for row in view.rows[:1]):
        return False
    told = [title(row.state_title) in {cell.text for cell in row.cells} for row in view.rows if row.state]
    return bool(told) and not all(told)


def differ(view: TableView) -> bool:
    """Whether the rows of a table are in several states: what all of them share tells nothing."""
    return len({row.state for row in view.rows}) > 1


def look(row: RowView) -> str:
    """The colour and shape of a field of a map: what is wrong looks wrong, whatever its state."""
    return "late" if row.sign == "alert" else tone(row)


def letter(row: RowView) -> str:
    """What tells a state apart from others of its colour: the first sign of its name."""
    return "!" if row.sign == "alert" else title(row.state_title)[:1].upper()


def signs(view: GridView) -> list[tuple[str, str, str, int]]:
    """The states of a grid: colour, letter, title, how many fields are in it."""
    rows = [one.row for part in view.parts for found in part.places.values() for one in found]
    counted = Counter((look(one), letter(one), title(one.state_title)) for one in rows if one.state)
    order = _order([one for one in rows if one.state])
    return sorted(((*key, count) for key, count in counted.items()), key=lambda one: order.get(one[2], 0))


def _order(rows: list[RowView]) -> dict[str, int]:
    """The place of each state among those of its machine."""
    document = next((one.document for one in rows), "")
    machine = runtime().definitions.machines.get(document)
    return {title(state.title): at for at, state in enumerate(machine.states.values())} if machine is not None else {}


def target_part(view: GridView) -> int:
    """Which of several grids is seen first: that with something to look at."""
    for at, part in enumerate(view.parts):
        if any(one.row.sign == "mark" for found in part.places.values() for one in found):
            return at
    return 0


def goal(part: GridPart) -> tuple[int, int] | None:
    """The row and the column of the field to go to, where there is one."""
    marked = [at for at, found in part.places.items() if any(one.row.sign == "mark" for one in found)]
    return marked[0] if len(marked) == 1 else None


# --- pictures --------------------------------------------------------------------------------------------------------


@cache
def picture(name: str) -> Markup:
    """A drawing by its name; it stands in the page itself, so that it has the colours of the page."""
    path = PICTURES / f"{name}.svg"
    return Markup(path.read_text(encoding="utf-8")) if path.is_file() else Markup()  # noqa: S704 -- our own drawing


def shows(screen: Screen, digest: str) -> bool:
    """Whether a file is a picture of the screen."""
    return any(isinstance(one.part, PictureView) and one.part.source == digest for one in inner(screen.body))


def chart_json(chart: ChartView) -> dict[str, object]:
    """What the drawing of a chart needs."""
    return {
        "form": chart.form,
        "categories": chart.categories,
        "keys": chart.keys,
        "splits": chart.splits,
        "series": [
            {"name": one.name or KIOSK.worded("count", language()), "values": one.values} for one in chart.series
        ],
        "unit": chart.unit,
        "address": "",
    }


def short_name(name: str) -> str:
    """A name as anybody may read it who walks by: its first sign alone."""
    return f"{name[:1]}*" if name else ""
