"""Places of keys and values, asked for after loading: where `to: reviewing` of an event stands.

In: the files as read and the places of entries (`where` of model objects). Out: spans. While definitions are checked
the files are held as they were read; once they are let go, a file is read again when a place is asked for, which
happens only for problems and explanations. Knows no kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.loading.piece import is_mapping, key_end, scalar_span
from engine.loading.source import Source, read
from engine.problems import Span

_KEPT = 64  # files held open once those that were loaded are let go


@dataclass(frozen=True, slots=True)
class _At:
    """A value, and the offsets of its key (-1 in a list), start and end."""

    value: object
    key: int
    start: int
    end: int


class Places:
    """Answers for all files of one load; a place that cannot be found is the owner's own."""

    def __init__(self, texts: Mapping[str, str], sources: Mapping[str, Source] | None = None) -> None:
        self._texts = texts
        self._sources = dict(sources or {})
        self._joined: dict[tuple[str, int, int], list[Span]] = {}
        self._open: dict[str, tuple[Source, dict[int, object]]] = {}

    def join(self, owner: Span, other: Span) -> None:
        """Note that the entry at `other` was merged under the one at `owner`: its keys are found too."""
        self._joined.setdefault((owner.file, owner.line, owner.column), []).append(other)

    def forget(self) -> None:
        """Let go of the files; they are read again when a place is asked for."""
        self._open.clear()
        self._sources.clear()

    def value(self, owner: Span, *keys: str | int) -> Span:
        """Where the value under these keys stands, without its quotes."""
        return self._found(owner, keys, key=False) or owner

    def key(self, owner: Span, *keys: str | int) -> Span:
        """Where the last of these keys stands; in a list the value."""
        return self._found(owner, keys, key=True) or owner

    def _found(self, owner: Span, keys: tuple[str | int, ...], *, key: bool) -> Span | None:
        found = self._in_file(owner, keys, key=key)
        if found is None:
            for one in self._joined.get((owner.file, owner.line, owner.column), ()):
                if (found := self._in_file(one, keys, key=key)) is not None:
                    break
        return found

    def _in_file(self, owner: Span, keys: tuple[str | int, ...], *, key: bool) -> Span | None:
        opened = self._opened(owner.file)
        if opened is None or not keys:
            return None
        source, containers = opened
        at: _At | None = None
        data = containers.get(source.offset(owner.line, owner.column))
        for step in keys:
            at = _step(source, data, step)
            if at is None:
                return None
            data = at.value
        return None if at is None else _span(source, at, key=key)

    def _opened(self, file: str) -> tuple[Source, dict[int, object]] | None:
        if file not in self._open:
            source = self._sources.get(file)
            if source is None:
                if file not in self._texts:
                    return None
                source = read(file, self._texts[file])
                if len(self._open) >= _KEPT:
                    self._open.clear()
            self._open[file] = (source, _by_start(source))
        return self._open[file]


def _step(source: Source, data: object, step: str | int) -> _At | None:
    """The value that one step leads to."""
    if is_mapping(data):
        marks = source.marks[id(data)]
        for i, (name, value) in enumerate(data.items()):
            if name == str(step):
                return _At(value, marks[3 * i + 2], marks[3 * i + 3], marks[3 * i + 4])
    elif isinstance(data, list) and str(step).isdecimal() and int(step) < len(data):
        marks, i = source.marks[id(data)], int(step)
        return _At(data[i], -1, marks[2 * i + 2], marks[2 * i + 3])
    return None


def _span(source: Source, at: _At, *, key: bool) -> Span:
    if key and at.key >= 0:
        return source.span(*_without_quotes(source.text, at.key, key_end(source.text, at.key)))
    if isinstance(at.value, str):
        return scalar_span(source, at.start, at.end, at.value)
    return source.span(at.start, at.end)


def _without_quotes(text: str, start: int, end: int) -> tuple[int, int]:
    return (start + 1, end - 1) if text[start] in "'\"" else (start, end)


def _by_start(source: Source) -> dict[int, object]:
    """Every mapping and list by where it starts."""
    found: dict[int, object] = {}
    waiting = list(source.documents)
    while waiting:
        data = waiting.pop()
        if is_mapping(data):
            waiting.extend(data.values())
        elif isinstance(data, list):
            waiting.extend(data)
        else:
            continue
        found[source.marks[id(data)][0]] = data
    return found
