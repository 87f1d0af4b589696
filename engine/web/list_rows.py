"""What fills the rows of a list: the template draws one row with holes, here is what goes into them for each record.

In: a `ListView`, the tones of states, the macro that draws a tag. Out: values in the order of the holes of
list_rows.html. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from engine.usecases.views import ListView
from engine.web.surroundings import say, title


def row_values(
    view: ListView, folder: str, tones: Mapping[str, str], tag: Callable[[str, str], str], *, with_state: bool
) -> Iterator[Sequence[object]]:
    """For each row: its address, what picks it, the address again, the first cell, the state, the other cells."""
    first, *others = [column.name for column in view.columns] or [""]
    unnamed, tags = say("list.open"), _tags(view, tones, tag) if with_state else {}
    for record, row, state in zip(view.ids, view.rows, view.state_names, strict=True):
        address, named = folder + record, row[first].text if first in row else ""
        values: list[object] = [address]
        if view.picks:
            values += (record, say("list.pick", what=named or record[:8]))
        values += (address, named or unnamed)
        if with_state:
            values.append(tags[state])
        values += [row[name].text if name in row else "" for name in others]
        yield values


def _tags(view: ListView, tones: Mapping[str, str], tag: Callable[[str, str], str]) -> dict[str, str]:
    states = dict(zip(view.state_names, view.states, strict=True))
    return {name: tag(title(of), tones.get(name, "moving")) if title(of) else "" for name, of in states.items()}
