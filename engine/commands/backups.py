"""`guiju backup`: copies of this node made, listed, checked, put back; the passphrase that opens them elsewhere."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.node_care import CareRefused, Copy


def add(verbs: Verbs) -> None:
    """`backup make | list | check NAME | restore NAME | passphrase`."""
    parser = verb(verbs, "backup", say("backup.help"), "guiju backup make && guiju backup list", act)
    parser.add_argument("what", choices=tuple(_ACTS), help=say("backup.what"))
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help=say("backup.name"))
    parser.add_argument("--passphrase-stdin", action="store_true", help=say("backup.stdin"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when it is done, 1 when it was refused, 2 for what is missing."""
    if options.what in ("check", "restore") and not options.name:
        fault(say("backup.wants.name"))
        return 2
    try:
        return _ACTS[options.what](composition, options)
    except CareRefused as refused:
        fault(say("care.refused", why=say(f"care.fault.{refused.fault.value}"), about=refused.about).rstrip(" ：:"))
        return 1


def _make(composition: Composition, options: argparse.Namespace) -> int:
    made = composition.backups().make(options.name)
    if options.json:
        as_json(_told(made))
        return 0
    line(say("backup.made", **_told(made)))
    if not made.keys:
        line(say("backup.no_passphrase"))
    return 0


def _list(composition: Composition, options: argparse.Namespace) -> int:
    found = composition.backups().copies()
    if options.json:
        as_json([_told(one) for one in found])
        return 0
    for one in found:
        line(say("backup.row", **_told(one)))
    line(say("backup.count", count=len(found)))
    return 0


def _check(composition: Composition, options: argparse.Namespace) -> int:
    found = composition.backups().check(options.name, _passphrase(options, ask=False))
    if options.json:
        as_json(_told(found))
    else:
        line(say("backup.whole", **_told(found)))
    return 0


def _restore(composition: Composition, options: argparse.Namespace) -> int:
    done = composition.backups().restore(options.name, _passphrase(options, ask=False))
    line(say("backup.restored" if done else "backup.staged", name=options.name))
    return 0


def _choose(composition: Composition, options: argparse.Namespace) -> int:
    try:
        composition.backups().choose_passphrase(_passphrase(options, ask=True))
    except ValueError:
        fault(say("backup.wants.passphrase"))
        return 2
    line(say("backup.chosen"))
    return 0


def _passphrase(options: argparse.Namespace, *, ask: bool) -> str:
    """From standard input where the options say so; asked for where one is wanted and somebody sits there."""
    if options.passphrase_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not (ask and sys.stdin.isatty()):
        return ""
    first = getpass.getpass(say("backup.new"))
    return first if getpass.getpass(say("backup.again")) == first else ""


def _told(one: Copy) -> Mapping[str, object]:
    return {**one.row(), "moment": one.moment.isoformat(" ", "seconds"), "node": one.node}


_ACTS: Mapping[str, Callable[[Composition, argparse.Namespace], int]] = {
    "make": _make,
    "list": _list,
    "check": _check,
    "restore": _restore,
    "passphrase": _choose,
}
