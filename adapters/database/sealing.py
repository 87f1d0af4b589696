"""Seals over all of history and audit, so that what goes missing is noticed, not only what is altered.

In: the tables of chains. Out: blocks in `guiju_seals`, sentences about what does not fit. A chain alone cannot tell
that its end, or all of it, was removed. So from time to time a block is closed over every entry that was committed
since the block before: its seal covers their seals in order, their number, and the seal of the block before. Where
the store has a cipher the seal is keyed by it, and whoever has the database alone cannot make one. Removing whole
blocks from the end is noticed by the newest seal, kept elsewhere (the anchor).

Entries become final in the order of `seq` only when no writer is at work: PostgreSQL gives numbers before the commit.
So a block is bounded under a lock that waits for writers, for an instant; it is read and sealed after that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from adapters.database.database import Database
from adapters.database.engine import ONE, Statement, Transaction, limited, place
from adapters.database.history import Ledger, seal_of

_KEYED = "k"
_PLAIN = "p"
_LOCK = Statement("LOCK TABLE guiju_history, guiju_audit IN SHARE ROW EXCLUSIVE MODE")
_ALONE = Statement("SELECT pg_advisory_xact_lock(714403)")
_PATIENCE = Statement("SELECT set_config('lock_timeout', '5s', true)")


@dataclass(frozen=True, slots=True)
class Block:
    """A sealed stretch: the last entry of each ledger, how many entries since the block before, the seal."""

    number: int = 0
    history_upto: int = 0
    audit_upto: int = 0
    entries: int = 0
    seal: str = ""


class Sealing:
    """Closes blocks and walks over everything that is sealed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        backend, table = database.backend, database.fixed.seals
        self._columns = [table.c[name] for name in ("block", "history_upto", "audit_upto", "entries", "seal")]
        values = {column.name: place(number, column.type) for number, column in enumerate(self._columns)}
        self._insert = backend.compiled(table.insert().values(values))
        self._blocks = backend.compiled(sa.select(*self._columns).order_by(table.c.block))
        self._last_block = backend.compiled(limited(sa.select(*self._columns).order_by(table.c.block.desc()), ONE))
        self._ledgers = (database.history, database.audit)
        self._newest = [backend.compiled(sa.select(sa.func.max(one.table.c.seq))) for one in self._ledgers]
        self._seals = [backend.compiled(_seals_between(one.table)) for one in self._ledgers]
        self._walks = [backend.compiled(_in_chains(one)) for one in self._ledgers]

    def seal(self) -> str:
        """Close a block over what came since the last one; its seal, or that of the last block where nothing came.

        Raises Stale when writers did not come to an end in time.
        """
        history, audit = self._bounds()
        with self._database.backend.begin(write=True) as transaction:
            if self._database.backend.postgres:
                transaction.row(_ALONE)
            found = transaction.row(self._last_block)
            last = Block(*found) if found else Block()
            history, audit = (
                max(history, last.history_upto),
                max(audit, last.audit_upto),
            )  # another may have sealed more
            if (history, audit) == (last.history_upto, last.audit_upto):
                return last.seal
            block = self._sealed(transaction, last, history, audit, keyed=self._database.protection.has_cipher)
            cells = [block.number, block.history_upto, block.audit_upto, block.entries, block.seal]
            transaction.change(self._insert, cells)
            return block.seal

    def _bounds(self) -> tuple[int, int]:
        with self._database.backend.begin(write=True) as transaction:
            if self._database.backend.postgres:
                transaction.row(_PATIENCE)
                transaction.change(_LOCK)
            history, audit = (self._newest_of(transaction, statement) for statement in self._newest)
            return history, audit

    def _newest_of(self, transaction: Transaction, statement: Statement) -> int:
        found = transaction.row(statement)
        return int(found[0] or 0) if found else 0

    def _sealed(self, transaction: Transaction, last: Block, history: int, audit: int, *, keyed: bool) -> Block:
        """The block that follows `last` up to these entries."""
        digest = sha256(f"{last.number + 1}\n{last.seal}\n".encode())
        entries = 0
        bounds = ((last.history_upto, history), (last.audit_upto, audit))
        for statement, (start, end) in zip(self._seals, bounds, strict=True):
            for seq, seal in transaction.stream(statement, [start, end]):
                digest.update(f"{seq} {seal}\n".encode())
                entries += 1
        digest.update(f"{history} {audit} {entries}".encode())
        text = digest.hexdigest()
        if keyed:
            text = self._database.protection.cipher.blind_index(text, "history")
        return Block(last.number + 1, history, audit, entries, f"{_KEYED if keyed else _PLAIN}:{text}")

    def verify(self, anchor: str) -> Iterator[str]:
        """Sentences for every break; memory does not grow with the tables."""
        with self._database.backend.begin(write=False) as transaction:
            for ledger, walk in zip(self._ledgers, self._walks, strict=True):
                with closing(transaction.stream(walk)) as rows:
                    yield from _broken_chains(ledger, rows)
            yield from self._broken_blocks(transaction, anchor)

    def _broken_blocks(self, transaction: Transaction, anchor: str) -> Iterator[str]:
        last = Block()
        anchored = not anchor
        keyed = False
        for row in transaction.rows(self._blocks):
            block = Block(*row)
            anchored = anchored or block.seal == anchor
            if block.number != last.number + 1:
                yield f"block {last.number + 1} of the seals is missing"
            elif keyed and not block.seal.startswith(_KEYED):
                yield f"block {block.number} of the seals is not keyed as those before it"
            else:
                keyed = block.seal.startswith(_KEYED)
                made = self._sealed(transaction, last, block.history_upto, block.audit_upto, keyed=keyed)
                if made.entries != block.entries:
                    yield f"block {block.number} of the seals has {made.entries} entries, {block.entries} were sealed"
                elif made.seal != block.seal:
                    yield f"block {block.number} of the seals does not fit its entries"
            last = block
        if not anchored:
            yield "the anchor is not among the seals: the end of the seals was removed, or all were made anew"


def _broken_chains(ledger: Ledger, rows: Iterator[Sequence[Any]]) -> Iterator[str]:
    chain, step, previous = "", 0, ""
    for found, number, *cells, seal in rows:
        if found != chain:
            chain, step, previous = found, 0, ""
        if number != step + 1:
            yield f"{ledger.table.name} {chain}: step {step + 1} is missing"
        elif seal_of(previous, chain, number, cells) != seal:
            yield f"{ledger.table.name} {chain}: step {number} was altered"
        step, previous = number, seal


def _seals_between(table: sa.Table) -> sa.Select[Any]:
    seq = table.c.seq
    within = sa.and_(seq > place(0, seq.type), seq <= place(1, seq.type))
    return sa.select(seq, table.c.seal).where(within).order_by(seq)


def _in_chains(ledger: Ledger) -> sa.Select[Any]:
    table = ledger.table
    columns = [table.c[name] for name in ("chain", "step", *ledger.columns, "seal")]
    return sa.select(*columns).order_by(table.c.chain, table.c.step)
