"""Assembling: from gathered pieces to `Definitions`, parts and extensions merged, shapes completed.

In: `Gathered`. Out: `Definitions`, not linked. The order: document types of all systems, what belongs to systems, code
lists, shapes. What cannot be built is left out; its problem stands in `Gathered` by then. Long because
each kind of element has its few lines here, and the table of kinds below names them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_codes import build_codes
from engine.loading.build_document import DocumentBuilder, DocumentSet, named_action
from engine.loading.build_fields import FieldBuilder
from engine.loading.build_flows import FlowBuilder
from engine.loading.build_free_pages import build_free_page
from engine.loading.build_interfaces import InterfaceBuilder, Interfaces
from engine.loading.build_ledgers import LedgerSet, build_ledger, ledger_grants
from engine.loading.build_messages import build_envelope, build_mapping, build_print
from engine.loading.build_queries import QueryBuilder
from engine.loading.build_rules import build_grant
from engine.loading.build_scenarios import build_scenario
from engine.loading.build_sheets import build_sheet
from engine.loading.build_system import (
    build_calendar,
    build_job,
    build_node,
    build_notice,
    build_parameter,
    build_system,
)
from engine.loading.build_tables import build_table
from engine.loading.build_watches import build_watch
from engine.loading.entry import Entry
from engine.loading.folder import DefinitionFile
from engine.loading.gathering import Gathered
from engine.loading.nearest import nearest
from engine.loading.parts import Layers, Owned, PartBook
from engine.loading.piece import Origin, Piece
from engine.loading.places import Places
from engine.loading.shapes import complete
from engine.loading.source import Source
from engine.model.access import Grant
from engine.model.envelopes import Envelope
from engine.model.event_rules import EventRule
from engine.model.formula import Title
from engine.model.free_pages import FreePage
from engine.model.sheets import Sheet
from engine.model.system import (
    SHARED,
    Calendar,
    CodeList,
    Definitions,
    Job,
    MessageMapping,
    NamedAction,
    Node,
    Notice,
    Parameter,
    PrintForm,
    Query,
    System,
)  # fmt: skip
from engine.model.tables import DecisionTable

_SHARED_TITLE = Title("共享", "Shared")


@dataclass(slots=True)
class Built:
    """What stands in files of its own, by registry key."""

    parameters: dict[str, Parameter] = field(default_factory=dict)
    tables: dict[str, DecisionTable] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    actions: dict[str, NamedAction] = field(default_factory=dict)
    notices: dict[str, Notice] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    prints: dict[str, PrintForm] = field(default_factory=dict)
    mappings: dict[str, MessageMapping] = field(default_factory=dict)
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    free_pages: dict[str, FreePage] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    ledgers: dict[str, LedgerSet] = field(default_factory=dict)
    interfaces: Interfaces = field(default_factory=Interfaces)
    watches: dict[str, EventRule] = field(default_factory=dict)
    scenarios: list[Mapping[str, object]] = field(default_factory=list)
    flows: dict[str, Entry] = field(default_factory=dict)  # they show fields of document types, so are built after them
    access: dict[str, Entry] = field(default_factory=dict)  # by system: grants for all its document types


def assemble(gathered: Gathered, places: Places) -> Definitions:
    """Build everything."""
    fields = FieldBuilder(gathered.names)
    built = Built()
    for file, piece in gathered.roots:
        _ROOTS.get(file.kind, _nothing)(_Room(gathered, fields, built, file), piece)
    sets = dict(_documents(gathered, fields, places))
    people = next((node.accounts.document for node in built.nodes.values() if node.accounts is not None), "")
    kept = [made.signed(people) for made in built.ledgers.values()]
    documents = {key: made.document for key, made in sets.items()}
    documents |= {one.id: one for made in kept for one in made.documents}
    machines = {key: made.machine for key, made in sets.items()}
    machines |= {machine.document: machine for made in kept for machine in made.machines}
    complete(documents)
    flows = FlowBuilder(fields, documents)
    return Definitions(
        version=gathered.version,
        systems={name: _system(gathered, name) for name in _system_names(gathered)},
        documents=documents,
        machines=machines,
        access={key: _grants(made, built) for key, made in sets.items()} | _ledger_grants(gathered, built),
        pages={name: page for made in sets.values() for name, page in made.pages.items()}
        | {name: page for made in kept for name, page in made.pages.items()},
        codes=_codes(gathered) | {made.codes.id: made.codes for made in kept},
        parameters=built.parameters,
        tables=built.tables,
        queries=built.queries | {name: query for made in sets.values() for name, query in made.queries.items()},
        actions=built.actions | {name: action for made in sets.values() for name, action in made.actions.items()},
        notices=built.notices,
        jobs=built.jobs,
        prints=built.prints,
        mappings=built.mappings,
        envelopes=built.envelopes,
        calendars=built.calendars,
        nodes=built.nodes,
        free_pages=built.free_pages,
        beside={key: made.beside for key, made in sets.items() if made.beside is not None},
        sheets=built.sheets,
        ledgers={key: made.ledger for key, made in built.ledgers.items()},
        scenarios=tuple(built.scenarios),
        offers=built.interfaces.offers,
        services=built.interfaces.services,
        listens=built.interfaces.listens,
        channels=built.interfaces.channels,
        watches=built.watches,
        flows={key: flows.flow(key, entry) for key, entry in built.flows.items()},
    )


# --- documents -------------------------------------------------------------------------------------------------------


def _documents(gathered: Gathered, fields: FieldBuilder, places: Places) -> Iterable[tuple[str, DocumentSet]]:
    names = gathered.names
    parts = {names.key_of("part", name, system): part for (system, name), part in gathered.parts.items()}
    book = PartBook(names, parts)
    builder = DocumentBuilder(fields, book)
    extended: dict[str, list[Owned]] = {}
    for (system, name), extends in gathered.extensions.items():
        base = names.key("document", extends.raw, system)
        if base is not None:
            extended.setdefault(base, []).append(gathered.owned[system, name])
    for (system, name), owned in gathered.owned.items():
        if "document" not in owned.files or (system, name) in gathered.extensions:
            continue
        key = names.key_of("document", name, system)
        access = owned.files.get("access")
        if access is not None and "ledgers" in access.entries():
            Entry.of(access, "access").report("LED023", access.entries()["ledgers"].key_where)
        layers = _layers(book, owned, extended.get(key, []), places)
        yield key, builder.build(key, layers)


def _layers(book: PartBook, owned: Owned, extensions: list[Owned], places: Places) -> Layers:
    parts = _parts(book, owned)
    layers = [*parts, owned]
    for extension in extensions:
        layers += [*_parts(book, extension), extension]
    return Layers(owned, layers, len(parts), places)


def _parts(book: PartBook, owned: Owned) -> list[Owned]:
    root = owned.files["document"]
    return book.used(Entry.of(root, "document"), root.origin)


def _grants(made: DocumentSet, built: Built) -> Mapping[str, Grant]:
    """A document type's grants; for roles without one those of its whole system."""
    entry = built.access.get(made.document.system)
    general = {} if entry is None else entry.entries("access", "grant")
    return {role: build_grant(role, found) for role, found in general.items()} | dict(made.access)


