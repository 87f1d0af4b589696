"""The command's entry: one parser a verb; the verb's function gets the composition and its options."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from engine.commands import (
    accounts,
    benches,
    checking,
    data,
    drawing,
    explaining,
    making,
    manual,
    outbox,
    running,
    scenarios,
    tables,
    units,
)
from engine.commands.composition import Composition
from engine.commands.output import fault
from engine.problems import DefinitionError

_VERBS = (
    checking, scenarios, running, making, explaining, drawing, manual, benches, units, accounts, data, outbox, tables,
)  # fmt: skip


def build_parser() -> argparse.ArgumentParser:
    """The parser of `guiju`; each verb sets `act`."""
    parser = argparse.ArgumentParser(
        prog="guiju",
        description="Guiju (规矩): an office's paperwork from a folder of text.",
        epilog="Example: guiju check definitions",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    for module in _VERBS:
        module.add(verbs)
    return parser


def main(composition: Composition, arguments: Sequence[str] | None = None) -> int:
    """Run the verb named on the command line; without one, print what there is and return 2."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "act"):
        parser.print_help()
        return 2
    try:
        return int(options.act(composition, options))
    except DefinitionError as error:
        fault(f"{len(error.problems)} problem(s) in the definitions; see: guiju check")
        return 1
