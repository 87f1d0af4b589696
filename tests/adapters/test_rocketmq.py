"""What the adapter of RocketMQ works out by itself; a broker is not at hand."""

from __future__ import annotations

import sys

import pytest

from adapters.queue_rocketmq.channel import (
    RocketChannel,
    RocketPlace,
    RocketSource,
    arrived_of,
    properties_of,
    where_of,
)
from engine.model.traffic import Arrived
from engine.problems import DeliveryError


@pytest.mark.parametrize("body", [b"", b"=", b"\x00x"])
@pytest.mark.parametrize("key", ["a", "钥匙|1", " ", "x" * 500])
def test_what_is_told_beside_a_body_comes_back_and_is_never_blank(body: bytes, key: str) -> None:
    told = properties_of(body, key, "", {"topic": "出口", "empty": ""})
    assert all(value.strip() for value in told.values())
    found = arrived_of(body or b"=", told, "M1", "1", again=True)
    assert found == Arrived(body, key, "", {"topic": "出口", "empty": ""}, "1", True)


@pytest.mark.parametrize("headers", ["", "{", "[1]"])
def test_somebody_elses_message_is_known_by_its_id(headers: str) -> None:
    theirs = {"guiju-headers": headers, "guiju-key": "bare"}
    assert arrived_of(b"x", theirs, "M1", "1", again=False) == Arrived(b"x", "M1", tag="1")


def test_addresses() -> None:
    assert where_of("rocketmqs://ak:s%2Fk@mq.example:9000") == ("mq.example:9000", "ak", "s/k", True)
    assert where_of("rocketmq://mq.example") == ("mq.example:8081", "", "", False)


def test_without_its_library_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rocketmq", None)
    place = RocketPlace("line", "rocketmq://a:s3cret@127.0.0.1:1", "orders", "guiju")
    for use in (
        lambda: RocketChannel(place).send(b"", key="a", kind="", headers={}),
        lambda: RocketSource(place).receive(1, 0),
    ):
        with pytest.raises(DeliveryError, match="not installed") as caught:
            use()
        assert not caught.value.incident.retry
    assert "s3cret" not in repr(place)
    with pytest.raises(DeliveryError, match="at most") as caught:
        RocketChannel(place).send(bytes((4 << 20) + 1), key="a", kind="", headers={})
    assert not caught.value.incident.retry
