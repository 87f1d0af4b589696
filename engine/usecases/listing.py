"""Lists and exports of documents: filtered, sorted, paged by key. Everything passes the projection of the actor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from engine.access.rights import RecordRights, Rights
from engine.model.criteria import ALWAYS, Criterion, Every, Order, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.machines import Event, Machine
from engine.model.records import Record
from engine.model.types import SYSTEM_FIELDS, Kind, Type
from engine.problems import Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import Hidden, note_reading, watched
from engine.usecases.bounds import bounded
from engine.usecases.bulk_events import bulk_events
from engine.usecases.cursors import cursor_of, cursor_text
from engine.usecases.desk import may_raise
from engine.usecases.filters import criteria_of
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import (
    Actor,
    EventView,
    FieldView,
    ListRequest,
    ListView,
)
from engine.usecases.work import Work

CAP = 1000
SYSTEM_TITLES = {
    "number": Title("编号", "Number"),
    "state": Title("状态", "State"),
    "created_at": Title("创建时间", "Created"),
    "created_by": Title("创建人", "Created by"),
    "changed_at": Title("修改时间", "Changed"),
    "changed_by": Title("修改人", "Changed by"),
}
_ORDERED = {
    Kind.TEXT, Kind.CODE, Kind.REF, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.TIME,
}  # fmt: skip
_SYSTEM_KINDS = {Kind.DATETIME: "datetime", Kind.INTEGER: "integer", Kind.BOOLEAN: "boolean"}


def document_rights(runtime: Runtime, actor: Actor, document: Document) -> Rights:
    """The actor's rights on a document type."""
    return runtime.rights(document.id, actor)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading of a list: what was asked, by whom, with which rights and in which order."""

    work: Work
    document: Document
    request: ListRequest
    rights: RecordRights
    order: tuple[Order, ...]


def list_documents(runtime: Runtime, actor: Actor, request: ListRequest) -> ListView:
    """One page of a document type. Raises Refused when the actor may read none of it."""
    with (
        watched(runtime, actor, "list", request.document),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        document = readable_document(runtime, actor, request.document)
        work = Work(runtime, unit, actor, Performer())
        rights = document_rights(runtime, actor, document)
        general, order = rights.in_general(), order_of(runtime, document, request, rights)
        reading = _Reading(work, document, request, general, order)
        where, limit, back = where_of(work, document, request), max(1, min(request.limit, 200)), request.backwards
        after = cursor_of(request.after, order, document)
        records = unit.select(Selection(document.id, where, order, after, limit + 1, backwards=back))
        further = len(records) > limit
        records = records[-limit:] if back else records[:limit]
        page = _page(reading, records, further, unit.count(document.id, where, CAP + 1))
    told = [one.name for one in page.columns if one.field.protect and _told(page, one.name)]
    if told:
        note_reading(runtime, actor, "list", document.id, "", told)
    return page


def _told(page: ListView, name: str) -> bool:
    """Whether a column shows a value in the clear."""
    return any(row[name].text and not row[name].masked for row in page.rows if name in row)


def readable_document(runtime: Runtime, actor: Actor, name: str) -> Document:
    document = runtime.definitions.documents.get(name)
    if document is None:
        raise Refused((), kind="not_found")
    if not document_rights(runtime, actor, document).in_general().any:
        raise Hidden
    return document


def where_of(work: Work, document: Document, request: ListRequest) -> Criterion:
    rights = document_rights(work.runtime, work.actor, document)
    return Every((rights.rows(work.world), *criteria_of(work, document, request, rights)))


def order_of(runtime: Runtime, document: Document, request: ListRequest, rights: Rights) -> tuple[Order, ...]:
    """As asked, else as the definition orders its list, else what changed last comes first."""
    pages = runtime.definitions.pages.get(document.id)
    for keys in ((request.sort,), pages.sort if pages is not None else ()):
        found = tuple(Order(key.lstrip("-"), key.startswith("-")) for key in keys)
        if found and all(_sortable(document, order.field, rights) for order in found):
            return found
    return (Order("changed_at", descending=True),)


def _sortable(document: Document, name: str, rights: Rights) -> bool:
    """Whether a store can sort by a field, and its place tells nothing that the actor may not see."""
    kind = SYSTEM_FIELDS[name].kind if name in SYSTEM_FIELDS else _kind_of(document.fields.get(name))
    return kind in _ORDERED and rights.sees_everywhere(name)


def _kind_of(field: Field | None) -> Kind:
    return Kind.NULL if field is None or field.protect or field.kind == "password" else field.type.kind


def _page(reading: _Reading, records: Sequence[Record], further: bool, total: int) -> ListView:
    work, document, request, order = reading.work, reading.document, reading.request, reading.order
    presenter, machine = Presenter(work.world), work.machine(document.id)
    names = columns_of(work.runtime, document, reading.rights, request.columns)
    seen = [(record, work.rights(document.id, record.values, work.actor)) for record in records]
    # What a store cannot answer of a grant's rows is judged here: such records are left out of the page.
    seen = [(record, rights) for record, rights in seen if rights.any]
    told = (*names, *({"changed_at"} - set(names)))
    rows = [row_of(presenter, document, told, record.values, rights) for record, rights in seen]
    shown = [record for record, _ in seen]
    ordered = frozenset(
        name for name in names if _sortable(document, name, work.runtime.rights(document.id, work.actor))
    )
    slow = ordered - _led(work.runtime, document) if total > CAP else frozenset()
    back = request.backwards
    has_next, has_previous = (bool(request.after) if back else further), (further if back else bool(request.after))
    return ListView(
        document.id,
        document.title,
        tuple(FieldView(name, field_named(document, name)) for name in names),
        tuple(rows),
        tuple(record.id for record in shown),
        tuple(state_title(machine, record.values) for record in shown),
        min(total, CAP),
        total > CAP,
        cursor_text(records[-1], order) if records and has_next else "",
        cursor_text(records[0], order) if records and has_previous else "",
        tuple(
            _filter_view(work, document, name, request) for name in filters_of(work.runtime, document, reading.rights)
        ),
        tuple(_creating(work, presenter, document)),
        request.sort or _told_order(order),
        tuple(str(record.values["state"] or "") for record in shown),
        tuple(FieldView(name, field_named(document, name)) for name in choices_of(document, reading.rights)),
        ordered - slow,
        tuple(bulk_events(work, document)),
        slow,
        tuple(_prints(work.runtime, document, reading.rights)),
    )


def _prints(runtime: Runtime, document: Document, rights: RecordRights) -> Iterator[tuple[str, Title]]:
    """Prints of which several can be had as one; a bundle is printed from its own document."""
    for form in runtime.definitions.prints.values():
        if form.document == document.id and form.template and form.bundle is None and rights.prints_form(form.id):
            yield form.id, form.title


def _led(runtime: Runtime, document: Document) -> frozenset[str]:
    """Fields that an index begins with: a list of any length is quickly in their order."""
    storage = runtime.force.programs[document.id].storage
    keys = (*storage.indexes, *(unique.fields for unique in storage.uniques if unique.when is ALWAYS))
    return frozenset(key[0] for key in keys)


def _told_order(order: tuple[Order, ...]) -> str:
    """The first key of the order that a list has without being asked, as an address would ask for it."""
    return f"-{order[0].field}" if order[0].descending else order[0].field


_UNLISTED = {"long_text", "password", "json"}


def columns_of(
    runtime: Runtime, document: Document, rights: RecordRights, chosen: Sequence[str] = ()
) -> tuple[str, ...]:
    """Columns of the list: chosen or declared ones, else the number and the first plain fields.

    What may not be read is never among them.
    """
    pages = runtime.definitions.pages.get(document.id)
    declared = pages.columns if pages is not None and pages.columns else ()
    allowed = {*choices_of(document, rights), *declared}
    for names in ([one for one in chosen if one in allowed], declared):
        readable = [n for n in names if n in SYSTEM_FIELDS or n in document.fields]
        found = tuple(n for n in dict.fromkeys(readable) if rights.reads(n) and n != "state")
        if found:
            return found
    plain = [n for n, f in document.fields.items() if not f.is_table and f.kind not in _UNLISTED]
    names = (*(("number",) if document.number is not None else ()), *plain[:7])
    return tuple(n for n in names if rights.reads(n))


def choices_of(document: Document, rights: RecordRights) -> tuple[str, ...]:
    """Fields that a person may put into columns, in the order of the definition."""
    system = (*(("number",) if document.number is not None else ()), "created_at", "changed_at")
    plain = (n for n, f in document.fields.items() if not f.is_table and f.kind not in _UNLISTED - {"long_text"})
    return tuple(n for n in (*system[:-2], *plain, *system[-2:]) if rights.reads(n))


def filters_of(runtime: Runtime, document: Document, rights: RecordRights) -> tuple[str, ...]:
    """Fields that the list can be filtered by."""
    pages = runtime.definitions.pages.get(document.id)
    names = pages.filters if pages is not None else ()
    return tuple(n for n in names if (n in SYSTEM_FIELDS or n in document.fields) and rights.reads(n))


def field_named(document: Document, name: str) -> Field:
    """A declared field, or one that every document has."""
    return document.fields.get(name) or _system_field(name)


@cache
def _system_field(name: str) -> Field:
    kind: Type = SYSTEM_FIELDS[name]
    return Field(name, SYSTEM_TITLES.get(name, Title(name)), _SYSTEM_KINDS.get(kind.kind, "text"), kind)


def row_of(
    presenter: Presenter,
    document: Document,
    names: Sequence[str],
    values: Mapping[str, object],
    rights: RecordRights,
) -> Mapping[str, FieldView]:
    """What a record has in the columns of a list, as far as the actor may read them."""
    return {n: presenter.cell(field_named(document, n), values, rights) for n in names if rights.reads(n)}


def state_title(machine: Machine, values: Mapping[str, object]) -> Title:
    state = machine.states.get(str(values["state"] or ""))
    return state.title if state is not None else Title()


def _filter_view(work: Work, document: Document, name: str, request: ListRequest) -> FieldView:
    field = field_named(document, name)
    if name == "state":
        field = Field("state", SYSTEM_TITLES["state"], "state", SYSTEM_FIELDS["state"])
    return FieldView(name, field, text=_worded(work, field, request.filters.get(name, "")), editable=True)


def _worded(work: Work, field: Field, raw: str) -> str:
    """What a filter's value is called: titles of codes, labels of records as far as the actor may know them."""
    if not raw or field.type.kind not in {Kind.CODE, Kind.CODES, Kind.REF, Kind.REFS}:
        return raw
    several = field.type.kind in {Kind.CODES, Kind.REFS}
    found = (Presenter(work.world).text(field, (one,) if several else one) for one in raw.split(","))
    return "、".join(text for text in found if text) or raw


def _creating(work: Work, presenter: Presenter, document: Document) -> Iterator[EventView]:
    rights = document_rights(work.runtime, work.actor, document).in_general()
    pages = work.runtime.definitions.pages.get(document.id)
    machine = work.machine(document.id)
    named = [name for name in pages.buttons if name in machine.events] if pages is not None else []
    for event in machine.creating():
        if begun_by(event, work.actor, rights) and (not named or event.name in named):
            yield EventView(event.name, event.title, edits=True, style=event.style)


def begun_by(event: Event, actor: Actor, rights: RecordRights) -> bool:
    """Whether the actor may begin a document with a creating event."""
    named = not (event.by.roles or event.by.special) or bool(actor.roles & set(event.by.roles))
    return may_raise(rights, event, new=True) and (named or rights.everything)
