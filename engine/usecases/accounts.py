"""Who is there: logging in with lock-out, the account behind a session or token, changing passwords."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.documents.field_kinds import is_kept
from engine.documents.passwords import strong
from engine.model.criteria import ALWAYS, Compare, Selection
from engine.model.records import AuditEntry, Record
from engine.model.system import Accounts
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Finding, Refused
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.happenings import tell_in
from engine.usecases.internal import LOGIN, TOKEN
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

FAILED = "security.login_failed"
LONGEST = 200
"""Characters of a login; nobody's is longer."""
_MOST = 10_000
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Dw2eXLy6d7KnFBBwY1c6ZSQ"


def log_in(runtime: Runtime, login: str, password: str, address: str = "") -> Actor:
    """The actor, when login and password fit. Raises Refused(forbidden) else; some failures lock for a while."""
    accounts = accounts_of(runtime)
    if len(login) > LONGEST or not is_kept(login):
        login = ""  # the name of nobody, which costs as much as any other
    with runtime.store.begin(write=False) as unit:
        account = account_by_login(unit, accounts, login) if login else None
        lock = lock_of(unit, login)
    if locked_until(lock, runtime.clock.now()) is not None:
        in_work(runtime, ENGINE, lambda work: _audit(work, account, "log_in_locked", login, address))
    _refuse_locked(lock, runtime.clock.now())
    digest = str(account.values[accounts.password] or "") if account is not None and is_open(accounts, account) else ""
    fits = runtime.passwords.verify(digest or _NOBODY, password) and bool(digest)
    note_try(runtime, login, account, fits, address)
    if account is None or not fits:
        raise _refused("login", "用户名或密码不正确", "wrong user name or password")
    return _actor(accounts, account.values, address)


def locked_until(lock: Record | None, now: datetime) -> datetime | None:
    """Until when a login is locked out; None where it is not."""
    until = lock.values["locked_until"] if lock is not None else None
    return until if isinstance(until, datetime) and until > now else None


def _refuse_locked(lock: Record | None, now: datetime) -> None:
    until = locked_until(lock, now)
    if until is not None:
        raise _refused("locked", f"账号已锁定，请在{until:%H:%M}后再试", f"locked; try again after {until:%H:%M}")


def is_open(accounts: Accounts, account: Record) -> bool:
    """Whether an account may be used."""
    return not account.values["deleted"] and (not accounts.enabled or account.values[accounts.enabled] is True)


def actor_of(runtime: Runtime, user_id: str, address: str = "") -> Actor | None:
    """The account as it is now; None when gone or disabled."""
    accounts = accounts_of(runtime)
    with runtime.store.begin(write=False) as unit:
        return present(accounts, unit.fetch(accounts.document, user_id), address)


def present(accounts: Accounts, record: Record | None, address: str) -> Actor | None:
    """The actor of an account's record; None when it is gone or disabled."""
    return None if record is None or not is_open(accounts, record) else _actor(accounts, record.values, address)


def accounts_of(runtime: Runtime) -> Accounts:
    """Which documents are the accounts of this node. Raises Refused where there are none."""
    if runtime.node.accounts is None:
        raise _refused("accounts", "此节点没有账户", "this node has no accounts")
    return runtime.node.accounts


def account_by_login(unit: Unit, accounts: Accounts, login: str) -> Record | None:
    """The account with this login."""
    found = unit.select(Selection(accounts.document, Compare((accounts.login,), "==", login), limit=1, tables=None))
    return found[0] if found else None


def lock_of(unit: Unit, login: str) -> Record | None:
    """What is known of tries at a login: failures so far, and until when it is locked."""
    found = unit.select(Selection(LOGIN, Compare(("login",), "==", login), limit=1))
    return found[0] if found else None


def _actor(accounts: Accounts, values: Mapping[str, object], address: str) -> Actor:
    roles = values.get(accounts.roles) or ()
    org = values.get(accounts.org) if accounts.org else None
    visible = {name: value for name, value in values.items() if name != accounts.password}
    held = frozenset(roles) if isinstance(roles, tuple) else frozenset({str(roles)})
    return Actor(
        str(values["id"]),
        str(values[accounts.name]),
        held,
        str(org) if org else None,
        {**visible, "roles": held},
        address=address,
    )


def note_try(
    runtime: Runtime, login: str, account: Record | None, fits: bool, address: str, way: str = "password"
) -> None:
    """Count a try; as many failures as the node allows lock the login, and each is told to rules over events.

    Raises Refused where it is locked already."""
    accounts = accounts_of(runtime)

    def act(work: Work) -> None:
        held = lock_of(work.unit, login)
        _refuse_locked(held, work.now)  # by somebody who guessed at the same time
        failures = 0 if fits else int(str(held.values["failures"] if held is not None else 0)) + 1
        until = work.now + timedelta(minutes=accounts.lock_minutes) if failures >= accounts.tries else None
        values: dict[str, object] = {"login": login, "failures": 0 if until else failures, "locked_until": until}
        if held is not None:
            version = held.version
            held.values.update(values, version=version + 1)
            work.unit.update(held, version)
        elif not fits:
            _insert(work, Record(LOGIN, {**system_values(work), **values}))
        _audit(work, account, "log_in" if fits else "log_in_failed", login, address)
        if not fits:
            who = account.id if account is not None else None
            tell_in(work, FAILED, {"account": who, "login": login, "way": way, "place": address})

    in_work(runtime, ENGINE, act)


def _audit(work: Work, account: Record | None, action: str, login: str, address: str) -> None:
    who = account.id if account is not None else ""
    work.unit.append_audit(AuditEntry(work.now, who, action, detail={"login": login}, address=address))


