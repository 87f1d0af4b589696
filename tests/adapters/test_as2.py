"""AS2: a channel sends to a door of the test's own over real HTTP; what partners get wrong is refused on both sides."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any, ClassVar
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from adapters.as2 import cms
from adapters.as2.channel import As2Channel
from adapters.as2.cms import CmsFault, Ends, ends_of
from adapters.as2.door import Door, Gate, Request, taken
from adapters.as2.entities import Entity, Malformed, joined, quoted, read, unquoted, written
from adapters.as2.packing import Packed, packed
from adapters.as2.receipts import Receipt, Refused, answered, judge
from adapters.as2.relation import Relation
from adapters.http.channel import HttpPoster
from engine.model.traffic import Arrived, Outgoing
from engine.problems import DeliveryError
from engine.testing.contracts.channels import ChannelContract, Delivered
from tests.adapters.certificates import NOW, pems

OF_AS2 = ("as2-message-id", "as2-from")


def ends(own: str, partner: str) -> Ends:
    return ends_of(pems(own)[0], pems(partner)[1])


def relation(own: str = "our side", partner: str = "THEM", **flags: Any) -> Relation:
    return Relation(own, partner, ends(own, partner), **flags)


class Kept:
    """Keeps as landing does: once for each key, another content put aside."""

    def __init__(self) -> None:
        self.messages: list[Arrived] = []
        self.aside: list[tuple[str, Arrived, str]] = []
        self.owed: list[tuple[str, Outgoing]] = []

    def keep(self, channel: str, arrived: Arrived) -> str:
        known = [one for one in self.messages if one.key == arrived.key]
        if not known:
            self.messages.append(arrived)
        return "MSG201" if known and known[0].body != arrived.body else ""

    def put_aside(self, channel: str, arrived: Arrived, why: str) -> None:
        self.aside.append((channel, arrived, why))

    def owe(self, channel: str, receipt: Outgoing) -> None:
        self.owed.append((channel, receipt))


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def behind(_: dict[str, Any], start: Any) -> list[bytes]:
    start("404 Not Found", [("Content-Length", "0")])
    return []


class Far(ChannelContract):
    flags: ClassVar[Mapping[str, bool]] = {}

    @pytest.fixture(autouse=True)
    def _far(self) -> Iterator[None]:
        self.kept = Kept()
        gate = Gate("in", "/as2", relation("THEM", "our side", **self.flags))
        server = make_server("127.0.0.1", 0, Door(behind, lambda: [gate], self.kept), handler_class=Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.url, self.opened = f"http://127.0.0.1:{server.server_port}", []
        yield
        for one in self.opened:
            one.close()
        server.shutdown()
        thread.join()
        server.server_close()

    def channel(self, path: str = "/as2") -> As2Channel:
        made = As2Channel("out", relation(**self.flags), HttpPoster("out", self.url + path))
        self.opened.append(made)
        return made

    def delivered(self) -> Sequence[Delivered]:
        plain = [{k: v for k, v in one.headers.items() if k not in OF_AS2} for one in self.kept.messages]
        return [Delivered(m.body, m.key, m.kind, h) for m, h in zip(self.kept.messages, plain, strict=True)]


class TestSignedAndEncrypted(Far):
    def test_the_same_key_lands_once_and_is_answered_alike(self) -> None:
        for _ in range(2):
            self.channel().send(b"x", key="a", kind="report", headers={})
        assert len(self.delivered()) == 1
        with pytest.raises(DeliveryError, match="unexpected-processing-error") as caught:
            self.channel().send(b"y", key="a", kind="report", headers={})
        assert (caught.value.incident.retry, len(self.delivered())) == (False, 1)

    def test_other_paths_go_to_the_application_behind(self) -> None:
        with pytest.raises(DeliveryError, match="HTTP 404") as caught:
            self.channel("/elsewhere").send(b"x", key="a", kind="", headers={})
        assert not caught.value.incident.retry
        assert self.channel().probe().detail == "HTTP 404"


class TestCompressedToo(Far):
    flags: ClassVar = {"compress": True}


def receive(body: bytes = b"x", change: Any = None, **flags: Any) -> tuple[Kept, Packed, Mapping[str, str], bytes]:
    """A message goes in, changed on its way by `change`; what was kept, sent and answered."""
    sent, kept = packed(relation(**flags), Outgoing(body, "a", "report")), Kept()
    request = Request({name.lower(): one for name, one in sent.heads.items()}, sent.body, len(sent.body))
    request = change(request) if change else request
    heads, answer = taken([Gate("in", "/as2", relation("THEM", "our side"))], request, kept, NOW)
    return kept, sent, {name.lower(): one for name, one in heads.items()}, answer


def with_heads(**heads: str) -> Any:
    return lambda one: replace(one, heads={**one.heads, **{k.replace("_", "-"): v for k, v in heads.items()}})


@pytest.mark.parametrize(
    ("flags", "change", "said"),
    [
        ({"encrypt": False}, None, "insufficient-message-security"),
        ({"sign": False}, None, "insufficient-message-security"),
        ({}, with_heads(as2_from="stranger"), "authentication-failed"),
        ({}, with_heads(receipt_delivery_option="http://far.example"), "unexpected-processing-error"),
        ({}, with_heads(message_id=""), "unexpected-processing-error"),
        ({}, lambda one: replace(one, body=b"", size=1 << 30), "unexpected-processing-error"),
        ({}, lambda one: replace(one, body=one.body[:-20]), "authentication-failed"),
        ({}, lambda one: replace(one, body=b"junk"), "authentication-failed"),
    ],
)
def test_what_is_not_right_is_refused_and_put_aside(flags: dict[str, bool], change: Any, said: str) -> None:
    kept, sent, heads, answer = receive(change=change, **flags)
    assert (kept.messages, len(kept.aside)) == ([], 1)
    assert f"processed/error: {said}".encode() in answer
    with pytest.raises(Refused):
        judge(relation(), sent.message_id, sent.mic, heads, answer)


def test_a_signature_of_somebody_else_or_over_something_else_is_refused() -> None:
    forged = replace(relation(), ends=ends("x", "THEM"))
    gate, plain = [Gate("in", "/as2", relation("THEM", "our side", encrypt=False))], relation(encrypt=False)
    for how, said in ((replace(forged, encrypt=False), b"authentication-failed"), (plain, b"integrity-check-failed")):
        sent, kept = packed(how, Outgoing(b"pay 100", "a", "")), Kept()
        body = sent.body.replace(b"pay 100", b"pay 900") if how is plain else sent.body
        _, answer = taken(gate, Request({k.lower(): v for k, v in sent.heads.items()}, body, len(body)), kept, NOW)
        assert (said in answer, kept.messages, len(kept.aside)) == (True, [], 1)


def test_a_message_replayed_under_another_id_lands_once() -> None:
    sent, kept = packed(relation(), Outgoing(b"x", "a", "")), Kept()
    gate = Gate("in", "/", relation("THEM", "our side"))
    for number in range(2):
        heads = {k.lower(): v for k, v in sent.heads.items()} | {"message-id": f"<{number}@x>"}
        taken([gate], Request(heads, sent.body, len(sent.body)), kept, NOW)
    assert len(kept.messages) == 1


def asked(door: Door, method: str = "POST", length: str | None = None, **more: Any) -> tuple[str, bytes]:
    """Status and body of an answer to a packed message, or to a changed one."""
    sent, said = packed(relation(), Outgoing(b"x", "a", "")), []
    environ = {f"HTTP_{name.upper().replace('-', '_')}": one for name, one in sent.heads.items()}
    environ |= {"REQUEST_METHOD": method, "PATH_INFO": "/as2", "CONTENT_TYPE": sent.heads["Content-Type"]}
    environ |= {"CONTENT_LENGTH": str(len(sent.body)) if length is None else length}
    body = b"".join(door({**environ, "wsgi.input": BytesIO(sent.body), **more}, lambda status, _: said.append(status)))
    return said[0], body


def test_a_door_answers_what_is_no_message_plainly_and_signs_only_for_what_is_kept() -> None:
    kept, gate = Kept(), Gate("in", "/as2", relation("THEM", "our side", most=1_000))
    door = Door(behind, lambda: [gate], kept)
    for status, how in (
        ("404", {"method": "GET"}), ("404", {"PATH_INFO": "/as2/more"}), ("411", {"length": ""}),
        ("411", {"length": "9000"}), ("400", {"HTTP_AS2_FROM": ""}),
    ):  # fmt: skip
        assert asked(door, **how)[0].startswith(status)
    assert b"unexpected-processing-error" in asked(door, length="99999999")[1]
    assert [one.body for _, one, _ in kept.aside] == [b""]
    kept.keep = lambda channel, arrived: 1 / 0
    assert asked(door) == ("503 Service Unavailable", b"")


def test_little_is_kept_of_strangers() -> None:
    kept, *_ = receive(b"x" * 9_000, with_heads(as2_from="stranger"))
    assert [len(one.body) for _, one, _ in kept.aside] == [4_096]


def test_a_right_receipt_is_believed_and_no_other() -> None:
    _, sent, heads, answer = receive()
    judge(relation(), sent.message_id, sent.mic, heads, answer)
    other = packed(relation(), Outgoing(b"y", "b", ""))
    _, _, refused_heads, refused = receive(b"z", with_heads(message_id=sent.message_id))
    begun = read(written({"Content-Type": heads["content-type"]}, answer)).parts()[0]
    unsigned = read(begun)
    theirs = Receipt(sent.message_id, sent.mic)
    for why, given_heads, given, wanted in (
        ("another message", heads, answer, other),
        ("another content", refused_heads, refused, sent),
        ("not to be trusted", heads, answer.replace(b"; processed", b"; PROCESSED"), sent),
        ("not signed", heads | {"content-type": unsigned.heads["content-type"]}, unsigned.body, sent),
        ("as2-from", heads | {"as2-from": "x"}, answer, sent),
        ("no report", *_signed_text(), sent),
        ("not the partner's", *answered(theirs, ("THEM", "our side"), relation("x", "our side")), sent),
        ("not to be trusted", {}, b"<html>", sent),
    ):
        lower = {name.lower(): one for name, one in given_heads.items()}
        with pytest.raises(Refused, match=why):
            judge(relation(), wanted.message_id, wanted.mic, lower, given)


def _signed_text() -> tuple[dict[str, str], bytes]:
    from adapters.as2.packing import signed_entity

    entity = read(signed_entity(written({"Content-Type": "text/plain"}, b"fine"), relation("THEM", "our side")))
    return {"AS2-From": "THEM", "AS2-To": quoted("our side"), **entity.heads}, entity.body


def test_a_refusal_is_not_tried_again_and_a_lost_line_is() -> None:
    class Line:
        def __init__(self, status: int) -> None:
            self.status, self.heads, self.body = status, {}, b""

        def post(self, body: bytes, heads: Mapping[str, str], at: str = "") -> Line:
            return self

    for status, again in ((200, False), (400, False), (503, True), (429, True)):
        with pytest.raises(DeliveryError) as caught:
            As2Channel("out", relation(), Line(status)).send(b"", key="a", kind="", headers={})
        assert caught.value.incident.retry is again
    late = As2Channel("out", relation(), Line(200), lambda: NOW + timedelta(days=30))
    for use in (lambda: late.send(b"", key="a", kind="", headers={}), late.probe):
        with pytest.raises(DeliveryError, match="not valid now"):
            use()


def test_what_unpacks_to_more_than_its_bound_is_not_unpacked() -> None:
    bomb = cms.compressed(b"\0" * 1_000_000)
    assert cms.decompressed(bomb, 1_000_000) == b"\0" * 1_000_000
    for content, most in ((bomb, 999_999), (b"junk", 10), (cms.signed(b"", ends("x", "x")), 10)):
        with pytest.raises(CmsFault):
            cms.decompressed(content, most)


def test_a_signature_without_a_signer_is_none() -> None:
    from asn1crypto import cms as syntax

    signature = syntax.ContentInfo.load(cms.signed(b"x", ends("x", "x")))
    signature["content"]["signer_infos"] = syntax.SignerInfos([])
    with pytest.raises(CmsFault, match="cannot be read"):
        cms.verify(b"x", signature.dump(force=True), ends("x", "x"))


def test_what_was_encrypted_for_another_is_told_apart() -> None:
    with pytest.raises(CmsFault, match="another certificate"):
        cms.decrypted(cms.enveloped(b"x", ends("x", "THEM")), ends("our side", "x"))


@pytest.mark.parametrize("pair", [("x", "x"), ("y", "THEM")])
def test_keys_that_cannot_be_are_told(pair: tuple[str, str]) -> None:
    key, own = pems(pair[0])
    for mine, theirs in ((b"", own), (key, b""), (own, own), (key.replace(own, pems("our side")[1]), own)):
        with pytest.raises(ValueError, match=r"PEM|key"):
            ends_of(mine, theirs)


def test_entities_are_read_in_one_way_or_not_at_all() -> None:
    for content in (b"no head", b"A: 1\r\na: 2\r\n\r\n", b"head\r\n\r\nbody"):
        with pytest.raises(Malformed):
            read(content)
    kind = {"content-type": 'multipart/mixed; boundary="b"'}
    assert Entity(kind, joined("b", b"\r\n1", b"\r\n2")).parts() == [b"\r\n1", b"\r\n2"]
    for body in (b"--b\r\n1\r\n--b\r\n2", b"--bx\r\n1\r\n--b\r\n2\r\n--b--", b""):
        with pytest.raises(Malformed):
            Entity(kind, body).parts()
    for encoding, body in (("quoted-printable", b""), ("base64", b"*")):
        with pytest.raises(Malformed):
            Entity({"content-transfer-encoding": encoding}, body).content()
    for name in ("plain", "our side", 'a "b" \\c'):
        assert unquoted(quoted(name)) == name


def test_nothing_long_is_read_of_strangers() -> None:
    kept, gate = Kept(), Gate("in", "/as2", relation("THEM", "our side"))
    door, body = Door(behind, lambda: [gate], kept), BytesIO(b"x" * 9_000)
    said = asked(door, length="9000", HTTP_AS2_FROM="stranger", **{"wsgi.input": body})
    assert (body.tell(), b"authentication-failed" in said[1]) == (0, True)
    assert [one.body for _, one, _ in kept.aside] == [b""]
