"""What is in the air between us and a broker."""

from __future__ import annotations

from adapters.queue_rabbitmq.flight import MOST_BYTES, MOST_MESSAGES, Flight
from engine.model.traffic import Outgoing


def flight(count: int, size: int = 1, first: int = 1) -> Flight:
    return Flight("far", [Outgoing(b"x" * size, f"k{number}") for number in range(count)], first)


def keys(one: Flight) -> list[str]:
    return [message.key for message in one.departing()]


def test_so_many_are_in_the_air_and_more_follow_what_landed() -> None:
    one = flight(MOST_MESSAGES + 5)
    assert len(keys(one)) == MOST_MESSAGES
    assert keys(one) == []
    one.confirmed(3, multiple=True)
    assert keys(one) == [f"k{MOST_MESSAGES + number}" for number in range(3)]
    one.confirmed(MOST_MESSAGES + 3, multiple=True)
    assert len(keys(one)) == 2
    one.confirmed(one.next_number - 1, multiple=True)
    assert (one.landed, one.outcomes) == (True, [None] * (MOST_MESSAGES + 5))


def test_large_ones_wait_for_each_other_and_one_that_is_larger_still_goes() -> None:
    one = flight(3, MOST_BYTES // 2 + 1)
    assert keys(one) == ["k0"]
    one.confirmed(1, multiple=False)
    assert keys(one) == ["k1"]
    assert keys(flight(1, MOST_BYTES + 1)) == ["k0"]


def test_numbers_go_on_from_flight_to_flight() -> None:
    one = flight(2, first=8)
    keys(one)
    one.refused(8, multiple=False)
    one.confirmed(9, multiple=False)
    one.confirmed(9, multiple=True)
    assert one.next_number == 10
    assert [outcome is None for outcome in one.outcomes] == [False, True]


def test_what_is_lost_may_be_sent_again_and_what_nobody_takes_may_not() -> None:
    one = flight(MOST_MESSAGES + 1)
    keys(one)
    one.unroutable("k1", "NO_ROUTE")
    one.unroutable("unknown", "NO_ROUTE")
    one.confirmed(2, multiple=True)
    one.lost("power cut")
    assert one.landed
    assert one.outcomes[0] is None
    assert [outcome.retry for outcome in one.outcomes[1:4] if outcome is not None] == [False, True, True]
    assert one.outcomes[-1] is not None


def test_what_cannot_be_published_takes_no_number() -> None:
    one = flight(3)
    departing = one.departing()
    next(departing)
    next(departing)
    one.grounded("no head")
    assert [message.key for message in departing] == ["k2"]
    assert one.next_number == 3
    one.confirmed(2, multiple=True)
    assert [outcome is None for outcome in one.outcomes] == [True, False, True]
