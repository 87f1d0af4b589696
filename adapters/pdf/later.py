"""Prints by a library that is loaded when something is first printed: the ports `PdfWriter` and `Press`.

In: what the writer and the press are made of. Out: the same as theirs. Layout and fonts take half a second and 40 MB
of a start, and many processes never print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path

from engine.model.prints import Layout, Printed
from engine.ports import PdfWriter, Press


class LaterPdfWriter:
    """WeasyPrint, from the first print on."""

    def __init__(self, fonts: Path, root: Path) -> None:
        """`fonts`: the folder of small fonts, `root` the definitions."""
        self._fonts, self._root = fonts, root

    def write(self, html: str, *, style: str, base: str = "", title: str = "") -> bytes:
        """One PDF. Raises DeliveryError."""
        return self._writer.write(html, style=style, base=base, title=title)

    @cached_property
    def _writer(self) -> PdfWriter:
        fonts = import_module("adapters.pdf.fonts").FontCache(self._fonts)
        made: PdfWriter = import_module("adapters.pdf.weasyprint").WeasyPdfWriter(fonts, self._root)
        return made


class LaterPress:
    """The press of processes, from the first batch on."""

    def __init__(self, run: Callable[..., bytes], fonts: Path, root: Path) -> None:
        """`run` carries a task out in a process of its own."""
        self._run, self._fonts, self._root = run, fonts, root

    def print_all(self, layouts: Sequence[Layout]) -> Printed:
        """One PDF of all. Raises DeliveryError, ValueError when there are none."""
        return self._press.print_all(layouts)

    def join(self, parts: Sequence[bytes], marks: Sequence[tuple[str, int]], title: str) -> bytes:
        """Parts as one PDF."""
        return self._press.join(parts, marks, title)

    @cached_property
    def _press(self) -> Press:
        made: Press = import_module("adapters.pdf.press").ProcessPress(self._run, self._fonts, self._root)
        return made
