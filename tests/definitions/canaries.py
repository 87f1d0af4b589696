"""A record of every document type in which each field holds a value found nowhere else, and an account for every role.

In: definitions in force. Out: a runtime over a store in memory whose records refer to each other, so that every role's
rows hold, with one step of history that sets every field and a task for every approval. Whatever of a hidden or masked
field turns up anywhere has leaked.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.documents.field_kinds import text_of
from engine.model.access import EditGrant, Grant
from engine.model.documents import Document, Field
from engine.model.formula import Formula, Title
from engine.model.machines import Machine
from engine.model.records import HistoryEntry, Record
from engine.model.system import Definitions
from engine.model.types import Kind
from engine.model.values import Duration, StoredFile
from engine.testing.memory import MemoryStore
from engine.testing.office import CountedIds, Files, Letters, Pdf, PlainPasswords, Qr, SetClock, Sheets
from engine.usecases.accounts import actor_of
from engine.usecases.desk import CHANGE
from engine.usecases.internal import TASK, storages
from engine.usecases.runtime import InForce, Runtime
from engine.usecases.views import Actor

NOW = datetime(2026, 5, 6, 9)
HIDDEN, MASKED, CLEAR = "hidden", "masked", "clear"
TURNS = ("turn_0", "turn_1", "turn_2")
"""Roles beside the shipped ones: each shows a third of every type's fields, masks a third and hides a third."""
STRANGER = "nobody_at_all"


def with_turns(force: InForce) -> InForce:
    """The definitions with the grants of the turning roles added, and nothing computed: a field that is computed from a
    hidden one would rightly show what it was made of."""
    access = {}
    for document, grants in force.definitions.access.items():
        names = tuple(force.definitions.documents[document].fields)
        turned = {role: _turned(role, index, names) for index, role in enumerate(TURNS)}
        access[document] = {**grants, **turned}
    machines = {name: _opened(machine) for name, machine in force.definitions.machines.items()}
    still = {name: replace(program, order=()) for name, program in force.programs.items()}
    plain = {name: replace(one, fields=_undefaulted(one.fields)) for name, one in force.definitions.documents.items()}
    definitions = replace(force.definitions, access=access, machines=machines, documents=plain)
    return replace(force, definitions=definitions, programs=still, _rights={})


