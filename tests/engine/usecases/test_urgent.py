"""What comes or leaves by an urgent channel goes before everything that waits."""

from __future__ import annotations

from engine.model.traffic import Arrived
from engine.testing.office import BASE, Office
from engine.usecases.runtime import AHEAD
from engine.usecases.taking_in import RECEIVE, take_in_many
from tests.engine.usecases.test_arrived_message import SLIPS


def test_urgent_messages_are_processed_before_others_that_came_earlier() -> None:
    bound = "  slow: {adapter: file, direction: in}\n  fast: {adapter: file, direction: in, urgent: true}\n"
    node = BASE["nodes/test.yaml"].replace("channels: {out: {adapter: file}}\n", f"channels:\n  out: file\n{bound}")
    place = Office({**SLIPS, "nodes/test.yaml": node})
    take_in_many(place.runtime, "slow", [Arrived(b"<a/>", f"s{n}") for n in range(5)])
    (first,) = take_in_many(place.runtime, "fast", [Arrived(b"<a/>", "f")])
    assert (place.runtime.ahead("fast"), bool(place.runtime.ahead("slow"))) == (AHEAD, False)
    taken = [one for one in place.store.claim_effects(place.runtime.clock.now(), 3, 60) if one.kind == RECEIVE]
    assert taken[0].payload["landed"] == first
