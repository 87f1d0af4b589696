"""Ledgers looked after: balances held against their entries, kept at the end of each period, made anew from entries.

In: a ledger. Out: differences, closed balances, mended accounts. Reading goes over accounts a page at a time, within
one view of the store; mending and closing lock what they work on, a page a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from hashlib import sha256

from engine.ledgers.accounts import Book, Values
from engine.ledgers.periods import began
from engine.model.criteria import ALWAYS, Among, Compare, Criterion, Every, Order, Selection
from engine.model.records import AuditEntry, Record
from engine.ports import Unit
from engine.problems import DeliveryError, Incident
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.posting import book_of
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

_PAGE = 1_000
_MOST = 100_000_000
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose amount is not what its entries come to; without an account, entries that belong to none."""

    ledger: str
    account: str
    amount: str
    stored: Decimal
    entries: Decimal


def verify(runtime: Runtime, ledger: str, *, everything: bool = True) -> Iterator[Difference]:
    """Every amount that is not the sum of its entries; unless `everything`, of those since the last closing."""
    book = book_of(runtime, ledger)
    names = tuple(book.ledger.amounts)
    with runtime.store.begin(write=False) as unit:
        last = None if everything else _last(unit, book)
        totals = dict.fromkeys(names, Decimal(0))
        for page in _pages(unit, book):
            sums = _sums(unit, book, [account.id for account in page], last)
            for account in page:
                for name in names:
                    found, stored = sums[account.id][name], _number(account.values[name])
                    totals[name] += found
                    if found != stored:
                        yield Difference(ledger, account.id, name, stored, found)
        if everything:
            yield from _nobodys(unit, book, totals)


def rebuild(runtime: Runtime, ledger: str) -> int:
    """Make every account what its entries say; how many were mended. What was done stands in the audit."""
    book = book_of(runtime, ledger)
    ids = _all(runtime, book)
    mended = 0
    for start in range(0, len(ids), _PAGE):
        mended += in_work(runtime, ENGINE, partial(_rebuilt, book, ids[start : start + _PAGE]))
    return mended


def close(runtime: Runtime, ledger: str) -> int:
    """Keep what each account was at the end of the last period, unless that is done; how many accounts were closed."""
    book = book_of(runtime, ledger)
    if not book.ledger.closing:
        return 0
    first = began(book.ledger.closing, runtime.clock.now().date())
    until = first - timedelta(days=1)
    with runtime.store.begin(write=False) as unit:
        before = Compare(("created_at",), "<", datetime.combine(first, time()))
        there = unit.count(book.ledger.id, before, _MOST)
        done = unit.count(book.ledger.closed, Compare(("until",), "==", until), _MOST)
        if done >= there:
            return 0
        ids = [account.id for page in _pages(unit, book, before) for account in page]
    pages = (ids[start : start + _PAGE] for start in range(0, len(ids), _PAGE))
    return sum(in_work(runtime, ENGINE, partial(_closed, book, first, page)) for page in pages)


def look_after(runtime: Runtime) -> None:
    """What is done every night: balances are checked, derived amounts computed anew, periods closed.

    Raises DeliveryError when a ledger is not what its entries say, after all of them had their turn.
    """
    wrong: list[Difference] = []
    for ledger in runtime.definitions.ledgers:
        close(runtime, ledger)
        wrong += verify(runtime, ledger, everything=False)
        renew(runtime, ledger)
    if wrong:
        told = "; ".join(f"{d.ledger} {d.account} {d.amount}: {d.stored} != {d.entries}" for d in wrong[:_SHOWN])
        raise DeliveryError(
            Incident("ledgers", f"{len(wrong)} balances are not the sum of their entries: {told}", retry=False)
        )


def renew(runtime: Runtime, ledger: str) -> int:
    """Compute anew what is derived, which may depend on parameters and on the day, and fill in amounts that the ledger
    got later; how many accounts were changed."""
    book = book_of(runtime, ledger)
    ids = _all(runtime, book)
    return sum(
        in_work(runtime, ENGINE, partial(_renewed, book, ids[start : start + _PAGE]))
        for start in range(0, len(ids), _PAGE)
    )


# --- reading ---------------------------------------------------------------------------------------------------------


def _all(runtime: Runtime, book: Book) -> list[str]:
    with runtime.store.begin(write=False) as unit:
        return [account.id for page in _pages(unit, book) for account in page]


def _pages(unit: Unit, book: Book, where: Criterion = ALWAYS) -> Iterator[list[Record]]:
    after: tuple[object, ...] | None = None
    while True:
        page = unit.select(Selection(book.ledger.id, where, (Order("id"),), after=after, limit=_PAGE))
        if page:
            yield page
        if len(page) < _PAGE:
            return
        after = (page[-1].id, page[-1].id)


