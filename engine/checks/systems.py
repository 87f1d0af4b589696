"""Checks of what belongs to systems: menus, notices, jobs, queries, prints, mappings, nodes, accounts, calendars.

In: elements of systems. Out: problems. Expressions are checked by linking, templates by `engine.printing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.fields import check_fields
from engine.checks.machines import check_calendar, check_roles
from engine.checks.node_care import check_care
from engine.checks.node_devices import check_surroundings
from engine.checks.outside import check_channels, check_services, check_ways
from engine.checks.subject import Subject, problem, unknown, warning
from engine.jobs.periods import fits, period_of
from engine.model.documents import Field
from engine.model.system import (
    PARAMETERS,
    ROLES,
    Accounts,
    Job,
    MenuEntry,
    MessageMapping,
    Node,
    Notice,
    PrintForm,
    Query,
    System,
)
from engine.model.tables import DecisionTable, TableInput, TableOutput
from engine.model.types import Kind
from engine.problems import Problem, Span

GENERATED = ("list", "form", "detail", "card")
_ACCOUNT_KINDS: Mapping[str, tuple[str, ...]] = {
    "login": ("text", "mobile", "citizen_id"),
    "password": ("password",),
    "name": ("text",),
    "roles": ("codes",),
    "org": ("ref",),
    "enabled": ("boolean",),
}


def check_systems(subject: Subject) -> Iterator[Problem]:
    """Everything that is of a system."""
    definitions = subject.definitions
    for system in definitions.systems.values():
        yield from _system(subject, system)
    for notice in definitions.notices.values():
        yield from _notice(subject, notice)
        yield from check_ways(subject, notice)
    for action in definitions.actions.values():
        yield from check_fields(subject, action.takes, action.system, asked=True)
    for job in definitions.jobs.values():
        yield from _job(subject, job)
    for query in definitions.queries.values():
        yield from _query(subject, query)
    for table in definitions.tables.values():
        yield from _table(subject, table)
    for form in definitions.prints.values():
        yield from _print(subject, form)
    for mapping in definitions.mappings.values():
        yield from _mapping(subject, mapping)
    for node in definitions.nodes.values():
        yield from _node(subject, node)
        yield from check_channels(subject, node)
        yield from check_services(subject, node)
        yield from check_surroundings(subject, node)
        yield from check_care(subject, node)
    yield from _calendars(subject)


def _system(subject: Subject, system: System) -> Iterator[Problem]:
    for name, place in subject.listed(system.where, "uses", names=system.uses):
        if name not in subject.definitions.systems:
            yield unknown("REF014", name, subject.definitions.systems, place)
    for index, entry in enumerate(system.menu):
        yield from _menu(subject, system, entry, subject.places.value(system.where, "menu", index))
    nodes = subject.definitions.nodes.values()
    if system.menu and nodes and not any(not node.systems or system.id in node.systems for node in nodes):
        yield warning("SYS007", system.where, related=tuple(node.where for node in nodes), system=system.id)


def _menu(subject: Subject, system: System, entry: MenuEntry, group: Span) -> Iterator[Problem]:
    yield from check_roles(subject, entry.roles, system.id, group, "roles")
    for index, within in enumerate(entry.groups):
        yield from _menu(subject, system, within, subject.places.value(group, "groups", index))
    for number, page in enumerate(entry.pages):
        place = subject.places.value(group, "pages", number)
        inner = subject.places.value(place, "page")
        known = list(_pages(subject, system.id))
        if page not in known:
            yield unknown("REF015", page, known, inner)
        switch = entry.switches.get(page)
        if switch:
            yield from _switch(subject, system.id, switch, subject.places.value(place, "switch"))


def _pages(subject: Subject, system: str) -> Iterator[str]:
    """Pages that a menu may name: of document types, of queries, and free ones."""
    yield from (PARAMETERS, ROLES)
    yield from subject.known("page", system)
    yield from subject.known("query", system)
    for document in subject.known("document", system):
        key = subject.names.key("document", document, system) or document
        yield document
        yield from (f"{document}.{name}" for name in GENERATED)
        pages = (page for page in subject.definitions.pages.values() if page.document == key)
        yield from (f"{document}.{page.name}" for page in pages)
        queries = (query for query in subject.definitions.queries.values() if query.document == key)
        yield from (f"{document}.{query.id}" for query in queries)


def _switch(subject: Subject, system: str, name: str, where: Span) -> Iterator[Problem]:
    key = subject.names.key("value", name, system)
    parameter = subject.definitions.parameters.get(key) if key else None
    if parameter is None:
        yield unknown("REF018", name, subject.known("value", system), where)
    elif parameter.type.kind is not Kind.BOOLEAN:
        yield problem("SYS005", where, related=(parameter.where,), name=name)


def _notice(subject: Subject, notice: Notice) -> Iterator[Problem]:
    yield from check_fields(subject, notice.takes, notice.system, asked=True)
    known = subject.roles(notice.system)
    for index, recipient in enumerate(notice.to):
        if recipient.role and recipient.role not in known:
            place = _of_list(subject, notice.where, "to", index)
            inner = subject.places.value(place, "who")
            yield unknown("REF006", recipient.role, known, subject.word_in(inner, recipient.role))


def _of_list(subject: Subject, owner: Span, key: str, index: int) -> Span:
    """The place of a list's item, or of the value where it stands alone."""
    found = subject.places.value(owner, key, index)
    return subject.places.value(owner, key) if found == owner else found


