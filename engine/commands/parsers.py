"""How each verb's parser is made: a line of help, and an example below it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from engine.commands.composition import Composition

Act = Callable[[Composition, argparse.Namespace], int]
Verbs = Any  # argparse names no type for what add_subparsers gives


def verb(verbs: Verbs, name: str, summary: str, example: str, act: Act) -> argparse.ArgumentParser:
    """Add a verb with its example."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"Example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(act=act)
    return parser
