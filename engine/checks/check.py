"""All checks in their order: linking, programs, then each family on what is linked by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.checks.access import check_access
from engine.checks.actions import check_actions
from engine.checks.catalog import Shared
from engine.checks.causes import without_echoes
from engine.checks.disclosure import check_disclosure
from engine.checks.documents import check_documents
from engine.checks.flows import check_flows
from engine.checks.free_pages import check_free_pages
from engine.checks.interfaces import check_interfaces
from engine.checks.ledgers import check_ledgers
from engine.checks.link import Linking
from engine.checks.machines import check_machines
from engine.checks.message_taking import check_taking
from engine.checks.messages import check_messages
from engine.checks.pages import check_pages
from engine.checks.prints import check_prints
from engine.checks.programs import Programs
from engine.checks.scenarios import check_scenarios
from engine.checks.shapes import STATES, back_references
from engine.checks.sheets import check_sheets
from engine.checks.subject import Glyphs, Subject, every_sign
from engine.checks.systems import check_systems
from engine.checks.unread import without_unread
from engine.checks.values import check_codes, check_values
from engine.checks.watches import check_watches
from engine.loading import Loaded
from engine.model.machines import Machine
from engine.model.program import DocumentProgram
from engine.model.system import CodeEntry, CodeList, Definitions
from engine.model.types import TEXT, Shape
from engine.ports import Workbook
from engine.ports.xml import Xml
from engine.problems import DefinitionError, Problem, Severity
from engine.tables.compiled import CompiledTable
from engine.tables.sheets import with_sheet

Family = Callable[[Subject], Iterable[Problem]]

FAMILIES: tuple[Family, ...] = (
    check_documents,
    check_machines,
    check_actions,
    check_ledgers,
    check_access,
    check_disclosure,
    check_pages,
    check_free_pages,
    check_flows,
    check_prints,
    check_sheets,
    check_messages,
    check_taking,
    check_interfaces,
    check_values,
    check_codes,
    check_systems,
    check_watches,
    check_scenarios,
)


@dataclass(frozen=True, slots=True)
class CheckedDefinitions:
    """Definitions with everything that was worked out from them. `problems` are sorted by place.

    `tables` decide; `backs` leads from (document type, name of the back reference) to the document type and field that
    refer; `shapes` say what records and rows of queries hold; `schemas` are texts of message schemas by path.
    """

    definitions: Definitions
    programs: Mapping[str, DocumentProgram]
    tables: Mapping[str, CompiledTable]
    backs: Mapping[tuple[str, str], tuple[str, str]]
    shapes: Mapping[str, Shape]
    problems: tuple[Problem, ...]
    schemas: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether nothing keeps the definitions from being put in force."""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


def check(
    loaded: Loaded,
    *,
    missing_glyphs: Glyphs = every_sign,
    workbook: Workbook | None = None,
    xml: Callable[[Mapping[str, str]], Xml] | None = None,
) -> CheckedDefinitions:
    """Check everything. Never raises for wrong definitions.

    `missing_glyphs` tells which signs of a print no font of this installation draws. `workbook` reads the rows of
    decision tables that stand in workbooks; such tables have none without it. `xml` gives what reads the schemas among
    the texts of the definitions; without it mappings are not compared with their schemas.
    """
    definitions, rows_wrong = _with_rows(loaded, workbook)
    shared = Shared(definitions)
    elements = {(one.kind, loaded.names.key_of(one.kind, one.id, one.system)): one.where for one in loaded.elements}
    subject = Subject(
        definitions,
        loaded.places,
        loaded.names,
        shared,
        loaded.sources,
        elements,
        missing_glyphs,
        None if xml is None else xml(loaded.sources),
    )
    linking = Linking(definitions, shared, loaded.names)
    linking.all()
    programs = Programs(subject)
    made = programs.all()
    found = [*loaded.problems, *rows_wrong, *linking.problems, *programs.problems, *_families(subject)]
    loaded.places.forget()
    return CheckedDefinitions(
        definitions=_completed(definitions, linking),
        programs=made,
        tables=linking.tables,
        backs=_backs(definitions),
        shapes=shared.shapes,
        schemas={path: text for path, text in loaded.sources.items() if path.endswith(".xsd")},
        problems=distinct(without_unread(found, loaded.unread, definitions.documents), loaded.sources),
    )


def put_in_force(
    loaded: Loaded, *, missing_glyphs: Glyphs = every_sign, workbook: Workbook | None = None
) -> CheckedDefinitions:
    """Check, and raise DefinitionError with every problem when one of them is an error."""
    checked = check(loaded, missing_glyphs=missing_glyphs, workbook=workbook)
    if not checked.is_sound:
        raise DefinitionError(checked.problems)
    return checked


def _with_rows(loaded: Loaded, workbook: Workbook | None) -> tuple[Definitions, list[Problem]]:
    """The definitions with the rows of decision tables that stand in workbooks."""
    problems: list[Problem] = []
    tables = dict(loaded.definitions.tables)
    for key, table in tables.items():
        content = loaded.workbooks.get(table.sheet)
        if workbook is not None and content is not None:
            tables[key], found = with_sheet(table, workbook, content)
            problems.extend(found)
    return replace(loaded.definitions, tables=tables), problems


def _families(subject: Subject) -> Iterator[Problem]:
    for family in FAMILIES:
        yield from family(subject)


def distinct(problems: Iterable[Problem], sources: Mapping[str, str]) -> tuple[Problem, ...]:
    """Each problem once, sorted by place: a part used by several documents is wrong once, and so is one cause."""
    told = without_echoes(problems, sources)
    once = {(one.where, one.code, one.suggestion, tuple(sorted(one.values.items()))): one for one in told}
    return tuple(sorted(once.values(), key=lambda one: (one.where, one.code)))


def _completed(definitions: Definitions, linking: Linking) -> Definitions:
    """The definitions with what linking found of queries and grants, and the states of machines as code lists."""
    queries = {
        key: replace(query, shape=linking.shared.query_shapes.get(key, query.shape))
        for key, query in definitions.queries.items()
    }
    codes = {**definitions.codes, **{STATES + key: _states(machine) for key, machine in definitions.machines.items()}}
    return replace(definitions, queries=queries, codes=codes, access=linking.access)


def _states(machine: Machine) -> CodeList:
    """What `state.title` reads."""
    titles = {state.name: {"title": state.title.zh, "en": state.title.en} for state in machine.states.values()}
    entries = [CodeEntry(name, columns) for name, columns in titles.items()]
    return CodeList(STATES + machine.document, {"title": TEXT, "en": TEXT}, entries, machine.where)


def _backs(definitions: Definitions) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (document, back.name): (back.document, ".".join(back.path))
        for document, backs in back_references(definitions.documents).items()
        for back in backs
    }