def _insert(work: Work, record: Record) -> None:
    try:
        work.unit.insert(record)
    except Duplicate:  # the first failure of two at once
        raise Stale from None


def change_password(runtime: Runtime, actor: Actor, old: str, new: str) -> None:
    """Set a new password. Raises Refused: wrong old one, or a weak new one."""
    accounts = accounts_of(runtime)
    if not strong(new) or new == old:
        text = "密码至少8位，含大写、小写字母、数字和符号，且不同于旧密码"
        raise _refused(
            "weak",
            text,
            "at least 8 characters with upper and lower case, digit and symbol, and not the old one",
            ("new",),
        )
    _prove(runtime, actor, accounts, old)
    digest = runtime.passwords.hash(new)

    def act(work: Work) -> None:
        working = work.open(accounts.document, actor.id)
        version = int(str(working.values["version"]))
        working.values.update({accounts.password: digest, "version": version + 1, "changed_at": work.now})
        work.unit.update(Record(accounts.document, working.values), version)
        work.unit.append_audit(AuditEntry(work.now, actor.id, "change_password", accounts.document, actor.id))
        keep_chosen(work, str(working.values[accounts.login]), digest)

    in_work(runtime, actor, act)


def must_choose(runtime: Runtime, actor: Actor) -> bool:
    """Whether the account's password was given to it by somebody else, on a node where people have one of their own."""
    accounts = accounts_of(runtime)
    if not accounts.own_password:
        return False
    with runtime.store.begin(write=False) as unit:
        account = unit.fetch(accounts.document, actor.id)
        lock = lock_of(unit, str(actor.values.get(accounts.login)))
    digest = str(account.values[accounts.password] or "") if account is not None else ""
    return lock is None or lock.values["chosen"] != _mark(digest)


def _mark(digest: str) -> str:
    """What is kept of a password that somebody chose: enough to tell it from another, and nothing of it."""
    return hashlib.sha256(digest.encode()).hexdigest()


def keep_chosen(work: Work, login: str, digest: str) -> None:
    """Note that somebody chose this password for the account."""
    held, chosen = lock_of(work.unit, login), _mark(digest)
    if held is None:
        values = {"login": login, "failures": 0, "locked_until": None, "chosen": chosen}
        _insert(work, Record(LOGIN, {**system_values(work), **values}))
        return
    version = held.version
    held.values.update(chosen=chosen, version=version + 1)
    work.unit.update(held, version)


def let_given_stand(runtime: Runtime) -> None:
    """Take the passwords that accounts have now for their own: those of demo data are for everybody to know."""
    accounts = accounts_of(runtime)
    if not accounts.own_password:
        return

    def act(work: Work) -> None:
        for account in work.unit.select(Selection(accounts.document, ALWAYS, limit=_MOST, tables=None)):
            digest = str(account.values[accounts.password] or "")
            if digest:
                keep_chosen(work, str(account.values[accounts.login]), digest)

    in_work(runtime, ENGINE, act)


def _prove(runtime: Runtime, actor: Actor, accounts: Accounts, password: str) -> None:
    """Refuse who does not know the account's password; wrong ones count as failed logins."""
    with runtime.store.begin(write=False) as unit:
        account = unit.fetch(accounts.document, actor.id)
        login = str(account.values[accounts.login]) if account is not None else ""
        _refuse_locked(lock_of(unit, login), runtime.clock.now())
    if account is None or not runtime.passwords.verify(str(account.values[accounts.password] or ""), password):
        note_try(runtime, login, account, False, actor.address)
        raise _refused("old", "旧密码不正确", "the old password is wrong", ("old",))


def set_password(runtime: Runtime, user_id: str, password: str) -> None:
    """Give an account a password, as an administrator at the console."""
    accounts, digest = accounts_of(runtime), runtime.passwords.hash(password)

    def act(work: Work) -> None:
        working = work.open(accounts.document, user_id)
        version = int(str(working.values["version"]))
        working.values.update({accounts.password: digest, "version": version + 1, "changed_at": work.now})
        work.unit.update(Record(accounts.document, working.values), version)

    in_work(runtime, ENGINE, act)


# --- tokens --------------------------------------------------------------------------------------------------------


def issue_token(runtime: Runtime, actor: Actor, title: str, days: int) -> str:
    """A bearer token for the REST doors; shown once, only its digest is kept."""
    token = f"gj_{runtime.ids.new()}{hashlib.sha256(runtime.secret + runtime.ids.new().encode()).hexdigest()[:32]}"

    def act(work: Work) -> None:
        expires = work.now + timedelta(days=days)
        values = {"owner": actor.id, "title": title, "digest": _digest(token), "expires_at": expires, "revoked": False}
        work.unit.insert(Record(TOKEN, {**system_values(work), **values}))
        work.unit.append_audit(AuditEntry(work.now, actor.id, "issue_token", detail={"title": title}))

    in_work(runtime, actor, act)
    return token


def actor_of_token(runtime: Runtime, token: str, address: str = "") -> Actor | None:
    """Whose token it is; None when unknown, revoked or past."""
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(TOKEN, Compare(("digest",), "==", _digest(token)), limit=1))
        if not found:
            return None
        values = found[0].values
        expires = values["expires_at"]
        if values["revoked"] or not isinstance(expires, datetime) or expires < runtime.clock.now():
            return None
        accounts = accounts_of(runtime)
        return present(accounts, unit.fetch(accounts.document, str(values["owner"])), address)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refused(code: str, zh: str, en: str, at: tuple[str, ...] = ()) -> Refused:
    return Refused(
        (Finding(code, {"zh": zh, "en": en}, at),), kind="forbidden" if code in ("login", "locked") else "findings"
    )
