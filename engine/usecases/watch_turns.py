"""The worker's step for rules over events: takes what happened, in order, and advances every rule that listens.

In: happenings that wait and places of rules, from the store. Out: in one transaction the happenings are gone, the
places are as they are now and what fires is queued under the name of its events; so each firing comes once, whatever
is killed and however many workers there are. One of them has the turn at a time: the row `_watch_turn` of the node. A
happening that fails alone is put aside among the effects that failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from engine.model.criteria import Compare, Order, Selection
from engine.model.event_rules import EventRule
from engine.model.records import Effect, Record
from engine.problems import Refused
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.happenings import heard
from engine.usecases.runtime import Runtime
from engine.usecases.watch_firing import queue_firing
from engine.usecases.watch_places import Places
from engine.usecases.watch_records import HAPPENING, RULE_STATE, TURN, moment_text
from engine.usecases.watch_scopes import env_of, limits_of, place_key
from engine.usecases.work import Work
from engine.watches.advance import advance, fall_due, kept_until
from engine.watches.place import Seen

MOST = 200
"""Happenings of one transaction."""
PUT_ASIDE = "happening"
_AT = (Order("at"),)


def run_watches(runtime: Runtime, *, grace: timedelta = timedelta(0), most: int = MOST) -> int:
    """Take what waits and what has fallen due, once; how many happenings and absences that were.

    An absence is certain `grace` after its time: so long somebody may take to commit what has happened before.
    """
    if not heard(runtime) or not _waits(runtime, grace):
        return 0
    try:
        return in_work(runtime, ENGINE, partial(_turn, grace=grace, most=most))
    except Refused as refused:
        if refused.kind == "stale":
            return 0
        return _one_by_one(runtime, grace)
    except Exception:  # noqa: BLE001 - whichever happening it was fails again below, by itself
        return _one_by_one(runtime, grace)


def _waits(runtime: Runtime, grace: timedelta) -> bool:
    due = Compare(("due",), "<=", moment_text(runtime.clock.now() - grace))
    with runtime.store.begin(write=False) as unit:
        waiting = unit.select(Selection(HAPPENING, order=_AT, limit=1))
        return bool(waiting or unit.select(Selection(RULE_STATE, due, limit=1)))


def _one_by_one(runtime: Runtime, grace: timedelta) -> int:
    """The oldest happening alone; one that cannot be taken is put aside."""
    try:
        return in_work(runtime, ENGINE, partial(_turn, grace=grace, most=1))
    except Exception as fault:  # noqa: BLE001 - one happening must not keep all others from their turn
        return in_work(runtime, ENGINE, partial(_put_aside, fault=fault))


def _put_aside(work: Work, fault: Exception) -> int:
    _take_turn(work)
    for record in work.unit.select(Selection(HAPPENING, order=_AT, limit=1)):
        values = record.values
        payload = {name: values[name] for name in ("name", "at", "content")}
        said = type(fault).__name__
        effect = Effect(
            record.id, PUT_ASIDE, f"{PUT_ASIDE}:{record.id}", work.now, payload=payload, state="failed", error=said,
            created_at=work.now,
        )  # fmt: skip
        work.unit.put_effect(effect)
        work.unit.remove(HAPPENING, [record.id])
    return 1


def hear_again(runtime: Runtime, effect: Effect) -> None:
    """A happening that was put aside waits for its turn anew."""

    def act(work: Work) -> None:
        if not work.unit.seen(PUT_ASIDE, effect.key):
            about = {**effect.payload, "alike": effect.id}
            work.unit.insert(Record(HAPPENING, {**system_values(work), **about}))

    in_work(runtime, ENGINE, act)


# --- one turn --------------------------------------------------------------------------------------------------------


def _turn(work: Work, grace: timedelta, most: int) -> int:
    _take_turn(work)
    records = work.unit.select(Selection(HAPPENING, order=_AT, limit=most))
    told = [(str(one.values["name"]), _seen(one)) for one in records]
    places = Places(work)
    places.load(
        key
        for name, seen in told
        for rule in heard(work.runtime).get(name, ())
        if (key := place_key(work.runtime, rule, name, seen)) is not None
    )
    for name, seen in told:
        for rule in heard(work.runtime).get(name, ()):
            _take(work, places, rule, name, seen)
    work.unit.remove(HAPPENING, [one.id for one in records])
    until = work.now - grace if len(records) < most else told[-1][1].at
    due = _fall_due(work, places, until, most)
    places.save()
    return len(records) + due


def _take_turn(work: Work) -> None:
    """Hold the turn of this node until the end of the transaction; whoever has it now is waited for."""
    node = work.runtime.node.id
    row = sha256(node.encode()).hexdigest()[:32]
    if work.unit.fetch(TURN, row, lock=True) is None:
        work.unit.insert_missing([Record(TURN, {**system_values(work), "id": row, "node": node})])
        work.unit.fetch(TURN, row, lock=True)


def _seen(record: Record) -> Seen:
    values, content = record.values, record.values["content"]
    assert isinstance(content, dict)
    return Seen(datetime.fromisoformat(str(values["at"])), record.id, content=content)


def _take(work: Work, places: Places, rule: EventRule, name: str, seen: Seen) -> None:
    runtime = work.runtime
    key = place_key(runtime, rule, name, seen)
    if key is None:
        return

    def holds(chain: Sequence[Seen]) -> bool:
        return rule.when is None or rule.when.holds(env_of(runtime, rule, chain, chain[-1], work.world))

    role = next((role for role, on in rule.on.items() if on == name), next(iter(rule.on)))
    env = env_of(runtime, rule, (), Seen(seen.at, seen.id, role, seen.content), work.world)
    limits = limits_of(rule, env, seen)
    place, fired = advance(rule, places.at(key), name, seen, limits, holds)
    places.put(rule, key, place, kept_until(place, seen.at, limits))
    for match in fired:
        queue_firing(runtime, work.unit, rule, key, match, work.now)


def _fall_due(work: Work, places: Places, until: datetime, most: int) -> int:
    """Fire what nothing came for until a moment."""
    where = Compare(("due",), "<=", moment_text(until))
    found = work.unit.select(Selection(RULE_STATE, where, (Order("due"),), limit=most))
    places.load(record.id for record in found)
    rules, count = work.runtime.definitions.watches, 0
    for key in places.due(until):
        rule = rules.get(places.rule(key))
        place, fired = fall_due(places.at(key), until)
        places.fallen_due(key, place)
        for one in fired:
            if rule is not None:
                queue_firing(work.runtime, work.unit, rule, key, one.match, work.now)
        count += len(fired)
    return count
