"""Composition root: reads the command line and puts engine, adapters, kiosk and admin together.

In: command-line arguments. Out: an exit code. The one module that may know every package; nothing imports it.
"""

import argparse
from collections.abc import Sequence


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the `guiju` command; each verb sets `run`, a function from its arguments to an exit code."""
    parser = argparse.ArgumentParser(prog="guiju", description="Guiju (规矩): rules and forms from a folder of text.")
    parser.set_defaults(run=None)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb named on the command line; without one, print what there is and return 2."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.run is None:
        parser.print_help()
        return 2
    return int(options.run(options))
