"""The watch over contacts: what opens, closes, is forced, is left open; what bounces is nothing."""

from adapters.devices.locks.watching import LockWatch
from engine.model.devices import LockChange, LockEvent, LockState

OPEN, CLOSED = {1: LockState(open=True)}, {1: LockState(open=False)}


def watched(*seen, orders=(), **settings):
    watch, events = LockWatch(**settings), []
    for now, states in seen:
        for lock, at in orders:
            if at == now:
                watch.order(lock, now)
        events += watch.see(states, now)
    return [event.change for event in events]


def test_ordered_and_closed_again():
    seen = [(0, CLOSED), (1, CLOSED), (2, OPEN), (3, OPEN), (4, CLOSED), (5, CLOSED)]
    assert watched(*seen, orders=[(1, 2)]) == [LockChange.OPENED, LockChange.CLOSED]


def test_nobody_ordered_it():
    assert watched((0, CLOSED), (1, CLOSED), (2, OPEN), (3, OPEN)) == [LockChange.FORCED]


def test_an_old_order_explains_nothing():
    seen = [(0, CLOSED), (1, CLOSED), (60, OPEN), (61, OPEN)]
    assert watched(*seen, orders=[(1, 1)], left_after=1000) == [LockChange.FORCED]


def test_one_order_explains_one_opening():
    seen = [(0, CLOSED), (1, CLOSED), (2, OPEN), (3, OPEN), (4, CLOSED), (5, CLOSED), (6, OPEN), (7, OPEN)]
    assert watched(*seen, orders=[(1, 1)])[-1] is LockChange.FORCED


def test_left_open_is_told_once():
    seen = [(0, CLOSED), (1, CLOSED), (2, OPEN), (3, OPEN), (20, OPEN), (34, OPEN), (70, OPEN)]
    assert watched(*seen, orders=[(1, 1)], left_after=30) == [LockChange.OPENED, LockChange.LEFT_OPEN]


def test_a_bouncing_contact_is_nothing():
    assert watched((0, CLOSED), (1, CLOSED), (2, OPEN), (3, CLOSED), (4, OPEN), (5, CLOSED), (6, CLOSED)) == []


def test_open_at_the_start_is_no_event_but_may_be_left():
    assert watched((0, OPEN), (1, OPEN), (40, OPEN), left_after=30) == [LockChange.LEFT_OPEN]


def test_a_lock_that_is_not_told_keeps_its_state():
    watch = LockWatch()
    for now in (0, 1):
        watch.see(CLOSED, now)
    assert watch.see({}, 2) == []
    assert watch.see({2: LockState(open=True)}, 3) == []
    assert watch.see(OPEN, 4) == []
    assert watch.see(OPEN, 5) == [LockEvent(1, LockChange.FORCED)]
