"""The text of an identity card: 256 bytes of UTF-16LE in fixed places, and what its own arithmetic says of it.

In: the data of a reading. Out: fields and pictures as bytes. The picture is compressed with a method that is not
public: it is handed on as it is, nobody here looks into it. Check digit of numbers: GB 11643 (ISO 7064, MOD 11-2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from engine.model.devices import CardText, DeviceFault, Trouble

BLOCK = 256
_BLANK = "\u0020"
_PLACES: Mapping[str, tuple[int, int]] = {
    "name": (0, 30), "sex": (30, 2), "nation": (32, 4), "birth": (36, 16), "address": (52, 70), "number": (122, 36),
    "authority": (158, 30), "valid_from": (188, 16), "valid_to": (204, 16), "permit": (220, 18), "issues": (238, 4),
    "kind": (248, 2),
}  # fmt: skip
_FOREIGN: Mapping[str, tuple[int, int]] = {
    "name": (0, 120), "sex": (120, 2), "number": (122, 30), "country": (152, 6), "other_name": (158, 30),
    "valid_from": (188, 16), "valid_to": (204, 16), "birth": (220, 16), "authority": (240, 8), "kind": (248, 2),
}  # fmt: skip
"""Kind I: offset and length of each field in bytes."""
_KIND = 248
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Reading:
    """What lies in the answer to a reading."""

    card: CardText
    picture: bytes = b""
    fingers: bytes = b""


def reading_of(data: bytes, *, fingers: bool = False) -> Reading:
    """Take the data of an answer apart. Raises DeviceFault where its lengths do not fit."""
    heads = 3 if fingers else 2
    bounds = [heads * 2]
    for at in range(heads):
        bounds.append(bounds[-1] + int.from_bytes(data[at * 2 : at * 2 + 2], "big"))
    parts = [data[begin:end] for begin, end in pairwise(bounds)]
    if len(data) != bounds[-1] or len(parts[0]) != BLOCK:
        raise DeviceFault(Trouble.UNREADABLE, f"{len(data)} bytes")
    return Reading(card_of(parts[0]), parts[1], parts[2] if fingers else b"")


def data_of(reading: Reading) -> bytes:
    """The data that tell this."""
    parts = [block_of(reading.card), reading.picture, *([reading.fingers] if reading.fingers else [])]
    return b"".join(len(part).to_bytes(2, "big") for part in parts) + b"".join(parts)


def card_of(block: bytes) -> CardText:
    """The fields of a text block, without the blanks behind them."""
    places = _FOREIGN if _text(block, _KIND, 2) == "I" else _PLACES
    found = {name: _text(block, *place) for name, place in places.items()}
    fields = {name: found.get(name, "") for name in (*_PLACES, "other_name", "country")}
    return CardText(**fields, faults=_faults(fields))


def block_of(card: CardText) -> bytes:
    """A card's text block."""
    block = bytearray(_BLANK.encode("utf-16-le") * (BLOCK // 2))
    for name, (at, length) in (_FOREIGN if card.kind == "I" else _PLACES).items():
        written = str(getattr(card, name)).encode("utf-16-le")[:length]
        block[at : at + len(written)] = written
    return bytes(block)


def _text(block: bytes, at: int, length: int) -> str:
    return block[at : at + length].decode("utf-16-le", "replace").rstrip(" \x00")


def check_digit(digits: str) -> str:
    """The sign behind 17 digits. Raises ValueError for others."""
    return _DIGITS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11]


def is_number(number: str) -> bool:
    """Whether the last sign of a number of 18 is the check digit of the others."""
    if len(number) != len(_WEIGHTS) + 1 or not (number[:-1].isascii() and number[:-1].isdecimal()):
        return False
    return number[-1].upper() == check_digit(number[:-1])


def _faults(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Kind I has numbers of another rule; the other kinds carry birth and sex within theirs."""
    if fields["kind"] == "I":
        return ()
    number = fields["number"]
    if not is_number(number):
        return ("number",)
    wrong = [("birth", number[6:14] != fields["birth"])]
    wrong.append(("sex", fields["sex"] in ("1", "2") and int(number[16]) % 2 != int(fields["sex"]) % 2))
    return tuple(name for name, is_wrong in wrong if is_wrong)
