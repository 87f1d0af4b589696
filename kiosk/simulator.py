"""The page of a simulated cabinet: its doors, what lies on its readers, its power, its lines, to play the hands with.

In: orders of whoever stands before it, as JSON (`POST /simulator/act`, see docs/devices.md). Out: how the cabinet
stands, what the node has heard of it last, how its devices do. There only on nodes that simulate devices, and only for
the machine itself; a page of another site cannot order anything.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, abort, current_app, render_template, request, send_from_directory, url_for

from engine.ports.simulating import Simulated
from engine.web.assets import FOREVER, Assets
from engine.web.security import csrf
from engine.web.surroundings import address, language, runtime, shell
from kiosk.attending import Attendant
from kiosk.near import is_near
from kiosk.wording import SIMULATOR

PLAY = "simulator"
"""Where an application keeps what it plays with."""
FOLDER = Path(__file__).parent / "static" / "simulator"
MOST_HEARD = 40

blueprint = Blueprint("simulator", __name__, url_prefix="/simulator", template_folder="templates")
csrf.exempt(blueprint)  # orders are JSON of this very origin, which no other site can send
_assets = Assets(FOLDER)


@dataclass
class Play:
    """A simulated cabinet, and whoever attends to its devices."""

    cabinet: Simulated
    attendant: Attendant
    heard: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=MOST_HEARD))
    _count: int = 0

    def __post_init__(self) -> None:
        self.attendant.listen(self._hear)

    def _hear(self, name: str, values: Mapping[str, object]) -> None:
        self._count += 1
        told = {key: str(value) for key, value in values.items()}
        at = self.attendant.now().strftime("%H:%M:%S")
        self.heard.append({"number": self._count, "at": at, "name": name, "values": told})


@blueprint.before_request
def judge() -> None:
    """Only the machine itself, only where something is simulated, only orders that this page or a program sends."""
    proxies = shell().settings.proxies
    if PLAY not in current_app.extensions or not is_near(address(), request.host, request.headers.keys(), proxies):
        abort(404)
    origin = request.headers.get("Origin", "")
    if request.method == "POST" and (not request.is_json or (origin and origin != request.host_url.rstrip("/"))):
        abort(400)


def play() -> Play:
    """What is played with."""
    return cast(Play, current_app.extensions[PLAY])


@blueprint.get("")
def page() -> str:
    """The page."""
    words = {key: SIMULATOR.worded(key, language()) for key in SIMULATOR.texts}
    at = {
        name: url_for("simulator.static_file", version=_assets.version, name=name) for name in ("page.css", "page.js")
    }
    node = runtime().node
    script = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    return render_template("simulator/page.html", words=words, script_words=script, at=at, node=node)


@blueprint.get("/assets/<version>/<name>")
def static_file(version: str, name: str) -> Response:
    """One file of the page."""
    return send_from_directory(FOLDER, name, max_age=FOREVER if version == _assets.version else 0)


@blueprint.get("/state")
def state() -> Response:
    """How the cabinet stands, what was heard last, how devices do, what is measured."""
    attendant = play().attendant
    health = {one.device: one.condition.value for one in attendant.health()}
    measured = {key: str(value) for key, value in attendant.measured().items() if value is not None and key != "parts"}
    beside = {"heard": list(play().heard), "health": health, "measured": measured}
    return _json({"cabinet": json.loads(_asked('{"act": "state"}')), **beside})


@blueprint.post("/act")
def act() -> Response:
    """One order: the cabinet as it stands then; 400 where it was not understood."""
    told = json.loads(_asked(json.dumps(request.get_json())))
    return _json(told, 400 if "wrong" in told else 200)


def _asked(order: str) -> str:
    try:
        return play().cabinet.ask(order)
    except OSError:
        abort(503)


def _json(found: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.dumps(found, ensure_ascii=False), status, mimetype="application/json")
