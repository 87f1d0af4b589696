"""What goes wrong on paper with the fullest data: text beyond its room, blocks cut by the end of a page, empty boxes.

In: prints, document types, somebody who lays a print out and tells where everything stands. Out: problems, each at the
tag of the template that it stands in. Stores nothing and makes no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from engine.model.documents import Document
from engine.model.drawn import Drawn, DrawnText
from engine.model.prints import Layout, PrintForm
from engine.model.system import Definitions
from engine.ports import Typesetter
from engine.printing.limits import PrintRefused
from engine.printing.page import Page, page_html, style_of
from engine.printing.render import Renderer, TemplateFile
from engine.printing.worst import WorstFront
from engine.problems import DeliveryError, Problem, Span

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<!--.*?-->|<([a-z][a-z0-9]*)(?=[\s/>])", re.DOTALL)
_PLACE = "data-at"
_TOLERANCE = 0.4
"""mm: punctuation may hang over the end of its line."""
_SHOWN = 24
_QR = "0000000000000000000|SP000000000000000000000000000000000000"


def lint_prints(definitions: Definitions, typesetter: Typesetter) -> Iterator[Problem]:
    """All prints that have a template, with the wording of each time."""
    renderer = Renderer()
    for form in definitions.prints.values():
        document = definitions.documents.get(form.document)
        if document is not None and form.bundle is None:
            yield from _lint(definitions, typesetter, renderer, form, document)


def _lint(
    definitions: Definitions, typesetter: Typesetter, renderer: Renderer, form: PrintForm, document: Document
) -> Iterator[Problem]:
    texts = {form.template: form.source, **{one.template: one.source for one in form.wording if one.template}}
    for name, source in texts.items():
        if not source:
            continue
        file = f"{form.folder}/{name}"
        try:
            body = renderer.render(TemplateFile(placed(source), file, form.others), WorstFront(definitions, document))
            page = Page(form.title.zh, made_on=date(2026, 12, 28), qr_text=_QR if form.qr or form.is_bound else "")
            drawn = typesetter.drawn(Layout(page_html(body, page), style_of(form), form.folder))
        except PrintRefused as refused:
            yield refused.problem
        except DeliveryError as failed:
            yield Problem("PRT043", form.where, {"detail": failed.incident.text})
        else:
            yield from _found(file, drawn, typesetter)


def placed(source: str) -> str:
    """A template whose tags say where they stand."""
    lines = [0, *(match.end() for match in re.finditer("\n", source))]

    def mark(found: re.Match[str]) -> str:
        if not found[1]:
            return found[0]
        line = source.count("\n", 0, found.start())
        return f'{found[0]} {_PLACE}="{line + 1}:{found.start() - lines[line] + 1}"'

    return _TAG.sub(mark, source)


def _found(file: str, drawn: Drawn, typesetter: Typesetter) -> Iterator[Problem]:
    seen = set()
    for text in drawn.texts:
        beyond = _beyond(text)
        if beyond > _TOLERANCE and text.at not in seen:
            seen.add(text.at)
            values = {"text": _short(text.text), "length": f"{beyond:.1f}", "page": str(text.page)}
            yield Problem("PRT040", _span(file, text.at), values)
    for at, pages in _cut(drawn):
        yield Problem("PRT041", _span(file, at), {"pages": "、".join(map(str, pages))})
    signs: dict[str, str] = {}
    for text in drawn.texts:
        for sign in sorted(typesetter.missing_glyphs(text.text)):
            signs.setdefault(sign, text.at)
    for sign, at in signs.items():
        yield Problem("PRT042", _span(file, at), {"sign": sign})


def _beyond(text: DrawnText) -> float:
    """How far a text stands out of its room, in mm."""
    box, room = text.box, text.room
    return max(room.left - box.left, box.right - room.right, room.top - box.top, box.bottom - room.bottom)


def _cut(drawn: Drawn) -> Iterable[tuple[str, tuple[int, ...]]]:
    found: dict[str, tuple[int, ...]] = {}
    for block in drawn.blocks:
        if len(block.pages) > 1:
            found.setdefault(block.at, block.pages)
    return found.items()


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _span(file: str, at: str) -> Span:
    line, _, column = at.partition(":")
    return Span(file, int(line), int(column)) if line and column else Span(file)
