"""Where the flows of a kiosk stand, as it is kept: one row for each place, whose contents only this node can read.

In: frames, who is signed in, the name of this very standing. Out: the same again, as the definitions in force have it;
nothing where they know these flows no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.flows.following import Flows, known
from engine.flows.frames import Aside, Frame, Frames
from engine.model.flows import Flow, form_names
from engine.model.records import Record
from engine.usecases.deadlines import system_values
from engine.usecases.internal import FLOW
from engine.usecases.work import Work


@dataclass(frozen=True, slots=True)
class State:
    """Where a kiosk stands. `token` changes with every step that is entered; whatever carries another one is too late.
    `user` is the id of who is signed in."""

    frames: Frames
    user: str = ""
    token: str = ""


def load(work: Work, place: str) -> State | None:
    """Where the kiosk stands, locked until the commit; None where it never stood, or where flows changed meanwhile."""
    record = work.unit.fetch(FLOW, _id(place), lock=True)
    if record is None:
        return None
    content = record.values["content"]
    assert isinstance(content, Mapping)
    flows = work.runtime.definitions.flows
    frames = _read(flows, content["frames"])
    if not known(flows, frames):
        return None
    return State(frames, str(content["user"] or ""), str(record.values["token"]))


def stood(work: Work, place: str) -> bool:
    """Whether the kiosk stood anywhere before, known or not."""
    return work.unit.fetch(FLOW, _id(place)) is not None


def keep(work: Work, place: str, state: State, hidden: frozenset[str]) -> None:
    """Store where the kiosk stands. What was typed unseen (`hidden`) is never stored."""
    content = {"frames": [_written(one, hidden) for one in state.frames], "user": state.user}
    about: dict[str, object] = {"place": place, "token": state.token, "content": content}
    record = work.unit.fetch(FLOW, _id(place), lock=True)
    if record is None:
        work.unit.insert(Record(FLOW, {**system_values(work), **about, "id": _id(place)}))
        return
    version = record.version
    changed = {**about, "version": version + 1, "changed_at": work.now}
    work.unit.update(Record(FLOW, {**record.values, **changed}), version)


def blank_form(flow: Flow) -> dict[str, object]:
    """Everything that screens of a flow may take in, empty."""
    return dict.fromkeys(form_names(flow))


def _id(place: str) -> str:
    return hashlib.sha256(f"flow\0{place}".encode()).hexdigest()[:32]


def _written(frame: Frame, hidden: frozenset[str]) -> dict[str, object]:
    return {
        "flow": frame.flow,
        "step": frame.step,
        "memory": dict(frame.memory),
        "form": {name: None if name in hidden else value for name, value in frame.form.items()},
        "answer": frame.answer,
        "number": frame.number,
        "aside": [
            {"step": one.step, "within": [_written(inner, hidden) for inner in one.within]} for one in frame.aside
        ],
    }


def _read(flows: Flows, written: object) -> Frames:
    assert isinstance(written, list)
    return tuple(_frame(flows, one) for one in written)


def _frame(flows: Flows, written: Mapping[str, object]) -> Frame:
    """A frame with the names that its flow keeps now."""
    flow, aside = flows.get(str(written["flow"])), written["aside"]
    memory, form = written["memory"], written["form"]
    assert isinstance(aside, list)
    assert isinstance(memory, Mapping)
    assert isinstance(form, Mapping)
    kept = {} if flow is None else {name: memory.get(name) for name in flow.memory.fields}
    taken = {} if flow is None else {name: form.get(name) for name in blank_form(flow)}
    return Frame(
        str(written["flow"]),
        str(written["step"]),
        kept,
        taken,
        written["answer"],
        str(written["number"] or ""),
        tuple(Aside(str(one["step"]), _read(flows, one["within"])) for one in aside),
    )