def _ledger_grants(gathered: Gathered, built: Built) -> dict[str, dict[str, Grant]]:
    """Grants for the accounts and the entries of ledgers; nobody sees one without."""
    found: dict[str, dict[str, Grant]] = {one.id: {} for made in built.ledgers.values() for one in made.documents}
    for system, entry in built.access.items():
        for name, roles in entry.entries("ledgers", "ledger_access").items():
            made = built.ledgers.get(gathered.names.key("ledger", name, system) or "")
            if made is None:
                near = nearest(name, gathered.names.known("ledger", system))
                roles.report("LED001", roles.where, near, name=name)
                continue
            for role, grants in ledger_grants(roles, len(made.documents)).items():
                for document, grant in zip(made.documents, grants, strict=True):
                    found[document.id][role] = grant
    return found


# --- systems ---------------------------------------------------------------------------------------------------------


def _system_names(gathered: Gathered) -> list[str]:
    """All systems that hold anything, those without a file of their own too."""
    return sorted({*gathered.systems, *(element.system for element in gathered.names.elements() if element.system)})


def _system(gathered: Gathered, name: str) -> System:
    piece = gathered.systems.get(name)
    if piece is None:
        return System(name, _SHARED_TITLE if name == SHARED else Title(name))
    return build_system(name, Entry.of(piece, "system"))


def _codes(gathered: Gathered) -> dict[str, CodeList]:
    found = {}
    for file in gathered.codes:
        key = gathered.names.key_of("code", file.stem, file.system)
        origin = Origin(Source(file.path, gathered.texts[file.path]), gathered.problems, file.system)
        codes = build_codes(key, origin, gathered.names)
        if codes is not None:
            found[key] = codes
    return found


# --- files of their own ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Room:
    """What builders of single elements need, and where they put them."""

    gathered: Gathered
    fields: FieldBuilder
    built: Built
    file: DefinitionFile

    @property
    def actions(self) -> ActionBuilder:
        return ActionBuilder(self.gathered.names, {})

    def key(self, kind: str, name: str) -> str:
        return self.gathered.names.key_of(kind, name, self.file.system)


