"""Messages pushed over HTTP, to a server of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from adapters.http.channel import HttpChannel, HttpService
from adapters.queue_ibm_mq.channel import MqChannel, MqPlace, MqSource
from engine.problems import DeliveryError
from engine.testing.contracts.channels import ChannelContract, Delivered


class FarSide(ThreadingHTTPServer):
    """Keeps what was posted, and answers as it is told."""

    def __init__(self) -> None:
        self.status, self.posted, self.lines = 200, [], 0
        super().__init__(("127.0.0.1", 0), Door)


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FarSide

    def setup(self) -> None:
        super().setup()
        self.server.lines += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append((dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class TestHttpChannel(ChannelContract):
    @pytest.fixture(autouse=True)
    def _far(self) -> Iterator[None]:
        self.far = FarSide()
        thread = threading.Thread(target=self.far.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.opened: list[HttpChannel] = []
        yield
        for one in self.opened:
            one.close()
        self.far.shutdown()
        thread.join()
        self.far.server_close()

    def channel(self, token: str = "") -> HttpChannel:
        self.opened.append(HttpChannel("far", f"http://127.0.0.1:{self.far.server_port}/in", token=token, seconds=5))
        return self.opened[-1]

    def delivered(self) -> Sequence[Delivered]:
        return [
            Delivered(
                body,
                unquote(head["Idempotency-Key"][1:-1]),
                unquote(head["Message-Kind"]),
                {
                    name.removeprefix("Message-"): unquote(value)
                    for name, value in head.items()
                    if name.startswith("Message-") and name != "Message-Kind"
                },
            )
            for head, body in self.far.posted
        ]

    def test_connections_are_kept(self) -> None:
        channel = self.channel("t-1")
        for number in range(5):
            channel.send(b"", key=str(number), kind="", headers={"content-type": "text/xml"})
        assert self.far.lines == 1
        assert (self.far.posted[0][0]["Authorization"], self.far.posted[0][0]["Content-Type"]) == (
            "Bearer t-1", "text/xml",
        )  # fmt: skip

    @pytest.mark.parametrize(("status", "again"), [(503, True), (429, True), (400, False), (404, False), (302, False)])
    def test_refusals_say_whether_asking_again_may_help(self, status: int, again: bool) -> None:
        self.far.status = status
        with pytest.raises(DeliveryError, match=str(status)) as caught:
            self.channel().send(b"", key="a", kind="", headers={})
        assert (caught.value.incident.retry, len(self.far.posted)) == (again, 1)


def test_nobody_there_may_be_tried_again() -> None:
    with pytest.raises(DeliveryError) as caught:
        HttpChannel("far", "http://127.0.0.1:1/", seconds=1).send(b"", key="a", kind="", headers={})
    assert caught.value.incident.retry


def test_an_address_that_is_none_is_told_and_not_tried_again() -> None:
    with pytest.raises(DeliveryError) as caught:
        HttpChannel("far", "http://", seconds=1).send(b"", key="a", kind="", headers={})
    assert not caught.value.incident.retry


def test_ibm_mq_without_its_library_says_so() -> None:
    place = MqPlace("old", "mq://me:s3cret@127.0.0.1:1414", "QM1", "APP.SVRCONN", "Q1")
    for use in (
        lambda: MqChannel(place).send(b"", key="a", kind="", headers={}),
        lambda: MqSource(place).receive(1, 0),
    ):
        with pytest.raises(DeliveryError, match="pymqi") as caught:
            use()
        assert "s3cret" not in str(caught.value) + repr(place)


class TestHttpService:
    def test_whatever_is_answered_comes_back_with_the_key_sent(self) -> None:
        far = FarSide()
        thread = threading.Thread(target=far.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        service = HttpService("far", f"http://127.0.0.1:{far.server_port}/api/", token="t-1")
        try:
            far.status = 422
            replied = service.ask(b"{}", method="POST", path="/x", key="K 1", kind="weigh", seconds=2.0)
            assert (replied.status, replied.body) == (422, b"ok")
            ((head, body),) = far.posted
            assert (body, head["Idempotency-Key"], head["Authorization"]) == (b"{}", '"K 1"', "Bearer t-1")
        finally:
            service.close()
            far.shutdown()
            thread.join()
            far.server_close()
        with pytest.raises(DeliveryError) as failed:
            service.ask(b"{}", method="POST", path="", key="K", kind="", seconds=1.0)
        assert failed.value.incident.retry
