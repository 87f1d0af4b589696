"""What the lines of a zone mean: TD1, TD2, TD3 of ICAO Doc 9303, parts 4 to 6, and Chinese cards of one line.

In: lines, today. Out: fields as they are written, dates, the fields whose check digits are wrong. Tables say where what
stands. Cards whose line begins with CS or CD have one line of their own: the end stands before the birth, and there is
no issuer, sex or name; what the last digit covers is not public, so nothing is concluded from it. Names have no check
digit at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from adapters.devices.zones.digits import FILLER, born, ends, holds
from engine.model.devices import ReadText

Place = tuple[int, int, int]
"""Line, first sign, sign behind the last."""
_ONE_LINE = ("CS", "CD")


@dataclass(frozen=True, slots=True)
class Checked:
    """A field with a digit behind it: where it stands, where the digit does."""

    field: str
    place: Place
    check: Place
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A format: the lengths of its lines, where its fields stand, which are checked, what the last digit covers."""

    name: str
    shape: tuple[int, ...]
    fields: Mapping[str, Place]
    checked: Sequence[Checked]
    covers: Sequence[Place] = ()
    composite: Place | None = None


TD3 = Layout(
    "TD3",
    (44, 44),
    {
        "code": (0, 0, 2), "issuer": (0, 2, 5), "names": (0, 5, 44), "number": (1, 0, 9), "country": (1, 10, 13),
        "birth": (1, 13, 19), "sex": (1, 20, 21), "expiry": (1, 21, 27), "optional": (1, 28, 42),
    },
    (
        Checked("number", (1, 0, 9), (1, 9, 10)),
        Checked("birth", (1, 13, 19), (1, 19, 20)),
        Checked("expiry", (1, 21, 27), (1, 27, 28)),
        Checked("optional", (1, 28, 42), (1, 42, 43), may_be_empty=True),
    ),
    ((1, 0, 10), (1, 13, 20), (1, 21, 43)),
    (1, 43, 44),
)  # fmt: skip
TD2 = Layout(
    "TD2",
    (36, 36),
    {
        "code": (0, 0, 2), "issuer": (0, 2, 5), "names": (0, 5, 36), "number": (1, 0, 9), "country": (1, 10, 13),
        "birth": (1, 13, 19), "sex": (1, 20, 21), "expiry": (1, 21, 27), "optional": (1, 28, 35),
    },
    (
        Checked("number", (1, 0, 9), (1, 9, 10)),
        Checked("birth", (1, 13, 19), (1, 19, 20)),
        Checked("expiry", (1, 21, 27), (1, 27, 28)),
    ),
    ((1, 0, 10), (1, 13, 20), (1, 21, 35)),
    (1, 35, 36),
)  # fmt: skip
TD1 = Layout(
    "TD1",
    (30, 30, 30),
    {
        "code": (0, 0, 2), "issuer": (0, 2, 5), "number": (0, 5, 14), "optional": (0, 15, 30), "birth": (1, 0, 6),
        "sex": (1, 7, 8), "expiry": (1, 8, 14), "country": (1, 15, 18), "names": (2, 0, 30),
    },
    (
        Checked("number", (0, 5, 14), (0, 14, 15)),
        Checked("birth", (1, 0, 6), (1, 6, 7)),
        Checked("expiry", (1, 8, 14), (1, 14, 15)),
    ),
    ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)),
    (1, 29, 30),
)  # fmt: skip
_LINE_FIELDS: Mapping[str, Place] = {
    "code": (0, 0, 2), "number": (0, 2, 11), "expiry": (0, 13, 19), "birth": (0, 21, 27),
}  # fmt: skip
_LINE_CHECKED = (
    Checked("number", (0, 2, 11), (0, 11, 12)),
    Checked("expiry", (0, 13, 19), (0, 19, 20)),
    Checked("birth", (0, 21, 27), (0, 27, 28)),
)
EEP1 = Layout("EEP1", (30,), _LINE_FIELDS, _LINE_CHECKED)
"""The card of one line."""
EEP3 = Layout("EEP3", (30, 30, 30), {**_LINE_FIELDS, "name": (1, 0, 12), "spelt": (1, 12, 30)}, _LINE_CHECKED)
"""Its chip: the same line, the name in GBK, how it is spelt, and more that is not public."""
_LAYOUTS = (TD3, TD2, TD1)


