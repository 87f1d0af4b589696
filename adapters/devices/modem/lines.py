"""Answers of AT commands (ITU-T V.250; 3GPP TS 27.007, 27.005) out of a stream.

In: bytes of a line, either direction. Out: commands, or answers: information lines and a final word; the prompt that
waits for a message. Lines that nobody asked for come between: they are part of the answer that is open, and whoever
asked looks for the prefix that he waits for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.devices.framing import Cut, Scanner

_END, PROMPT, SUBMIT = b"\r\n", b"> ", b"\x1a"
LONGEST = 1024
_FINAL = re.compile(r"OK|ERROR|NO CARRIER|BUSY|NO ANSWER|\+CM[ES] ERROR: .*")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, or the text of a message, which ends with Ctrl-Z."""

    text: str
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """The module waits for a message."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines, and how it ended: OK or an error in the module's own words."""

    lines: tuple[str, ...]
    final: str = "OK"

    @property
    def ok(self) -> bool:
        """Done."""
        return self.final == "OK"

    def after(self, prefix: str) -> str | None:
        """What stands behind a prefix; None where no line has it."""
        return next((one[len(prefix) :].strip() for one in self.lines if one.startswith(prefix)), None)


class AnswerEar:
    """Hears answers and prompts."""

    def __init__(self) -> None:
        self._scanner = Scanner(_line, None, LONGEST)
        self._lines: list[str] = []

    def feed(self, data: bytes) -> list[object]:
        """The answers that end with these bytes."""
        return [event for one in self._scanner.feed(data) for event in self._heard(one)]

    def rest(self) -> list[object]:
        """An answer without its end is none; lines that stand alone are what nobody asked for."""
        held = [event for one in self._scanner.rest() for event in self._heard(one)]
        lines, self._lines = tuple(self._lines), []
        return [*held, *([Answer(lines, "")] if lines else [])]

    def _heard(self, event: object) -> list[object]:
        if not isinstance(event, str):
            return [event]
        if not _FINAL.fullmatch(event):
            self._lines.append(event)
            return []
        lines, self._lines = tuple(self._lines), []
        return [Answer(lines, event)]


def requests() -> Scanner:
    """Hears what a module is told."""
    return Scanner(_command, None, LONGEST)


def encode(frame: Command | Prompt | Answer) -> bytes:
    """The bytes of a frame."""
    match frame:
        case Command(text, is_message):
            return text.encode("latin-1") + (SUBMIT if is_message else b"\r")
        case Prompt():
            return _END + PROMPT
        case Answer(lines, final):
            return b"".join(_END + line.encode("latin-1") + _END for line in (*lines, final))


def _line(window: bytes) -> Cut | None:
    """A line, a prompt, or nothing of note."""
    if window[:1] in (b"\r", b"\n"):
        return Cut(1)
    if window[:1] == b">":
        return None if len(window) < 2 else Cut(2, Prompt()) if window[:2] == PROMPT else Cut(1)
    end = re.search(rb"[\r\n]", window)
    if end is None:
        return None if len(window) < LONGEST else Cut(1)
    text = window[: end.start()].decode("latin-1").strip()
    return Cut(end.end(), text or None)


def _command(window: bytes) -> Cut | None:
    end = re.search(rb"[\r\x1a]", window)
    if end is None:
        return None if len(window) < LONGEST else Cut(1)
    text = window[: end.start()].decode("latin-1").strip()
    return Cut(end.end(), Command(text, end.group() == SUBMIT) if text else None)
