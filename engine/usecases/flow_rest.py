"""Whether a kiosk is at rest, so that its node may begin anew: nobody is signed in, no lock is waited for.

In: the row of the kiosk, as it stands. Out: yes or no. A node without a kiosk is always at rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.flows.frames import Frame
from engine.model.flow_devices import command
from engine.model.system import Definitions
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.flow_state import load
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

_LOCK = "lock"


def is_at_rest(runtime: Runtime) -> bool:
    """Whether nothing is under way at the kiosk of this node."""
    kiosk = runtime.node.kiosk
    if kiosk is None:
        return True
    with runtime.store.begin() as unit:
        state = load(Work(runtime, unit, ENGINE, Performer()), kiosk.place)
    if state is None:
        return True
    return not state.user and not any(_moves(runtime.definitions, frame) for frame in _all(state.frames))


def _all(frames: tuple[Frame, ...]) -> Iterator[Frame]:
    for frame in frames:
        yield frame
        for aside in frame.aside:
            yield from _all(aside.within)


def _moves(definitions: Definitions, frame: Frame) -> bool:
    """Whether a flow stands where a lock was ordered or is waited for, or where anything is that moves."""
    step = definitions.flows[frame.flow].steps[frame.step]
    for meeting in step.meets.values():
        known = command(meeting.what)
        if meeting.what.partition(".")[0] == _LOCK or (known is not None and known.moves):
            return True
    return False
