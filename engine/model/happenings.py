"""What devices and the node itself tell: names of happenings, and what each holds.

Rules over events (`watches`), waits of flows and `always` name them. Documents' own events are `DOCUMENT.EVENT` and
hold the record.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.node_rows import PAGE, PART, rows_of
from engine.model.types import BOOLEAN, DATETIME, INTEGER, NUMBER, TEXT, Kind, Shape, Type

_SEEN: Mapping[str, Type] = {
    "picture": Type(Kind.FILE),  # where the node takes one then, and the camera gave it
    "count": INTEGER,  # for how many equal ones this one stands; empty for one
}
_LOCK: Mapping[str, Type] = {"board": TEXT, "lock": INTEGER, **_SEEN}
_INPUT: Mapping[str, Type] = {"board": TEXT, "input": INTEGER, **_SEEN}
_DEVICE: Mapping[str, Type] = {"name": TEXT, "kind": TEXT, "trouble": TEXT, **_SEEN}
_COPY: Mapping[str, Type] = {
    "name": TEXT,
    "moment": DATETIME,
    "bytes": INTEGER,
    "folders": INTEGER,  # how many hold it
    "keys": BOOLEAN,  # whether keys are in it, sealed
    "version": TEXT,
}
MEASURED: Mapping[str, Type] = {
    "temperature": NUMBER,  # degrees Celsius
    "humidity": NUMBER,  # per cent
    "volt": NUMBER,
    "ampere": NUMBER,
    "mains": BOOLEAN,
    "battery_volt": NUMBER,
    "cpu": NUMBER,  # per cent, as memory and disk
    "memory": NUMBER,
    "disk": NUMBER,
    "up_seconds": INTEGER,
    "signal": INTEGER,  # dBm
    "sim": TEXT,
    "online": BOOLEAN,  # whether the network is there
    "address": TEXT,  # of the network
    "waiting": INTEGER,  # messages that have not left
    "version": TEXT,  # of the definitions and the program
    "lost": TEXT,  # names of devices that do not answer
}
"""What a node knows of itself: columns of `device` in expressions, and what `device.measured` holds."""
DEVICE = Shape("device", {"name": TEXT, "serial": TEXT, **MEASURED, "parts": rows_of(PART), "up_since": DATETIME})
"""`device` in expressions: the node that runs them, as it was measured last; empty where nothing measures.
`parts` are rows: its devices, and how each is doing. `up_since`: it has been at work without a break since then."""
HAPPENINGS: Mapping[str, Shape] = {
    name: Shape(name, dict(columns))
    for name, columns in {
        "lock.open_sent": _LOCK,
        "lock.opened": {**_LOCK, "ordered": BOOLEAN},
        "lock.closed": _LOCK,
        "lock.forced": _LOCK,
        "lock.left_open": _LOCK,
        "input.active": _INPUT,
        "input.idle": _INPUT,
        "device.lost": _DEVICE,
        "device.back": _DEVICE,
        "device.measured": MEASURED,
        "finger.listed": {"name": TEXT, "pages": rows_of(PAGE)},  # pages in use, when a module is first seen or back
        "power.lost": _SEEN,
        "power.back": _SEEN,
        "power.low": _SEEN,
        "network.lost": _SEEN,
        "network.back": _SEEN,
        "security.login_failed": {"account": TEXT, "login": TEXT, "way": TEXT, "place": TEXT, **_SEEN},
        "backup.made": {**_COPY, "every": TEXT, "place": TEXT},  # by which plan, in which folders
        "backup.failed": {"why": TEXT, "every": TEXT},
        "backup.dropped": {"name": TEXT},  # older than what is kept
        "backup.checked": {"name": TEXT, "why": TEXT},  # why it is not whole; empty where it is
        "backup.laid": {"name": TEXT, "why": TEXT},  # put back by the next start; or why not
        "update.ready": {"name": TEXT, "version": TEXT, "bytes": INTEGER, "about": TEXT},  # here, and checked
        "update.refused": {"name": TEXT, "why": TEXT},  # what was fetched is not taken
        "update.judged": {
            "reference": TEXT,  # what the order called it
            "name": TEXT,
            "bytes": INTEGER,
            "about": TEXT,
            "suits": Type(Kind.LIST, item=TEXT),  # kinds of machines; none for all
            "why": TEXT,  # why it would not be taken; empty where it would
        },
        "update.installed": {"name": TEXT, "former": TEXT},
        "update.failed": {"name": TEXT, "former": TEXT, "why": TEXT},  # the former version runs again
        "clock.jumped": {"seconds": INTEGER, "trusted": BOOLEAN},
        "clock.set": {"offset": INTEGER, "trusted": BOOLEAN},
        "store.failed": {"why": TEXT},  # nothing can be written: no room, a broken disk
        "store.back": {},
        "node.began": {"version": TEXT},  # it serves from now on
        "flow.timed_out": {"flow": TEXT, "step": TEXT, "place": TEXT, "seconds": NUMBER},  # how long the step stood
    }.items()
}
