"""`guiju user`: accounts at the console."""

from __future__ import annotations

import argparse
import getpass
import sys

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, verb
from engine.commands.recording import Unusable, given, record
from engine.commands.units import unit_document, units
from engine.documents.passwords import strong
from engine.loading.nearest import nearest
from engine.model.criteria import Compare, Order, Selection
from engine.model.system import Accounts
from engine.usecases.accounts import actor_of, issue_token, set_password
from engine.usecases.runtime import Runtime

_WEAK = "the password is too weak: at least 8 characters with upper and lower case, digit and symbol"


def add(verbs: Verbs) -> None:
    """`user list | add | password | token`."""
    example = "guiju user add admin --name 张三 --roles admin --org 总部"
    parser = verb(verbs, "user", "Accounts: list, add, set a password, issue a token.", example, act)
    parser.add_argument("what", choices=("list", "add", "password", "token"))
    parser.add_argument("login", nargs="?", default="")
    parser.add_argument("--name", default="", help="name of a new account")
    parser.add_argument("--roles", default="", help="roles of a new account, separated by commas")
    parser.add_argument(
        "--org", default="", metavar="NAME", help="its organisation; not needed where there is one only"
    )
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="further fields: org=总部")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    parser.add_argument("--days", type=int, default=30, help="how long a token is good")
    parser.add_argument("--json", action="store_true", help="print JSON")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    runtime = composition.runtime()
    accounts = runtime.node.accounts
    if accounts is None:
        fault("this node has no accounts: name them in its node file")
        return 1
    try:
        return _VERBS[options.what](runtime, accounts, options)
    except Unusable as wrong:
        for text in wrong.lines:
            fault(text)
        return 1


def _password_of(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> int:
    user_id = _id_of(runtime, accounts, options.login)
    password = _typed(options)
    if not password:
        raise Unusable(f"no password given: {_how(options.login)}")
    set_password(runtime, user_id, password)
    line(f"password of {options.login} set")
    return 0


def _token(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> int:
    found = actor_of(runtime, _id_of(runtime, accounts, options.login))
    if found is None:
        raise Unusable(f"{options.login!r} is disabled")
    line(issue_token(runtime, found, "console", options.days))
    return 0


def _typed(options: argparse.Namespace) -> str:
    """The password: asked for at a terminal, read where `--password-stdin` says so, else empty. Raises Unusable."""
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = getpass.getpass("New password: ")
        if password and getpass.getpass("Once more: ") != password:
            raise Unusable("the two passwords differ")
    else:
        return ""
    if not strong(password):
        raise Unusable(_WEAK)
    return password


def _how(login: str) -> str:
    return f"run `guiju user password {login}` at a terminal, or give it on standard input with --password-stdin"


def _id_of(runtime: Runtime, accounts: Accounts, login: str) -> str:
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(accounts.document, Compare((accounts.login,), "==", login), limit=1))
        if found:
            return found[0].id
        every = [str(one.values[accounts.login]) for one in unit.select(Selection(accounts.document, limit=1000))]
    near = nearest(login, every)
    raise Unusable(f"no account {login!r}{f'; did you mean {near}?' if near else ''}")


def _list(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> int:
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(accounts.document, order=(Order(accounts.login),), limit=1000))
    names = (accounts.login, accounts.name, accounts.roles)
    rows = [{name: record.values.get(name) for name in names} for record in found]
    if options.json:
        as_json(rows)
        return 0
    for row in rows:
        line("\t".join(",".join(value) if isinstance(value, tuple) else str(value or "") for value in row.values()))
    line(f"{len(rows)} account(s)")
    return 0


def _add(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> int:
    typed = {accounts.login: options.login, accounts.name: options.name or options.login, **given(options.set)}
    typed[accounts.roles] = _roles(runtime, accounts, options)
    if accounts.org and accounts.org not in typed:
        typed[accounts.org] = options.org or _only_unit(runtime)
    password = _typed(options)
    record_id = record(runtime, accounts.document, typed)
    if password:
        set_password(runtime, record_id, password)
        line(f"account {options.login} added")
    else:
        line(f"account {options.login} added without a password, so nobody can log in with it: {_how(options.login)}")
    return 0


def _roles(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> str:
    """The roles as given, each of them one that accounts may hold. Raises Unusable."""
    field = runtime.definitions.documents[accounts.document].fields[accounts.roles]
    codes = runtime.definitions.codes.get(field.type.of)
    declared = {name for system in runtime.definitions.systems.values() for name in system.roles}
    known = list(dict.fromkeys(entry.code for entry in codes.entries)) if codes is not None else sorted(declared)
    wanted = [name.strip() for name in options.roles.split(",") if name.strip()]
    if not wanted:
        raise Unusable(f"which roles? --roles with one or more of: {', '.join(known)}")
    wrong = [(name, nearest(name, known)) for name in wanted if name not in known]
    if wrong:
        said = [f"no role {name!r}{f'; did you mean {near}?' if near else ''}" for name, near in wrong]
        raise Unusable(*said, f"there are: {', '.join(known)}")
    return ",".join(wanted)


def _only_unit(runtime: Runtime) -> str:
    """The organisation, where there is one only. Raises Unusable."""
    names = units(runtime, unit_document(runtime), 10)
    if not names:
        raise Unusable("there is no organisation yet: begin with `guiju org add NAME`")
    if len(names) > 1:
        raise Unusable(f"which organisation? --org with one of: {', '.join(names)}")
    return names[0]


_VERBS = {"list": _list, "add": _add, "password": _password_of, "token": _token}
