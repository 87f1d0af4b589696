"""Places of keys and values, asked for after loading: where `to: reviewing` of an event stands.

In: the files' texts and the places of entries (`where` of model objects). Out: spans. Positions are not kept: the file
is composed again when one is asked for, which happens only for problems and explanations. Knows no kinds.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.loading.piece import scalar_span
from engine.loading.source import Source, YamlNode, compose, pairs, texts
from engine.problems import Span

_KEPT = 512  # files held open while definitions are checked: each family of checks goes over all of them


class Places:
    """Answers for all files of one load; a place that cannot be found is the owner's own."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._texts = sources
        self._joined: dict[tuple[str, int, int], list[Span]] = {}
        self._open: dict[str, tuple[Source, dict[tuple[int, int], YamlNode]]] = {}

    def join(self, owner: Span, other: Span) -> None:
        """Note that the entry at `other` was merged under the one at `owner`: its keys are found too."""
        self._joined.setdefault((owner.file, owner.line, owner.column), []).append(other)

    def forget(self) -> None:
        """Let go of the files that were composed; they are composed again when a place is asked for."""
        self._open.clear()

    def value(self, owner: Span, *keys: str | int) -> Span:
        """Where the value under these keys stands, without its quotes."""
        return self._found(owner, keys, key=False) or owner

    def key(self, owner: Span, *keys: str | int) -> Span:
        """Where the last of these keys stands; in a list the value."""
        return self._found(owner, keys, key=True) or owner

    def _found(self, owner: Span, keys: tuple[str | int, ...], *, key: bool) -> Span | None:
        owners = [owner, *self._joined.get((owner.file, owner.line, owner.column), [])]
        for one in owners:
            if (found := self._in_file(one, keys, key=key)) is not None:
                return found
        return None

    def _in_file(self, owner: Span, keys: tuple[str | int, ...], *, key: bool) -> Span | None:
        opened = self._opened(owner.file)
        if opened is None or not keys:
            return None
        source, nodes = opened
        node: YamlNode | None = nodes.get((owner.line, owner.column))
        at: YamlNode | None = node
        for step in keys:
            at, node = _step(node, step)
        if node is None or at is None:
            return None
        asked = at if key else node
        start, end = asked.start_mark.index, asked.end_mark.index
        text = texts(asked)
        return source.span(start, end) if text is None else scalar_span(source, start, end, text)

    def _source(self, file: str) -> Source | None:
        text = self._texts.get(file)
        return None if text is None else Source(file, text)

    def _opened(self, file: str) -> tuple[Source, dict[tuple[int, int], YamlNode]] | None:
        if file not in self._open:
            source = self._source(file)
            if source is None:
                return None
            if len(self._open) >= _KEPT:
                self._open.clear()
            self._open[file] = (source, _by_place(source, compose(source.text)))
        return self._open[file]


def _step(node: YamlNode | None, step: str | int) -> tuple[YamlNode | None, YamlNode | None]:
    """The key and the value that one step leads to; in a list the value is both."""
    if node is None:
        return None, None
    for name, key, value in pairs(node):
        if name == str(step):
            return key or value, value
    return None, None


def _by_place(source: Source, roots: list[YamlNode]) -> dict[tuple[int, int], YamlNode]:
    found: dict[tuple[int, int], YamlNode] = {}
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        inner = [value for _, _, value in pairs(node)]
        if inner or texts(node) is None:
            found[source.position(node.start_mark.index)] = node
        waiting.extend(inner)
    return found
