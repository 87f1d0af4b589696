"""`guiju user`: accounts at the console."""

from __future__ import annotations

import argparse
import getpass
import sys

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line, meant
from engine.commands.parsers import Verbs, for_programs, verb
from engine.commands.recording import Unusable, create, given, together, values
from engine.commands.units import unit_document, units
from engine.console import say
from engine.documents.passwords import strong
from engine.model.criteria import Compare, Order, Selection
from engine.model.system import Accounts
from engine.usecases.accounts import actor_of, issue_token, set_password
from engine.usecases.runtime import Runtime


def add(verbs: Verbs) -> None:
    """`user list | add | password | token`."""
    example = "guiju user add admin --name 张三 --roles admin --org 总部"
    parser = verb(verbs, "user", say("user.help"), example, act)
    parser.add_argument("what", choices=("list", "add", "password", "token"))
    parser.add_argument("login", nargs="?", default="")
    parser.add_argument("--name", default="", help=say("user.name"))
    parser.add_argument("--roles", default="", help=say("user.roles"))
    parser.add_argument("--org", default="", metavar="NAME", help=say("user.org"))
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=say("user.set"))
    parser.add_argument("--password-stdin", action="store_true", help=say("user.stdin"))
    parser.add_argument("--days", type=int, default=30, help=say("user.days"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    runtime = composition.runtime()
    accounts = runtime.node.accounts
    if accounts is None:
        fault(say("user.none"))
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
        raise Unusable(say("user.no_password", how=_how(options.login)))
    set_password(runtime, user_id, password)
    line(say("user.set_done", login=options.login))
    return 0


def _token(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> int:
    found = actor_of(runtime, _id_of(runtime, accounts, options.login))
    if found is None:
        raise Unusable(say("user.disabled", login=options.login))
    line(issue_token(runtime, found, "console", options.days))
    return 0


def _typed(options: argparse.Namespace) -> str:
    """The password: asked for at a terminal, read where `--password-stdin` says so, else empty. Raises Unusable."""
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    elif sys.stdin.isatty():
        password = getpass.getpass(say("user.new"))
        if password and getpass.getpass(say("user.again")) != password:
            raise Unusable(say("user.differ"))
    else:
        return ""
    if not strong(password):
        raise Unusable(say("user.weak"))
    return password


def _how(login: str) -> str:
    return say("user.how", login=login)


def _id_of(runtime: Runtime, accounts: Accounts, login: str) -> str:
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(accounts.document, Compare((accounts.login,), "==", login), limit=1))
        if found:
            return found[0].id
        every = [str(one.values[accounts.login]) for one in unit.select(Selection(accounts.document, limit=1000))]
    raise Unusable(say("user.unknown", login=login, near=meant(login, every)))


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
    line(say("user.count", count=len(rows)))
    return 0


def _add(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> int:
    raw: dict[str, str] = {}
    password = ""

    def take_values() -> None:
        typed = {accounts.login: options.login, accounts.name: options.name or options.login, **given(options.set)}
        if accounts.org and accounts.org not in typed:
            typed[accounts.org] = options.org or _only_unit(runtime)
        raw.update(values(runtime, accounts.document, typed))

    def take_roles() -> None:
        raw[accounts.roles] = _roles(runtime, accounts, options)

    def take_password() -> None:
        nonlocal password
        password = _typed(options)

    together(take_roles, take_values, take_password)
    record_id = create(runtime, accounts.document, raw)
    if password:
        set_password(runtime, record_id, password)
        line(say("user.added", login=options.login))
    else:
        line(say("user.added_bare", login=options.login, how=_how(options.login)))
    return 0


def _roles(runtime: Runtime, accounts: Accounts, options: argparse.Namespace) -> str:
    """The roles as given, each of them one that accounts may hold. Raises Unusable."""
    field = runtime.definitions.documents[accounts.document].fields[accounts.roles]
    codes = runtime.definitions.codes.get(field.type.of)
    declared = {name for system in runtime.definitions.systems.values() for name in system.roles}
    known = list(dict.fromkeys(entry.code for entry in codes.entries)) if codes is not None else sorted(declared)
    wanted = [name.strip() for name in options.roles.split(",") if name.strip()]
    if not wanted:
        raise Unusable(say("user.which_roles", known=", ".join(known)))
    wrong = [say("user.no_role", name=name, near=meant(name, known)) for name in wanted if name not in known]
    if wrong:
        raise Unusable(*wrong, say("user.there_are", known=", ".join(known)))
    return ",".join(wanted)


def _only_unit(runtime: Runtime) -> str:
    """The organisation, where there is one only. Raises Unusable."""
    names = units(runtime, unit_document(runtime), 10)
    if not names:
        raise Unusable(say("user.no_org"))
    if len(names) > 1:
        raise Unusable(say("user.which_org", known=", ".join(names)))
    return names[0]


_VERBS = {"list": _list, "add": _add, "password": _password_of, "token": _token}
