"""Programs: for each document type, the order of computing, what depends on what, what to watch and what to store.

In: linked definitions. Out: `DocumentProgram`s, and problems where fields need each other in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter

from engine.checks.reads import DOCUMENT, own_reads, row_frames, wanted_indexes, watches
from engine.checks.shapes import every_field
from engine.checks.storage import storage_of
from engine.checks.subject import Subject, problem
from engine.expressions.expression import Checked
from engine.model.documents import Document, Field
from engine.model.formula import Formula
from engine.model.ledgers import Ledger
from engine.model.machines import Event, Machine
from engine.model.pages import Pages
from engine.model.program import DocumentProgram, Path, Watch
from engine.model.types import Kind
from engine.problems import Problem

ITSELF = "itself"
NEWEST = "changed_at"


def checked_of(formula: Formula | None) -> Checked | None:
    """What a formula was checked to be; None where it was wrong."""
    linked = formula.linked if formula is not None else None
    return linked if isinstance(linked, Checked) else None


@dataclass(frozen=True, slots=True)
class Given:
    """A field that the engine gives: its formulas, with the table that they stand in."""

    document: Document
    path: Path
    field: Field
    formulas: tuple[Formula, ...]

    def reads(self) -> set[Path]:
        """Own paths that are read to give it."""
        table = self.path[0] if len(self.path) == 2 else ""
        checked = (checked_of(formula) for formula in self.formulas)
        return {path for one in checked if one is not None for path in own_reads(one, self.document, table)}


@dataclass
class Programs:
    """Works out all programs; problems are collected on the way."""

    subject: Subject
    problems: list[Problem] = field(default_factory=list)

    def all(self) -> dict[str, DocumentProgram]:
        """Programs by document type."""
        indexes = _indexes(self.subject)
        return {
            key: self._program(one, indexes.get(key, {})) for key, one in self.subject.definitions.documents.items()
        }

    def _program(self, document: Document, indexes: Iterable[Path]) -> DocumentProgram:
        given = {one.path: one for one in givens(document)}
        needs = {path: _needs(one, given) for path, one in given.items()}
        machine = self.subject.machine(document.id)
        return DocumentProgram(
            document=document.id,
            order=self._order(document, given, needs),
            storage=storage_of(document, indexes),
            dependents=_dependents(given),
            find_watches=tuple(_distinct(_find_watches(given.values()))),
            itself_watches=tuple(_distinct(_guard_watches(document, machine))),
            itself_events=tuple(event.name for event in _itself(machine)),
        )

    def _order(
        self, document: Document, given: Mapping[Path, Given], needs: Mapping[Path, set[Path]]
    ) -> tuple[Path, ...]:
        """Every field after what it needs; a circle is reported and taken as written."""
        left = {path: set(before) for path, before in needs.items()}
        while True:
            try:
                return tuple(TopologicalSorter(left).static_order())
            except CycleError as error:
                circle: list[Path] = error.args[1]  # each is needed by the one behind it; the last is the first
                self._report(document, given, circle)
                left[circle[1]].discard(circle[0])

    def _report(self, document: Document, given: Mapping[Path, Given], circle: list[Path]) -> None:
        """A circle, told from its first field in the order of the file."""
        paths = circle[:0:-1]  # now each reads the one behind it
        start = min(range(len(paths)), key=lambda index: given[paths[index]].field.where)
        turned = [*paths[start:], *paths[:start]]
        first, *others = (given[path].field.where for path in turned)
        told = " → ".join(".".join(path) for path in (*turned, turned[0]))
        self.problems.append(problem("DOC010", first, related=tuple(others), circle=told, document=document.id))


def givens(document: Document) -> Iterator[Given]:
    """All fields that the engine gives, in the order of the file."""
    for path, declared in every_field(document.fields):
        formulas = tuple(_formulas(declared))
        if formulas or declared.filled is not None or declared.listed:
            yield Given(document, path, declared, formulas)


def _formulas(declared: Field) -> Iterator[Formula]:
    for formula in (declared.value, declared.copied, declared.find):
        if formula is not None:
            yield formula
    if declared.copied is not None and declared.default is not None and declared.default.formula is not None:
        yield declared.default.formula  # what stands there where nothing can be copied
    source = declared.filled
    if source is not None:
        yield source.each
        yield from source.per.values()
        yield from (one.formula for one in source.given.values() if one.formula is not None)
        yield from () if source.where is None else (source.where,)
        yield from () if source.sort is None else (key.formula for key in source.sort.keys)
    for row in declared.listed:
        yield from (one.formula for one in row.values() if one.formula is not None)


def _needs(one: Given, given: Mapping[Path, Given]) -> set[Path]:
    """Given fields that must stand before this one; a filled table stands before the fields of its rows."""
    needs = {path for path in one.reads() if path in given}
    needs |= {path[:1] for path in one.reads() if len(path) == 2 and path[:1] in given}
    if len(one.path) == 2 and one.path[:1] in given:
        needs.add(one.path[:1])
    return needs - ({one.path} if len(one.path) == 1 and one.field.is_table else set())


def _dependents(given: Mapping[Path, Given]) -> dict[Path, frozenset[Path]]:
    found: dict[Path, set[Path]] = {}
    for path, one in given.items():
        for read in one.reads():
            found.setdefault(read, set()).add(path)
    return {path: frozenset(readers) for path, readers in found.items()}


def _find_watches(given: Iterable[Given]) -> Iterator[Watch]:
    for one in given:
        checked = checked_of(one.field.find)
        if checked is not None:
            yield from watches(checked.node, row_frames(one.path[0]) if len(one.path) == 2 else DOCUMENT)


def _itself(machine: Machine | None) -> list[Event]:
    return [event for event in machine.events.values() if ITSELF in event.by.special] if machine is not None else []


def _guard_watches(document: Document, machine: Machine | None) -> Iterator[Watch]:
    """What the guards read of other documents, and what the computed fields read that the guards read."""
    for event in _itself(machine):
        checked = checked_of(event.when)
        if checked is None:
            continue
        yield from watches(checked.node, DOCUMENT)
        for path in own_reads(checked, document):
            declared = document.field_at(path)
            value = checked_of(declared.value) if declared is not None else None
            if value is not None:
                yield from watches(value.node, row_frames(path[0]) if len(path) == 2 else DOCUMENT)


def _distinct(found: Iterable[Watch]) -> list[Watch]:
    """Watches without those that a wider one of the same type covers."""
    known = list(dict.fromkeys(found))
    return [one for one in known if not any(other != one and _covers(other, one) for other in known)]


def _covers(wide: Watch, narrow: Watch) -> bool:
    return wide.document == narrow.document and set(wide.pairs) < set(narrow.pairs)


def _indexes(subject: Subject) -> dict[str, dict[Path, None]]:
    """Field groups that readers of a document type want found quickly: references, look-ups, lists.

    A list is read in its order, so that order alone and behind each of its filters is a group: a page of millions of
    rows is then a walk along an index, never a sort. References too: what somebody may see is often that of his unit.
    """
    found: dict[str, dict[Path, None]] = {}
    for key, document in subject.definitions.documents.items():
        own, order = found.setdefault(key, {}), _order(subject.definitions.pages.get(key))
        own[order] = None
        for name, declared in document.fields.items():
            if declared.type.kind is Kind.REF and declared.type.of:
                own[_before(name, order)] = None
        for formula in _reading(document, subject.machine(key)):
            checked = checked_of(formula)
            for target, group in wanted_indexes(checked.node) if checked is not None else ():
                found.setdefault(target, {})[group] = None
    for pages in subject.definitions.pages.values():
        own, order = found.setdefault(pages.document, {}), _order(pages)
        own[order] = None
        for name in pages.filters:
            own[_before(name, order)] = None
    for ledger in subject.definitions.ledgers.values():
        found[ledger.id][tuple(ledger.keys)] = None
        rare = {_before(name, (NEWEST,)) for name in ("entry", *list(ledger.keys)[1:])}
        for records, groups in _posted(ledger).items():
            found[records] = dict.fromkeys((*groups, *(group for group in found[records] if group not in rare)))
    return found


def _posted(ledger: Ledger) -> dict[str, tuple[Path, ...]]:
    """By what entries are found whatever anybody declares: few indexes, for they are written far more than read."""
    found: dict[str, tuple[Path, ...]] = {ledger.records: ((NEWEST,), ("account", NEWEST), ("document", "cause"))}
    return found | {ledger.closed: ((NEWEST,), ("until", "account"))} if ledger.closed else found


def _order(pages: Pages | None) -> Path:
    """The fields that a list is sorted by unless somebody asks for another order."""
    keys = pages.sort if pages is not None else ()
    return tuple(dict.fromkeys(key.removeprefix("-") for key in keys)) or (NEWEST,)


def _before(name: str, order: Path) -> Path:
    return (name, *(key for key in order if key != name))


def _reading(document: Document, machine: Machine | None) -> Iterator[Formula]:
    """Formulas that are judged with every change of a record: what is given, rules, guards."""
    for one in givens(document):
        yield from one.formulas
    for rule in document.rules.values():
        yield from (formula for formula in (rule.when, rule.check) if formula is not None)
    for event in machine.events.values() if machine is not None else ():
        if event.when is not None:
            yield event.when
