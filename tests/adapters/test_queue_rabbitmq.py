"""RabbitMQ behind the ports, on a real broker."""

from __future__ import annotations

import contextlib
import secrets
import struct
import threading
import time
from collections.abc import Sequence

import pika
import pytest

from adapters.queue_rabbitmq.channel import RabbitChannel, RabbitSource
from adapters.queue_rabbitmq.place import Place, place_of
from engine.model.traffic import Arrived, Outgoing
from engine.problems import DeliveryError
from engine.testing.contracts.channels import Delivered, PipelineContract, SourceContract, taken
from tests.broker import Broker


class AtBroker:
    """A queue of each test's own."""

    @pytest.fixture(autouse=True)
    def _place(self, broker: Broker) -> None:
        self.place = Place("out", broker.url, f"q{secrets.token_hex(6)}")
        self.channels: list[RabbitChannel] = []
        yield
        for one in self.channels:
            one.close()

    def channel(self) -> RabbitChannel:
        self.channels.append(RabbitChannel(self.place))
        return self.channels[-1]


def drained(place: Place) -> list[Arrived]:
    source = RabbitSource(place)
    found: list[Arrived] = []
    while more := source.receive(1_000, 0.3):
        found += more
        source.accept([one.tag for one in more])
    source.close()
    return found


