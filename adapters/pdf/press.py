"""Many prints at a time: the port `Press`, laid out in processes of its own.

In: layouts, a way to run a function elsewhere. Out: one PDF. A process keeps its fonts and style sheets from one task
to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from adapters.pdf.fonts import FontCache
from adapters.pdf.joined import join
from adapters.pdf.weasyprint import WeasyPdfWriter
from engine.model.prints import Layout, Printed
from engine.problems import DeliveryError, Incident

Run = Callable[..., Printed | Incident]
"""Runs a function with its arguments in another process and gives its result."""


class ProcessPress:
    """Layout elsewhere, joining here: joining takes a hundredth of the time."""

    def __init__(self, run: Run, fonts: Path | None = None, root: Path = Path()) -> None:
        """`fonts` is the folder of subset fonts, `root` where a relative folder of a layout begins."""
        self._run, self._fonts, self._root = run, fonts, root

    def print_all(self, layouts: Sequence[Layout]) -> Printed:
        """One PDF of all, in order. Raises DeliveryError, ValueError when there are none."""
        made = self._run(printed, tuple(layouts), self._fonts, self._root)
        if isinstance(made, Incident):
            raise DeliveryError(made)
        return made

    def join(self, parts: Sequence[bytes], marks: Sequence[tuple[str, int]], title: str) -> bytes:
        """Parts as one PDF with bookmarks."""
        return join(parts, marks, title)


def printed(layouts: Sequence[Layout], fonts: Path | None, root: Path) -> Printed | Incident:
    """In a process of its own: lay out and write, or what kept it from that; errors do not travel as they are."""
    try:
        return _writer(fonts, root).print_all(layouts)
    except DeliveryError as error:
        return error.incident


@cache
def _writer(fonts: Path | None, root: Path) -> WeasyPdfWriter:
    return WeasyPdfWriter(FontCache(fonts) if fonts is not None else None, root)
