"""The partner to try against at work: an HTTP server for AS2, a folder behind an FTP server for AS3.

In: a `Partner`, addresses, a folder. Out: receipts at once or after a pause, files of `send/` as messages. The folder
of AS3 has `in/` for what is left there and `out/` for what is to be fetched.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, NoReturn, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from adapters.as2.as3 import file_of
from adapters.as2.entities import Malformed, read, written
from adapters.as2.packing import packed
from adapters.as2.partner import AWAY, LATE, NONE, Given, Partner
from engine.problems import DeliveryError, Incident

_TICK = 0.2
_MOST = 64 << 20


class Answer(Protocol):
    """What came back of a POST."""

    @property
    def status(self) -> int: ...

    @property
    def heads(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


Post = Callable[[str, Mapping[str, str], bytes], Answer]
"""POSTs to an address. Raises DeliveryError."""


@dataclass(slots=True)
class HttpRoom:
    """AS2: a WSGI application, and what it sends. `to` is where messages go, `pause` how late `late` is."""

    partner: Partner
    post: Post
    to: str = ""
    receipts_to: str = ""
    pause: float = 5.0
    _later: list[threading.Timer] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI (PEP 3333)."""
        heads = {name[5:].replace("_", "-").lower(): str(one) for name, one in environ.items() if name[:5] == "HTTP_"}
        heads["content-type"] = str(environ.get("CONTENT_TYPE") or "")
        size = min(int(environ.get("CONTENT_LENGTH") or 0), _MOST)
        given = self.partner.take(heads, environ["wsgi.input"].read(size))
        if given.answer == AWAY:
            start("503 Service Unavailable", [("Content-Length", "0")])
            return []
        address = heads.get("receipt-delivery-option", "")
        if address and given.answer != NONE:
            timer = threading.Timer(self.pause if given.answer == LATE else 0.0, self._tell, (address, given))
            self._later.append(timer)
            timer.start()
            start("200 OK", [("Content-Length", "0")])
            return []
        if given.answer == LATE:
            time.sleep(self.pause)
        start("200 OK", [*given.heads.items(), ("Content-Length", str(len(given.body)))])
        return [given.body]

    def step(self) -> int:
        """Send what lies in `send/`; how many files."""
        waiting = self.partner.waiting() if self.to else []
        for path, message in waiting:
            sent = packed(self.partner.relation, message, self.receipts_to)
            self.partner.sent[sent.message_id] = sent.mic
            answer = self.post(self.to, sent.heads, sent.body)
            if not 200 <= answer.status < 300:
                raise DeliveryError(Incident("partner", f"HTTP {answer.status}"))
            self.partner.sent_away(path)
            if answer.body:
                self.partner.said(sent.message_id, answer.heads, answer.body)
        return len(waiting)

    def close(self) -> None:
        """Nothing is told any more."""
        for one in self._later:
            one.cancel()
            one.join()

    def _tell(self, address: str, given: Given) -> None:
        self.post(address, given.heads, given.body)


@dataclass(slots=True)
class FolderRoom:
    """AS3: files of `in/` are answered in `out/`, where messages go as well."""

    partner: Partner
    folder: Path
    receipts_to: str = ""
    pause: float = 5.0
    _late: list[tuple[float, Path, bytes]] = field(default_factory=list)
    _away: set[str] = field(default_factory=set)

    def step(self) -> int:
        """Look once at what came, what is to be sent and what is due; how many files were handled."""
        came = [one for one in sorted((self.folder / "in").glob("*")) if one.is_file() and one.suffix != ".part"]
        handled = sum(self._answer(one) for one in came if one.name not in self._away)
        for path, message in self.partner.waiting():
            sent, content = file_of(self.partner.relation, message, self.receipts_to)
            self.partner.sent[sent.message_id] = sent.mic
            _put(self.folder / "out" / f"{path.name}.as3", content)
            self.partner.sent_away(path)
            handled += 1
        due = [one for one in self._late if one[0] <= time.monotonic()]
        for one in due:
            self._late.remove(one)
            _put(one[1], one[2])
        return handled + len(due)

    def _answer(self, path: Path) -> int:
        try:
            entity = read(path.read_bytes())
        except Malformed:
            path.replace(path.with_suffix(".broken.part"))
            return 1
        given = self.partner.take(entity.heads, entity.body)
        if given.answer == AWAY:  # it lies there as if nobody came for it
            self._away.add(path.name)
            return 0
        path.unlink()
        if given.body:
            name = hashlib.sha256(given.body).hexdigest()[:24]
            place, content = self.folder / "out" / f"{name}.mdn", written(given.heads, given.body)
            if given.answer == LATE:
                self._late.append((time.monotonic() + self.pause, place, content))
            else:
                _put(place, content)
        return 1


class Serving:
    """An HTTP server at work in a thread; for one room."""

    def __init__(self, room: HttpRoom, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = make_server(host, port, room, server_class=_Threads, handler_class=_Quiet)
        self._room = room
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Stop listening."""
        self._room.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def at_work(step: Callable[[], int], told: Callable[[str], None]) -> NoReturn:
    """Steps over and over, until it is interrupted; what fails is told and tried again."""
    while True:
        try:
            step()
        except (DeliveryError, OSError) as fault:
            told(str(fault))
            time.sleep(5.0)
        time.sleep(_TICK)


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
