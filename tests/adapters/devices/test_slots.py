"""How a device is doing, told by several threads that use it at once."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.devices.kinds import KINDS
from adapters.devices.line import Wire
from adapters.devices.rack import OFFLINE_AFTER, Port, Slot
from adapters.devices.talk import Pause
from engine.model.devices import Condition, DeviceFault, DeviceSetting, Health, PortSetting, Trouble

KIND = "climate_xymd02"


class Quiet(Wire):
    """A wire on which nothing is ever said."""

    def __init__(self) -> None:
        pass

    def close(self) -> None:
        pass


def talk(result=None, fault=None):
    """A talk that comes to its end at once."""
    yield Pause(0)
    if fault is not None:
        raise DeviceFault(fault)
    return result


def slot(port=None):
    health = Health("air", KIND, "bus", Condition.NEW)
    return Slot(health, KINDS[KIND], DeviceSetting(KIND, "bus", 1), port)


@pytest.fixture
def switching():
    """Threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("switching")
def test_every_end_of_a_talk_is_counted_whoever_had_it():
    one, times, many = slot(), 300, 6

    def fail():
        raise DeviceFault(Trouble.SILENT)

    def use(number):
        for turn in range(times):
            one._note(good=False, took=0.0)
            if (turn + number) % 2:
                one.call(int)
            else:
                with pytest.raises(DeviceFault):
                    one.call(fail)
            told = one.told()
            assert told.stands_for >= 0
            assert told.silent_for is None or told.silent_for >= 0
            assert (told.condition is Condition.WELL) == (told.failures == 0)

    with ThreadPoolExecutor(many) as pool:
        list(pool.map(use, range(many)))
    told = one.told()
    assert (told.answered, told.failed, told.missed) == (many * times / 2, many * times / 2, many * times)


def test_the_last_word_is_the_last_that_was_said():
    """A question that got no answer is taken in before another thread gets one."""
    gone_well = threading.Event()

    class Late(Port):
        def run(self, talk, aside=None, *, first=False):
            try:
                return super().run(talk)
            except DeviceFault:
                gone_well.wait(0.3)  # what another thread can do before the fault is heard of
                raise

    one = slot(Late(PortSetting("x"), lambda _: Quiet()))
    began = threading.Event()

    def failing():
        yield Pause(0)
        began.set()
        raise DeviceFault(Trouble.SILENT)

    def succeed():
        began.wait(5)
        one.run(talk())
        gone_well.set()

    other = threading.Thread(target=succeed)
    other.start()
    with pytest.raises(DeviceFault):
        one.run(failing())
    other.join()
    assert one.told().condition is Condition.WELL


def test_talks_that_say_that_nobody_answered_add_up():
    one = slot(Port(PortSetting("x"), lambda _: Quiet()))
    for number in range(1, OFFLINE_AFTER + 1):
        one.run(talk("silent"), silent=lambda result: result == "silent")
        assert one.told().failures == number
    assert one.told().condition is Condition.OFFLINE
    assert not one.is_due
    one.run(talk("ok"), silent=lambda result: result == "silent")
    assert (one.told().condition, one.told().failures, one.is_due) == (Condition.WELL, 0, True)


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.REMOVED, Trouble.UNREADABLE])
def test_who_refuses_has_answered(trouble):
    one = slot(Port(PortSetting("x"), lambda _: Quiet()))
    with pytest.raises(DeviceFault):
        one.run(talk(fault=trouble))
    assert (one.told().condition, one.told().answered, one.told().failed) == (Condition.WELL, 1, 0)
