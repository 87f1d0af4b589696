"""A channel is tried: is its far end there? No message is sent or taken; a probe goes there and back where it can.

In: the name of a channel that the node binds. Out: what was found. That somebody tried stands in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.records import AuditEntry
from engine.model.traffic import ChannelBinding
from engine.problems import DeliveryError, Refused
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

THERE, AWAY, UNTRIED = "there", "away", "untried"


@dataclass(frozen=True, slots=True)
class Tried:
    """`state` is there, away or untried (this kind of channel cannot be tried); `detail` what the far end said,
    `probed` whether a probe went there and back."""

    name: str
    state: str
    detail: str = ""
    waiting: int | None = None
    probed: bool = False
    seconds: float | None = None


def try_channel(runtime: Runtime, actor: Actor, name: str, bound: ChannelBinding | None = None) -> Tried:
    """Try one, as it is bound or as it would be. Raises Refused(not_found)."""
    if name not in runtime.node.channels:
        raise Refused((), kind="not_found")
    bound = bound or runtime.node.channels[name]
    begun = _seconds(runtime)
    try:
        found = runtime.prober(name, bound) if runtime.prober is not None else None
    except DeliveryError as failed:
        tried = Tried(name, AWAY, failed.incident.text)
    else:
        taken = _seconds(runtime)
        seconds = taken - begun if taken is not None and begun is not None else None
        tried = Tried(name, UNTRIED)
        if found is not None:
            tried = Tried(name, THERE, found.detail, found.waiting, found.probed, seconds)
    about = {"channel": name, "adapter": bound.adapter, "state": tried.state}
    runtime.store.note(AuditEntry(runtime.clock.now(), actor.id, "channel_try", "", "", about, actor.address))
    return tried


def _seconds(runtime: Runtime) -> float | None:
    return runtime.timer() if runtime.timer is not None else None
