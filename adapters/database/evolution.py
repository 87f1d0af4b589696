"""Tables that follow the definitions: planned as sentences, applied in one transaction.

In: storages. Out: what would change, or what was changed. Additions and widenings are taken at once; a change of type
that would lose values, and dropping what is no longer declared, only when asked for. Nobody else may change the
schema meanwhile (an advisory lock, or SQLite's write lock), so several processes may start at the same time. Tables
of document types that are not among the storages are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.database.database import Database
from adapters.database.differences import DocumentDifference, fixed_steps
from adapters.database.engine import Statement, Transaction
from adapters.database.live import live
from adapters.database.steps import Step, Work
from engine.model.storage import Storage

_LOCK = Statement("SELECT pg_advisory_xact_lock(714402), set_config('lock_timeout', '10s', true)")


def plan(database: Database, storages: Sequence[Storage]) -> list[str]:
    """Sentences for everything that is not as the storages want it, what would only be done with `drop` included."""
    with database.backend.begin(write=False) as transaction:
        return [step.sentence for step in _steps(database, transaction, storages) if step.sentence]


def apply(database: Database, storages: Sequence[Storage], *, drop: bool) -> list[str]:
    """Change the schema; returns what was done. Raises ValueError where a document type cannot be worked with unless
    values are dropped, Duplicate where rows break a new uniqueness, Stale when tables stayed locked by others."""
    done: list[str] = []
    later: list[Step] = []
    with database.backend.begin(write=True) as transaction:
        if database.backend.postgres:
            transaction.row(_LOCK)
        for step in fixed_steps(Work(database, transaction), live(transaction, postgres=database.backend.postgres)):
            done += [] if step.beside[0] else _taken(step)  # those come again below
        found = _steps(database, transaction, storages)
        refused = [step.sentence for step in found if step.lossy and step.blocking and not drop]
        if refused:
            raise ValueError("; ".join(refused))
        for step in found:
            if step.beside[0]:
                later.append(step)
            elif drop or not step.lossy:
                done += _taken(step)
    return [*done, *_beside(database, later)]


def _beside(database: Database, later: Sequence[Step]) -> list[str]:
    """Build indexes of large tables one after the other; another process that is at it goes on with it.

    What was interrupted stands as an invalid index: it is dropped and begun anew at the next start.
    """
    if not later:
        return []
    with database.backend.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.exec_driver_sql("SELECT pg_try_advisory_lock(714404)").scalar_one():
            return []
        try:
            for step in later:
                name, statement = step.beside
                connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
                connection.exec_driver_sql(statement)
        finally:
            connection.exec_driver_sql("SELECT pg_advisory_unlock(714404)")
    return [step.sentence for step in later]


def _steps(database: Database, transaction: Transaction, storages: Sequence[Storage]) -> list[Step]:
    work = Work(database, transaction)
    schema = live(transaction, postgres=database.backend.postgres)
    found = list(fixed_steps(work, schema))
    for storage in storages:
        found += DocumentDifference(work, schema, storage).steps()
    return found


def _taken(step: Step) -> list[str]:
    note = step.run()
    if not step.sentence:
        return []
    return [f"{step.sentence}; {note}" if note else step.sentence]