def _last(unit: Unit, book: Book, before: Criterion = ALWAYS) -> date | None:
    """The last day of the last period that was closed."""
    if not book.ledger.closed:
        return None
    found = unit.select(Selection(book.ledger.closed, before, (Order("until", descending=True),), limit=1))
    until = found[0].values["until"] if found else None
    return until if isinstance(until, date) else None


def _sums(
    unit: Unit, book: Book, ids: Sequence[str], last: date | None = None, before: datetime | None = None
) -> dict[str, dict[str, Decimal]]:
    """What entries come to, by account and amount: all, or what was closed last and those since then."""
    ledger, names = book.ledger, tuple(book.ledger.amounts)
    among = Among(("account",), tuple(ids))
    found = {account: dict.fromkeys(names, Decimal(0)) for account in ids}
    where: tuple[Criterion, ...] = (among,)
    if before is not None:
        where = (*where, Compare(("at",), "<", before))
    if last is not None:
        where = (*where, Compare(("at",), ">=", datetime.combine(last + timedelta(days=1), time())))
        closed = Every((among, Compare(("until",), "==", last)))
        for record in unit.select(Selection(ledger.closed, closed, limit=len(ids))):
            found[str(record.values["account"])] = {name: _number(record.values[name]) for name in names}
    for tally in unit.tally(ledger.records, Every(where), (("account",),), names):
        own = found[str(tally.keys[0])]
        for name, total in zip(names, tally.sums, strict=True):
            own[name] += _number(total)
    return found


def _nobodys(unit: Unit, book: Book, totals: Mapping[str, Decimal]) -> Iterator[Difference]:
    """Entries whose account is not there."""
    (tally,) = unit.tally(book.ledger.records, ALWAYS, (), tuple(totals))
    for (name, total), entries in zip(totals.items(), tally.sums, strict=True):
        if _number(entries) != total:
            yield Difference(book.ledger.id, "", name, total, _number(entries))


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else Decimal(0)


# --- writing ---------------------------------------------------------------------------------------------------------


def _rebuilt(book: Book, ids: Sequence[str], work: Work) -> int:
    accounts = work.unit.fetch_locked(book.ledger.id, ids)
    sums = _sums(work.unit, book, list(accounts))
    wrong = {
        account: record
        for account, record in accounts.items()
        if any(_number(record.values[name]) != total for name, total in sums[account].items())
    }
    changed = []
    for account, record in wrong.items():
        nothing = {**record.values, **dict.fromkeys(book.ledger.amounts)}
        changed.append(book.changed(nothing, [sums[account]], work.world))
        names = [name for name, total in sums[account].items() if _number(record.values[name]) != total]
        note = AuditEntry(work.now, work.actor.id, "ledger_rebuilt", book.ledger.id, account, {"amounts": names})
        work.unit.append_audit(note)
    _store(work, book, changed)
    return len(changed)


def _renewed(book: Book, ids: Sequence[str], work: Work) -> int:
    accounts = work.unit.fetch_locked(book.ledger.id, ids)
    before = [(record.values, book.derived(book.whole(record.values), work.world)) for record in accounts.values()]
    changed = [now for was, now in before if was != now]
    _store(work, book, changed)
    return len(changed)


def _store(work: Work, book: Book, changed: Sequence[Values]) -> None:
    for values in changed:
        values["version"] = int(str(values["version"])) + 1
        values["changed_at"], values["changed_by"] = work.now, work.actor.id
    work.unit.update_many([Record(book.ledger.id, values) for values in changed])


def _closed(book: Book, first: date, ids: Sequence[str], work: Work) -> int:
    """Under the locks of the accounts, so that no entry of the period is still on its way."""
    ledger, until = book.ledger, first - timedelta(days=1)
    accounts = work.unit.fetch_locked(ledger.id, ids)
    last = _last(work.unit, book, Compare(("until",), "<", until))
    sums = _sums(work.unit, book, list(accounts), last, datetime.combine(first, time()))
    records = []
    for account, record in accounts.items():
        keys = {name: record.values[name] for name in ledger.keys}
        own_id = sha256(f"{ledger.id}\0{account}\0{until.isoformat()}".encode()).hexdigest()[:32]
        values = {**system_values(work), "id": own_id, "state": "", "until": until, "account": account}
        amounts = {name: _fitted(book, name, total) for name, total in sums[account].items()}
        records.append(Record(ledger.closed, {**values, **keys, **amounts}))
    work.unit.insert_missing(records)
    return len(records)


def _fitted(book: Book, name: str, total: Decimal) -> object:
    return int(total) if book.ledger.amounts[name].kind == "integer" else total
