"""One look: what bounces is nothing, what two looks agree on is told once."""

from decimal import Decimal

from engine.model.devices import Supply
from engine.ports.watching import NetworkState
from kiosk.rounds import Heard, InputRound, NetworkRound, SupplyRound


class Inputs:
    def __init__(self, *looks):
        self.looks = [frozenset(one) for one in looks]

    def active(self):
        return self.looks.pop(0)


def test_a_contact_that_bounces_makes_no_happening():
    inputs = InputRound("door", Inputs({}, {}, {1}, {}, {1}, {}, {1}, {1}, {1}, {}, {}), 1.0)
    told = [one for _ in range(11) for one in inputs.look()[0]]
    assert told == [
        Heard("input.active", {"board": "door", "input": 1}),
        Heard("input.idle", {"board": "door", "input": 1}),
    ]


def test_a_look_that_differs_is_followed_soon():
    inputs = InputRound("door", Inputs({}, {}, {1}, {1}), 1.0)
    pauses = [inputs.look() and inputs.pause for _ in range(4)]
    assert pauses == [1.0, 1.0, 0.02, 1.0]


def test_what_is_active_at_the_start_is_told():
    inputs = InputRound("lid", Inputs({3}, {3}), 1.0)
    assert [one.name for _ in range(2) for one in inputs.look()[0]] == ["input.active"]


def supply(*, low=False, testing=False):
    return Supply(True, low, False, testing, False, None, None, None, Decimal(12), None)


class Unit:
    has_mains = True

    def __init__(self, *looks):
        self.looks = list(looks)

    def read(self):
        return self.looks.pop(0)


def test_a_battery_is_low_when_two_looks_say_so_and_no_test_runs():
    unit = Unit(
        supply(low=True), supply(), supply(low=True), supply(low=True, testing=True), supply(low=True), supply(low=True)
    )
    looked = SupplyRound(unit, 1.0)
    assert [[one.name for one in looked.look()[0]] for _ in range(6)] == [[], [], [], [], ["power.low"], []]


class Cable:
    def __init__(self, *looks):
        self.looks = list(looks)

    def state(self):
        return NetworkState(online=self.looks.pop(0), address="192.0.2.7")


def test_a_network_that_blinks_is_there():
    looked = NetworkRound(Cable(True, False, True, False, False, True, True), 2.0)
    told = [([one.name for one in heard], row["online"]) for heard, row in (looked.look() for _ in range(7))]
    assert [names for names, _ in told] == [[], [], [], [], ["network.lost"], [], ["network.back"]]
    assert [online for _, online in told] == [True, True, True, True, False, False, True]
