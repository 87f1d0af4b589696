"""Who stands at a kiosk: passwords, cards and fingers that were tried, codes by short message, signing in and out.

In: what a step asks of `account`, with its arguments. Out: an outcome and an answer. Signing in and out belong to the
step's own transaction, all else has one of its own. Every failed try counts towards the lock-out and is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from engine.documents.passwords import strong
from engine.model.flows import DONE, FAILED, INVALID, REFUSED
from engine.model.records import AuditEntry, Record
from engine.problems import Refused
from engine.usecases.accounts import (
    account_by_login,
    accounts_of,
    is_open,
    keep_chosen,
    lock_of,
    locked_until,
    log_in,
    note_try,
    present,
)
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import CODE, LOGIN
from engine.usecases.notices import SITE
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

Row = Mapping[str, object]
Ended = tuple[str, Row]
"""How an order ended, and what it gave."""
SIGN_IN, SIGN_OUT = "account.sign_in", "account.sign_out"
IN_THE_STEP = frozenset({SIGN_IN, SIGN_OUT})
"""What happens within the step's own transaction."""
LOCKED, DISABLED, EXPIRED = "locked", "disabled", "expired"
CODE_HOLDS, CODE_RESTS = timedelta(minutes=5), timedelta(seconds=60)
"""How long a code is good, and how long another one is not sent."""
_TRIES = 5
Text = Callable[[str, str], bool]
"""Sends a short message to a number; whether it left."""


# --- within the step's transaction -----------------------------------------------------------------------------------


def sign_in(work: Work, user_id: str, place: str) -> tuple[str, Actor | None]:
    """Who is there from now on; the outcome says why nobody is."""
    accounts = accounts_of(work.runtime)
    record = work.unit.fetch(accounts.document, user_id) if user_id else None
    actor = present(accounts, record, place)
    if record is None or actor is None:
        return DISABLED, None
    if locked_until(lock_of(work.unit, str(record.values[accounts.login])), work.now) is not None:
        return LOCKED, None
    for login in (str(record.values[accounts.login]), f"@{place}"):
        _forget_tries(work, login)
    _audit(work, actor.id, "log_in", place)
    return DONE, actor


def _forget_tries(work: Work, login: str) -> None:
    held = lock_of(work.unit, login)
    if held is not None and held.values["failures"]:
        version = held.version
        work.unit.update(Record(LOGIN, {**held.values, "failures": 0, "version": version + 1}), version)


def sign_out(work: Work, place: str) -> None:
    """Nobody is there any more."""
    if work.actor.values:
        _audit(work, work.actor.id, "log_out", place)


def signed_in(work: Work, user_id: str, place: str) -> Actor | None:
    """Who was signed in, as the account is now; None where it is gone or disabled."""
    if not user_id or work.runtime.node.accounts is None:
        return None
    accounts = work.runtime.node.accounts
    return present(accounts, work.unit.fetch(accounts.document, user_id), place)


def _audit(work: Work, user_id: str, action: str, place: str) -> None:
    work.unit.append_audit(AuditEntry(work.now, user_id, action, detail={"place": place}, address=place))


# --- in transactions of their own ------------------------------------------------------------------------------------


def check(runtime: Runtime, given: Row, place: str) -> Ended:
    """A password shown, with a login or an account that was chosen; without either it is no try."""
    login = str(given.get("login") or "") or _login_of(runtime, _id(given.get("user")))
    if not login or not given.get("password"):
        return INVALID, {}
    try:
        actor = log_in(runtime, login, str(given.get("password") or ""), place)
    except Refused as refused:
        if any(one.code == LOCKED for one in refused.findings):
            return LOCKED, {}
        return _why(runtime, login), {}
    return DONE, {"user": actor.id}


def _why(runtime: Runtime, login: str) -> str:
    """Whether the account is out of use, or has just been locked by this try."""
    accounts = accounts_of(runtime)
    with runtime.store.begin(write=False) as unit:
        account = account_by_login(unit, accounts, login)
        if locked_until(lock_of(unit, login), runtime.clock.now()) is not None:
            return LOCKED
    return DISABLED if account is not None and not is_open(accounts, account) else REFUSED


def failed(runtime: Runtime, given: Row, place: str) -> Ended:
    """A card or finger that was not accepted counts like a wrong password: for its account, else for the place."""
    login = _login_of(runtime, _id(given.get("user"))) or f"@{place}"
    accounts = accounts_of(runtime)
    with runtime.store.begin(write=False) as unit:
        account = account_by_login(unit, accounts, login)
    try:
        note_try(runtime, login, account, False, place, str(given.get("way") or ""))
    except Refused:
        return LOCKED, {}
    with runtime.store.begin(write=False) as unit:
        locked = locked_until(lock_of(unit, login), runtime.clock.now()) is not None
    return (LOCKED if locked else DONE), {"user": account.id if account is not None else None}


