"""HTML and print CSS to PDF by WeasyPrint: the port `PdfWriter`.

In: HTML, a style sheet, the folder that relative addresses may reach. Out: a PDF with its fonts embedded; the same
input gives the same bytes (dates come from `<meta name=dcterms.created>` alone). Nothing is fetched from a network or
from another folder; a picture that cannot be had stops the print, for paper must not lose one silently.
"""

from __future__ import annotations

import gc
import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from urllib.parse import unquote, urlsplit

from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from adapters.pdf.boxes import outline_of
from adapters.pdf.fonts import FontCache
from engine.model.drawn import Drawn
from engine.model.prints import Layout, Printed
from engine.problems import DeliveryError, Incident

_NOWHERE = "refused:/"  # what relative addresses become when there is no folder
_LARGEST = 20 << 20  # bytes of one picture
_STYLES_KEPT = 32

# Its warnings name every unknown property of every print; what matters is raised.
logging.getLogger("weasyprint").setLevel(logging.ERROR)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the cycle collector: a layout makes many objects that all live to its end, so each look finds nothing.

    A quarter of the time of a page is saved; what is left over is collected as soon as the print is done.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class FolderFetcher(URLFetcher):  # type: ignore[misc] # the library ships no types
    """Reaches `data:` and the files under one folder, links followed before they are judged."""

    def __init__(self, folder: Path | None) -> None:
        super().__init__(allowed_protocols={"data"}, allow_redirects=False, fail_on_errors=True)
        self._root = folder.resolve() if folder else None

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """The content. Raises ValueError for every other address, a missing or a too large file."""
        parts = urlsplit(url)
        if parts.scheme != "file":
            return super().fetch(url, headers)
        path = Path(unquote(parts.path)).resolve()
        if self._root is None or parts.netloc or not path.is_relative_to(self._root) or not path.is_file():
            raise ValueError(f"not a file of the print's own folder: {path.name}")
        if path.stat().st_size > _LARGEST:
            raise ValueError(f"larger than {_LARGEST >> 20} MB: {path.name}")
        return URLFetcherResponse(url, path.read_bytes())


class WeasyPdfWriter:
    """Fonts and style sheets are read once per process; the font map of the library is not shared: one at a time."""

    def __init__(self, fonts: FontCache | None = None, root: Path = Path()) -> None:
        """Without `fonts` all text comes from the installed fonts; `root` is where a relative `base` begins."""
        self._fonts = fonts
        self._root = root
        self._lock = Lock()
        self._configuration = FontConfiguration()
        self._faces: tuple[str, list[CSS]] = ("", [])
        self._styles: dict[tuple[str, str], CSS] = {}

    def write(self, html: str, *, style: str, base: str = "", title: str = "") -> bytes:
        """One PDF. Raises DeliveryError when the HTML names something that may not or cannot be fetched."""
        return self.write_many([html], style=style, base=base, title=title)

    def write_many(self, sheets: Sequence[str], *, style: str, base: str = "", title: str = "") -> bytes:
        """Several prints in one PDF, each with page numbers of its own. Raises DeliveryError, ValueError when empty."""
        return self.print_all([Layout(html, style, base) for html in sheets], title).content

    def print_all(self, layouts: Sequence[Layout], title: str = "") -> Printed:
        """The same for prints that differ in style, with the count of pages of each."""
        if not layouts:
            raise ValueError("nothing to print")
        try:
            with self._lock, _undisturbed():
                documents = [self._render(one.html, one.style, one.base) for one in layouts]
                document = documents[0].copy([page for each in documents for page in each.pages])
                if title:
                    document.metadata.title = title
                said = "\0".join((*(one.html for one in layouts), *(one.style for one in layouts), title))
                about = hashlib.sha256(said.encode()).digest()[:16]
                content = bytes(document.write_pdf(pdf_identifier=about))
                return Printed(content, tuple(len(each.pages) for each in documents))
        except FatalURLFetchingError as error:
            reason = error.__cause__ or error
            raise DeliveryError(Incident("pdf", f"{error}: {reason}", retry=False)) from error

    def drawn(self, layout: Layout) -> Drawn:
        """Where everything of a print stands: the port `Typesetter`. Raises DeliveryError."""
        try:
            with self._lock, _undisturbed():
                document = self._render(layout.html, layout.style, layout.base)
        except FatalURLFetchingError as error:
            raise DeliveryError(Incident("pdf", f"{error}: {error.__cause__ or error}", retry=False)) from error
        return outline_of([page._page_box for page in document.pages])  # noqa: SLF001 - its boxes have no other door

    def missing_glyphs(self, text: str) -> set[str]:
        """Signs of a text that no font draws; without a folder of fonts nobody can tell."""
        return self._fonts.missing_glyphs(text) if self._fonts is not None else set()

    def _render(self, html: str, style: str, base: str) -> Document:
        folder = (self._root / base).resolve() if base else None
        fetcher = FolderFetcher(folder)
        address = f"{folder.as_uri()}/" if folder else _NOWHERE
        page = HTML(string=html, base_url=address, url_fetcher=fetcher)
        sheets = [*self._font_faces(), self._style(style, base, address, fetcher)]
        return page.render(stylesheets=sheets, font_config=self._configuration)

    def _font_faces(self) -> list[CSS]:
        """Rules of the subset fonts; looked for again as long as some are still being made."""
        if self._fonts is None:
            return []
        rules = self._fonts.css()
        if rules != self._faces[0]:
            fetcher = FolderFetcher(self._fonts.folder)
            self._faces = (rules, [CSS(string=rules, font_config=self._configuration, url_fetcher=fetcher)])
        return self._faces[1]

    def _style(self, style: str, base: str, address: str, fetcher: FolderFetcher) -> CSS:
        key = (style, base)
        if key not in self._styles:
            if len(self._styles) >= _STYLES_KEPT:
                del self._styles[next(iter(self._styles))]
            self._styles[key] = CSS(
                string=style, base_url=address, url_fetcher=fetcher, font_config=self._configuration
            )
        return self._styles[key]
