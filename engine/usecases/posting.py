"""The verb `post`: which accounts it means, what it adds to them, and where a refusal of it belongs.

In: the action, the event being applied, the scope. Out: moves, gathered by the unit of work. With `of` the accounts,
and without amounts of its own the amounts too, are those of what an earlier event of the same document posted last;
what was taken in this way once is not taken again by the same kind of entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.documents.compute import fitted
from engine.expressions import nodes
from engine.expressions.environment import Env, Row
from engine.expressions.expression import Checked
from engine.ledgers.accounts import Book, Number, WrongKey
from engine.model.actions import Post, Side
from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.formula import Formula, Title
from engine.model.ledgers import EntryKind
from engine.problems import Finding, Refused
from engine.usecases.desk import Values, Working
from engine.usecases.postings import Move, Origin
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Applied, Work

_OPENING = EntryKind("opening", Title(), {}, ())
_MOST = 10_000


def book_of(runtime: Runtime, ledger: str) -> Book:
    """A ledger with the program of its accounts."""
    return Book(runtime.definitions.ledgers[ledger], runtime.force.programs[ledger])


def post(work: Work, applied: Applied, act: Post, env: Env) -> None:
    """Gather what an action posts. Raises Refused for accounts and amounts that are not given."""
    book = book_of(work.runtime, act.ledger)
    posting = _Posting(work, applied, act, env, book, book.ledger.entries[act.entry])
    work.postings.add(posting.moves())


def open_account(work: Work, book: Book, values: Mapping[str, object]) -> None:
    """Gather the entry by which an account has its amounts from the beginning; no event posts it."""
    deltas = {name: value for name in book.ledger.amounts if isinstance(value := values.get(name), Number) and value}
    keys = book.keys(values)
    origin = Origin(None, "", _account_of(work.actor), work.runtime.ids.new(), work.now.date())
    work.postings.add([Move(book, book.account_id(keys), keys, _OPENING, "", deltas, {}, origin)])


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of ledgers as actions go over them."""

    work: Work

    def has(self, source: Formula) -> bool:
        """Whether the rows of a source are accounts."""
        return self._ledger(source) in self.work.runtime.definitions.ledgers

    def fresh(self, source: Formula, rows: Iterable[Row]) -> Mapping[str, Row]:
        """Accounts as they are now, locked until the end, by their ids; of other rows none."""
        if not self.has(source):
            return {}
        ids = [str(row["id"]) for row in rows]
        return self.work.postings.hold(book_of(self.work.runtime, self._ledger(source)), ids)

    def _ledger(self, source: Formula) -> str:
        node = source.linked.node if isinstance(source.linked, Checked) else None
        return node.document if isinstance(node, nodes.Documents) else ""


