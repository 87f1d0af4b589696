"""`guiju watches`: rules over events as they stand, and tried on what has happened."""

from __future__ import annotations

import argparse
from datetime import datetime

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.usecases.runtime import Runtime
from engine.usecases.watch_replay import standings, tried


def add(verbs: Verbs) -> None:
    """`watches [try RULE] [--since DATE]`."""
    parser = verb(verbs, "watches", say("watches.help"), "guiju watches try not_returned", act)
    parser.add_argument("what", nargs="?", choices=("list", "try"), default="list")
    parser.add_argument("rule", nargs="?", metavar="RULE", help=say("watches.rule"))
    parser.add_argument("--since", metavar="DATE", help=say("watches.since"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when the rule is there and could be tried."""
    runtime = composition.runtime()
    if options.what == "list":
        return _list(runtime, options)
    if options.rule not in runtime.definitions.watches:
        fault(say("watches.unknown", name=options.rule or ""))
        return 2
    try:
        since = datetime.fromisoformat(options.since) if options.since else None
    except ValueError:
        fault(say("watches.moment", text=options.since))
        return 2
    return _try(runtime, options, since)


def _list(runtime: Runtime, options: argparse.Namespace) -> int:
    rules, waiting = standings(runtime)
    if options.json:
        told = [{"rule": one.rule.id, "places": one.places, "due": _moment(one.due)} for one in rules]
        as_json({"rules": told, "waiting": waiting})
        return 0
    for one in rules:
        line(say("watches.rule_line", name=one.rule.id, title=one.rule.title.zh, places=one.places))
        if one.due is not None:
            line(say("watches.due", at=_moment(one.due)))
    line(say("watches.waiting", rules=len(rules), count=waiting))
    return 0


def _try(runtime: Runtime, options: argparse.Namespace, since: datetime | None) -> int:
    found = tried(runtime, runtime.definitions.watches[options.rule], since)
    if options.json:
        as_json(
            {"firings": [{"at": _moment(one.at), "events": [list(event) for event in one.events]} for one in found]}
        )
        return 0
    for one in found:
        line(f"{_moment(one.at)}  " + "  ".join(f"{name} {record}" for name, record in one.events))
    line(say("watches.fired", count=len(found)))
    return 0


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else moment.isoformat(sep=" ", timespec="seconds")
