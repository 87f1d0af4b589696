"""`guiju outbox`: what waits to leave or has failed, at the console."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import timedelta

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.records import Effect
from engine.usecases.runtime import Runtime

_MOST = 1_000
_OPEN = ("failed", "running", "waiting")
_WAYS = ("channel", "via", "print", "event", "job")
"""What of a payload says where an effect goes; the rest of it is nobody's business here."""


def add(verbs: Verbs) -> None:
    """`outbox [list] | retry ID … | drop ID …`."""
    parser = verb(
        verbs, "outbox", say("outbox.help"), "guiju outbox --state failed && guiju outbox retry --all", act,
    )  # fmt: skip
    parser.add_argument("what", nargs="?", choices=("list", "retry", "drop"), default="list")
    parser.add_argument("ids", nargs="*", metavar="ID", help=say("outbox.ids"))
    parser.add_argument("--state", choices=_OPEN, help=say("outbox.state"))
    parser.add_argument("--all", action="store_true", help=say("outbox.all"))
    parser.add_argument("--because", default="", help=say("outbox.because"))
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when all that was named was found."""
    runtime = composition.runtime()
    if options.what == "list":
        return _list(runtime, options)
    if options.what == "drop" and not options.because:
        fault(say("outbox.why"))
        return 2
    if not options.ids and not (options.what == "retry" and options.all):
        fault(say("outbox.name"))
        return 2
    states = ("failed",) if options.what == "retry" else ("failed", "waiting")
    known = _effects(runtime, states)
    chosen, strange = _chosen([effect.id for effect in known], options.ids, everything=options.all)
    store = runtime.store
    if options.what == "retry":
        count = store.retry_effects(chosen, runtime.clock.now())
    else:
        count = store.drop_effects(chosen, options.because)
    for one in strange:
        fault(say("outbox.unknown", name=one))
    if options.json:
        as_json({"effects": chosen, "count": count, "unknown": strange})
    else:
        line(say(f"outbox.{options.what}", count=count))
    return 1 if strange else 0


def _chosen(known: Sequence[str], wanted: Sequence[str], *, everything: bool) -> tuple[list[str], list[str]]:
    """Ids that were meant, and what means none or several."""
    if everything:
        return list(known), []
    found = {one: [id_ for id_ in known if id_.startswith(one)] for one in wanted}
    return [ids[0] for ids in found.values() if len(ids) == 1], [one for one, ids in found.items() if len(ids) != 1]


def _effects(runtime: Runtime, states: Sequence[str]) -> list[Effect]:
    """Oldest first, by state."""
    return [one for state in states for one in reversed(runtime.store.effects(state=state, limit=_MOST))]


def _list(runtime: Runtime, options: argparse.Namespace) -> int:
    now = runtime.clock.now()
    states = (options.state,) if options.state else _OPEN
    found = _effects(runtime, states)
    rows = [_told(effect, now - (effect.created_at or effect.due)) for effect in found]
    if options.json:
        as_json(rows)
        return 0
    for row in rows:
        line("\t".join(str(value) for value in row.values()))
    counts = (say(f"outbox.{state}", count=sum(one.state == state for one in found)) for state in states)
    line(say("outbox.count", count=len(rows), counts=", ".join(counts)))
    return 0


def _told(effect: Effect, age: timedelta) -> Mapping[str, object]:
    where = next((str(effect.payload[name]) for name in _WAYS if effect.payload.get(name)), "")
    return {
        "id": effect.id,
        "state": effect.state,
        "age": _age(age),
        "kind": effect.kind,
        "channel": where,
        "about": f"{effect.document}:{effect.record_id}" if effect.document else "",
        "attempts": effect.attempts,
        "due": effect.due.isoformat(" ", "seconds"),
        "error": effect.error,
    }


def _age(age: timedelta) -> str:
    """`3 d`, `4 h`, `5 min`, `6 s`."""
    seconds = max(0, int(age.total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