class TestRabbitChannel(AtBroker, PipelineContract):
    def delivered(self) -> Sequence[Delivered]:
        return [Delivered(one.body, one.key, one.kind, one.headers) for one in drained(self.place)]

    def test_senders_at_once_take_turns(self) -> None:
        channel = self.channel()
        threads = [
            threading.Thread(target=lambda n=n: channel.send(b"", key=f"k{n}", kind="", headers={})) for n in range(8)
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert sorted(one.key for one in self.delivered()) == [f"k{n}" for n in range(8)]

    def test_what_no_queue_takes_is_told_for_that_message_alone(self, broker: Broker) -> None:
        self.channel().send(b"", key="made", kind="", headers={})  # the queue stands
        nowhere = Place("out", broker.url, "nowhere" + self.place.queue, declare=False)
        channel = RabbitChannel(nowhere)
        self.channels.append(channel)
        (incident,) = channel.send_many([Outgoing(b"", "a")])
        assert incident is not None
        assert "NO_ROUTE" in incident.text
        assert not incident.retry

    def test_a_head_that_cannot_be_carried_keeps_no_other_message_back(self) -> None:
        messages = [Outgoing(b"", str(number), "") for number in range(5)]
        messages[2] = Outgoing(b"", "2", "", {"x" * 300: "long"})
        messages[3] = Outgoing(b"", "3", "", {"priority": "999"})
        found = self.pipeline().send_many(messages)
        assert [one is None for one in found] == [True, True, False, False, True]
        assert not any(one.retry for one in found if one is not None)
        assert self.pipeline().send_many([Outgoing(b"", "5", "")]) == [None]
        assert [one.key for one in self.delivered()] == ["0", "1", "4", "5"]

    def test_an_exchange_leads_to_its_queue(self, broker: Broker) -> None:
        self.place = Place("out", broker.url, self.place.queue, exchange=f"x{self.place.queue}", routing="import")
        self.channel().send(b"x", key="a", kind="", headers={})
        assert [one.key for one in drained(self.place)] == ["a"]

    def test_higher_priorities_come_first(self, broker: Broker) -> None:
        self.place = Place("out", broker.url, self.place.queue, priorities=5)
        channel = self.channel()
        for number in range(6):
            channel.send(b"", key=str(number), kind="", headers={"priority": str(number)})
        assert [one.key for one in drained(self.place)][:2] == ["5", "4"]

    def test_no_broker_is_an_incident_without_the_password_and_is_left_alone_for_a_while(self) -> None:
        channel = RabbitChannel(Place("out", "amqp://guiju:s3cret@127.0.0.1:1/%2F", "q"))
        for _ in range(2):
            with pytest.raises(DeliveryError) as caught:
                channel.send(b"", key="a", kind="", headers={})
            assert caught.value.incident.retry
            assert str(caught.value) == "out: Connection refused"
        assert incident_of(RabbitSource(Place("in", "amqp://127.0.0.1:1/%2F", "q"))).text == "Connection refused"

    def test_a_probe_goes_there_and_back_and_touches_nothing(self, broker: Broker) -> None:
        channel, source = self.channel(), RabbitSource(self.place)
        channel.send(b"1", key="a", kind="", headers={})
        assert (channel.probe().probed, source.probe().waiting) == (True, 1)
        assert [one.body for one in drained(self.place)] == [b"1"]
        missing = Place("out", broker.url, self.place.queue + "_none", declare=False)
        with pytest.raises(DeliveryError, match="NOT_FOUND"):
            RabbitChannel(missing).probe()

    def test_a_wrong_password_is_told_and_not_shown(self, broker: Broker) -> None:
        place = Place("out", broker.url.replace(":", ":x", 2).replace("amqp:x", "amqp:"), "q")
        for part in (RabbitChannel(place).send_many([Outgoing(b"", "a")])[0], incident_of(RabbitSource(place))):
            assert part is not None
            assert "ACCESS_REFUSED" in part.text
            assert broker.about["password"] not in part.text

    def test_an_address_that_is_none_is_told_and_not_shown(self) -> None:
        (incident,) = RabbitChannel(Place("out", "amqp://a:s3cret@[", "q")).send_many([Outgoing(b"", "a")])
        assert incident is not None
        assert "s3cret" not in incident.text

    def test_settings_make_the_place(self) -> None:
        settings = {
            "queue": "q",
            "exchange": "x",
            "routing": "r",
            "prefetch": "7",
            "priorities": "3",
            "declare": "false",
        }
        place = place_of("out", settings, "amqp://secret")
        assert (place.queue, place.routing_key, place.prefetch, place.declare) == ("q", "r", 7, False)
        assert "secret" not in repr(place)


def incident_of(source: RabbitSource):
    with pytest.raises(DeliveryError) as caught:
        source.receive(1, 0)
    return caught.value.incident


class Raw(pika.BasicProperties):
    """A head with one header, whose value is written as it is given."""

    def __init__(self, value: bytes) -> None:
        super().__init__()
        self._value = value

    def encode(self) -> list[bytes]:
        header = b"\x01x" + self._value
        return [struct.pack(">HI", self.FLAG_HEADERS, len(header)), header]


class TestRabbitSource(AtBroker, SourceContract):
    def source(self) -> RabbitSource:
        return RabbitSource(self.place)

    def put(self, *messages: Outgoing) -> None:
        assert list(self.channel().send_many(messages)) == [None] * len(messages)

    def aside(self) -> Sequence[bytes]:
        dead = Place("dead", self.place.url, self.place.dead, declare=False)
        until = time.monotonic() + 5
        while not (found := drained(dead)) and time.monotonic() < until:
            time.sleep(0.1)
        return [one.body for one in found]

    def test_a_tag_of_a_lost_line_is_an_incident(self) -> None:
        self.put(Outgoing(b"x", "a"))
        source = self.opened()
        (one,) = taken(source, 1)
        source.close()
        with pytest.raises(DeliveryError):
            source.accept([one.tag])
        assert [again.redelivered for again in taken(source, 1)] == [True]

    def test_heads_of_others_keep_no_message_back(self) -> None:
        self.channel().send(b"first", key="first", kind="", headers={})  # the queue stands
        gbk = "回执".encode("gbk")
        heads = [
            {"message_id": gbk, "type": gbk, "headers": {"name": gbk}},
            {"message_id": "a\0b", "headers": {"many": [1, None, {"deep": True}], "none": None}},
            {},
        ]
        made = [pika.BasicProperties(**head) for head in heads]
        made.append(Raw(struct.pack(">cQ", b"T", 2**63)))  # a moment beyond all calendars
        with contextlib.closing(pika.BlockingConnection(pika.URLParameters(self.place.url))) as line:
            for number, properties in enumerate(made):
                line.channel().basic_publish("", self.place.queue, str(number).encode(), properties)
        self.channel().send(b"last", key="last", kind="", headers={})
        found = taken(self.opened(), len(made) + 2)
        assert [(one.body, one.key, bool(one.distrusted)) for one in found] == [
            (b"first", "first", False), (b"0", "回执", False), (b"1", "a\0b", False), (b"2", "", False),
            (b"3", "", True), (b"last", "last", False),
        ]  # fmt: skip
        assert (found[1].kind, found[1].headers) == ("回执", {"name": "回执"})

    def test_no_more_is_taken_than_is_fetched_ahead(self) -> None:
        self.put(*(Outgoing(b"", str(number)) for number in range(5)))
        self.place = Place("in", self.place.url, self.place.queue, prefetch=2)
        source = self.opened()
        assert len(taken(source, 2)) == 2
        assert list(source.receive(5, 0.2)) == []
