"""Channels of a node as the composition root binds them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from adapters.as2.as3_channel import As3Channel
from adapters.as2.as3_source import As3Source
from adapters.as2.channel import As2Channel
from adapters.as2.cms import ends_of
from adapters.as2.keys import PartnerKeys
from adapters.as2.packing import packed
from adapters.as2.relation import Relation
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.engine import Backend
from adapters.database.queue import DatabaseChannel, DatabaseQueues, DatabaseSource
from adapters.file_channel.channel import FileChannel
from adapters.file_channel.source import FileSource
from adapters.http.channel import HttpChannel, HttpService
from adapters.queue_ibm_mq.channel import MqChannel, MqSource
from adapters.queue_rabbitmq.channel import RabbitChannel, RabbitSource
from engine.model.system import Node
from engine.model.traffic import NOTICES, ChannelBinding, Outgoing, ServiceBinding
from engine.problems import DeliveryError
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.landed import LandedQuery, landed_page
from tests.adapters.certificates import pems
from wiring import Closed, Lines, MissingSecret, secret

MQ = {"url_from": "T_MQ", "manager": "QM1", "mq_channel": "APP"}


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lines:
    monkeypatch.setenv("T_MQ", "amqp://me:s3cret@127.0.0.1:1/%2F")
    monkeypatch.delenv("T_NONE", raising=False)
    queues = DatabaseQueues(Backend(f"sqlite:///{tmp_path / 'node.db'}"))
    return Lines(tmp_path, lambda _: queues, lambda: room(tmp_path))


def room(home: Path) -> PartnerKeys:
    """The partners' keys of a node that has just begun."""
    return PartnerKeys(home / "keys" / "as2", Sm4FieldCipher(open_key_file(home / "keys" / "fields.key")))


def lines_of(home: Path) -> Lines:
    return Lines(home, lambda _: DatabaseQueues(Backend("sqlite://")), lambda: room(home))


def befriended(home: Path) -> None:
    """Us, as our own partner."""
    key, certificate = pems("us")
    room(home).bring("us.pem", key)
    room(home).admit("them.pem", certificate)


def node(**channels: ChannelBinding) -> Node:
    return Node("n", ("office",), channels=channels)


def bound(adapter: str, direction: str = "out", **settings: str) -> ChannelBinding:
    return ChannelBinding(adapter, direction, settings=settings)