def set_password(runtime: Runtime, given: Row, place: str) -> Ended:
    """The password that somebody chooses who has proven otherwise who they are."""
    accounts, password = accounts_of(runtime), str(given.get("password") or "")
    user_id = _id(given.get("user"))
    if not strong(password) or not user_id:
        return REFUSED, {}
    digest = runtime.passwords.hash(password)

    def act(work: Work) -> None:
        working = work.open(accounts.document, user_id)
        version = int(str(working.values["version"]))
        working.values.update({accounts.password: digest, "version": version + 1, "changed_at": work.now})
        work.unit.update(Record(accounts.document, working.values), version)
        entry = AuditEntry(work.now, user_id, "change_password", accounts.document, user_id, address=place)
        work.unit.append_audit(entry)
        keep_chosen(work, str(working.values[accounts.login]), digest)

    try:
        in_work(runtime, ENGINE, act)
    except Refused:
        return REFUSED, {}
    return DONE, {}


def _login_of(runtime: Runtime, user_id: str) -> str:
    accounts = accounts_of(runtime)
    with runtime.store.begin(write=False) as unit:
        account = unit.fetch(accounts.document, user_id) if user_id else None
    return "" if account is None else str(account.values[accounts.login])


def _id(value: object) -> str:
    """The id behind a reference or a row."""
    found = value.get("id") if isinstance(value, Mapping) else value
    return "" if found is None else str(found)


# --- codes by short message ------------------------------------------------------------------------------------------


def send_code(runtime: Runtime, given: Row, token: str, text: Text | None) -> Ended:
    """A code of six digits, to a number by the node's radio, or to an account by a way of its notices.

    The code is sent once for each `token`. Another one within a minute is not sent: `locked`.
    """
    subject, number = _subject(given), str(given.get("number") or "")
    if not subject:
        return FAILED, {}
    now = runtime.clock.now()
    with runtime.store.begin(write=False) as unit:
        held = unit.fetch(CODE, subject)
    if held is not None and _moment(held.values["sent_at"]) + CODE_RESTS > now and not held.values["used"]:
        return LOCKED, {}
    code = _digits(runtime)
    said = f"验证码{code}，{CODE_HOLDS.seconds // 60}分钟内有效，请勿告知他人。"
    user_id = _id(given.get("user"))
    if number and (text is not None or not user_id):
        if text is None or not text(number, said):
            return FAILED, {}
        said = ""
    in_work(runtime, ENGINE, lambda work: _keep_code(work, subject, code, user_id, said, token))
    return DONE, {}


def check_code(runtime: Runtime, given: Row) -> Ended:
    """A code that was typed: good once, for a few minutes, for a few tries."""
    subject = _subject(given)

    def act(work: Work) -> str:
        held = work.unit.fetch(CODE, subject, lock=True) if subject else None
        if held is None or held.values["used"] or _moment(held.values["expires_at"]) <= work.now:
            return EXPIRED
        fits = held.values["digest"] == _digest(subject, str(given.get("code") or ""))
        tries = int(str(held.values["tries"])) + (not fits)
        over = fits or tries >= _TRIES
        changed = {"tries": tries, "used": over, "version": held.version + 1, "changed_at": work.now}
        work.unit.update(Record(CODE, {**held.values, **changed}), held.version)
        return DONE if fits else LOCKED if over else REFUSED

    return in_work(runtime, ENGINE, act), {"user": _id(given.get("user")) or None}


def _subject(given: Row) -> str:
    """For whom a code is, in a form that says nothing."""
    about = _id(given.get("user")) or str(given.get("number") or "")
    return hashlib.sha256(f"code\0{about}".encode()).hexdigest()[:32] if about else ""


def _digits(runtime: Runtime) -> str:
    drawn = hashlib.sha256(runtime.secret + runtime.ids.new().encode() + runtime.ids.new().encode()).hexdigest()
    return f"{int(drawn, 16) % 1_000_000:06}"


def _digest(subject: str, code: str) -> str:
    return hashlib.sha256(f"{subject}\0{code.strip()}".encode()).hexdigest()


def _keep_code(work: Work, subject: str, code: str, user_id: str, said: str, token: str) -> None:
    held = work.unit.fetch(CODE, subject, lock=True)
    about: dict[str, object] = {
        "digest": _digest(subject, code),
        "sent_at": work.now,
        "expires_at": work.now + CODE_HOLDS,
        "tries": 0,
        "used": False,
    }
    if held is None:
        work.unit.insert(Record(CODE, {**system_values(work), **about, "id": subject}))
    else:
        version = held.version
        work.unit.update(Record(CODE, {**held.values, **about, "version": version + 1}), version)
    if said:
        way = next((one for one in work.runtime.node.ways if one in work.runtime.notifiers), SITE)
        work.effect("notify", f"code:{token}", {"notice": "", "via": way, "to": user_id, "text": said})


def _moment(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value
