"""Listening resources: started, stopped, shared, faulty; nothing is accepted before it is landed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.queue_memory.channel import MemoryQueue, MemorySource
from engine.model.traffic import ChannelBinding
from engine.problems import DeliveryError, Incident, Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import listeners
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.listening import Listening


class Source(MemorySource):
    """A queue in memory that is away when it is told so."""

    away = False

    def receive(self, limit, wait):
        if self.away:
            raise DeliveryError(Incident("in", "no route"))
        return super().receive(limit, 0)


@pytest.fixture
def queue():
    return MemoryQueue()


@pytest.fixture
def office(queue):
    made = Office(ORDER)
    node = replace(made.runtime.node, channels={"in": ChannelBinding("file", "in"), "out": ChannelBinding()})
    made.runtime = replace(made.runtime, node=node, sources={"in": Source(queue)}, receiver=None)
    return made


def put(queue, *bodies):
    for body in bodies:
        queue.send(body, key=f"k{body.decode()}", kind="", headers={})


def seen(office):
    (found,) = listeners.listeners(office.runtime)
    return found


def bodies(office):
    return sorted(view.number for view in landed_page(office.runtime, LandedQuery()).messages)


def test_a_round_lands_what_is_there_and_tells_of_itself(office, queue):
    assert (seen(office).state, seen(office).name) == ("starting", "in")
    one = Listening("in", "p1")
    put(queue, b"a", b"b")
    assert one.step(office.runtime) == 0.0
    assert bodies(office) == ["ka", "kb"]
    office.clock.move(seconds=6)
    one.step(office.runtime)
    found = seen(office)
    assert (found.state, found.received, found.processes) == ("running", 2, 1)
    assert found.last_at is not None


def test_it_is_stopped_and_started_and_stays_so(office, queue):
    boss = office.people["boss"]
    one = Listening("in", "p1")
    one.step(office.runtime)
    assert listeners.stop(office.runtime, boss) == 1
    assert seen(office).state == "stopping"
    put(queue, b"a")
    assert one.step(office.runtime) > 0
    assert (seen(office).state, bodies(office)) == ("stopped", [])
    later = Listening("in", "p2")
    later.step(office.runtime)
    assert bodies(office) == []
    assert listeners.start(office.runtime, boss, ["in"]) == 1
    assert listeners.start(office.runtime, boss, ["in"]) == 0
    later.step(office.runtime)
    assert (seen(office).state, bodies(office)) == ("running", ["ka"])
    actions = [entry.action for entry in office.store.audit() if entry.action.startswith("listening")]
    assert actions == ["listening_start", "listening_start", "listening_stop"]


def test_what_nobody_listens_to_cannot_be_started(office):
    with pytest.raises(Refused):
        listeners.start(office.runtime, office.people["boss"], ["out"])
    assert listeners.listeners(office.runtime, "xyz") == ()


def test_a_source_that_is_away_is_faulty_and_comes_back(office, queue):
    one = Listening("in", "p1")
    office.runtime.sources["in"].away = True
    rests = [one.step(office.runtime) for _ in range(7)]
    assert rests == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    found = seen(office)
    assert (found.state, found.code) == ("faulty", "MSG301")
    assert "no route" in found.text["en"]
    assert found.repair["zh"]
    office.runtime.sources["in"].away = False
    put(queue, b"a")
    one.step(office.runtime)
    assert (seen(office).state, seen(office).code) == ("running", "")


def test_a_process_that_died_no_longer_counts(office):
    Listening("in", "p1").step(office.runtime)
    office.clock.move(minutes=2)
    assert (seen(office).state, seen(office).processes) == ("starting", 0)


def test_nothing_is_accepted_that_could_not_be_kept(office, queue, monkeypatch):
    one = Listening("in", "p1")
    put(queue, b"a", b"b")
    one.step(office.runtime)

    def away(**_):
        raise OSError("no space left on device")

    put(queue, b"c")
    with monkeypatch.context() as patch:
        patch.setattr(office.store, "begin", away)
        with pytest.raises(OSError, match="space"):
            one.step(office.runtime)
    assert len(queue) == 1
    one.step(office.runtime)
    assert (bodies(office), queue.aside) == (["ka", "kb", "kc"], [])


def test_one_message_that_can_never_be_kept_is_put_aside(office, queue, monkeypatch):
    put_file = office.runtime.files.put

    def broken(content, name, media):
        if content.startswith(b"bad"):
            raise OSError("bad sector")
        return put_file(content, name, media)

    monkeypatch.setattr(office.runtime.files, "put", broken)
    put(queue, b"a", b"bad" * 10_000, b"c")
    one = Listening("in", "p1")
    for _ in range(5):
        one.step(office.runtime)
    assert bodies(office) == ["ka", "kc"]
    assert [message.body[:3] for message in queue.aside] == [b"bad"]


def test_definitions_loaded_anew_bring_another_source(office, queue):
    one = Listening("in", "p1")
    one.step(office.runtime)
    other = MemoryQueue()
    put(other, b"x")
    office.runtime = replace(office.runtime, sources={"in": Source(other)})
    one.step(office.runtime)
    office.runtime = replace(office.runtime, sources={})
    assert one.step(office.runtime) > 0
    assert (bodies(office), seen(office).state) == (["kx"], "starting")
