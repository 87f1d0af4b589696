"""`guiju devices`: worked frames replayed to the byte; what answers on serial ports; all devices simulated."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.devices import ReplayedFrame
from engine.problems import DefinitionError

WITHIN = 0.3
"""Seconds for which an answer is waited for."""


def add(verbs: Verbs) -> None:
    """`devices replay FILE | find [PORT …] | simulate`."""
    parser = verb(verbs, "devices", say("devices.help"), "guiju devices replay frames.json", act)
    parser.add_argument("what", choices=("replay", "find", "simulate"), help=say("devices.what"))
    parser.add_argument("about", nargs="*", metavar="FILE|PORT", help=say("devices.about"))
    parser.add_argument("--within", type=float, default=WITHIN, metavar="SECONDS", help=say("devices.within"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when every case passes or something is found, 1 when not, 2 for a file that holds no frames."""
    if options.what == "find":
        return _find(composition, options)
    if options.what == "simulate":
        return _simulate(composition)
    if len(options.about) != 1:
        fault(say("devices.wants_file"))
        return 2
    return _replay(composition, options, Path(options.about[0]))


def _find(composition: Composition, options: argparse.Namespace) -> int:
    found = composition.find_devices(options.about, options.within)
    if options.json:
        as_json([{"port": one.port, "adapter": one.kind, "address": one.address, "baud": one.baud} for one in found])
    for one in () if options.json else found:
        line(say("devices.found", port=one.port, kind=one.kind, address=one.address, baud=one.baud))
    if not found:
        fault(say("devices.nothing"))
    return 0 if found else 1


def _simulate(composition: Composition) -> int:
    """Until it is stopped; 1 where that cannot be."""
    try:
        return composition.simulate_devices(lambda place: line(say("devices.simulated", place=place)))
    except (DefinitionError, OSError, ValueError) as error:
        fault(say("devices.not_simulated", why=error))
        return 1


def _replay(composition: Composition, options: argparse.Namespace, path: Path) -> int:
    try:
        done = composition.replay(path, composition.utc().date())
    except OSError as error:
        fault(say("devices.unreadable", file=path, why=error.strerror or ""))
        return 2
    except ValueError as error:
        fault(say("devices.unreadable", file=path, why=error))
        return 2
    if options.json:
        as_json([{"name": one.name, "device": one.device, "mistakes": list(one.mistakes)} for one in done])
    else:
        _tell(done)
    return 1 if any(one.mistakes for one in done) or not done else 0


def _tell(done: Sequence[ReplayedFrame]) -> None:
    for one in done:
        if one.mistakes:
            fault(say("devices.failed", name=one.name, device=one.device, why="; ".join(one.mistakes)))
        else:
            line(say("devices.passed", name=one.name, device=one.device))
    failed = sum(1 for one in done if one.mistakes)
    line(say("devices.count", passed=len(done) - failed, failed=failed))
