"""Sessions of people at the pages: begun at login, ended at logout, and by every change of the account's password.

They are kept in the store, so that a cookie that was copied opens nothing once its owner has left. In: an actor, or the
id that a signed cookie holds. Out: the actor as the account is now.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from engine.model.records import AuditEntry, Record
from engine.model.system import Accounts
from engine.usecases.accounts import accounts_of, present
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import SESSION
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

LONGEST = timedelta(hours=24)
"""However long somebody goes on working: then they log in again."""


def begin_session(runtime: Runtime, actor: Actor) -> str:
    """A session of an account that has just shown its password; its id is for a signed cookie."""
    accounts = accounts_of(runtime)

    def act(work: Work) -> str:
        stamp = _stamp(accounts, work.unit.fetch(accounts.document, actor.id))
        about = {"owner": actor.id, "stamp": stamp, "expires_at": work.now + LONGEST}
        record = Record(SESSION, {**system_values(work), **about})
        work.unit.insert(record)
        return record.id

    return in_work(runtime, actor, act)


def end_session(runtime: Runtime, session: str) -> None:
    """End a session; one that is unknown or over is left alone."""

    def act(work: Work) -> None:
        record = work.unit.fetch(SESSION, session, lock=True)
        if record is None or record.values["deleted"]:
            return
        version = record.version
        record.values.update(deleted=True, version=version + 1, changed_at=work.now)
        work.unit.update(record, version)
        owner = str(record.values["owner"])
        work.unit.append_audit(AuditEntry(work.now, owner, "log_out", detail={"session": session}))

    in_work(runtime, Actor("", ""), act)


def actor_of_session(runtime: Runtime, session: str, address: str = "") -> Actor | None:
    """Whose session it is; None when it is over, or the account is gone, disabled or has another password by now."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(SESSION, session)
        if record is None or record.values["deleted"]:
            return None
        until = record.values["expires_at"]
        if not isinstance(until, datetime) or until <= runtime.clock.now():
            return None
        accounts = accounts_of(runtime)
        account = unit.fetch(accounts.document, str(record.values["owner"]))
    return present(accounts, account, address) if record.values["stamp"] == _stamp(accounts, account) else None


def _stamp(accounts: Accounts, account: Record | None) -> str:
    """A digest of the password's digest: it changes with the password and says nothing of it."""
    if account is None:
        return ""
    return hashlib.sha256(f"{account.id}\0{account.values[accounts.password] or ''}".encode()).hexdigest()[:32]
