"""Reads scanned paper in a process of its own: the port `ScanReader`.

In: bytes, a way to run a function elsewhere. Out: pages with their codes. A file that brings its process down or keeps
it too long is unreadable, and nothing else suffers. What reads pictures is loaded there alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from engine.model.prints import ScannedPage
from engine.ports import UnreadableScan
from engine.problems import DeliveryError

Run = Callable[..., Any]
"""Runs a function with its arguments in another process and gives its result."""


class ProcessScanReader:
    """Pages are read elsewhere, one scan at a time."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def read(self, content: bytes, media: str) -> Sequence[ScannedPage]:
        """Every page. Raises UnreadableScan."""
        try:
            found: Sequence[ScannedPage] | str = self._run(scanned, content, media)
        except DeliveryError as error:
            raise UnreadableScan("slow") from error
        if isinstance(found, str):
            raise UnreadableScan(found)
        return found

    def bind(self, pictures: Sequence[bytes]) -> bytes:
        """Pictures of pages as one PDF. Raises DeliveryError."""
        made: bytes = self._run(bound, tuple(pictures))
        return made


def scanned(content: bytes, media: str) -> tuple[ScannedPage, ...] | str:
    """In a process of its own: the pages, or why there are none; errors do not travel as they are."""
    codes, pictures = import_module("adapters.scan.codes"), import_module("adapters.scan.pictures")
    try:
        return tuple(
            ScannedPage(pictures.jpeg(one), pictures.small_jpeg(one), tuple(codes.codes_in(pictures.grey(one))))
            for one in pictures.pages_of(content, media)
        )
    except UnreadableScan as error:
        return error.reason
    except MemoryError:
        return "pixels"


def bound(pages: Sequence[bytes]) -> bytes:
    """In a process of its own: pictures of pages as one PDF."""
    made: bytes = import_module("adapters.scan.pictures").pdf_of(pages)
    return made
