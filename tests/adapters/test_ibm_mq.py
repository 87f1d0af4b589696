"""What the adapter of IBM MQ works out by itself; a queue manager is not at hand."""

from __future__ import annotations

import pytest

from adapters.queue_ibm_mq.channel import properties_of, told_of, where_of


@pytest.mark.parametrize("key", ["a", "钥匙|1", "x" * 500, "a b\n%41", ""])
def test_what_is_told_beside_a_body_is_ascii_and_comes_back(key: str) -> None:
    told = properties_of(key, "报单", {"topic": "出口", "empty": ""})
    assert all(value.isascii() for value in told.values())
    found = {name: value.decode() for name, value in told.items()}
    assert told_of(found, b"\x01\x02") == (key or "0102", "报单", {"topic": "出口", "empty": ""})


@pytest.mark.parametrize("headers", ["", "{", "[1]", "null"])
def test_somebody_elses_message_is_known_by_its_id(headers: str) -> None:
    assert told_of({b"guiju_headers": headers}, bytes(24)) == ("00" * 24, "", {})


def test_an_address_has_a_password_with_each_user() -> None:
    assert where_of("mq://app:p%40ss@mq.example:1500") == ("mq.example(1500)", {"user": "app", "password": "p@ss"})
    assert where_of("mq://app@mq.example") == ("mq.example(1414)", {"user": "app", "password": ""})
    assert where_of("mq://mq.example") == ("mq.example(1414)", {})
