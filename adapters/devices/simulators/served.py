"""A simulated cabinet behind a socket: `far` speaks to it. In: lines of JSON. Out: how it stands, a line each."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Mapping
from pathlib import Path

from adapters.devices.simulators.cabinet import SimulatedCabinet
from adapters.devices.simulators.far import SOCKET


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    cabinet: SimulatedCabinet


class _Asked(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        for line in self.rfile:
            self.wfile.write(answer(self.server.cabinet, line).encode("utf-8") + b"\n")


def answer(cabinet: SimulatedCabinet, line: bytes) -> str:
    """What the cabinet says to one line: how it stands, or `wrong` with what was not understood."""
    try:
        order = json.loads(line)
        state: dict[str, object]
        if order.get("act") == "words":
            state = {"words": cabinet.words}
        else:
            state = cabinet.state() if order.get("act") == "state" else cabinet.act(order)
    except (KeyError, ValueError, TypeError, AttributeError) as wrong:
        state = {"wrong": f"{type(wrong).__name__}: {wrong}"}
    return json.dumps(state, ensure_ascii=False)


def run(words: Mapping[str, Mapping[str, str]], folder: Path, over: threading.Event) -> None:
    """Simulate these devices until `over` is set. Raises OSError where the socket cannot be made, ValueError for a kind
    without a simulator."""
    cabinet, path = SimulatedCabinet(words, folder), folder / SOCKET
    path.unlink(missing_ok=True)
    with _Server(str(path), _Asked) as server:
        server.cabinet = cabinet
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        over.wait()
        server.shutdown()
    path.unlink(missing_ok=True)
    cabinet.close()
