"""How each verb's parser is made: a line of help, an example below it, the options that every verb has.

The words of argparse itself come in the language of the console, too.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any, NoReturn

from engine.commands.composition import Composition
from engine.console import LANGUAGES, say

Act = Callable[[Composition, argparse.Namespace], int]
Verbs = Any  # argparse names no type for what add_subparsers gives


_HEADS = {
    "usage: ": "parser.usage", "positional arguments:": "parser.arguments", "options:": "parser.options",
    "show this help message and exit": "parser.help",
}  # fmt: skip
_FAULTS = {
    r"the following arguments are required: (?P<names>.+)": "parser.required",
    r"argument (?P<name>.+): invalid choice: (?P<value>.+) \(choose from (?P<known>.+)\)": "parser.choice",
    r"argument (?P<name>.+): invalid \w+ value: (?P<value>.+)": "parser.value",
    r"argument (?P<name>.+): expected (?:one|at least one) argument": "parser.wanted",
    r"unrecognized arguments: (?P<names>.+)": "parser.unknown",
}


class Parser(argparse.ArgumentParser):
    """A parser that says its own words in the language of the console."""

    def format_usage(self) -> str:
        """How it is called."""
        return _headed(super().format_usage())

    def format_help(self) -> str:
        """What it does, and every option."""
        return _headed(super().format_help())

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and end with 2."""
        found = ((re.fullmatch(pattern, message), key) for pattern, key in _FAULTS.items())
        told = next((say(key, **match.groupdict()) for match, key in found if match is not None), message)
        self.exit(2, f"{self.format_usage()}{self.prog}: {told}\n")


def _headed(text: str) -> str:
    for written, key in _HEADS.items():
        text = text.replace(written, say(key), 1)
    return text


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
