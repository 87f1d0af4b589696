"""The command's entry: one parser a verb; the verb's function gets the composition and its options."""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Mapping, Sequence
from importlib import import_module

from engine.codes.report import render
from engine.commands.composition import Composition
from engine.commands.output import fault
from engine.commands.parsers import Parser, speaks
from engine.console import chosen, say, speak, spoken
from engine.problems import DefinitionError

_MODULES = {
    "check": "checking", "test": "scenarios", "run": "running", "work": "running", "new": "making",
    "explain": "explaining", "graph": "drawing", "docs": "manual", "bench": "benches", "org": "units",
    "user": "accounts", "db": "data", "outbox": "outbox", "tables": "tables", "messages": "messages",
    "crypto": "crypto", "as2": "partners", "ledgers": "ledgers", "licence": "licence", "backup": "backups",
    "package": "packages", "service": "service", "devices": "devices", "watches": "watches",
}  # fmt: skip
"""Where each verb stands: only the one that is asked for is loaded, what others need costs it nothing."""
_SEEN_TO = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR, errno.EEXIST})
"""What an operator sees to: folders and files that are not there, not his, or on a full disk."""


def build_parser(asked: str = "") -> argparse.ArgumentParser:
    """The parser of `guiju`; each verb sets `act`. With the name of a verb it knows that one alone."""
    parser = Parser(
        prog="guiju",
        description=say("about"),
        epilog=say("example", text="guiju check definitions"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    speaks(parser)
    verbs = parser.add_subparsers(title=say("verbs"), metavar="VERB")
    for module in dict.fromkeys([_MODULES[asked]] if asked in _MODULES else _MODULES.values()):
        import_module(f"engine.commands.{module}").add(verbs)
    return parser


def main(composition: Composition, arguments: Sequence[str] | None = None) -> int:
    """Run the verb named on the command line; without one, print what there is and return 2."""
    language, asked = _first(arguments)
    speak(language)
    parser = build_parser(asked)
    options = parser.parse_args(arguments)
    if getattr(options, "json", False):
        speak("en")  # what programs read is the same for everybody
    if not hasattr(options, "act"):
        parser.print_help()
        return 2
    try:
        return int(options.act(composition, options))
    except DefinitionError as error:
        fault(render(error.problems, {}, language=spoken()).rstrip())
        return 1
    except OSError as error:
        if error.filename is None or error.errno not in _SEEN_TO:
            raise
        fault(say("disk.refused", file=error.filename, why=error.strerror or ""))
        return 1


def wrong_setting(about: Mapping[str, object]) -> int:
    """Say what is wrong with a variable of the environment: its name and value, the least and the most; 2."""
    speak(chosen("", os.environ))
    fault(say("settings.wrong", **about))
    return 2


def _first(arguments: Sequence[str] | None) -> tuple[str, str]:
    """The language, which has to be known before the parsers are worded, and what stands in the place of the verb."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--lang", default="")
    found, others = first.parse_known_args(arguments)
    return chosen(found.lang, os.environ), others[0] if others else ""
