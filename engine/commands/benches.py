"""`guiju bench`: how the definitions at hand and the engine behave on this machine."""

from __future__ import annotations

import argparse
import time

from engine.commands.composition import Composition
from engine.commands.output import as_json, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.problems import DefinitionError


def add(verbs: Verbs) -> None:
    """`bench`."""
    parser = verb(verbs, "bench", say("bench.help"), "guiju bench busy", act)
    parser.add_argument("what", nargs="?", default="", help=say("bench.what"))
    parser.add_argument("--rounds", type=int, default=3)
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: the bench named, else median seconds of a full load and check."""
    if options.what:
        code = composition.bench(options.what)
        if code is None:
            line(say("bench.none", name=options.what))
        return 2 if code is None else code
    seconds, files = [], 0
    for _ in range(max(1, options.rounds)):
        start = time.perf_counter()
        force, problems, sources = composition.checked()
        seconds.append(time.perf_counter() - start)
        files = len(sources)
        if force is None:
            raise DefinitionError(problems)
    median = sorted(seconds)[len(seconds) // 2]
    if options.json:
        as_json({"files": files, "seconds": round(median, 3), "rounds": len(seconds)})
    else:
        line(say("bench.told", files=files, seconds=f"{median:.3f}", rounds=len(seconds)))
    return 0
