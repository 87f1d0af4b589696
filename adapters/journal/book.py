"""Searches the log: the port `LogBook` on the files that `writing` makes.

In: a query. Out: lines, newest first. Files are read from their end in blocks, so that a large day costs no more than
what is looked at; a search that finds little in very much ends after `MOST` lines and says where to go on.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from engine.ports.logs import LEVELS, LogLine, LogPage, LogQuery

MOST = 200_000
_BLOCK = 1 << 16
_PARTS = ("level", "process", "thread", "text", "kind", "place")
_PLACE = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,15})")


class JournalBook:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, query: LogQuery, limit: int) -> LogPage:
        """A page. Lines that cannot be read are passed over."""
        found: list[LogLine] = []
        for count, (place, raw) in enumerate(self._lines(query)):
            if len(found) == limit or count == MOST:
                return LogPage(found, place)
            line = _read(raw)
            if line is None or not _fits(line, query):
                continue
            found.append(line)
        return LogPage(found)

    def forget(self, before: date) -> int:
        """Remove the files of days before."""
        gone = [path for path in self._folder.glob("*.jsonl") if path.stem < before.isoformat()]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _lines(self, query: LogQuery) -> Iterator[tuple[str, bytes]]:
        """Lines from the newest on, each with where the search goes on if it ends before it."""
        begun = _PLACE.fullmatch(query.older)
        for path in sorted(self._folder.glob("*.jsonl"), reverse=True):
            day = path.stem
            if (begun and day > begun[1]) or (query.until is not None and day > f"{query.until:%Y-%m-%d}"):
                continue
            if query.since is not None and day < f"{query.since:%Y-%m-%d}":
                return
            end = int(begun[2]) if begun and day == begun[1] else None
            for at, raw in _backwards(path, end):
                yield f"{day}.{at}", raw


def _backwards(path: Path, end: int | None) -> Iterator[tuple[int, bytes]]:
    """Lines of a file from the last one before a place on, each with the place behind it."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            at = min(size, end) if end is not None else size
            rest = b""
            while at > 0:
                step = min(_BLOCK, at)
                at -= step
                file.seek(at)
                rest = file.read(step) + rest
                if at and b"\n" not in rest:
                    continue
                head = rest.find(b"\n") + 1 if at else 0  # what stands before the first break may begin further up
                behind = at + len(rest)
                for line in reversed(rest[head:].splitlines(keepends=True)):
                    yield behind, line
                    behind -= len(line)
                rest = rest[:head]
    except FileNotFoundError:
        return


def _read(raw: bytes) -> LogLine | None:
    try:
        told = json.loads(raw)
        about = {str(key): str(text) for key, text in told["about"].items()}
        level, process, thread, text, kind, place = (str(told[name]) for name in _PARTS)
        return LogLine(datetime.fromisoformat(told["at"]), level, process, thread, text, kind, place, about)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _fits(line: LogLine, query: LogQuery) -> bool:
    if query.since is not None and line.at < query.since:
        return False
    if query.until is not None and line.at > query.until:
        return False
    if query.level in LEVELS and line.level not in LEVELS[LEVELS.index(query.level) :]:
        return False
    if query.thread and query.thread.casefold() not in f"{line.thread} {line.process}".casefold():
        return False
    if line.about.get("code", "") in query.codes:
        return True
    told = " ".join((line.text, line.kind, line.place, *line.about.values()))
    return query.text.casefold() in told.casefold()
