"""Scenarios that tell accounts, and events that race: the store room's own, and what is said when it is otherwise."""

from dataclasses import replace

import pytest

from engine.console import speak
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.scenarios import run_scenarios
from engine.usecases.internal import storages
from tests.engine.ledgers.stocks import ROOM


@pytest.fixture(autouse=True)
def _english():
    speak("en")
    yield
    speak("zh")


def report(scenario=""):
    office = Office({**ROOM, **({"desk/wanted/scenarios/more.yaml": scenario} if scenario else {})})
    force = office.runtime.force
    kept = [*storages(), *(program.storage for program in force.programs.values())]

    def make(clock):
        store = MemoryStore()
        store.apply(kept)
        return replace(office.runtime, store=store, clock=clock)

    found = run_scenarios(force.definitions, make)
    return {result.name: result.mistakes for result in found.results}


def test_the_store_rooms_own_scenarios_come_as_they_are_told():
    found = report()
    assert len(found) == 3
    assert {name: mistakes for name, mistakes in found.items() if mistakes} == {}


def test_what_is_otherwise_is_said():
    scenario = """
scenarios:
  otherwise:
    given: {pens: {item: {name: 笔}}, s: {ledger stock: [{item: pens, place: A, total: 1}]}}
    steps: [expect: {ledger stock: [{total: 2}]}]
  something:
    given: {pens: {item: {name: 笔}}, s: {ledger stock: [{item: pens, place: A, total: 1}]}}
    steps: [expect: {ledger stock: []}]
  in_one_order_only:
    given:
      pens: {item: {name: 笔}}
      s: {ledger stock: [{item: pens, place: A, total: 1}]}
      a: {wanted: {item: pens, qty: 1, state: draft}}
      b: {wanted: {item: pens, qty: 1, state: draft}}
    steps:
      - {at_once: [{as: clerk, event: hold, on: a}, {as: clerk, event: hold, on: b}]}
      - expect: {a: {state: held}}
  nobody_too_late:
    given:
      pens: {item: {name: 笔}}
      s: {ledger stock: [{item: pens, place: A, total: 2}]}
      a: {wanted: {item: pens, qty: 1, state: draft}}
      b: {wanted: {item: pens, qty: 1, state: draft}}
    steps:
      - {at_once: [{as: clerk, event: hold, on: a}, {as: clerk, event: hold, on: b}], expect_refused: [short]}
"""
    found = report(scenario)
    assert "{'total': 2}" in found["otherwise"][0]
    assert "ledger stock" in found["something"][0]
    assert "a.state" in found["in_one_order_only"][0]
    assert "short" in found["nobody_too_late"][0]
