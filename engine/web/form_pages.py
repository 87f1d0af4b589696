"""A FormView, and what was typed, become the page that a template draws: sections of controls, grids, findings.

In: the view, the posted request if there was one, and what refused it. Nothing typed is lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from engine.problems import Finding, Level
from engine.usecases.desk import CHANGE
from engine.usecases.views import EventRequest, FieldView, FormView
from engine.web.choices import choices
from engine.web.controls import Choices, Control, control
from engine.web.drawing import Drawing
from engine.web.explaining import explained
from engine.web.following import live_data
from engine.web.grids import grid
from engine.web.submission import ASKED, VALUES
from engine.web.surroundings import actor, runtime, text_of, title

ASKED_ROOM = "event"
"""Where findings about what an event asks stand."""
_SUM = re.compile(r"\bsum\(\s*(\w+)\s*,\s*(\w+)\s*[,)]")


@dataclass(frozen=True, slots=True)
class FormSection:
    """A titled group of controls; the place of a table among them holds its grid."""

    id: str
    title: str
    controls: tuple[Control, ...]
    shown: bool = True

    @property
    def groups(self) -> list[tuple[bool, list[Control]]]:
        """Controls that follow each other, tables apart from plain ones."""
        return [(tables, list(found)) for tables, found in groupby(self.controls, lambda one: one.widget == "table")]


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the summary: what is wrong and where to jump. No label where the text names the field itself.

    `at` is the cell of a child table: row from 0 and column, with a point between. `about` is a record to be looked at.
    """

    target: str
    label: str
    text: str
    at: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormPage:
    """What the form template draws."""

    view: FormView
    draw: Drawing
    draw_asked: Drawing
    sections: tuple[FormSection, ...]
    asked: tuple[Control, ...]
    key: str
    grids: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    errors: tuple[Told, ...] = ()
    confirms: tuple[Told, ...] = ()
    warnings: tuple[Told, ...] = ()
    confirm_codes: str = ""
    comment: str = ""
    changed: str = ""
    posted: bool = False
    draft_of: datetime | None = None
    owner: str = ""
    live: Mapping[str, Any] = field(default_factory=dict)

    @property
    def changing(self) -> bool:
        """Whether this is the plain form that changes a document, without another name."""
        return self.view.event.name == CHANGE


def form_page(
    view: FormView,
    posted: EventRequest | None = None,
    findings: Iterable[Finding] = (),
    touched: Sequence[str] = (),
    draft_of: datetime | None = None,
) -> FormPage:
    """The page of a form: fresh, posted back, or as a draft had left it, which is judged no more than a fresh one."""
    raw: Mapping[str, object] = posted.raw if posted else {}
    asked_raw: Mapping[str, object] = posted.asked if posted else {}
    found = _once(findings, view.findings)
    of, of_asked = choices(view.document), choices(view.document, view.event.name)
    fields, how = [one for section in view.sections for one in section.fields], explained(view.document)
    titles = {one.name: title(one.title) for one in (*fields, *view.event.ask)} if found else {}
    sections = tuple(
        FormSection(
            f"section-{index}",
            title(section.title),
            tuple(control(one, VALUES + one.name, raw, of, _at(found, one.name), how) for one in section.fields),
            section.shown,
        )
        for index, section in enumerate(view.sections)
    )
    return FormPage(
        view=view,
        draw=Drawing(view.document),
        draw_asked=Drawing(view.document, view.event.name),
        sections=sections,
        asked=tuple(
            control(one, ASKED + one.name, asked_raw, of_asked, _asked_at(found, one.name)) for one in view.event.ask
        ),
        key=posted.key if posted and posted.key else runtime().ids.new(),
        grids={one.name: _grid(view, one, raw, of, found) for one in fields if one.field.is_table},
        errors=_told(found, Level.ERROR, titles),
        confirms=_told(found, Level.CONFIRM, titles),
        warnings=_told(found, Level.WARN, titles),
        confirm_codes=" ".join(dict.fromkeys(one.code for one in found if one.level is Level.CONFIRM)),
        comment=posted.comment if posted else "",
        changed=" ".join(touched),
        posted=posted is not None and draft_of is None,
        draft_of=draft_of,
        owner=actor().id,
        live=live_data(view, posted=posted is not None and draft_of is None),
    )


def _once(*several: Iterable[Finding]) -> list[Finding]:
    """Each finding once, though the refusal and the view may both tell it."""
    found: dict[tuple[object, ...], Finding] = {}
    for findings in several:
        for one in findings:
            found.setdefault((one.at, one.code, text_of(one)), one)
    return list(found.values())


def _all_findings(table: FieldView, findings: Iterable[Finding]) -> list[Finding]:
    """Findings of a table: its own, and those of its cells."""
    cells = (one for row in table.rows for cell in row.values() for one in cell.findings)
    return _once(findings, table.findings, cells)


def _at(findings: Sequence[Finding], name: str) -> tuple[Finding, ...]:
    return () if not findings else tuple(one for one in findings if one.at == (name,))


def _asked_at(findings: Sequence[Finding], name: str) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.at == (ASKED_ROOM, name))


def _grid(
    view: FormView, table: FieldView, raw: Mapping[str, object], of: Choices, findings: Sequence[Finding]
) -> dict[str, Any]:
    return grid(
        table,
        view.document,
        raw.get(table.name),
        of,
        _all_findings(table, findings),
        summed_columns(view.document, table),
    )


def summed_columns(document: str, table: FieldView) -> frozenset[str]:
    """Columns worth a total: those that the document itself sums, else every amount of money and whole number."""
    declared = runtime().definitions.documents.get(document)
    texts = [] if declared is None else [one.value.text for one in declared.fields.values() if one.value is not None]
    names = {one.name for one in table.columns}
    summed = {match[2] for text in texts for match in _SUM.finditer(text) if match[1] == table.name} & names
    return frozenset(summed) or frozenset(
        one.name for one in table.columns if one.field.kind in {"money", "integer", "counter"}
    )


def _told(findings: Sequence[Finding], level: Level, titles: Mapping[str, str]) -> tuple[Told, ...]:
    return tuple(dict.fromkeys(_line(one, titles) for one in findings if one.level is level))


def _line(finding: Finding, titles: Mapping[str, str]) -> Told:
    text, at = text_of(finding), finding.at
    if not at:
        return Told("", "", text, about=finding.about)
    asked = at[0] == ASKED_ROOM and len(at) > 1
    name = at[1] if asked else at[0]
    label = titles.get(name, "")
    if not label:  # a field of another document, which the event made or changed
        return Told("", "", text)
    if not asked and len(at) > 1 and at[1].isdigit():
        return Told(f"f-{name}", f"{label} {int(at[1]) + 1}", text, ".".join(at[1:3]))
    return Told(f"{'a' if asked else 'f'}-{name}", "" if label in text else label, text, about=finding.about)
