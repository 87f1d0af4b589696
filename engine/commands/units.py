"""`guiju org`: organisations at the console, so that the first account has one."""

from __future__ import annotations

import argparse

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.commands.recording import Unusable, given, record
from engine.console import say
from engine.model.criteria import Order, Selection
from engine.usecases.presenting import label_field
from engine.usecases.runtime import Runtime


def add(verbs: Verbs) -> None:
    """`org list | add`."""
    example = "guiju org add 总部 --set phone=5550301"
    parser = verb(verbs, "org", say("org.help"), example, act)
    parser.add_argument("what", choices=("list", "add"))
    parser.add_argument("name", nargs="?", default="", help=say("org.name"))
    parser.add_argument("--under", default="", metavar="NAME", help=say("org.under"))
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=say("org.set"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    runtime = composition.runtime()
    document = unit_document(runtime)
    if not document:
        fault(say("org.accounts"))
        return 1
    if options.what == "list":
        return _list(runtime, document, options)
    try:
        _add(runtime, document, options)
    except Unusable as wrong:
        for text in wrong.lines:
            fault(text)
        return 1
    line(say("org.added", name=options.name))
    return 0


def unit_document(runtime: Runtime) -> str:
    """The document type of organisations; empty where accounts have none."""
    accounts = runtime.node.accounts
    if accounts is None or not accounts.org:
        return ""
    return runtime.definitions.documents[accounts.document].fields[accounts.org].type.of


def units(runtime: Runtime, document: str, limit: int) -> list[str]:
    """What organisations are called."""
    label = label_field(runtime.definitions.documents[document])
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(document, order=(Order(label),), limit=limit))
    return [str(one.values.get(label) or "") for one in found]


def _add(runtime: Runtime, document: str, options: argparse.Namespace) -> None:
    declared = runtime.definitions.documents[document]
    if not options.name:
        raise Unusable(say("org.wanted"))
    typed = {label_field(declared): options.name, **given(options.set)}
    if options.under:
        if not declared.tree:
            raise Unusable(say("org.tree", document=document))
        typed[declared.tree] = options.under
    record(runtime, document, typed)


def _list(runtime: Runtime, document: str, options: argparse.Namespace) -> int:
    names = units(runtime, document, 1000)
    if options.json:
        as_json(names)
        return 0
    for name in names:
        line(name)
    line(say("org.count", count=len(names)))
    return 0
