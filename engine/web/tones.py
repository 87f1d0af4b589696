"""The colour of a state: new, moving, waiting, done, or stopped. Worked out from the machine, never from its words."""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.machines import NEW, Machine
from engine.web.surroundings import runtime

_kept: dict[tuple[str, str], Mapping[str, str]] = {}


def tones(document: str) -> Mapping[str, str]:
    """Tone by state name for one document type."""
    machine = runtime().definitions.machines.get(document)
    if machine is None:
        return {}
    key = (runtime().definitions.version, document)
    if key not in _kept:
        if len(_kept) > 1_000:
            _kept.clear()
        _kept[key] = _worked_out(machine)
    return _kept[key]


def _worked_out(machine: Machine) -> Mapping[str, str]:
    first = {event.to for event in machine.events.values() if NEW in event.sources}
    stopping = {approval.refused for approval in machine.approvals.values()}
    stopped = {
        event.to for name, event in machine.events.items() if event.to and (event.style == "danger" or name in stopping)
    }
    found: dict[str, str] = {}
    for name, state in machine.states.items():
        if state.final:
            tone = "stopped" if name in stopped else "done"
        elif state.approval:
            tone = "waiting"
        else:
            tone = "new" if name in first else "moving"
        found[name] = tone
    return found
