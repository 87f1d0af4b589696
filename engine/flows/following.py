"""What follows in a flow: an outcome leads to a step, a flow within another returns, a restart begins a step anew.

In: the flows, where they stand, an outcome. Out: where they stand then, or nothing where the outcome leads nowhere.
What steps do, ask and evaluate is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from engine.flows.frames import Aside, Frame, Frames
from engine.model.flows import AGAIN, BACK, FAILED, FAULTS, INVALID, REFUSED, Flow, Step

Flows = Mapping[str, Flow]
MOST_ASIDE = 4
"""Interruptions of one flow that are gone back to; of more the oldest are forgotten."""
DEEPEST = 10
"""Flows within each other."""
_NOWHERE = Step("")
"""A step that names nothing: what a flow says of any step."""


def known(flows: Flows, frames: Frames) -> bool:
    """Whether all flows and steps are there, and each runs the one within it: definitions may have changed."""
    if not frames or any(one.flow not in flows or one.step not in flows[one.flow].steps for one in frames):
        return False
    return all(step_of(flows, outer).run == inner.flow for outer, inner in pairwise(frames))


def step_of(flows: Flows, frame: Frame) -> Step:
    """The step at which a frame stands."""
    return flows[frame.flow].steps[frame.step]


def led(flows: Flows, frames: Frames, outcome: str) -> Frames | None:
    """Where an outcome of the innermost step leads: as the step says, its flow, or else `always` of a flow around it.

    None where nobody names it. What `always` interrupts stands aside, and `again` goes back to it.
    """
    own = frames[-1]
    flow, step = flows[own.flow], step_of(flows, own)
    target = flow.leads(step, outcome)
    if target is not None:
        named = outcome in step.on or (outcome not in flow.always and outcome in FAULTS and FAILED in step.on)
        return arrived(flows, frames, target, by_always=not named and outcome in {*flow.always, *FAULTS})
    for depth in range(len(frames) - 1, 0, -1):
        outer = frames[depth - 1]
        target = flows[outer.flow].leads(_NOWHERE, outcome)
        if target is not None:
            return arrived(flows, frames[:depth], target, by_always=True, within=frames[depth:])
    return None


def goes_on(outcome: str) -> bool:
    """Whether `choose` and `next` of a step follow this outcome where nobody names it: not what went wrong or back, and
    not happenings."""
    return not (outcome in (REFUSED, INVALID, BACK) or outcome in FAULTS or "." in outcome)


def arrived(flows: Flows, frames: Frames, target: str, *, by_always: bool = False, within: Frames = ()) -> Frames:
    """The innermost of `frames` at its target; `within` ran inside it and ends or stands aside."""
    own = frames[-1]
    flow = flows[own.flow]
    if target not in flow.steps and target == AGAIN:
        return _back(flows, frames)
    aside = own.aside
    if by_always and own.step != target:
        aside = (*aside, Aside(own.step, within))[-MOST_ASIDE:]
    return (*frames[:-1], replace(own, step=target, aside=aside))


def _back(flows: Flows, frames: Frames) -> Frames:
    """Back to what was interrupted last, as after a restart: no device is ordered twice without a look."""
    own = frames[-1]
    if not own.aside:
        return frames
    last = own.aside[-1]
    restored = (*frames[:-1], replace(own, step=last.step, aside=own.aside[:-1]), *last.within)
    return restarted(flows, restored) if known(flows, restored) else frames


def went_back(before: Frames, after: Frames) -> bool:
    """Whether `again` has led from one to the other, to the very step that was interrupted."""
    own, depth = before[-1], len(before) - 1
    if not own.aside or len(after) <= depth or len(after[depth].aside) >= len(own.aside):
        return False
    last = own.aside[-1]
    return after[-1].step == (last.within[-1].step if last.within else last.step)


def returned(flows: Flows, frames: Frames, result: str = "result") -> Frames | None:
    """The frames without the innermost, which has ended; None when that was the last one.

    The step around it keeps what the flow kept as its result, where it says under which name.
    """
    if len(frames) == 1:
        return None
    inner, outer = frames[-1], frames[-2]
    into = step_of(flows, outer).into
    answer = inner.memory.get(result)
    memory = {**outer.memory, into: answer} if into else outer.memory
    return (*frames[:-2], replace(outer, memory=memory, answer={result: answer}))


def restarted(flows: Flows, frames: Frames) -> Frames:
    """Where flows go on after the process died: from the outside in, the first step that names another one goes there;
    where none does, the innermost step begins anew."""
    for depth, frame in enumerate(frames, 1):
        flow, step = flows[frame.flow], step_of(flows, frame)
        target = step.restart or flow.restart
        if target != AGAIN and target in flow.steps:
            return (*frames[: depth - 1], replace(frame, step=target))
    return frames
