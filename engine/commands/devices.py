"""`guiju devices`: worked frames of devices replayed, decoded and encoded, to the byte."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.devices import ReplayedFrame


def add(verbs: Verbs) -> None:
    """`devices replay FILE`."""
    parser = verb(verbs, "devices", say("devices.help"), "guiju devices replay frames.json", act)
    parser.add_argument("what", choices=("replay",), help=say("devices.what"))
    parser.add_argument("file", type=Path, metavar="FILE", help=say("devices.file"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when every case passes, 1 when one fails, 2 for a file that cannot be read or holds no frames."""
    try:
        done = composition.replay(options.file, composition.utc().date())
    except OSError as error:
        fault(say("devices.unreadable", file=options.file, why=error.strerror or ""))
        return 2
    except ValueError as error:
        fault(say("devices.unreadable", file=options.file, why=error))
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
