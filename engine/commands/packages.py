"""`guiju package`: versions as signed packages: made, signed, checked, taken, put in force, taken back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, keys_refused, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.crypto import CryptoRefused
from engine.model.node_care import CareRefused, Version

_FILES = ("sign", "check", "take")


def add(verbs: Verbs) -> None:
    """`package make FILE | sign FILE | check FILE | take FILE | install NAME | rollback | list`."""
    example = (
        "guiju package make v2.zip --name v2 --definitions definitions && guiju package sign v2.zip --key releases"
    )
    parser = verb(verbs, "package", say("package.help"), example, act)
    parser.add_argument("what", choices=tuple(_ACTS), help=say("package.what"))
    parser.add_argument("about", nargs="?", default="", metavar="FILE|NAME", help=say("package.about"))
    parser.add_argument("--name", default="", metavar="NAME", help=say("package.name"))
    parser.add_argument("--notes", default="", metavar="TEXT", help=say("package.notes"))
    parser.add_argument("--definitions", type=Path, metavar="FOLDER", help=say("package.definitions"))
    parser.add_argument("--wheel", type=Path, metavar="FILE", help=say("package.wheel"))
    parser.add_argument("--suits", action="append", default=[], metavar="KIND", help=say("package.suits"))
    parser.add_argument("--key", default="", metavar="NAME", help=say("package.key"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when it is done, 1 when it was refused, 2 for what is missing or cannot be read."""
    if options.what not in ("rollback", "list") and not options.about:
        fault(say("package.wants.about"))
        return 2
    try:
        return _ACTS[options.what](composition, options)
    except CareRefused as refused:
        fault(say("care.refused", why=say(f"care.fault.{refused.fault.value}"), about=refused.about).rstrip(" ：:"))
        return 1
    except CryptoRefused as refused:
        keys_refused(refused)
        return 1
    except OSError as error:
        fault(say("crypto.unreadable", file=error.filename or "", why=error.strerror or ""))
        return 2


def _make(composition: Composition, options: argparse.Namespace) -> int:
    if not (options.name and (options.definitions or options.wheel)):
        fault(say("package.wants.parts"))
        return 2
    for path in (options.definitions, options.wheel):
        if path is not None and not path.exists():
            raise FileNotFoundError(2, "no such file", str(path))
    out, given = Path(options.about), (options.name, options.notes, options.definitions, options.wheel)
    return _shown(composition.versions().pack(out, *given, options.suits), options, "made")


def _sign(composition: Composition, options: argparse.Namespace) -> int:
    if not options.key:
        fault(say("package.wants.key"))
        return 2
    return _shown(composition.versions().sign(Path(options.about), options.key), options, "signed")


def _check(composition: Composition, options: argparse.Namespace) -> int:
    return _shown(composition.versions().judge(Path(options.about)), options, "whole")


def _take(composition: Composition, options: argparse.Namespace) -> int:
    return _shown(composition.versions().take(Path(options.about)), options, "taken")


def _install(composition: Composition, options: argparse.Namespace) -> int:
    composition.versions().install(options.about)
    line(say("package.chosen", name=options.about))
    return 0


def _rollback(composition: Composition, options: argparse.Namespace) -> int:
    line(say("package.chosen", name=composition.versions().rollback()))
    return 0


def _list(composition: Composition, options: argparse.Namespace) -> int:
    found = composition.versions().versions()
    if options.json:
        as_json([{**_told(one), "states": _states(one)} for one in found])
        return 0
    for one in found:
        states = " ".join(say(f"package.state.{state}") for state in _states(one))
        line(f"{one.name}\t{states}\t{one.about}".rstrip())
    return 0


def _shown(one: Version, options: argparse.Namespace, how: str) -> int:
    if options.json:
        as_json(_told(one))
    else:
        line(say(f"package.{how}", **_told(one)))
    return 0


def _told(one: Version) -> Mapping[str, object]:
    brings = [part for part in ("definitions", "program") if getattr(one, part)]
    return {"name": one.name, "about": one.about, "bytes": one.size, "brings": ", ".join(brings)}


def _states(one: Version) -> list[str]:
    return [state for state in ("current", "former", "wanted") if getattr(one, state)]


_ACTS: Mapping[str, Callable[[Composition, argparse.Namespace], int]] = {
    "make": _make,
    "sign": _sign,
    "check": _check,
    "take": _take,
    "install": _install,
    "rollback": _rollback,
    "list": _list,
}