def _undefaulted(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Fields without what they are filled with beforehand, which may come from a hidden field too."""
    return {name: replace(one, default=None, fields=_undefaulted(one.fields)) for name, one in fields.items()}


def _opened(machine: Machine) -> Machine:
    """Events for people are for the turning roles too, and the change of fields is from every state."""
    events = {}
    for name, event in machine.events.items():
        by = event.by
        if by.roles:
            by = replace(by, roles=(*by.roles, *TURNS))
        sources = tuple(machine.states) if name == CHANGE and "new" not in event.sources else event.sources
        events[name] = replace(event, by=by, sources=sources)
    return replace(machine, events=events)


def _turned(role: str, index: int, names: tuple[str, ...]) -> Grant:
    hidden = tuple(name for place, name in enumerate(names) if place % 3 == index)
    masked = tuple(name for place, name in enumerate(names) if place % 3 == (index + 1) % 3)
    return Grant(role, None, ("*",), hidden, masked, True, EditGrant(("*",)), ("*",), ("*",), True)


@dataclass
class Aviary:
    """The canaries, and who looks at them."""

    runtime: Runtime
    ids: dict[str, str]
    values: dict[str, dict[str, object]]
    actors: dict[str, Actor]
    outsiders: dict[str, Actor]
    """The same roles in an organisation that has nothing to do with the records."""
    _secrets: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def expected(self, role: str, document: str, name: str) -> str:
        """What access says of a field for a role, read from the grant itself."""
        grant = self.runtime.definitions.access.get(document, {}).get(role)
        if grant is None or name in (*grant.hide, *grant.deny) or not ({"*", name} & set(grant.read)):
            return HIDDEN
        return MASKED if name in grant.mask else CLEAR

    def secrets(self, role: str) -> tuple[tuple[str, str], ...]:
        """(where, text) of everything that the role must not see, of all document types."""
        if role not in self._secrets:
            self._secrets[role] = tuple(self._hidden_from(role))
        return self._secrets[role]

    def _hidden_from(self, role: str) -> Iterator[tuple[str, str]]:
        for document, values in self.values.items():
            for name, value in values.items():
                state = self.expected(role, document, name)
                declared = self.runtime.definitions.documents[document].fields[name]
                if state != CLEAR:
                    yield from ((f"{document}.{name}", text) for text in needles(declared, value, state))


def _stands(definitions: Definitions, name: str) -> str | None:
    """A state in which all who may see any record see this one, and in which it can still change if it is born so;
    none for accounts of ledgers, which nobody makes."""
    machine = definitions.machines[name]
    born = [event.to for event in machine.creating()]
    grants = definitions.access.get(name, {}).values()
    shown = [re.findall(r"\bstate == '(\w+)'", grant.rows.text) for grant in grants if isinstance(grant.rows, Formula)]
    for states in filter(None, shown):
        born = [state for state in born if state in states] or states
    return next((state for state in born if not machine.states[state].final), born[0] if born else None)


def needles(field: Field, value: object, state: str) -> Iterator[str]:
    """Texts by which a value would be recognised; of a masked one its middle."""
    if field.is_table:
        rows = value if isinstance(value, list) else []
        for row in rows:
            for name, cell in field.fields.items():
                yield from needles(cell, row[name], HIDDEN)
    elif isinstance(value, str) and value.startswith("qz"):
        yield value if state == HIDDEN else value[8:16]
    elif isinstance(value, StoredFile):
        yield from (value.name, value.hash)
    elif isinstance(value, tuple) and value and isinstance(value[0], StoredFile):
        yield from (value[0].name, value[0].hash)
    elif isinstance(value, date | Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        yield from {str(value), text_of(value, field.kind)}


def build(force: InForce, node: str) -> Aviary:
    """The world of the canaries."""
    definitions = force.definitions
    store = MemoryStore()
    store.apply([*storages(), *(program.storage for program in force.programs.values())])
    runtime = Runtime(
        force=force,
        node=definitions.nodes[node],
        store=store,
        files=Files(),
        clock=SetClock(NOW),
        ids=CountedIds(),
        passwords=PlainPasswords(),
        pdf=Pdf(),
        qr=Qr(),
        workbook=Sheets(),
        pinyin=Letters(),
        secret=b"test",
    )
    ids = {name: f"{index:032x}" for index, name in enumerate(definitions.documents, 0xABC000)}
    maker = _Maker(definitions.codes, ids)
    values = {name: maker.record(document) for name, document in definitions.documents.items()}
    with store.begin() as unit:
        for name, document in definitions.documents.items():
            state = _stands(definitions, name)
            unit.insert(Record(name, {**_system(ids[name], state), **values[name]}))
            changes = {one: (None, value) for one, value in values[name].items() if not document.fields[one].is_table}
            rows = {one: values[name][one] for one in values[name] if document.fields[one].is_table}
            changes |= {f"{one}.{row['id']}": (None, row) for one, many in rows.items() for row in many}
            changes |= {
                f"{one}.{row['id']}.{cell}": (None, row[cell]) for one, many in rows.items() for row in many
                for cell in document.fields[one].fields
            }  # fmt: skip
            unit.append_history(
                HistoryEntry(name, ids[name], 1, NOW, "engine", "enter", None, state, changes, definitions="x")
            )
    roles = [*{role for system in definitions.systems.values() for role in system.roles}, *TURNS, STRANGER]
    actors = {role: _account(runtime, role, role, ids) for role in sorted(roles)}
    away = {name: f"{int(one, 16) + 0x1000:032x}" for name, one in ids.items()}
    organisation = definitions.documents[_organisations(runtime)]
    with store.begin() as unit:
        empty = {name: [] if field.is_table else None for name, field in organisation.fields.items()}
        state = definitions.machines[organisation.id].creating()[0].to
        unit.insert(Record(organisation.id, {**_system(away[organisation.id], state), **empty}))
    outsiders = {role: _account(runtime, role, f"{role}_away", away) for role in sorted(roles)}
    with store.begin() as unit:
        for name in definitions.documents:
            for approval in definitions.machines[name].approvals.values():
                for actor in actors.values():
                    unit.insert(_task(runtime, name, ids[name], approval.id, approval.steps[0].id, actor.id))
    return Aviary(runtime, ids, values, actors, outsiders)


class _Maker:
    """Makes values that exist once."""

    def __init__(self, codes: Mapping[str, object], ids: Mapping[str, str]) -> None:
        self._codes, self._ids, self._count = codes, ids, 0

    def record(self, document: Document) -> dict[str, object]:
        values = {name: self._value(field) for name, field in document.fields.items()}
        if document.tree:
            values[document.tree] = None  # a root: a tree has no rings
        return values

    def _value(self, field: Field) -> object:
        self._count += 1
        number = self._count
        if field.is_table:
            return [{"id": f"row{number:08d}", **{name: self._value(cell) for name, cell in field.fields.items()}}]
        if field.type.kind is Kind.REF:
            return self._ids[field.type.of] if field.type.of else f"org:{self._ids.get('org', '')}"
        if field.type.kind is Kind.REFS:
            return (self._ids[field.type.of],)
        if field.type.kind in (Kind.CODE, Kind.CODES):
            code = self._codes[field.type.of].entries[0].code
            return code if field.type.kind is Kind.CODE else (code,)
        return _made(field, number)


def _made(field: Field, number: int) -> object:
    file = StoredFile(f"{number:064x}", f"qz-file-{number:05d}.pdf", 10, "application/pdf")
    made = {
        Kind.TEXT: f"qz{number:04d}ab{number:04d}cd{number:04d}efgh{number:04d}",
        Kind.INTEGER: 70_000_000 + number,
        Kind.NUMBER: _fitting(field, Decimal(80_000_000 + number).quantize(Decimal(1).scaleb(-(field.scale or 2)))),
        Kind.BOOLEAN: True,
        Kind.DATE: date(1901, 1, 1) + timedelta(days=7 * number),
        Kind.DATETIME: datetime(1801, 1, 1, 3, 7) + timedelta(days=11 * number),
        Kind.TIME: time(3, 7),
        Kind.DURATION: Duration(months=number),
        Kind.FILE: file,
        Kind.FILES: (file,),
        Kind.JSON: {"note": f"qz-json-{number:06d}"},
    }
    return made[field.type.kind]


def _system(record_id: str, state: str) -> dict[str, object]:
    return {
        "id": record_id, "number": f"NR-{record_id[-4:]}", "state": state, "version": 1, "created_at": NOW,
        "created_by": "engine", "changed_at": NOW, "changed_by": "engine", "deleted": False, "frozen": False,
    }  # fmt: skip


def _organisations(runtime: Runtime) -> str:
    accounts = runtime.node.accounts
    assert accounts is not None
    return runtime.definitions.documents[accounts.document].fields[accounts.org].type.of


def _account(runtime: Runtime, role: str, login: str, ids: Mapping[str, str]) -> Actor:
    accounts = runtime.node.accounts
    assert accounts is not None
    declared = runtime.definitions.documents[accounts.document].fields
    values: dict[str, object] = {name: [] if field.is_table else None for name, field in declared.items()}
    held: object = (role,) if declared[accounts.roles].type.kind is Kind.CODES else role
    values |= {accounts.login: login, accounts.name: f"Account {login}", accounts.roles: held, accounts.enabled: True}
    values |= {name: ids[one.type.of] for name, one in declared.items() if one.type.kind is Kind.REF and one.type.of}
    record = Record(accounts.document, {**_system(runtime.ids.new(), "enabled"), **values})
    with runtime.store.begin() as unit:
        unit.insert(record)
    found = actor_of(runtime, record.id)
    assert found is not None
    return found


def _task(runtime: Runtime, document: str, record_id: str, approval: str, step: str, user: str) -> Record:
    about = {
        "document": document, "record_id": record_id, "approval": approval, "round": 1, "step": step, "assignee": user,
        "role": "", "org": None, "opinion": "", "decided_at": None, "decided_by": None, "due": None, "starter": "x",
        "status": "open",
    }  # fmt: skip
    return Record(TASK, {**_system(runtime.ids.new(), ""), "number": None, "state": None, **about})


def texts(value: object) -> Iterator[str]:
    """Every text and number in a view; definitions that a view carries along are no values."""
    if isinstance(value, Field | Title):
        return
    if is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            if one.name != "formulas":
                yield from texts(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from texts(inner)
    elif value is not None:
        yield str(value)


def _fitting(field: Field, number: Decimal) -> Decimal | None:
    """None where a field is too narrow for a number that nobody else has."""
    return number if number < Decimal(10) ** (field.digits - (field.scale or 0) if field.digits else 34) else None
