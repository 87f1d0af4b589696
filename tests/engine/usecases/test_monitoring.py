"""What operators watch: messages counted, queues and channels, the line of the blocked ones, who may see bodies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.crypto import Fault
from engine.model.traffic import Arrived, ChannelBinding
from engine.ports.watching import HostLoad
from engine.problems import DefinitionError, DeliveryError, Incident, Refused
from engine.testing.flow_office import FLOWS
from engine.testing.office import BASE, Office
from engine.testing.orders import ORDER
from engine.usecases import landed_acts
from engine.usecases.incident_kinds import of_signer, over
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.landed_bodies import may_read_body, read_body
from engine.usecases.landed_queue import next_tries, to_the_end
from engine.usecases.monitoring import attention, channel_loads, host_load, waiting_to_leave
from engine.usecases.taking_in import take_in_many
from engine.usecases.traffic import Meter, Volume
from tests.engine.usecases.test_landing import Channel, one, sent_order

CHANNELS = {"in": ChannelBinding("file", "in"), "out": ChannelBinding("rabbitmq")}


@pytest.fixture
def channel():
    return Channel()


@pytest.fixture
def office(channel):
    made = Office(ORDER, channel=channel)
    made.runtime = replace(made.runtime, node=replace(made.runtime.node, channels=CHANNELS))
    return made


def take(office, *bodies):
    arrived = [Arrived(body, f"k{body.decode()}", "", {}) for body in bodies]
    return take_in_many(office.runtime, "in", arrived)


def loads(office):
    return {one.name: one for one in channel_loads(office.runtime)}


def test_messages_are_counted_by_minute_hour_day_and_month(office):
    office.clock.at = office.clock.at.replace(day=15, hour=12, minute=0)
    meter = Meter()
    take(office, b"aaa")
    office.clock.move(minutes=10)
    take(office, b"b", b"c")
    sent_order(office)
    found = meter.read(office.runtime)
    assert found.hour.received == found.today.received == found.month.received == Volume(3, 5)
    assert found.today.sent.messages == 1
    assert [flow.received.messages for _, flow in found.minutes if flow.received.messages] == [1, 2]
    assert (len(found.minutes), found.minutes[-1][0]) == (60, office.clock.at)
    office.clock.move(days=1)
    take(office, b"d")
    found = meter.read(office.runtime)
    assert (found.today.received, found.month.received, found.hour.received) == (
        Volume(1, 1), Volume(4, 6), Volume(1, 1),
    )  # fmt: skip


def test_what_is_past_is_counted_once(office, monkeypatch):
    meter = Meter()
    meter.read(office.runtime)
    counts = []
    with office.store.begin(write=False) as unit:
        kind = type(unit)
    tally = kind.tally
    monkeypatch.setattr(kind, "tally", lambda *given: counts.append(1) or tally(*given))
    office.clock.move(seconds=20)
    meter.read(office.runtime)
    assert len(counts) < 40


def test_a_channel_tells_its_queue_and_what_is_wrong_with_it(office, channel):
    assert {name: one.state for name, one in loads(office).items()} == {"in": "starting", "out": "idle"}
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    begun = office.clock.at
    found = loads(office)["out"]
    assert (found.state, found.waiting, found.blocked, found.oldest) == ("held_up", 1, 1, begun)
    assert found.incident is not None
    assert found.incident.code == "MSG111"
    assert "no route" in found.said["en"]
    assert (attention(office.runtime).blocked, attention(office.runtime).all) == (1, 1)
    office.runtime = replace(office.runtime, node=replace(office.runtime.node, channels={}))
    assert loads(office)["out"].state == "unbound"


def test_what_was_interrupted_is_told_as_such(office):
    take(office, b"a")
    assert loads(office)["in"].incident is None
    office.clock.move(minutes=7)
    found = loads(office)["in"].incident
    assert found is not None
    assert found.code == "MSG303"


def test_a_blocked_message_goes_to_the_end_of_the_line(office, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    first = one(office)
    office.clock.move(seconds=1)
    before = next_tries(office.runtime)[first.id]
    assert to_the_end(office.runtime, office.people["boss"], [first.id, "unknown"]) == 1
    after = next_tries(office.runtime)
    assert (list(after), after[first.id] > before) == ([first.id], True)
    assert (one(office).state, one(office).tries) == ("blocked", 0)
    assert office.store.audit(limit=1)[0].action == "message_end"
    channel.fault = None
    office.clock.move(minutes=1)
    office.deliver()
    assert (one(office).state, len(channel.sent), next_tries(office.runtime)) == ("sent", 1, {})


def test_what_was_done_stands_with_the_message(office, channel):
    sent_order(office)
    landed_acts.resend(office.runtime, office.people["boss"], [one(office).id])
    (entry,) = office.store.audit(document="_message", record_id=one(office).id)
    assert (entry.action, entry.actor) == ("message_resend", office.people["boss"].id)


def test_a_body_is_for_those_from_whom_nothing_of_its_document_is_hidden(office):
    sent_order(office)
    found = one(office)
    allowed = [name for name, who in office.people.items() if may_read_body(office.runtime, who, found)]
    assert allowed == ["clerk"]  # a secret field is masked or hidden to the others
    assert read_body(office.runtime, office.people["clerk"], found.id)[1]
    assert office.store.audit(limit=1)[0].action == "message_read"
    with pytest.raises(Refused, match="Your role"):
        read_body(office.runtime, office.people["boss"], found.id)
    assert office.store.audit(limit=1)[0].action == "refused"


def test_exceptions_are_found_by_their_kind(office, channel):
    channel.fault = DeliveryError(Incident("out", "404", retry=False))
    sent_order(office)
    assert len(landed_page(office.runtime, LandedQuery(code="MSG102")).messages) == 1
    assert landed_page(office.runtime, LandedQuery(code="MSG103")).messages == ()


def test_the_machine_may_have_nothing_to_say(office):
    assert host_load(office.runtime) is None

    class Host:
        def load(self):
            raise OSError

    office.runtime = replace(office.runtime, host=Host())
    assert host_load(office.runtime) is None
    Host.load = lambda self: HostLoad(0.5, 1, 2)
    assert host_load(office.runtime) == HostLoad(0.5, 1, 2)


def test_each_device_and_service_has_a_hint_of_its_own():
    assert [over("MSG101", name) for name in ("rabbitmq", "ibm_mq", "as2", "file")] == [
        "MSG111", "MSG112", "MSG113", "MSG101",
    ]  # fmt: skip
    assert (over("MSG301", "as3"), over("MSG102", "rabbitmq")) == ("MSG114", "MSG102")
    assert [of_signer(fault) for fault in (Fault.REMOVED, Fault.PIN, Fault.REMOTE, Fault.KEY)] == [
        "MSG108", "MSG108", "MSG109", "MSG106",
    ]  # fmt: skip


def test_a_line_is_seen_with_its_moments(office, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    assert next_tries(office.runtime)[one(office).id] <= office.clock.at + timedelta(seconds=2)


def test_a_certificate_that_ends_soon_is_told_at_its_channel(office):
    class Line:
        valid_until = office.clock.now() + timedelta(days=31)

        def send(self, *_, **__):
            """Nothing."""

    office.runtime = replace(office.runtime, channels={"out": Line()})
    assert [one.incident for one in channel_loads(office.runtime) if one.name == "out"] == [None]
    office.clock.move(days=2)
    (found,) = [one for one in channel_loads(office.runtime) if one.name == "out"]
    assert (found.incident.code, "2026-06-06" in found.said["zh"]) == ("MSG304", True)


def queue(waiting):
    node = f'{BASE["nodes/test.yaml"]}kiosk: {{flow: main, waiting: "{waiting}"}}\n'
    return {**FLOWS, **ORDER, "nodes/test.yaml": node}


def test_what_waits_is_what_the_channels_hold_and_what_the_node_says_of_its_own_queue(channel):
    office = Office(queue("count(order, state == 'draft')"), channel=channel)
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    assert waiting_to_leave(office.runtime) == 1
    office.raise_("clerk", "enter", "order", name="drafted", lines=[{"item": "a", "qty": 1, "price": "1"}])
    assert waiting_to_leave(office.runtime) == 2


def test_what_waits_is_a_whole_number():
    with pytest.raises(DefinitionError):
        Office(queue("'many'"))
