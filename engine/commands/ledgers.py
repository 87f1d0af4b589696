"""`guiju ledgers`: balances held against their entries, and made anew from them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.usecases.bookkeeping import Difference, rebuild, verify
from engine.usecases.runtime import Runtime


def add(verbs: Verbs) -> None:
    """`ledgers verify|rebuild [NAME …]`."""
    parser = verb(verbs, "ledgers", say("ledgers.help"), "guiju ledgers verify", act)
    parser.add_argument("what", nargs="?", choices=("verify", "rebuild"), default="verify")
    parser.add_argument("names", nargs="*", metavar="NAME", help=say("ledgers.names"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when every balance is the sum of its entries, or was made so."""
    runtime = composition.runtime()
    known = runtime.definitions.ledgers
    strange = [name for name in options.names if name not in known]
    if strange:
        for name in strange:
            fault(say("course.ledger", name=name))
        return 2
    chosen = options.names or list(known)
    return _verify(runtime, chosen, options) if options.what == "verify" else _rebuild(runtime, chosen, options)


def _verify(runtime: Runtime, chosen: Sequence[str], options: argparse.Namespace) -> int:
    found = [one for name in chosen for one in verify(runtime, name)]
    if options.json:
        as_json({"ledgers": list(chosen), "differences": [_plain(one) for one in found]})
        return 1 if found else 0
    for one in found:
        key = "ledgers.difference" if one.account else "ledgers.nobody"
        told = {"ledger": one.ledger, "account": one.account, "amount": one.amount}
        fault(say(key, **told, stored=one.stored, entries=one.entries))
    if not found:
        line(say("ledgers.sound", count=len(chosen)))
    return 1 if found else 0


def _plain(one: Difference) -> dict[str, str]:
    told = {"ledger": one.ledger, "account": one.account, "amount": one.amount}
    return {**told, "stored": str(one.stored), "entries": str(one.entries)}


def _rebuild(runtime: Runtime, chosen: Sequence[str], options: argparse.Namespace) -> int:
    mended = {name: rebuild(runtime, name) for name in chosen}
    if options.json:
        as_json({"mended": mended})
        return 0
    for name, count in mended.items():
        line(say("ledgers.rebuilt", ledger=name, count=count))
    return 0
