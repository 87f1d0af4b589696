"""The command's entry: one parser a verb; the verb's function gets the composition and its options."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from engine.codes.report import render
from engine.commands import (
    accounts,
    backups,
    benches,
    checking,
    crypto,
    data,
    devices,
    drawing,
    explaining,
    ledgers,
    licence,
    making,
    manual,
    messages,
    outbox,
    packages,
    partners,
    running,
    scenarios,
    service,
    tables,
    units,
    watches,
)
from engine.commands.composition import Composition
from engine.commands.output import fault
from engine.commands.parsers import Parser, speaks
from engine.console import chosen, say, speak, spoken
from engine.problems import DefinitionError

_VERBS = (
    checking, scenarios, running, making, explaining, drawing, manual, benches, units, accounts, data, outbox, tables,
    messages, crypto, partners, ledgers, licence, backups, packages, service, devices, watches,
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """The parser of `guiju`; each verb sets `act`."""
    parser = Parser(
        prog="guiju",
        description=say("about"),
        epilog=say("example", text="guiju check definitions"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    speaks(parser)
    verbs = parser.add_subparsers(title=say("verbs"), metavar="VERB")
    for module in _VERBS:
        module.add(verbs)
    return parser


def main(composition: Composition, arguments: Sequence[str] | None = None) -> int:
    """Run the verb named on the command line; without one, print what there is and return 2."""
    speak(_language(arguments))
    parser = build_parser()
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


def _language(arguments: Sequence[str] | None) -> str:
    """The language, which has to be known before the parsers are worded."""
    first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    first.add_argument("--lang", default="")
    return chosen(first.parse_known_args(arguments)[0].lang, os.environ)
