"""Scenarios at a kiosk: what is touched, answered and lost goes as told, all else is said with its step."""

from dataclasses import replace
from functools import cache

import pytest

from engine.testing.flow_office import FlowOffice
from engine.testing.memory import MemoryStore
from engine.testing.scenarios import run_scenarios
from engine.usecases.internal import storages

READ = {"read": "reader.document", "gives": {"number": "A1"}}


@cache
def office():
    return FlowOffice()


def report(*scenarios):
    runtime = office().runtime

    def make(clock):
        store = MemoryStore()
        store.apply([*storages(), *(program.storage for program in runtime.force.programs.values())])
        return replace(runtime, store=store, clock=clock)

    return run_scenarios(runtime.definitions, make, scenarios)


def told(*steps, flow="put"):
    given = {"b": {"box": {"lock": 7, "state": "free"}}}
    scenario = {"name": "s", "flow": flow, "as": "clerk", "system": "desk", "given": given, "steps": list(steps)}
    (result,) = report(scenario).results
    return result.mistakes


def test_a_power_cut_between_the_lock_and_the_hand():
    assert (
        told(
            READ,
            {"expect": {"at_step": "open"}},
            {"power_lost": True},
            {"device": "lock.state", "answers": "closed"},
            {"press": "yes"},
            {"expect": {"at_step": "confirm", "found": "required"}},
            {"press": "yes", "with": {"remark": "好"}},
            {"expect": {"at_step": "put.finished", "shows": "完成", "b": {"state": "full", "remark": "好"}}},
        )
        == ()
    )


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"press": "nothing"}, "nothing"),
        ({"device": "lock.open"}, "lock.open"),
        ({"read": "reader.document", "gives": {"colour": "red"}}, "colour"),
        ({"pick": "b"}, "b"),
        ({"happens": "lock.sang"}, "lock.sang"),
        ({"expect": {"at_step": "open"}}, "lay"),
        ({"expect": {"ended": "done"}}, "lay"),
        ({"expect": {"shows": ["没有这句"]}}, "没有这句"),
        ({"expect": {"found": "required"}}, "required"),
    ],
)
def test_what_is_otherwise_is_said(step, said):
    (mistake,) = told(step)
    assert said in mistake


def test_time_runs_out_and_the_end_is_seen():
    assert told({"wait": "61 seconds"}, {"expect": {"ended": "cancelled"}}) == ()


def test_a_flow_that_there_is_not():
    (mistake,) = told(flow="fly")
    assert "fly" in mistake


def test_steps_that_nobody_stood_at_are_counted():
    missing, wanted = report().coverage.stations()
    assert len(missing) == wanted > 5
