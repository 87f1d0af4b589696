"""`guiju user`: accounts at the console."""

from __future__ import annotations

import argparse
import getpass
import sys

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, verb
from engine.documents.passwords import strong
from engine.model.criteria import Compare, Order, Selection
from engine.problems import Refused
from engine.usecases.accounts import actor_of, issue_token, set_password
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.presenting import label_field
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work


def add(verbs: Verbs) -> None:
    """`user list | add | password | token`."""
    parser = verb(
        verbs, "user", "Accounts: list, add, set a password, issue a token.", "guiju user password admin", act
    )
    parser.add_argument("what", choices=("list", "add", "password", "token"))
    parser.add_argument("login", nargs="?", default="")
    parser.add_argument("--name", default="", help="name of a new account")
    parser.add_argument("--roles", default="", help="roles of a new account, separated by commas")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="further fields: org=总部")
    parser.add_argument("--days", type=int, default=30, help="how long a token is good")
    parser.add_argument("--json", action="store_true", help="print JSON")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    runtime = composition.runtime()
    accounts = runtime.node.accounts
    if accounts is None:
        fault("this node has no accounts: name them in its node file")
        return 1
    if options.what == "list":
        return _list(runtime, options)
    if options.what == "add":
        return _new(runtime, options)
    user_id = _id_of(runtime, options.login)
    if user_id is None:
        fault(f"no account {options.login!r}")
        return 1
    if options.what == "token":
        found = actor_of(runtime, user_id)
        if found is None:
            fault(f"{options.login!r} is disabled")
            return 1
        line(issue_token(runtime, found, "console", options.days))
        return 0
    password = _password()
    if not strong(password):
        fault("at least 8 characters with upper and lower case, digit and symbol")
        return 1
    set_password(runtime, user_id, password)
    line(f"password of {options.login} set")
    return 0


def _password() -> str:
    return getpass.getpass("New password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _id_of(runtime: Runtime, login: str) -> str | None:
    accounts = runtime.node.accounts
    assert accounts is not None
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(accounts.document, Compare((accounts.login,), "==", login), limit=1))
    return found[0].id if found else None


def _list(runtime: Runtime, options: argparse.Namespace) -> int:
    accounts = runtime.node.accounts
    assert accounts is not None
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


def _new(runtime: Runtime, options: argparse.Namespace) -> int:
    accounts = runtime.node.accounts
    assert accounts is not None
    raw = {accounts.login: options.login, accounts.name: options.name or options.login, accounts.roles: options.roles}
    for given in options.set:
        name, _, value = given.partition("=")
        raw[name] = _reference(runtime, accounts.document, name, value)
    event = runtime.definitions.machines[accounts.document].creating()[0].name

    def act(work: Work) -> object:
        return work.apply(work.blank(accounts.document), event, ENGINE, Inputs(raw)).values["id"]

    try:
        record_id = in_work(runtime, ENGINE, act)
    except Refused as refused:
        for finding in refused.findings:
            fault(f"{'.'.join(finding.at)}: {finding.text['en']}")
        return 1
    set_password(runtime, str(record_id), _password())
    line(f"account {options.login} added")
    return 0


def _reference(runtime: Runtime, document: str, name: str, value: str) -> str:
    """The value itself; for a field that refers, the id of the record that is called so."""
    field = runtime.definitions.documents[document].fields.get(name)
    if field is None or field.kind != "ref" or not field.type.of:
        return value
    label = label_field(runtime.definitions.documents[field.type.of])
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(field.type.of, Compare((label,), "==", value), limit=1))
    return found[0].id if found else value
