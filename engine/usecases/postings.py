"""Postings of one transaction: gathered while events run, written together, judged at the end.

In: moves, each a change of one account by one event. Out: accounts and entries stored through the unit; or `Refused`
with what the ledger says, and then the transaction rolls everything back. Accounts are locked in the order of their
ids and only when they are written, at the end of the outermost event or when somebody reads them; what may never hold
is judged there under those locks, on what all events together leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from engine.documents.wording import filled
from engine.ledgers.accounts import Book, Deltas, Values
from engine.model.ledgers import EntryKind
from engine.model.records import Record
from engine.problems import Finding, Refused, Span
from engine.usecases.desk import Desk

_ONE_BY_ONE = 5
"""So many entries are stored one by one: a statement each is less than what many at once take."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The event that posts: `posting` is the same for all that it posts, `taken_from` the posting it was taken from."""

    document: str | None
    event: str
    actor: str
    posting: str
    day: date
    taken_from: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What one posting adds to one account. `keys` are None for an account that is named by its id."""

    book: Book
    account: str
    keys: Values | None
    kind: EntryKind
    side: str
    deltas: Deltas
    given: Mapping[str, object]
    origin: Origin
    at: tuple[str, ...] = ()
    where: Span = field(default_factory=lambda: Span(""))


@dataclass(slots=True)
class _Held:
    """A locked account: as it was when it was last judged, as it is, and the move that touched it last."""

    book: Book
    before: Values
    now: Values
    last: Move | None = None


class Postings:
    """The postings of one unit of work."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: list[Move] = []
        self._held: dict[tuple[str, str], _Held] = {}
        self._unjudged: dict[tuple[str, str], None] = {}

    def add(self, moves: Iterable[Move]) -> None:
        """Gather moves; nothing is locked or stored yet."""
        self._waiting.extend(moves)

    def before_reading(self) -> None:
        """Write what is gathered, so that whoever reads sees it."""
        if self._waiting:
            self.write()

    def hold(self, book: Book, ids: Iterable[str]) -> dict[str, Values]:
        """Accounts as they are now, locked until the end; those that there are not are left out."""
        self._lock(book, dict.fromkeys(ids))
        found = ((account, self._held.get((book.ledger.id, account))) for account in ids)
        return {account: held.now for account, held in found if held is not None}

    def write(self) -> None:
        """Store what is gathered. Raises Refused for numbers beyond their fields and accounts that there are not."""
        waiting, self._waiting = self._waiting, []
        by_book: dict[str, list[Move]] = {}
        for move in waiting:
            by_book.setdefault(move.book.ledger.id, []).append(move)
        for _, moves in sorted(by_book.items()):
            self._write(moves[0].book, moves)

    def finish(self) -> list[tuple[str, Values]]:
        """Store what is gathered, and judge every account that was touched; those accounts, each with its ledger.

        Raises Refused with what is broken."""
        self.write()
        touched, self._unjudged = self._unjudged, {}
        findings = [finding for key in touched for finding in self._judged(self._held[key])]
        if findings:
            raise Refused(findings)
        for key in touched:
            self._held[key].before = self._held[key].now
        return [(ledger, self._held[ledger, account].now) for ledger, account in touched]

    # --- writing -----------------------------------------------------------------------------------------------

    def _write(self, book: Book, moves: Sequence[Move]) -> None:
        self._lock(book, {move.account: move.keys for move in moves})
        self._refuse_missing(moves)
        by_account: dict[str, list[Move]] = {}
        for move in moves:
            by_account.setdefault(move.account, []).append(move)
        changed = [self._changed(book, account, own) for account, own in sorted(by_account.items())]
        self._desk.unit.update_many([Record(book.ledger.id, values) for values in changed])
        entries = [self._entry(move) for move in moves]
        if len(entries) <= _ONE_BY_ONE:
            for entry in entries:
                self._desk.unit.insert(entry)
        else:
            self._desk.unit.insert_many(entries)

    def _refuse_missing(self, moves: Sequence[Move]) -> None:
        """An account that was named by its id alone may not be there."""
        text = {"zh": "没有这个账户", "en": "there is no such account"}
        missing = [move for move in moves if (move.book.ledger.id, move.account) not in self._held]
        if missing:
            raise Refused([Finding("account_missing", text, move.at, where=move.where) for move in missing])

    def _changed(self, book: Book, account: str, moves: Sequence[Move]) -> Values:
        held, last = self._held[book.ledger.id, account], moves[-1]
        world = self._desk.world.as_of(last.origin.day)
        values = book.changed(held.now, (move.deltas for move in moves), world)
        values["version"] = int(str(values["version"])) + 1
        values["changed_at"], values["changed_by"] = self._desk.now, last.origin.actor or self._desk.actor.id
        held.now, held.last = values, last
        self._unjudged[book.ledger.id, account] = None
        self._desk.world.put(book.ledger.id, values)
        return values

    def _entry(self, move: Move) -> Record:
        ledger, origin = move.book.ledger, move.origin
        account = self._held[ledger.id, move.account].now
        told: Values = {
            "at": self._desk.now,
            "entry": move.kind.name,
            "account": move.account,
            "document": origin.document,
            "cause": origin.event,
            "actor": origin.actor or None,
            "posting": origin.posting,
            "side": move.side or None,
            "taken_from": origin.taken_from,
            "given": dict(move.given),
        }
        keys = {name: account[name] for name in ledger.keys}
        return Record(
            ledger.records, {**self._system(origin.actor or self._desk.actor.id), **keys, **move.deltas, **told}
        )

    def _system(self, actor: str) -> Values:
        now = self._desk.now
        return {
            "id": self._desk.runtime.ids.new(),
            "number": None,
            "state": "",
            "version": 1,
            "created_at": now,
            "created_by": actor,
            "changed_at": now,
            "changed_by": actor,
            "deleted": False,
            "frozen": False,
        }

    # --- locks -------------------------------------------------------------------------------------------------

    def _lock(self, book: Book, wanted: Mapping[str, Values | None]) -> None:
        """Lock accounts that are not held yet; those with keys that there are not are opened."""
        ledger = book.ledger.id
        missing = sorted(account for account in wanted if (ledger, account) not in self._held)
        if not missing:
            return
        found = self._desk.unit.fetch_locked(ledger, missing)
        new = [account for account in missing if account not in found and wanted[account] is not None]
        if new:
            self._desk.unit.insert_missing([self._opened(book, account, wanted[account] or {}) for account in new])
            found |= self._desk.unit.fetch_locked(ledger, new)
        for account, record in found.items():
            values = book.whole(record.values)
            self._held[ledger, account] = _Held(book, values, values)
            self._desk.world.put(ledger, values)

    def _opened(self, book: Book, account: str, keys: Values) -> Record:
        values = book.opened(keys, self._desk.world)
        return Record(book.ledger.id, {**self._system(self._desk.actor.id), **values, "id": account})

    # --- judging -----------------------------------------------------------------------------------------------

    def _judged(self, held: _Held) -> list[Finding]:
        last = held.last
        assert last is not None
        world = self._desk.world.as_of(last.origin.day)
        return [
            Finding(held.book.ledger.id, filled(never.message, env), last.at, where=never.condition.where)
            for never, env in held.book.broken(held.before, held.now, world)
        ]
