"""Frames files replayed: every case decoded from single bytes, encoded again, compared with what the file says.

In: a file of worked frames (its format is told in docs/devices.md). Out: a result for each case, by name. A device
knows how to hear both directions, how to write what it heard, and what a frame means; each fact of a case is an
attribute of that meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from adapters.devices.framing import Damaged, Ear
from adapters.devices.meanings import FAMILIES, Family
from engine.model.devices import DeviceFault, ReplayedFrame

_ASIDE = {"from": "valid_from", "to": "valid_to", "id": "number", "doc": "code"}
"""Names of facts that are other words here."""
_TO_DEVICE, _FROM_DEVICE = "host>device", "device>host"
_MISSING = object()


class FramesFault(ValueError):
    """A file that holds no frames; `why` is one of json, format, frames."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Case:
    """One frame of a file."""

    name: str
    device: str
    direction: str
    raw: bytes
    length: int
    decoded: Mapping[str, Any]
    error: str
    fields: Sequence[str]


def replay(path: Path, today: date) -> list[ReplayedFrame]:
    """Run every case of a file. Raises FramesFault, OSError."""
    return [ReplayedFrame(case.name, case.device, tuple(_mistakes(case, today))) for case in cases(path.read_bytes())]


def cases(text: bytes) -> list[Case]:
    """The cases of a file. Raises FramesFault."""
    try:
        told = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise FramesFault("json") from error
    if not isinstance(told, dict) or told.get("format") != 1 or not isinstance(told.get("frames"), list):
        raise FramesFault("format")
    try:
        return [_case(one) for one in told["frames"]]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FramesFault("frames") from error


def _case(told: Mapping[str, Any]) -> Case:
    expect = told.get("expect", {})
    return Case(
        told["id"],
        told["device"],
        told["direction"],
        bytes.fromhex(told["hex"]),
        int(told["length"]),
        told.get("decoded", {}),
        "" if expect.get("ok", True) else str(expect.get("error", "")),
        tuple(expect.get("fields", ())),
    )


def _mistakes(case: Case, today: date) -> Iterator[str]:
    family = FAMILIES.get(case.device)
    if family is None or case.direction not in (_TO_DEVICE, _FROM_DEVICE):
        yield f"unknown device {case.device} {case.direction}"
        return
    if len(case.raw) != case.length:
        yield f"length {len(case.raw)}, told {case.length}"
    ears = family.requests if case.direction == _TO_DEVICE else family.answers
    events = heard(ears, case.raw)
    if (whole := _whole(ears, case.raw)) != events:
        yield f"bytes one by one: {events}, in one piece: {whole}"
    frames = [event for event in events if not isinstance(event, Damaged)]
    if case.error and not case.fields:
        yield from _refused(case.error, events, frames)
    elif len(frames) != 1 or len(events) != 1:
        yield f"one frame expected, heard {events}"
    else:
        try:
            yield from _compared(case, family, frames[0], today)
        except (ValueError, LookupError, DeviceFault) as error:
            yield f"cannot be understood: {error}"


def heard(ears: Callable[[], Ear], raw: bytes) -> list[object]:
    """What is heard when bytes come one by one, and then nothing."""
    ear = ears()
    found = [event for byte in raw for event in ear.feed(bytes([byte]))]
    return [*found, *ear.rest()]


def _whole(ears: Callable[[], Ear], raw: bytes) -> list[object]:
    ear = ears()
    return [*ear.feed(raw), *ear.rest()]


def _refused(error: str, events: Sequence[object], frames: Sequence[object]) -> Iterator[str]:
    errors = [event.error for event in events if isinstance(event, Damaged)]
    if frames or error not in errors:
        yield f"expected {error}, heard {events}"


def _compared(case: Case, family: Family, frame: object, today: date) -> Iterator[str]:
    if (written := family.encode(frame)) != case.raw:
        yield f"encoded {written.hex(' ')}"
    meaning = family.meaning(frame, case.direction == _TO_DEVICE, today)
    for name, value in case.decoded.items():
        found = _plain(getattr(meaning, _ASIDE.get(name, name), _MISSING))
        if found != _plain(value):
            yield f"{name}: {found}, told {value}"
    if case.fields and _plain(getattr(meaning, "faults", ())) != _plain(case.fields):
        yield f"faults: {getattr(meaning, 'faults', ())}, told {list(case.fields)}"


def _plain(value: object) -> object:
    """Comparable with what JSON has: sequences as lists, enumerations as their words."""
    if value is _MISSING:
        return "not told"
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value
