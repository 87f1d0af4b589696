"""The pure step of a machine: (machine, state, event, who) gives the next state, or why not.

Knows nothing of stores, rights or actions; guards read through the environment they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from engine.expressions.environment import Env
from engine.model.machines import ANY, NEW, By, Event, Machine, State


class Obstacle(StrEnum):
    """Why an event cannot happen."""

    UNKNOWN = "unknown"
    STATE = "state"
    WHO = "who"
    GUARD = "guard"


class Step(NamedTuple):
    """What an event does to the state: `to` may equal `state`; `entered` and `left` are set when it really changes.

    A tuple, because one is made for every event: a frozen dataclass costs three times as much to make.
    """

    event: Event
    state: str
    to: str
    left: State | None = None
    entered: State | None = None


def applies(machine: Machine, event: Event, state: str | None) -> bool:
    """Whether the event starts from this state; None is a document not yet there."""
    if state is None:
        return NEW in event.sources
    if state in event.sources:
        return True
    current = machine.states.get(state)
    return ANY in event.sources and not (current is not None and current.final)


def named_by(by: By, roles: frozenset[str], user: str, special: str, env: Env) -> bool:
    """Whether the machine names this actor for the event; an event that names nobody leaves it to access."""
    if special:
        return special == "engine" or special in by.special or not (by.roles or by.formula or by.special)
    if not (by.roles or by.formula or by.special):
        return True
    if not roles.isdisjoint(by.roles):
        return True
    if by.formula is None:
        return False
    named = by.formula(env)
    found = named if isinstance(named, list | tuple) else (named,)
    return user in {one["id"] if isinstance(one, Mapping) else one for one in found}


def obstacle(
    machine: Machine, event: Event, state: str | None, *, roles: frozenset[str], user: str, special: str, env: Env
) -> Obstacle | None:
    """The first thing in the way, or None. The guard is judged last, on the values as they will be.

    Who it is comes first: to those whom the event does not name, its state tells nothing either.
    """
    if not named_by(event.by, roles, user, special, env):
        return Obstacle.WHO
    if not applies(machine, event, state):
        return Obstacle.STATE
    if event.when is not None and not event.when.holds(env):
        return Obstacle.GUARD
    return None


def step(machine: Machine, event: Event, state: str | None) -> Step:
    """Where the event leads; the caller has found no obstacle."""
    to = event.to or (state or "")
    if to == state:
        return Step(event, state or "", to)
    left = machine.states.get(state) if state is not None else None
    return Step(event, state or "", to, left, machine.states.get(to))
