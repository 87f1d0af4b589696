"""The operator's monitor: messages counted, queues of channels, the machine; kept fresh by itself.

In: requests of administrators. Out: the page, or the part of it that is asked for every few seconds.
"""

from __future__ import annotations

from flask import current_app, render_template, request

from admin.console import blueprint
from admin.messages import said
from engine.usecases import consoles, monitoring
from engine.usecases.traffic import Meter, Traffic
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import runtime, say

SECONDS = 5
_METER = "guiju.meter"
_FULL, _NEARLY = 0.95, 0.85


@blueprint.get("/monitor")
@signed_in
@administrators_only
def monitor() -> str:
    """The page; its body alone where a script asks for it."""
    traffic = _meter().read(runtime())
    load = monitoring.host_load(runtime())
    return render_template(
        "admin/monitor_body.html" if request.headers.get("HX-Request") else "admin/monitor.html",
        traffic=traffic, spans=(("today", traffic.today), ("hour", traffic.hour), ("month", traffic.month)),
        chart=_chart(traffic), channels=monitoring.channel_loads(runtime()), needs=monitoring.attention(runtime()),
        figures=consoles.figures(runtime()), host=load, seconds=SECONDS, said=said, share=share, pressed=pressed,
        state_tone=state_tone, now=runtime().clock.now(),
    )  # fmt: skip


def _meter() -> Meter:
    """The counts of this process."""
    found = current_app.extensions.setdefault(_METER, Meter())
    assert isinstance(found, Meter)
    return found


def _chart(traffic: Traffic) -> dict[str, object]:
    flows = [flow for _, flow in traffic.minutes]
    return {
        "form": "line",
        "categories": [f"{at:%H:%M}" for at, _ in traffic.minutes],
        "keys": [],
        "splits": [],
        "series": [
            {"name": say("ops.received"), "values": [str(flow.received.messages) for flow in flows]},
            {"name": say("ops.sent"), "values": [str(flow.sent.messages) for flow in flows]},
        ],
        "unit": "",
        "address": "",
    }


def share(used: int, total: int) -> float:
    """How much of something is in use, as a share of 1."""
    return used / total if total else 0.0


def pressed(part: float) -> str:
    """The colour of a share that is nearly used up."""
    if part >= _FULL:
        return "late"
    return "waiting" if part >= _NEARLY else "done"


def state_tone(state: str) -> str:
    """The colour of a channel's state."""
    return {
        "running": "done", "idle": "done", "sends": "moving", "starting": "moving", "stopping": "moving",
        "stopped": "stopped", "held_up": "waiting", "faulty": "late", "unbound": "late",
    }.get(state, "")  # fmt: skip
