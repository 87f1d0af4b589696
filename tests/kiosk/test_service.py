"""The service behind a kiosk's page: orders begin by themselves, deadlines are kept, watchers hear of each standing."""

import threading
import time
from queue import Empty, Queue

import pytest

from engine.model.devices import PulseOutcome, ReadText
from engine.testing.flow_office import PUT, FlowOffice, ToyDevices, ToyLocks
from engine.usecases.flow_views import Touch
from kiosk.service import KioskService


class Attendant:
    def __init__(self):
        self.listeners = []

    def listen(self, listener):
        self.listeners.append(listener)

    def tell(self, name, **values):
        for listener in self.listeners:
            listener(name, values)


class Reader:
    """A reader of zones, on which something may be laid."""

    def __init__(self):
        self.laid = Queue()

    def read(self, within, today):
        try:
            return self.laid.get(timeout=0.02)
        except Empty:
            return None


class Devices(ToyDevices):
    """Locks and a reader."""

    def __init__(self, locks):
        super().__init__(locks)
        self.reader = Reader()

    def zones(self, name):
        return self.reader


class Stage:
    """A service over an office in memory, with toy locks whose orders take as long as they are told."""

    def __init__(self, put=None):
        files = {} if put is None else {"desk/flows/put.yaml": put}
        self.office, self.attendant, self.locks = FlowOffice(files), Attendant(), ToyLocks()
        self.devices = Devices(self.locks)
        self.service = KioskService(lambda: self.office.runtime, self.devices, self.attendant)
        self.service.begin()

    def press(self, outcome, **form):
        return self.service.touch(Touch("press", self.service.screen("zh").token, outcome, form), "zh")

    def reaches(self, step, within=2.0):
        until = time.monotonic() + within
        while (found := self.service.standing()).step.name != step:
            assert time.monotonic() < until, (found.step.name, found.findings)
            time.sleep(0.002)
        return found


@pytest.fixture
def stage():
    made = Stage()
    yield made
    made.service.close()


def sign_in(stage):
    stage.press("enter", login="clerk", secret="right")
    return stage.reaches("home")


def lay(stage, number="E1"):
    stage.press("put")
    stage.devices.reader.laid.put(ReadText("TD3", (), number=number))


def test_from_a_password_to_a_closed_box(stage):
    assert sign_in(stage).user.name == "clerk"
    lay(stage)
    stage.reaches("put")
    assert stage.locks.pulses == [7]
    stage.locks.is_open.clear()
    stage.attendant.tell("lock.closed", board="board", lock=7)
    assert stage.service.screen("en").step == "confirm"
    assert stage.press("yes", remark="好").step == "finished"


def test_a_box_that_was_closed_before_anybody_looked(stage):
    sign_in(stage)
    stage.locks.says = lambda lock: PulseOutcome.OPENED
    stage.locks.open = lambda lock: ToyLocks.open(ToyLocks(), lock)  # opened, and closed at once
    lay(stage)
    stage.reaches("confirm")


def test_a_touch_is_answered_at_once_and_its_order_is_on_the_way(stage):
    sign_in(stage)
    begun = threading.Event()
    moments = []

    def open_(lock):
        moments.append(time.perf_counter())
        begun.set()
        return ToyLocks.open(ToyLocks(), lock)

    stage.locks.open = open_
    lay(stage)
    stage.reaches("confirm")  # closed before anybody looked
    begun.clear()
    asked = time.perf_counter()
    stage.press("reopen", remark="x")
    answered = time.perf_counter()
    assert begun.wait(2)
    assert answered - asked < 0.5
    assert moments[-1] - asked < 0.5


def test_deadlines_are_kept_while_nobody_touches():
    stage = Stage(PUT.replace("timeout: 60 s, on: {done: know", "timeout: 0.1 s, on: {done: know"))
    try:
        sign_in(stage)
        stage.press("put")
        stage.reaches("home")
    finally:
        stage.service.close()


def test_watchers_hear_of_each_standing_and_nothing_else(stage):
    heard = []
    first = threading.Event()

    def watch():
        for token in stage.service.subscribe(5.0):
            heard.append(token)
            first.set()

    thread = threading.Thread(target=watch)
    thread.start()
    first.wait(2)
    token = stage.service.screen("zh").token
    assert heard == [token]
    stage.service.touch(Touch("press", "another", "enter"), "zh")
    assert heard == [token]
    sign_in(stage)
    final = stage.service.screen("zh").token
    until = time.monotonic() + 2
    while heard[-1] != final and time.monotonic() < until:
        time.sleep(0.005)
    assert heard[-1] == final
    stage.service.close()
    thread.join(2)
    assert not thread.is_alive()


def test_nothing_is_told_to_a_watcher_when_nothing_comes(stage):
    watching = stage.service.subscribe(0.01)
    assert next(watching) == stage.service.screen("zh").token
    assert next(watching) is None


def test_a_new_service_goes_on_where_the_old_one_stood(stage):
    sign_in(stage)
    lay(stage)
    stage.reaches("put")
    stage.service.close()
    later = KioskService(lambda: stage.office.runtime, Devices(stage.locks), Attendant())
    later.begin()
    try:
        until = time.monotonic() + 2
        while later.standing().step.name != "put" and time.monotonic() < until:
            time.sleep(0.005)
        assert (later.standing().step.name, stage.locks.pulses) == ("put", [7])  # looked at, and not pulsed again
    finally:
        later.close()


def test_what_cannot_be_kept_opens_nothing_and_is_told(stage, monkeypatch):
    sign_in(stage)
    lay(stage)
    stage.reaches("put")
    stage.locks.is_open.clear()
    stage.attendant.tell("lock.closed", board="board", lock=7)

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr("engine.usecases.flow_running.keep", full)
    screen = stage.press("reopen", remark="x")
    assert (screen.step, [one.code for one in screen.findings]) == ("confirm", ["not_kept"])
    monkeypatch.undo()
    assert stage.locks.pulses == [7]
    assert stage.press("reopen", remark="x").findings == ()
    stage.reaches("put")
    assert stage.locks.pulses == [7, 7]
