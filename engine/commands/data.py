"""`guiju db`: the form of the database, and the proof that history is whole."""

from __future__ import annotations

import argparse

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.problems import DefinitionError
from engine.usecases.internal import storages


def add(verbs: Verbs) -> None:
    """`db plan | apply | verify`."""
    parser = verb(verbs, "db", say("db.help"), "guiju db plan && guiju db apply", act)
    parser.add_argument("what", choices=("plan", "apply", "verify"))
    parser.add_argument("--drop", action="store_true", help=say("db.drop"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb. `plan` returns 0 whether or not there is something to do; `verify` returns 1 for a break."""
    if options.what == "verify":
        return _verify(composition, options)
    force, problems, _ = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    wanted = [*storages(), *(program.storage for program in force.programs.values())]
    store = composition.store()
    done = store.plan(wanted) if options.what == "plan" else store.apply(wanted, drop=options.drop)
    if options.json:
        as_json(list(done))
        return 0
    for sentence in done:
        line(sentence)
    line(say(f"db.{options.what}", count=len(done)))
    return 0


def _verify(composition: Composition, options: argparse.Namespace) -> int:
    breaks = list(composition.runtime().store.verify_history())
    if options.json:
        as_json(breaks)
    else:
        for sentence in breaks:
            fault(sentence)
        line(say("db.breaks", count=len(breaks)) if breaks else say("db.whole"))
    return 1 if breaks else 0
