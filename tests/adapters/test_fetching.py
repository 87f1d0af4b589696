"""Files by HTTP: gone on with after a cut, judged by their digest."""

import re
import socketserver
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from adapters.http.fetching import fetch
from engine.problems import DeliveryError

CONTENT = bytes(range(256)) * 2000
DIGEST = sha256(CONTENT).hexdigest()


class Server(HTTPServer):
    cut = 0
    ranges = True
    shifted = 0
    status = 0
    asked: list[str]


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers["Range"] or ""
        self.server.asked.append(asked)
        found = re.fullmatch(r"bytes=(\d+)-", asked) if self.server.ranges else None
        begin = int(found[1]) if found else 0
        if self.server.status or begin >= len(CONTENT):
            self.send_response(self.server.status or 416)
            self.end_headers()
            return
        self.send_response(206 if found else 200)
        if found:
            self.send_header("Content-Range", f"bytes {begin + self.server.shifted}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        cut, self.server.cut = self.server.cut, 0
        self.wfile.write(CONTENT[begin : begin + cut] if cut else CONTENT[begin:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answers) as made:
        made.asked = []
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def address(server: socketserver.BaseServer) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/versions/v2.zip?a=b"


@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_was_cut_off_is_gone_on_with(server: Server, tmp_path: Path, ranges: bool) -> None:
    server.cut, server.ranges = 100_000, ranges
    to = tmp_path / "in" / "v2.zip"
    with pytest.raises(DeliveryError) as caught:
        fetch("versions", address(server), to, DIGEST)
    assert caught.value.incident.retry
    assert not to.exists()
    fetch("versions", address(server), to, DIGEST)
    assert to.read_bytes() == CONTENT
    assert server.asked == ["", "bytes=100000-"]
    assert not list(to.parent.glob("*.part"))


def test_a_file_comes_in_pieces(server: Server, tmp_path: Path) -> None:
    to = tmp_path / "v2.zip"
    pieces = 1
    while not fetch("versions", address(server), to, DIGEST, seconds=1e-9):
        pieces += 1
        assert not to.exists()
    assert to.read_bytes() == CONTENT
    assert pieces == len(server.asked) > 4


def test_a_server_that_always_begins_anew_comes_to_an_end(server: Server, tmp_path: Path) -> None:
    server.ranges = False
    to = tmp_path / "v2.zip"
    assert not fetch("versions", address(server), to, DIGEST, seconds=1e-9)
    assert fetch("versions", address(server), to, DIGEST, seconds=1e-9)
    assert to.read_bytes() == CONTENT
    assert len(server.asked) == 2


def test_one_that_begins_anew_and_is_too_slow_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.http.fetching._AT_ONCE", 1e-9)
    server.ranges = False
    assert not fetch("versions", address(server), tmp_path / "v2.zip", DIGEST, seconds=1e-9)
    with pytest.raises(DeliveryError, match="ranges") as caught:
        fetch("versions", address(server), tmp_path / "v2.zip", DIGEST, seconds=1e-9)
    assert not caught.value.incident.retry


def test_another_range_than_was_asked_for_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    to = tmp_path / "v2.zip"
    assert not fetch("versions", address(server), to, DIGEST, seconds=1e-9)
    server.shifted = 1
    with pytest.raises(DeliveryError, match="another range"):
        fetch("versions", address(server), to, DIGEST)
    assert fetch("versions", address(server), to, DIGEST)
    assert server.asked[-1] == ""
    assert to.read_bytes() == CONTENT


def test_another_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="another digest"):
        fetch("versions", address(server), tmp_path / "v2.zip", "0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_what_is_whole_already_is_judged(server: Server, tmp_path: Path) -> None:
    (tmp_path / "v2.zip.part").write_bytes(CONTENT)
    fetch("versions", address(server), tmp_path / "v2.zip", DIGEST)
    assert (tmp_path / "v2.zip").read_bytes() == CONTENT


@pytest.mark.parametrize(("status", "retry"), [(404, False), (503, True), (302, False)])
def test_a_refusal_says_whether_trying_again_helps(server: Server, tmp_path: Path, status: int, retry: bool) -> None:
    server.status = status
    with pytest.raises(DeliveryError) as caught:
        fetch("versions", address(server), tmp_path / "v2.zip")
    assert caught.value.incident.retry is retry


@pytest.mark.parametrize("url", ["", "ftp://host/x", "http:///x", "http://[::1", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(DeliveryError, match="address"):
        fetch("versions", url, tmp_path / "x")


def test_nobody_there_is_worth_another_try(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError) as caught:
        fetch("versions", "http://127.0.0.1:1/x", tmp_path / "x")
    assert caught.value.incident.retry
