"""What a node knows of the machine that it runs on, and what expressions see of it."""

from decimal import Decimal

from engine.ports.watching import Disk, HostLoad
from engine.usecases.own_machine import known_of, machine


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
