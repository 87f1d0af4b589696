"""How each verb's parser is made: a line of help, an example below it, and the options that every verb has."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from engine.commands.composition import Composition
from engine.console import LANGUAGES, say

Act = Callable[[Composition, argparse.Namespace], int]
Verbs = Any  # argparse names no type for what add_subparsers gives


def verb(verbs: Verbs, name: str, summary: str, example: str, act: Act) -> argparse.ArgumentParser:
    """Add a verb with its example."""
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=say("example", text=example),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(act=act)
    speaks(parser)
    return parser


def speaks(parser: argparse.ArgumentParser) -> None:
    """The language stands before the verb or behind it."""
    parser.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=say("lang"))


def for_programs(parser: argparse.ArgumentParser) -> None:
    """A verb whose result a program may read."""
    parser.add_argument("--json", action="store_true", help=say("json"))
