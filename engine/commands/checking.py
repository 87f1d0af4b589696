"""`guiju check`: every problem of a folder of definitions, at once."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.codes.report import render, render_json
from engine.commands.composition import Composition
from engine.commands.output import line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say, spoken
from engine.printing.lint import lint_prints


def add(verbs: Verbs) -> None:
    """`check [FOLDER]`."""
    parser = verb(verbs, "check", say("check.help"), "guiju check --lang en", act)
    parser.add_argument("folder", nargs="?", type=Path, default=None)
    for_programs(parser)
    parser.add_argument("--prints", action="store_true", help=say("check.prints"))
    parser.add_argument("--watch", action="store_true", help=say("check.watch"))


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when there are no errors."""
    code = _once(composition, options)
    if options.watch:
        for _ in composition.changes(options.folder or composition.definitions):
            line()
            code = _once(composition, options)
    return code


def _once(composition: Composition, options: argparse.Namespace) -> int:
    folder = options.folder or composition.definitions
    force, problems, sources = composition.checked(folder)
    if options.prints and force is not None:
        found = tuple(lint_prints(force.definitions, composition.typesetter(folder)))
        force, problems = None if found else force, (*problems, *found)
    prefix = _prefix(folder)
    if options.json:
        sys.stdout.write(render_json(problems, prefix=prefix))
    else:
        sys.stdout.write(render(problems, sources, language=spoken(), prefix=prefix))
    return 0 if force is not None else 1


def _prefix(folder: Path) -> str:
    """How the folder is written from here, so that places can be clicked."""
    try:
        return f"{folder.resolve().relative_to(Path.cwd())}/"
    except ValueError:
        return f"{folder.resolve()}/"
