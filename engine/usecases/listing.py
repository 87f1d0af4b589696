"""Lists and exports of documents: filtered, sorted, paged by key. Everything passes the projection of the actor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.access.masks import masked
from engine.access.rights import RecordRights, Rights
from engine.expressions.environment import Env
from engine.model.criteria import Criterion, Every, Order, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.machines import Machine
from engine.model.records import Record
from engine.model.types import SYSTEM_FIELDS, Kind, Type
from engine.problems import Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import Hidden, note_reading, watched
from engine.usecases.bounds import bounded
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
_SYSTEM_TITLES = {
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
        document = _readable(runtime, actor, request.document)
        work = Work(runtime, unit, actor, Performer())
        rights = document_rights(runtime, actor, document)
        general, order = rights.in_general(), _order(runtime, document, request, rights)
        reading = _Reading(work, document, request, general, order)
        where, limit, back = _where(work, document, request), max(1, min(request.limit, 200)), request.backwards
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


def _readable(runtime: Runtime, actor: Actor, name: str) -> Document:
    document = runtime.definitions.documents.get(name)
    if document is None:
        raise Refused((), kind="not_found")
    if not document_rights(runtime, actor, document).in_general().any:
        raise Hidden
    return document


def _where(work: Work, document: Document, request: ListRequest) -> Criterion:
    rights = document_rights(work.runtime, work.actor, document)
    return Every((rights.rows(work.world), *criteria_of(work, document, request, rights)))


def _order(runtime: Runtime, document: Document, request: ListRequest, rights: Rights) -> tuple[Order, ...]:
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
    names = columns_of(work.runtime, document, reading.rights)
    seen = [(record, work.rights(document.id, record.values, work.actor)) for record in records]
    # What a store cannot answer of a grant's rows is judged here: such records are left out of the page.
    seen = [(record, rights) for record, rights in seen if rights.any]
    told = (*names, *({"changed_at"} - set(names)))
    rows = [_row(presenter, document, told, record.values, rights) for record, rights in seen]
    shown = [record for record, _ in seen]
    back = request.backwards
    has_next, has_previous = (bool(request.after) if back else further), (further if back else bool(request.after))
    return ListView(
        document.id,
        document.title,
        tuple(FieldView(name, _field(document, name)) for name in names),
        tuple(rows),
        tuple(record.id for record in shown),
        tuple(_state_title(machine, record.values) for record in shown),
        min(total, CAP),
        total > CAP,
        cursor_text(records[-1], order) if records and has_next else "",
        cursor_text(records[0], order) if records and has_previous else "",
        tuple(
            _filter_view(work, document, name, request) for name in filters_of(work.runtime, document, reading.rights)
        ),
        tuple(_creating(work, presenter, document)),
        request.sort,
        tuple(str(record.values["state"] or "") for record in shown),
    )


def columns_of(runtime: Runtime, document: Document, rights: RecordRights) -> tuple[str, ...]:
    """Columns of the list: declared ones, else the number and the first plain fields; never what may not be read."""
    pages = runtime.definitions.pages.get(document.id)
    names = pages.columns if pages is not None and pages.columns else ()
    if not names:
        plain = [
            n for n, f in document.fields.items() if not f.is_table and f.kind not in ("long_text", "password", "json")
        ]
        names = (*(("number",) if document.number is not None else ()), *plain[:7])
    readable = [n for n in names if n in SYSTEM_FIELDS or n in document.fields]
    return tuple(n for n in readable if rights.reads(n) and n != "state")


def filters_of(runtime: Runtime, document: Document, rights: RecordRights) -> tuple[str, ...]:
    """Fields that the list can be filtered by."""
    pages = runtime.definitions.pages.get(document.id)
    names = pages.filters if pages is not None else ()
    return tuple(n for n in names if (n in SYSTEM_FIELDS or n in document.fields) and rights.reads(n))


def _field(document: Document, name: str) -> Field:
    declared = document.fields.get(name)
    if declared is not None:
        return declared
    kind: Type = SYSTEM_FIELDS[name]
    return Field(name, _SYSTEM_TITLES.get(name, Title(name)), _SYSTEM_KINDS.get(kind.kind, "text"), kind)


def _row(
    presenter: Presenter,
    document: Document,
    names: Sequence[str],
    values: Mapping[str, object],
    rights: RecordRights,
) -> Mapping[str, FieldView]:
    env = Env(values, presenter.world, this=values)
    return {n: presenter.field(_field(document, n), values, env, rights) for n in names if rights.reads(n)}


def _state_title(machine: Machine, values: Mapping[str, object]) -> Title:
    state = machine.states.get(str(values["state"] or ""))
    return state.title if state is not None else Title()


def _filter_view(work: Work, document: Document, name: str, request: ListRequest) -> FieldView:
    field = _field(document, name)
    if name == "state":
        field = Field("state", _SYSTEM_TITLES["state"], "state", SYSTEM_FIELDS["state"])
    return FieldView(name, field, text=request.filters.get(name, ""), editable=True)


def _creating(work: Work, presenter: Presenter, document: Document) -> Iterator[EventView]:
    machine = work.machine(document.id)
    for event in machine.creating():
        rights = document_rights(work.runtime, work.actor, document).in_general()
        named = not (event.by.roles or event.by.special) or bool(work.actor.roles & set(event.by.roles))
        if may_raise(rights, event, new=True) and (named or rights.everything):
            yield EventView(event.name, event.title, edits=True, style=event.style)


def export_rows(
    runtime: Runtime, actor: Actor, request: ListRequest, most: int = 100_000
) -> tuple[tuple[Title, ...], Iterator[Sequence[str]]]:
    """Titles and rows of everything a list would show, page by page, for a sheet. Raises Refused without the right."""
    with (
        watched(runtime, actor, "export", request.document),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        document = _readable(runtime, actor, request.document)
        general = document_rights(runtime, actor, document).in_general()
        if not general.export:
            raise Refused((), kind="forbidden")
        where = _where(Work(runtime, unit, actor, Performer()), document, request)
    names = columns_of(runtime, document, general)
    titles = (*(_field(document, name).title for name in names), _SYSTEM_TITLES["state"])
    order = _order(runtime, document, request, document_rights(runtime, actor, document))
    note_reading(runtime, actor, "export", document.id, "", names)
    return titles, _exported(runtime, actor, _Export(document, names, where, order, most))


@dataclass(frozen=True, slots=True)
class _Export:
    """What is taken away: judged before the first row leaves."""

    document: Document
    names: Sequence[str]
    where: Criterion
    order: tuple[Order, ...]
    most: int


def _exported(runtime: Runtime, actor: Actor, wanted: _Export) -> Iterator[Sequence[str]]:
    document, names, order, after, given = wanted.document, wanted.names, wanted.order, None, 0
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        presenter, machine = Presenter(work.world), work.machine(document.id)
        while given < wanted.most:
            records = unit.select(Selection(document.id, wanted.where, order, after, limit=500))
            for record in records:
                rights = work.rights(document.id, record.values, actor)
                if rights.export:
                    row = _row(presenter, document, names, record.values, rights)
                    yield [*_texts(row, names, rights), _state_title(machine, record.values).worded(actor.language)]
            given += len(records)
            if len(records) < 500:
                return
            last = records[-1]
            after = (*(last.values[part.field] for part in order), last.id)


def _texts(row: Mapping[str, FieldView], names: Sequence[str], rights: RecordRights) -> Iterator[str]:
    for name in names:
        view = row.get(name)
        if view is None:
            yield ""
        elif name in rights.export_masked and not view.masked:
            yield masked(view.text, view.field.mask)
        else:
            yield view.text