class _Posting:
    """One action in one scope."""

    def __init__(self, work: Work, applied: Applied, act: Post, env: Env, book: Book, kind: EntryKind) -> None:
        self._work, self._applied, self._act, self._env = work, applied, act, env
        self._book, self._kind = book, kind
        self._at = _place(work, applied.working, act, env)

    def moves(self) -> list[Move]:
        """The moves, without those that would add nothing."""
        if self._act.of:
            return [move for row in self._taken() for move in self._again(row)]
        given = self._given()
        return [
            move
            for side in self._kind.sides
            if (move := self._move(side, *self._account(self._act.sides[side]), given, self._origin(None)))
        ]

    def _move(
        self, side: str, account: str, keys: Values | None, given: Mapping[str, Number], origin: Origin
    ) -> Move | None:
        amounts, env = self._book.ledger.amounts, Env({}, self._env.world, names=given)
        deltas = {name: fitted(amounts[name], made(env)) for name, made in self._kind.sides[side].items()}
        changes = {name: delta for name, delta in deltas.items() if isinstance(delta, Number) and delta}
        if not changes:
            return None
        told = {name: str(value) for name, value in given.items()}
        return Move(self._book, account, keys, self._kind, side, changes, told, origin, self._at, self._act.where)

    def _origin(self, taken_from: str | None) -> Origin:
        applied, work = self._applied, self._work
        if not applied.posting:
            applied.posting = work.runtime.ids.new()
        day = work.day_of(applied.working)
        document, actor = _document(applied), _account_of(applied.actor, work.actor)
        return Origin(document, applied.event.name, actor, applied.posting, day, taken_from)

    def _given(self) -> dict[str, Number]:
        """Amounts by the names that the kind of entry takes."""
        found: dict[str, Number] = {}
        for name in self._kind.parameters:
            given = self._act.amounts.get(name)
            value = given.value(self._env) if given is not None else None
            if not isinstance(value, Number) or isinstance(value, bool):
                title = self._kind.title
                raise self._refused("amount_missing", f"{title.zh}：没有数额", f"{title.worded('en')}: no amount")
            found[name] = value
        return found

    def _account(self, side: Side) -> tuple[str, Values | None]:
        """The id of an account, and its keys where they were given."""
        if side.row is None:
            try:
                keys = self._book.keys({name: given.value(self._env) for name, given in side.keys.items()})
            except WrongKey as wrong:
                raise Refused((Finding("account_missing", wrong.text, self._at, where=self._act.where),)) from None
            return self._book.account_id(keys), keys
        found = side.row(self._env)
        if isinstance(found, Mapping):
            return str(found["id"]), {name: found[name] for name in self._book.ledger.keys}
        return str(found or ""), None

    def _refused(self, code: str, zh: str, en: str) -> Refused:
        return Refused((Finding(code, {"zh": zh, "en": en}, self._at, where=self._act.where),))

    # --- what an event posted ----------------------------------------------------------------------------------

    def _taken(self) -> list[Values]:
        """The entries of the last time that the event posted; none where they were taken already."""
        self._work.postings.write()
        unit, records, document = self._work.unit, self._book.ledger.records, _document(self._applied)
        own = (Compare(("document",), "==", document), Compare(("cause",), "==", self._act.of))
        newest = unit.select(Selection(records, Every(own), (Order("posting", descending=True),), limit=1))
        if not newest:
            return []
        posting = newest[0].values["posting"]
        again: tuple[Criterion, ...] = (own[0], Compare(("taken_from",), "==", posting))
        again = (*again, Compare(("entry",), "==", self._kind.name))
        if not self._act.amounts and unit.count(records, Every(again), 1):
            return []
        where = Every((*own, Compare(("posting",), "==", posting)))
        return [record.values for record in unit.select(Selection(records, where, (Order("id"),), limit=_MOST))]

    def _again(self, entry: Values) -> Iterator[Move]:
        side = str(entry["side"] or "")
        if side not in self._kind.sides:
            return
        stored = entry["given"] if isinstance(entry["given"], Mapping) else {}
        given = self._given() if self._act.amounts else _numbers(self._kind, stored)
        origin = self._origin(str(entry["posting"]))
        keys = {name: entry[name] for name in self._book.ledger.keys}
        move = self._move(side, str(entry["account"]), keys, given, origin)
        if move is not None:
            yield move


def _numbers(kind: EntryKind, stored: Mapping[object, object]) -> dict[str, Number]:
    """Amounts as an entry keeps them; a name that it does not have counts as nothing."""
    return {name: Decimal(str(stored.get(name, 0))) for name in kind.parameters}


def _account_of(*actors: Actor) -> str:
    """Who posts: whoever raised the event, else who began what led to it; nobody where the engine did all of it."""
    return next((actor.id for actor in actors if not actor.special), "")


def _document(applied: Applied) -> str | None:
    """The document of an event as a reference of any type; none for a job that has none at hand."""
    document = applied.working.document.id
    return f"{document}:{applied.working.values['id']}" if document else None


# --- where a refusal belongs -----------------------------------------------------------------------------------------


def _place(work: Work, working: Working, act: Post, env: Env) -> tuple[str, ...]:
    """The field that gives the amount, else one that gives the account; of the document that is being filled alone."""
    givens = [*act.amounts.values(), *(one for side in act.sides.values() for one in side.keys.values())]
    return place_of([one.formula for one in givens if one.formula is not None], env, working) if work.depth <= 1 else ()


def place_of(formulas: Iterable[Formula], env: Env, working: Working) -> tuple[str, ...]:
    """The first field of a document that formulas read, as findings name it; nothing where they read none."""
    for formula in formulas:
        reads: Iterable[tuple[str, ...]] = getattr(formula.linked, "reads", ())
        for base, *steps in sorted(reads):
            found = _field(base, steps, env, working)
            if found:
                return found
    return ()


def _field(base: str, steps: list[str], env: Env, working: Working) -> tuple[str, ...]:
    scope: Env | None = env.up if base == "up" else env
    if not steps or scope is None or base not in ("row", "up", "this", "parent"):
        return ()
    fields = working.document.fields
    if base in ("this", "parent") or scope.row is working.values:
        return (steps[0],) if steps[0] in fields else ()
    for name, field in fields.items():
        rows = working.values.get(name) if field.is_table else None
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if row is scope.row and steps[0] in field.fields:
                return (name, str(index), steps[0])
    return ()
