"""Joins of two events by a key, held against what durable_rules 2.0.28 made of the same streams (recorded by
`tests/bench/record_joins.py`)."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.model.event_rules import EventRule
from engine.model.formula import Title
from engine.watches.advance import advance
from engine.watches.place import EMPTY, Limits, Seen
from tests.engine.watches.streams import STREAMS, stream

JOINED = json.loads((Path(__file__).parents[2] / "data/watches/durable_rules.json").read_text(encoding="utf-8"))
RULE = EventRule("joined", Title("规则"), "", {"cause": "a", "effect": "b"}, same=("key",))
BEGIN = datetime(2026, 3, 1, 8)


@pytest.mark.parametrize("seed", range(STREAMS))
def test_joins_are_those_of_another_engine(seed):
    places, found = {}, []
    for number, kind, key in stream(seed):
        seen = Seen(BEGIN + timedelta(seconds=number), f"{number}")
        places[key], fired = advance(RULE, places.get(key, EMPTY), kind, seen, Limits(), lambda _: True)
        found += [[int(event.id) for event in match.events] for match in fired]
    assert found == JOINED[seed]
    assert len(found) > 10