def _nothing(room: _Room, piece: Piece) -> None:
    """Kinds whose shape alone is judged."""


def _values(room: _Room, piece: Piece) -> None:
    for name, entry in Entry.of(piece, "values").entries("values", "parameter").items():
        key = room.key("value", name)
        room.built.parameters[key] = build_parameter(key, entry, room.fields)


def _queries(room: _Room, piece: Piece) -> None:
    for name, entry in Entry.of(piece, "queries").entries("queries", "query").items():
        key = room.key("query", name)
        room.built.queries[key] = QueryBuilder(room.fields).query(key, entry)


def _actions(room: _Room, piece: Piece) -> None:
    for name, entry in Entry.of(piece, "actions").entries("actions", "named_action").items():
        key = room.key("action", name)
        room.built.actions[key] = named_action(key, entry, room.actions, room.fields)


def _notices(room: _Room, piece: Piece) -> None:
    for name, entry in Entry.of(piece, "notices").entries("notices", "notice").items():
        key = room.key("notice", name)
        room.built.notices[key] = build_notice(key, entry, room.fields)


def _jobs(room: _Room, piece: Piece) -> None:
    for name, entry in Entry.of(piece, "jobs").entries("jobs", "job").items():
        key = room.key("job", name)
        room.built.jobs[key] = build_job(key, entry, room.actions)


def _watches(room: _Room, piece: Piece) -> None:
    for name, entry in Entry.of(piece, "watches").entries("watches", "watch").items():
        key = room.key("watch", name)
        room.built.watches[key] = build_watch(key, entry, room.gathered.names, room.actions)


def _access(room: _Room, piece: Piece) -> None:
    room.built.access[room.file.system] = Entry.of(piece, "access")


def _scenarios(room: _Room, piece: Piece) -> None:
    document = room.file.document
    key = room.gathered.names.key("document", document, room.file.system) if document else ""
    for name, entry in Entry.of(piece, "scenarios").entries("scenarios", "scenario").items():
        room.built.scenarios.append(build_scenario(name, entry, key or ""))


def _table(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "table")
    if key := _single(room, entry, "table"):
        room.built.tables[key] = build_table(key, entry, room.fields, room.gathered.workbooks)


def _print(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "print")
    if key := _single(room, entry, "print"):
        room.built.prints[key] = build_print(key, entry, room.gathered.names, room.gathered.texts)


def _mapping(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "mapping")
    if key := _single(room, entry, "mapping"):
        room.built.mappings[key] = build_mapping(key, entry, room.gathered.names, room.actions, room.gathered.texts)


def _sheet(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "sheet")
    if key := _single(room, entry, "sheet"):
        room.built.sheets[key] = build_sheet(key, entry, room.gathered.names)


def _ledger(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "ledger")
    if key := _single(room, entry, "ledger"):
        room.built.ledgers[key] = build_ledger(key, entry, room.fields)


def _calendar(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "calendar")
    if key := _single(room, entry, "calendar"):
        room.built.calendars[key] = build_calendar(key, entry)


def _page(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "page")
    if key := _single(room, entry, "page"):
        room.built.free_pages[key] = build_free_page(key, entry, room.fields)


def _flow(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "flow")
    if key := _single(room, entry, "flow"):
        room.built.flows[key] = entry


def _node(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "node")
    if key := _single(room, entry, "node"):
        room.built.nodes[key] = build_node(key, entry, room.gathered.names)


def _single(room: _Room, entry: Entry, kind: str) -> str:
    """The registry key of a file's own element; empty when it says no id."""
    return room.key(kind, name) if (name := entry.text(kind)) else ""


def _envelope(room: _Room, piece: Piece) -> None:
    entry = Entry.of(piece, "envelope")
    if key := _single(room, entry, "envelope"):
        room.built.envelopes[key] = build_envelope(key, entry, room.gathered.names, room.gathered.texts)


def _interfaces(room: _Room, piece: Piece) -> None:
    builder = InterfaceBuilder(room.gathered.names, room.fields, room.actions)
    builder.build(Entry.of(piece, "interfaces"), room.built.interfaces)


_ROOTS: Mapping[str, Callable[[_Room, Piece], None]] = {
    "values": _values, "queries": _queries, "actions": _actions, "notices": _notices, "jobs": _jobs,
    "access": _access, "scenarios": _scenarios, "table": _table, "print": _print, "mapping": _mapping,
    "envelope": _envelope, "calendar": _calendar, "ledger": _ledger, "node": _node, "page": _page, "sheet": _sheet,
    "flow": _flow, "interfaces": _interfaces, "watches": _watches,
}  # fmt: skip
