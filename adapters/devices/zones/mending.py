"""Letters and digits that a reader takes for each other, mended where arithmetic then proves it.

In: lines with faults, today. Out: what they mean with one sign changed, or as they are. Only one mending may be
possible: two that would both hold prove nothing. What was mended is told, for the log and for whoever looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from adapters.devices.zones.reading import EEP1, EEP3, Place, layout_of, read
from engine.model.devices import ReadText

_ALIKE = ("O0", "I1", "B8", "S5", "Z2")
_TWINS = {pair[at]: pair[1 - at] for pair in _ALIKE for at in (0, 1)}


def mended(lines: Sequence[str], today: date) -> ReadText | None:
    """What lines mean; None where they have the shape of no zone."""
    plain, layout = read(lines, today), layout_of(lines)
    if plain is None or layout is None or not plain.faults or layout in (EEP1, EEP3):
        return plain  # a line without a digit over everything proves too little
    found = {}
    for one in layout.checked:
        if one.field in plain.faults:
            for tried in _changed(lines, (one.place, one.check)):
                text = read(tried, today)
                if text is not None and not text.faults:
                    found[tried] = replace(text, repaired=(one.field,))
    return next(iter(found.values())) if len(found) == 1 else plain


def _changed(lines: Sequence[str], places: Sequence[Place]) -> Iterator[tuple[str, ...]]:
    for line, begin, end in places:
        for at in range(begin, end):
            twin = _TWINS.get(lines[line][at])
            if twin is not None:
                text = lines[line]
                yield (*lines[:line], text[:at] + twin + text[at + 1 :], *lines[line + 1 :])
