"""Definitions whose kiosk shows every component: boxes in two cases, people with accounts, lists to page through.

A service runs them without devices; what a device would tell is told by `heard` and by answers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from adapters.text.pinyin import PypinyinInitials
from engine.testing.flow_office import FLOWS, ToyDevices, ToyLocks
from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.usecases.acting import ENGINE
from engine.usecases.events import raise_event
from engine.usecases.views import EventRequest
from engine.web import WebSettings, create_app
from kiosk import face
from kiosk.service import KioskService

PASSWORD = "Guiju-2026"
DESK = Path(__file__).with_name("desk")
FILES = {
    **{path: text for path, text in FLOWS.items() if "flows/" not in path},
    "desk/thing/access.yaml": 'access:\n  clerk: {read: "*", mask: [owner]}\n',
    **{f"desk/{path.relative_to(DESK)}": path.read_text(encoding="utf-8") for path in DESK.rglob("*.yaml")},
    "shared/user/access.yaml": "access:\n  clerk: {read: [name, login, enabled]}\n",
}
OWNERS = ("张伟", "王芳", "李娜", "刘洋", "陈静")


@dataclass
class Shown:
    """An office, the service of its kiosk, the application."""

    office: Office
    service: KioskService
    app: Flask

    @property
    def step(self) -> str:
        """Where the flow stands."""
        return self.service.standing().step.name


def shown(boxes: int = 24, things: int = 130, columns: int = 6, **keys: object) -> Shown:
    """An office with so many boxes in two cases and so many things; its kiosk has begun."""
    office = Office(FILES, **keys)  # type: ignore[arg-type]
    office.runtime = replace(office.runtime, pinyin=PypinyinInitials(), measured=lambda: MEASURED)
    for actor in office.people.values():
        set_password(office.runtime, actor.id, PASSWORD)
    for number in range(boxes):
        case, at = divmod(number, boxes // 2)
        line, column = divmod(at, columns)
        given = {"name": f"{line + 1}-{column + 1}", "place": f"{case + 1}号柜", "line": str(line + 1)}
        box = office.engine("box", {**given, "column": str(column + 1), "lock": str(number + 1)})
        if number % 3 == 1:
            _raised(office, "bind", box)
        if number % 12 == 7:
            _raised(office, "doubt", box)
    for number in range(things):
        fields = {"code": f"E{number:08}", "owner": OWNERS[number % len(OWNERS)], "weight": str(number % 90)}
        office.engine("thing", fields)
    service = KioskService(lambda: office.runtime, ToyDevices(ToyLocks()))  # type: ignore[arg-type]
    web = create_app(lambda: office.runtime, WebSettings("s" * 32), faces=[face.blueprint])
    web.extensions[face.SERVICE] = service
    service.begin()
    return Shown(office, service, web)


def _raised(office: Office, event: str, record: str) -> None:
    raise_event(office.runtime, ENGINE, EventRequest("box", event, record))


MEASURED = {"temperature": 23.4, "humidity": 41.0, "online": True, "mains": True, "waiting": 3}


@contextmanager
def served(one: Shown, port: int = 0) -> Iterator[str]:
    """The pages behind a socket; their address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, one.app, threaded=True)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
