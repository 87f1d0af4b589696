"""A case of a file of vectors: its values as bytes, and what can come of it.

In: pieces of parsed JSON. Out: `Case` and `Outcome`. Knows no algorithm.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_REPEATED = re.compile(r"byte 0x([0-9a-fA-F]{2}) repeated (\d+) times")
_MOST = 1 << 24


class Failed(Exception):
    """Something else came out."""


class Unable(Exception):
    """It cannot be tried with this provider."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: ok, failed or unable, and why."""

    section: str
    name: str
    result: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One case; `whole` is the file that it stands in, for keys that several cases share."""

    section: str
    name: str
    values: Mapping[str, Any] = field(repr=False)
    whole: Mapping[str, Any] = field(repr=False)

    def has(self, name: str) -> bool:
        """Whether a value is there."""
        return name in self.values

    def text(self, name: str, default: str | None = None) -> str:
        """A value as it is written. Raises KeyError where there is none and no default."""
        return str(self.values[name] if default is None else self.values.get(name, default))

    def octets(self, name: str) -> bytes:
        """A value as bytes: hexadecimal, or as the end of its name says. Raises KeyError, ValueError."""
        for known, reader in _READERS.items():
            if f"{name}{known}" in self.values:
                return reader(str(self.values[f"{name}{known}"]))
        raise KeyError(name)

    def number(self, name: str) -> int:
        """A value as a whole number."""
        return int(self.values[name])

    def valid(self, name: str = "valid") -> bool:
        """Whether the case is one that holds; it is unless it says otherwise."""
        return bool(self.values.get(name, True))

    def message(self) -> bytes:
        """`msg_hex`, `msg_ascii`, or `msg` in words: `byte 0x61 repeated 1000 times`."""
        told = _REPEATED.fullmatch(self.text("msg", ""))
        if told is None:
            return self.octets("msg")
        return bytes.fromhex(told[1]) * min(int(told[2]), _MOST)


def _base64(text: str) -> bytes:
    return b64decode(text, validate=True)


_READERS = {"_hex": bytes.fromhex, "": bytes.fromhex, "_ascii": str.encode, "_b64": _base64, "_pem": str.encode}


def cases_of(section: str, content: object, whole: Mapping[str, Any]) -> Iterator[Case]:
    """The cases of a section: of a list each entry, of anything else the whole."""
    entries = content if isinstance(content, list) else [content]
    for number, values in enumerate(entries, 1):
        known = values if isinstance(values, dict) else {}
        told = str(known.get("name") or known.get("mode") or known.get("source") or section)
        yield Case(section, told if len(entries) == 1 else f"{number} {told}", known, whole)


def agree(what: str, found: object, expected: object) -> None:
    """Raises Failed where they differ; neither is shown, for they may be keys."""
    if found != expected:
        raise Failed(what)