def _job(subject: Subject, job: Job) -> Iterator[Problem]:
    yield from check_calendar(subject, job.calendar, job.system, job.where)
    if job.until and job.until == (job.at or "00:00"):
        yield problem("SYS001", subject.places.value(job.where, "until"), at=job.at or "00:00", until=job.until)
    if period_of(job.every) is None:
        yield problem("SYS009", subject.places.value(job.where, "every"), every=job.every)
    elif job.on and not fits(job.every, job.on):
        yield problem("SYS010", subject.places.value(job.where, "on"), every=job.every, on=job.on)
    linked = job.each.linked if job.each is not None else None
    if job.each is not None and linked is not None and not job.per and not _is_documents(linked.type.of, subject):
        yield problem("SYS002", job.each.where, job=job.id)
    if job.each is None:
        of_rows = {"where": job.condition, "sort": job.sort, "most": job.most, "throttle": job.throttle, "per": job.per}
        for key, said in of_rows.items():
            if said:
                yield problem("SYS006", subject.places.key(job.where, key), key=key)


def _is_documents(of: str, subject: Subject) -> bool:
    return of in subject.definitions.documents


def _query(subject: Subject, query: Query) -> Iterator[Problem]:
    yield from check_fields(subject, query.takes, query.system, asked=True)
    yield from check_roles(subject, query.roles, query.system, query.position, "roles")
    key = query.id if not query.document else f"{query.document}.{query.id}"
    shape = subject.shared.query_shapes.get(key, query.shape)
    for name, place in subject.listed(query.position, "filters", names=query.filters):
        if name not in shape.fields:
            yield unknown("REF002", name, shape.fields, place, owner=query.id)


def _table(subject: Subject, table: DecisionTable) -> Iterator[Problem]:
    columns: tuple[TableInput | TableOutput, ...] = (*table.inputs, *table.outputs)
    for column in columns:
        of = column.type.of
        if column.type.kind in (Kind.CODE, Kind.CODES) and of and of not in subject.definitions.codes:
            yield unknown("REF003", of, subject.known("code", table.system), subject.word_in(column.where, of))


def _print(subject: Subject, form: PrintForm) -> Iterator[Problem]:
    yield from _document(subject, form.document, form.system, form.where)
    if form.bundle is not None:
        for index, bundled in enumerate(form.bundle.prints):
            if bundled.print not in subject.definitions.prints:
                place = subject.places.value(form.where, "bundle", "prints", index, "print")
                yield unknown("REF008", bundled.print, subject.known("print", form.system), place)


def _document(subject: Subject, document: str, system: str, where: Span) -> Iterator[Problem]:
    if document and document not in subject.definitions.documents:
        yield unknown("REF001", document, subject.known("document", system), subject.places.value(where, "document"))


def _mapping(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    yield from _document(subject, mapping.document, mapping.system, mapping.where)
    for match in mapping.match:
        yield from _document(subject, match.document, mapping.system, match.where)
        fields = subject.fields(match.document)
        for name, place in subject.listed(match.where, "by", names=match.by):
            if fields and name not in fields and name != "number":
                yield unknown("REF002", name, fields, place, owner=match.document)
    channels = _channels(subject, mapping.system)
    if mapping.to and channels and mapping.to not in channels:
        yield unknown("REF019", mapping.to, channels, subject.places.value(mapping.where, "to"))


def _channels(subject: Subject, system: str) -> list[str]:
    """Channels that interfaces declare or nodes bind."""
    bound = (name for node in subject.definitions.nodes.values() for name in node.channels)
    return [*subject.known("channel", system), *bound]


# --- nodes -----------------------------------------------------------------------------------------------------------


def _node(subject: Subject, node: Node) -> Iterator[Problem]:
    for name, place in subject.listed(node.where, "systems", names=node.systems):
        if name not in subject.definitions.systems:
            yield unknown("REF014", name, subject.definitions.systems, place)
    if node.calendar and node.calendar not in subject.definitions.calendars:
        known = subject.definitions.calendars
        yield unknown("REF013", node.calendar, known, subject.places.value(node.where, "calendar"))
    if node.accounts is not None:
        yield from _accounts(subject, node.accounts)


def _accounts(subject: Subject, accounts: Accounts) -> Iterator[Problem]:
    document = subject.definitions.documents.get(accounts.document)
    if document is None:
        place = subject.places.value(accounts.where, "document")
        yield unknown("REF001", accounts.document, subject.definitions.documents, place)
        return
    for key, kinds in _ACCOUNT_KINDS.items():
        name = getattr(accounts, key)
        field: Field | None = document.fields.get(name)
        place = subject.places.value(accounts.where, key)
        if not name:
            continue
        if field is None:
            yield unknown("REF002", name, document.fields, place, owner=document.id)
        elif field.kind not in kinds:
            values = {"key": key, "name": name, "type": field.kind, "wanted": ", ".join(kinds)}
            yield Problem("SYS003", place, values, related=(field.where,))
        elif key == "roles":
            yield from _roles(subject, field)


def _roles(subject: Subject, field: Field) -> Iterator[Problem]:
    """Roles that no account can hold."""
    codes = subject.definitions.codes.get(field.type.of)
    if codes is None:
        return
    for system in subject.definitions.systems.values():
        for role, declared in system.roles.items():
            if role not in codes.by_code and not declared.anonymous:
                yield warning("SYS008", declared.where, related=(codes.where,), role=role, codes=codes.id)


def _calendars(subject: Subject) -> Iterator[Problem]:
    """A day is either free or worked."""
    for key, calendar in subject.definitions.calendars.items():
        for day in sorted(calendar.holidays & calendar.working):
            yield problem("SYS004", subject.element("calendar", key), calendar=key, day=day)