def test_what_can_be_tried_says_what_it_found(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    bindings = node(
        a=bound("file"), b=bound("database"), i=bound("file", "in", folder="a"), d=bound("database", "in", queue="b"),
        e=bound("http", url="http://127.0.0.1:1/in"), f=bound("rabbitmq", url_from="T_NONE"),
    )  # fmt: skip
    for name in "ab":
        lines.channels(bindings)[name].send(b"x", key="k", kind="", headers={})
    found = {name: lines.probe(name, bindings.channels[name]) for name in "abid"}
    assert {name: one.waiting for name, one in found.items() if one} == {"a": None, "b": 1, "i": 1, "d": 1}
    for name, said in (("e", "Error"), ("f", "T_NONE")):
        with pytest.raises(DeliveryError, match=said):
            lines.probe(name, bindings.channels[name])
    assert lines.probe("sms", bound(NOTICES)) is None
    assert found["a"].probed
    assert not list((lines._home / "spool" / "a").glob("*.part"))


def test_each_adapter_stands_behind_its_channels(lines: Lines) -> None:
    found = lines.channels(
        node(
            a=bound("file"),
            b=bound("database"),
            c=bound("rabbitmq", url_from="T_MQ"),
            d=bound("ibm_mq", **MQ),
            e=bound("http", url="https://far.example/in"),
            sms=bound(NOTICES),
            back=bound("file", "in"),
        )
    )
    kinds = {"a": FileChannel, "b": DatabaseChannel, "c": RabbitChannel, "d": MqChannel, "e": HttpChannel}
    assert {name: type(channel) for name, channel in found.items()} == kinds
    listened = lines.sources(
        node(
            a=bound("file", "in"),
            b=bound("database", "in"),
            c=bound("rabbitmq", "in", url_from="T_MQ"),
            d=bound("ibm_mq", "in", **MQ),
            out=bound("file"),
        )
    )
    kinds = {"a": FileSource, "b": DatabaseSource, "c": RabbitSource, "d": MqSource}
    assert {name: type(source) for name, source in listened.items()} == kinds


def test_partners_by_as2_have_channels_and_gates_where_their_keys_are(lines: Lines, tmp_path: Path) -> None:
    us = {"own": "US", "partner": "THEM", "key": "us.pem", "certificate": "them.pem"}
    bindings = node(o=bound("as2", url_from="T_MQ", encrypt="false", **us), i=bound("as2", "in", **us))
    assert [isinstance(one, Closed) for one in (lines.channels(bindings)["o"], lines.sources(bindings)["i"])] == [
        True
    ] * 2
    assert lines.gates(bindings) == []
    befriended(tmp_path)
    fresh = lines_of(tmp_path)
    channel, source = fresh.channels(bindings)["o"], fresh.sources(bindings)["i"]
    assert isinstance(channel, As2Channel)
    assert (channel.relation.sign, channel.relation.encrypt, source.receive(1, 0)) == (True, False, [])
    assert [(one.channel, one.path) for one in fresh.gates(bindings)] == [("i", "/as2")]
    assert fresh.gates(node()) == []


def test_partners_by_files_and_receipts_that_are_owed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T_FTP", "ftp://us:pw@127.0.0.1:1")
    monkeypatch.setenv("T_HTTP", "https://Them.example:8443/as2?x=1")
    befriended(tmp_path)
    us = {"own": "US", "partner": "THEM", "key": "us.pem", "certificate": "them.pem"}
    bindings = node(
        f=bound("as3", url_from="T_FTP", folder="in", receipts_to="ftp://us/out", receipts_within="60", **us),
        g=bound("as3", "in", url_from="T_FTP", folder="out", receipts="in", poll="9", **us),
        o=bound("as2", url_from="T_HTTP", receipts_to="https://us.example/as2", **us),
        i=bound("as2", "in", receipts_by="o", **us),
    )
    lines = lines_of(tmp_path)
    sends, hears = lines.channels(bindings), lines.sources(bindings)
    assert (type(sends["f"]), sends["f"].within, sends["f"].relation.family) == (As3Channel, 60.0, "AS3")
    assert (type(hears["g"]), hears["g"].pace.poll, hears["g"].places.receipts) == (As3Source, 9.0, "in")
    assert (sends["o"].within, sends["o"].receipts_to) == (86_400.0, "https://us.example/as2")
    (gate,) = lines.gates(bindings)
    assert gate.sends_to("https://them.example:8443/receipts")
    for elsewhere in ("https://them.example/", "http://them.example:8443/", "https://them.example:8443@evil.example/"):
        assert not gate.sends_to(elsewhere)
    with pytest.raises(DeliveryError):
        lines.probe("g", bindings.channels["g"])


def test_what_a_partner_brings_lands_and_is_answered(tmp_path: Path) -> None:
    befriended(tmp_path)
    us = {"own": "US", "partner": "US", "key": "us.pem", "certificate": "them.pem"}
    office = Office(ORDER)
    bindings = replace(office.runtime.node, channels={"i": bound("as2", "in", **us)})
    office.runtime = replace(office.runtime, node=bindings)
    door = lines_of(tmp_path).door(NotFound(), lambda: office.runtime)
    relation = Relation("US", "US", ends_of(*pems("us")))
    for forged in (False, True):
        sent = packed(relation, Outgoing(b"<a/>", "k", "report"))
        heads = {**sent.heads, "AS2-From": "X" if forged else "US"}
        given = Client(door).post("/as2", data=sent.body, headers=heads)
        said = b"processed/error: authentication-failed" if forged else sent.mic.encode()
        assert (given.status_code, said in given.data) == (200, True)
    found = landed_page(office.runtime, LandedQuery(channel="i")).messages
    assert sorted((one.state, one.code, one.number[:2]) for one in found) == [
        ("arrived", "", "k"), ("quarantined", "MSG204", "sh"),
    ]  # fmt: skip


def test_what_has_not_changed_keeps_its_connection(lines: Lines) -> None:
    first = lines.channels(node(a=bound("file"), b=bound("rabbitmq", url_from="T_MQ")))
    then = lines.channels(node(a=bound("file"), b=bound("rabbitmq", url_from="T_MQ", queue="other")))
    assert (then["a"] is first["a"], then["b"] is first["b"]) == (True, False)
    heard = lines.sources(node(a=bound("file", "in")))
    assert lines.sources(node(a=bound("file", "in")))["a"] is heard["a"]
    assert lines.sources(node()) == {}


def test_a_missing_secret_fails_its_channel_alone_and_names_the_variable(lines: Lines) -> None:
    found = lines.channels(node(a=bound("rabbitmq", url_from="T_NONE"), b=bound("file")))
    with pytest.raises(DeliveryError, match="neither T_NONE nor T_NONE_FILE"):
        found["a"].send(b"", key="k", kind="", headers={})
    found["b"].send(b"", key="k", kind="", headers={})
    source = lines.sources(node(a=bound("ibm_mq", "in", **{**MQ, "url_from": "T_NONE"})))["a"]
    for use in (lambda: source.receive(1, 0), lambda: source.accept([]), lambda: source.refuse("", again=True)):
        with pytest.raises(DeliveryError):
            use()
    source.close()


def test_a_file_name_that_cannot_work_fails_its_channel(lines: Lines) -> None:
    with pytest.raises(DeliveryError, match="serial"):
        lines.channels(node(a=bound("file", name="fixed")))["a"].send(b"", key="k", kind="", headers={})


def test_secrets_come_from_variables_or_files(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("from a file\n")
    assert secret("A", {"A": "direct", "A_FILE": "unread"}) == "direct"
    assert secret("A", {"A_FILE": str(tmp_path / "s")}) == "from a file"
    for environment in ({}, {"A": ""}, {"A_FILE": str(tmp_path / "none")}, {"A_FILE": "/dev/null"}):
        with pytest.raises(MissingSecret):
            secret("A", environment)


def test_services_are_asked_by_http_and_a_missing_secret_is_named(lines: Lines) -> None:
    nodes = Node("n", ("office",), services={
        "a": ServiceBinding(url="http://127.0.0.1:1"), "b": ServiceBinding(url_from="T_NONE"),
    })  # fmt: skip
    found = lines.services(nodes)
    assert isinstance(found["a"], HttpService)
    assert lines.services(nodes)["a"] is found["a"]
    with pytest.raises(DeliveryError, match="T_NONE"):
        found["b"].ask(b"", method="POST", path="", key="k", kind="", seconds=1)