def read(lines: Sequence[str], today: date) -> ReadText | None:
    """What lines mean; None where they have the shape of no zone."""
    layout = layout_of(lines)
    if layout is None:
        return None
    fields = {name: _at(lines, place) for name, place in layout.fields.items()}
    surname, given = _names(fields.get("names") or fields.get("spelt", ""))
    number, optional, faults = _number(fields, lines, layout)
    return ReadText(
        format=layout.name,
        lines=tuple(lines),
        code=fields["code"].rstrip(FILLER),
        issuer=fields.get("issuer", "").rstrip(FILLER),
        number=number,
        birth=fields["birth"],
        sex=fields.get("sex", "").replace(FILLER, ""),
        expiry=fields["expiry"],
        country=fields.get("country", "").rstrip(FILLER),
        surname=surname,
        given=given,
        optional=optional,
        written_name=gbk_name(fields.get("name") or optional[:12]),
        birth_date=born(fields["birth"], today),
        expiry_date=ends(fields["expiry"], today),
        faults=faults,
    )


def layout_of(lines: Sequence[str]) -> Layout | None:
    """The format that lines have."""
    shape = tuple(map(len, lines))
    if lines and lines[0][:2] in _ONE_LINE and shape in (EEP1.shape, EEP3.shape):
        return EEP1 if len(lines) == 1 else EEP3
    return next((one for one in _LAYOUTS if one.shape == shape), None)


def _at(lines: Sequence[str], place: Place) -> str:
    line, begin, end = place
    return lines[line][begin:end]


def _number(fields: Mapping[str, str], lines: Sequence[str], layout: Layout) -> tuple[str, str, tuple[str, ...]]:
    """The number, the optional field, and the faults. A number that is too long for its place goes on, with its digit,
    in the optional field, and a filler stands where its digit would."""
    number, optional = fields["number"], fields.get("optional", "")
    faults = [one.field for one in layout.checked if not _holds(one, lines)]
    check = _at(lines, layout.checked[0].check)
    tail = optional.partition(FILLER)[0]
    if layout in (TD1, TD2) and check == FILLER and len(tail) >= 2:
        number, optional = number + tail[:-1], optional[len(tail) + 1 :]
        faults = [one for one in faults if one != "number"]
        faults = faults if holds(number, tail[-1]) else ["number", *faults]
    if layout.composite is not None:
        covered = "".join(_at(lines, place) for place in layout.covers)
        faults += [] if holds(covered, _at(lines, layout.composite)) else ["composite"]
    return number.rstrip(FILLER), optional.rstrip(FILLER), tuple(faults)


def _holds(one: Checked, lines: Sequence[str]) -> bool:
    return holds(_at(lines, one.place), _at(lines, one.check), may_be_empty=one.may_be_empty)


def _names(field: str) -> tuple[str, str]:
    surname, _, given = field.partition(FILLER * 2)
    return surname.replace(FILLER, " ").strip(), given.replace(FILLER, " ").strip()


def gbk_name(signs: str) -> str:
    """A name in its own script, two letters from A (0) to P (15) for a byte of GBK; empty where it is none."""
    letters = signs.rstrip(FILLER)
    letters = letters[: len(letters) // 4 * 4]
    if not letters or not all("A" <= one <= "P" for one in letters):
        return ""
    code = bytes((ord(high) - 65) << 4 | ord(low) - 65 for high, low in zip(letters[::2], letters[1::2], strict=True))
    try:
        name = code.decode("gbk")
    except UnicodeDecodeError:
        return ""
    return name if all(one > "\u2e7f" for one in name) else ""
