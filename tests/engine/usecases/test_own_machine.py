"""What a node knows of the machine that it runs on, and what expressions see of it."""

from dataclasses import replace
from decimal import Decimal

from engine.ports.watching import Disk, HostLoad
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.acting import Performer
from engine.usecases.own_machine import known_of, machine
from engine.usecases.work import Work


class Host:
    def load(self):
        return HostLoad(0.256, 1, 4, (Disk("/", 1, 10), Disk("/data", 9, 10)), None, 77)


def test_the_machine_is_told_in_per_cent():
    told = machine(Host())
    assert told == {"cpu": Decimal("25.6"), "memory": Decimal("25.0"), "disk": Decimal("90.0"), "up_seconds": 77}


class Mute:
    def load(self):
        raise OSError


def test_a_machine_that_does_not_say_is_not_known():
    assert known_of(None) is None
    assert known_of(Mute()) is None


def test_expressions_see_the_machine_of_a_node_without_devices():
    office = Office({**ORDER})
    office.runtime = replace(office.runtime, host=Host())
    with office.store.begin(write=False) as unit:
        row = Work(office.runtime, unit, office.people["clerk"], Performer()).world.device
    assert row is not None
    assert (row["cpu"], row["disk"], row["volt"]) == (Decimal("25.6"), Decimal("90.0"), None)
