"""What expressions can reach in one transaction: other records, code lists, parameters, decision tables, queries.

Implements the World of `engine.expressions` over a unit of work. Code rows and parameters are those of `day`, the
document's business date; `today` and `now` are the present.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from engine.documents.calendars import WORK, is_working
from engine.documents.field_kinds import parse
from engine.documents.typed import field_of
from engine.expressions.environment import RowsOf
from engine.model.criteria import Among, Compare, Criterion, Holds, Order, Selection
from engine.model.happenings import DEVICE
from engine.model.system import CodeEntry, CodeList, Parameter
from engine.model.types import Kind
from engine.ports import Unit
from engine.sources.queries import run_query
from engine.usecases.internal import SETTING
from engine.usecases.own_machine import known_of
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

Row = Mapping[str, object]
_MOST_ROWS = 10_000
_AT_A_TIME = 500


class Settling(Protocol):
    """What gathers changes and writes them late, told before anybody reads."""

    def before_reading(self) -> None:
        """Write what was gathered."""
        ...


EVERYWHERE = ""
"""The scope of a setting for the whole office."""


class RecordWorld:
    """The surroundings of one evaluation, as of `day`."""

    def __init__(self, runtime: Runtime, unit: Unit, actor: Actor, now: datetime, day: date | None = None) -> None:
        self.runtime, self.unit, self.actor = runtime, unit, actor
        self.now, self.today = now, now.date()
        self.day = day or now.date()
        self._cache: dict[tuple[str, str], Row | None] = {}
        self._below: dict[tuple[str, str], Collection[str]] = {}
        self._settings: dict[str, list[tuple[str, object]]] = {}
        self._worked_on: set[str] = set()
        self.settling: Settling | None = None
        self.asking: Row | None = None
        self._device: list[Row | None] = []
        if actor.values and runtime.node.accounts is not None:
            self._cache[runtime.node.accounts.document, actor.id] = actor.values

    def as_of(self, day: date) -> RecordWorld:
        """The same surroundings on another business date, sharing what was read."""
        if day == self.day:
            return self
        other = RecordWorld(self.runtime, self.unit, self.actor, self.now, day)
        other._below = self._below
        other._cache, other._settings, other.settling = self._cache, self._settings, self.settling
        other._worked_on, other.asking = self._worked_on, self.asking
        return other

    @property
    def user(self) -> Row | None:
        """The account's record."""
        return self.actor.values or None

    @property
    def org(self) -> Row | None:
        """The record of the actor's organisation."""
        accounts = self.runtime.node.accounts
        if accounts is None or self.actor.org is None:
            return None
        declared = self.runtime.definitions.documents[accounts.document].fields[accounts.org]
        return self.follow(declared.type.of, self.actor.org)

    @property
    def device(self) -> Row | None:
        """This node as it was measured last, every column there: of one without devices its machine as it is now; None
        where nothing measures."""
        if not self._device:  # once: a machine is not asked again for each row
            measured, since = self.runtime.measured, self.runtime.uptime.since
            known = known_of(self.runtime.host) if measured is None else measured()
            told = known if since is None else {**(known or {}), "up_since": since}
            self._device.append(None if told is None else {**dict.fromkeys(DEVICE.fields), **told})
        return self._device[0]

    @property
    def caller(self) -> Row | None:
        """The record of the outside system that asks."""
        return self.asking

    def follow(self, document: str, record_id: str) -> Row | None:
        """A record by reference; `document` empty when the reference itself says it (`document:id`)."""
        if not document:
            document, _, record_id = record_id.partition(":")
        key = (document, record_id)
        if self.settling is not None and document in self.runtime.definitions.ledgers:
            self.settling.before_reading()
        if key not in self._cache:
            record = self.unit.fetch(document, record_id)
            self._cache[key] = None if record is None else record.values
        return self._cache[key]

    def bring(self, document: str, record_ids: Iterable[str]) -> None:
        """Read records that will be followed, many at a time instead of one by one; deleted ones too."""
        wanted = [one for one in dict.fromkeys(record_ids) if (document, one) not in self._cache]
        for begin in range(0, len(wanted), _AT_A_TIME):
            ids = tuple(wanted[begin : begin + _AT_A_TIME])
            found = Selection(document, Among(("id",), ids), limit=len(ids), tables=None, deleted=True)
            self._cache.update(dict.fromkeys((document, one) for one in ids))
            self._cache.update({(document, one.id): one.values for one in self.unit.select(found)})

    def put(self, document: str, values: Row) -> None:
        """Make a record that this transaction works on visible to every expression."""
        self._cache[document, str(values["id"])] = values
        self._below.clear()  # the record may stand elsewhere in its tree now
        if document not in self.runtime.definitions.ledgers:  # accounts are as they are stored whenever they are read
            self._worked_on.add(document)

    def code(self, list_id: str, code: str, column: str) -> object:
        """A column of a code on the business date."""
        entry = entry_of(self.runtime.definitions.codes[list_id], code, self.day)
        return None if entry is None else entry.columns.get(column)

    def has_code(self, list_id: str, code: str) -> bool:
        """Whether a code may be chosen on the business date."""
        return entry_of(self.runtime.definitions.codes[list_id], code, self.day) is not None

    def select(
        self, document: str, where: Criterion, order: Sequence[Order] = (), limit: int | None = None
    ) -> Sequence[Row]:
        """Records of a type; those that this transaction holds are given as they are now."""
        if self.settling is not None:
            self.settling.before_reading()
        wanted = Selection(document, where, tuple(order), limit=limit or _MOST_ROWS, tables=None)
        return [self._cache.get((document, r.id)) or r.values for r in self.unit.select(wanted)]

    def added_up(self, document: str, where: Criterion, field: str) -> int | Decimal | None:
        """A sum or count by the store, unless this transaction works on records of the type."""
        if self.settling is not None:
            self.settling.before_reading()
        if document in self._worked_on:
            return None
        try:
            (found,) = self.unit.tally(document, where, (), (field,) if field else ())
        except ValueError:  # encrypted numbers
            return None
        total = found.sums[0] if field else found.count
        return total if isinstance(total, int | Decimal) else 0

    def rows(self, source: RowsOf) -> Sequence[Row]:
        """Records that refer back to one."""
        if source.kind != "back":
            return ()
        referring, field = self.runtime.force.backs[source.document, source.name]
        kind = self.runtime.definitions.documents[referring].fields[field].type.kind
        path = (field,)
        return self.select(referring, Holds(path, source.id) if kind is Kind.REFS else Compare(path, "==", source.id))

    def history(self, document: str, record_id: str) -> Sequence[Row]:
        """The steps of a record, oldest first."""
        return [
            {"at": e.at, "actor": e.actor, "event": e.event, "from_state": e.from_state, "to_state": e.to_state}
            for e in self.unit.history(document, record_id)
        ]

    def below(self, document: str, ancestor: str) -> Collection[str]:
        """Ids of a record of a tree and of all that stand under it."""
        parent = self.runtime.definitions.documents[document].tree
        if (document, ancestor) in self._below:
            return self._below[document, ancestor]
        found, edge = {ancestor}, [ancestor]
        while edge and parent:
            children = self.select(document, Among((parent,), tuple(edge)))
            edge = [str(row["id"]) for row in children if row["id"] not in found]
            found.update(edge)
        self._below[document, ancestor] = found
        return found

    def working_days_after(self, moment: date, days: int) -> date:
        """The day so many working days later, by the node's calendar; earlier when negative."""
        calendar = self.runtime.definitions.calendars.get(self.runtime.node.calendar, WORK)
        step = timedelta(days=1 if days > 0 else -1)
        left = abs(days)
        while left:
            moment += step
            left -= is_working(calendar, moment)
        return moment

    def parameter(self, name: str) -> object:
        """A parameter on the business date: what the administration set for the actor's unit, else what is declared."""
        declared = self.runtime.definitions.parameters[name]
        if declared.set_by:
            for scope, value in self._set(name):
                if scope in (EVERYWHERE, scope_of(self.actor.org or "")):
                    return parse(value, field_of(name, declared.type))
        return value_of(declared, self.day)

    def _set(self, name: str) -> list[tuple[str, object]]:
        if name not in self._settings:
            from_store = self.unit.select(Selection(SETTING, _named(name), limit=1000))
            found = [(str(r.values["scope"] or ""), r.values["content"]) for r in from_store]
            self._settings[name] = sorted(found, reverse=True)
        return self._settings[name]

    def call(self, name: str, arguments: Mapping[str, object]) -> object:
        """A decision table, or a query with parameters."""
        table = self.runtime.force.tables.get(name)
        if table is not None:
            return table.decide(arguments, self.day, self)
        return run_query(self.runtime.definitions.queries[name], arguments, self)

    def under(self, document: str, record_id: str, ancestor: str) -> bool:
        """Whether a record lies at or beneath another in its type's tree."""
        parent = self.runtime.definitions.documents[document].tree
        seen: set[str] = set()
        current: str | None = record_id
        while current and current not in seen:
            if current == ancestor:
                return True
            seen.add(current)
            row = self.follow(document, current)
            current = str(row[parent]) if row is not None and parent and row.get(parent) else None
        return False

    def new_id(self) -> str:
        """A fresh identifier."""
        return self.runtime.ids.new()


def scope_of(org: str) -> str:
    """Under which scope a setting for one unit is kept."""
    return f"org:{org}"


def _named(name: str) -> Criterion:
    return Compare(("name",), "==", name)


def entry_of(codes: CodeList, code: str, day: date) -> CodeEntry | None:
    """The row of a code that holds on a day."""
    iso = day.isoformat()
    return next((entry for entry in codes.by_code.get(code, ()) if entry.dated.holds_on(iso)), None)


def value_of(parameter: Parameter, day: date) -> object:
    """The declared value on a day; None before the first."""
    if not parameter.dated:
        return parameter.value
    iso = day.isoformat()
    holding = [value for dated, value in parameter.dated if dated.holds_on(iso)]
    return holding[-1] if holding else None
