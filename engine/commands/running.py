"""`guiju run`: the node, with its web pages and worker. `guiju work`: workers alone, beside it or elsewhere."""

from __future__ import annotations

import argparse
import os

from engine.commands.composition import Composition
from engine.commands.licence import tell_at_start
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.console import say
from engine.model.criteria import ALWAYS

_PORTS = 65_535


def add(verbs: Verbs) -> None:
    """`run`, `work`."""
    parser = verb(verbs, "run", say("run.help"), "guiju run --port 8080", act)
    parser.add_argument("--host", default=os.environ.get("GUIJU_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=_port, default=os.environ.get("GUIJU_PORT", "8000"))
    parser.add_argument("--no-demo", action="store_true", help=say("run.no_demo"))
    parser.add_argument("--pages-only", action="store_true", help=say("run.pages_only"))
    verb(verbs, "work", say("work.help"), "guiju work", work)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when it was stopped, 1 where it cannot listen."""
    at = f"http://{options.host}:{options.port}/"
    if refused := composition.refused_to_listen(options.host, options.port):
        fault(say("run.refused", address=at, why=refused))
        return 1
    node = composition.runtime().node
    found = [] if options.no_demo else composition.play_demo()
    if found:
        line(say("run.demo"))
    for login, password, roles in found:
        line(f"  {login:<12} {password}   {roles}")
    _say_who_is_missing(composition)
    tell_at_start(composition)
    line(at)
    if node.kiosk is not None:
        line(say("run.kiosk", address=f"{at}kiosk"))
    if node.simulate:
        line(say("run.simulator", address=f"{at}simulator"))
    try:
        return composition.serve(options.host, options.port, works=not options.pages_only)
    finally:
        _say_it_stopped(composition)


def _port(text: str) -> int:
    """Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _PORTS):
        raise argparse.ArgumentTypeError(say("settings.wrong", name="--port", value=text, least=1, most=_PORTS))
    return int(text)


def work(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb `work`: 0 when it was stopped."""
    line(say("work.begun"))
    try:
        return composition.work()
    finally:
        _say_it_stopped(composition)


def _say_it_stopped(composition: Composition) -> None:
    line(say("run.stopped", moment=composition.runtime().clock.now().isoformat(" ", "seconds")))


def _say_who_is_missing(composition: Composition) -> None:
    """Where nobody has an account nobody can log in: say how the first one comes."""
    runtime = composition.runtime()
    accounts = runtime.node.accounts
    if accounts is None:
        return
    with runtime.store.begin(write=False) as unit:
        if unit.count(accounts.document, ALWAYS, 1):
            return
    line(say("run.nobody"))
