"""Since when a node has been at work: what is missed before that says nothing of whoever stayed away."""

from dataclasses import replace
from datetime import datetime, timedelta

from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.acting import ENGINE
from engine.usecases.uptime import Uptime
from engine.usecases.world import RecordWorld

NOON = datetime(2026, 5, 6, 12)


def after(*minutes):
    """Since how many minutes after noon it has been at work, having been so at these."""
    uptime = Uptime()
    for one in minutes:
        uptime.at_work(NOON + timedelta(minutes=one))
    return (uptime.since - NOON) / timedelta(minutes=1)


def test_small_pauses_are_no_break():
    assert after(0, 1, 5, 10, 15) == 0


def test_after_a_break_it_begins_anew():
    assert after(0, 1, 41, 42) == 41
    assert after(0, 4, 10) == 10


def test_a_clock_that_was_set_back_begins_anew():
    assert after(10, 2, 3) == 2


def device(runtime):
    with runtime.store.begin(write=False) as unit:
        return RecordWorld(runtime, unit, ENGINE, runtime.clock.now()).device


def test_expressions_read_it_on_nodes_that_measure_and_on_those_that_do_not():
    runtime = Office(ORDER).runtime
    assert device(runtime) is None
    runtime.uptime.at_work(NOON)
    assert (device(runtime)["up_since"], device(runtime)["volt"]) == (NOON, None)
    assert device(replace(runtime, measured=lambda: {"volt": 12}))["up_since"] == NOON
