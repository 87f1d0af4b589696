"""Messages out and in, as they are kept: what becomes of each, twice the same, put aside, sent again, discarded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.model.records import Effect
from engine.model.traffic import Arrived, ChannelBinding, Received
from engine.problems import DeliveryError, Finding, Incident, Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import landed_acts
from engine.usecases.landed import LandedQuery, landed_count, landed_message, landed_page
from engine.usecases.landing import confirm, settle, waiting_message
from engine.usecases.taking_in import take_in, take_in_many
from engine.usecases.tasks import decide, my_tasks


class Channel:
    """Fails with what it is told to, else remembers everything."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.asked = 0
        self.well: set[str] = set()

    def send(self, body, *, key, kind, headers):
        self.asked += 1
        if self.fault is not None and key not in self.well:
            raise self.fault
        self.sent.append((key, body, dict(headers)))


class Receiver:
    """Does what it is told: notes each message once, in one transaction with its settling."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.fault: Exception | None = None
        self.says = Received(number="N-1")

    def __call__(self, runtime, channel, content, landed_id):
        if self.fault is not None:
            raise self.fault
        with runtime.store.begin() as unit:
            record = waiting_message(unit, landed_id)
            if record is not None:
                self.taken.append(content)
                settle(unit, record, runtime.clock.now(), self.says)
        return self.says


@pytest.fixture
def channel():
    return Channel()


@pytest.fixture
def office(channel):
    return Office(ORDER, channel=channel)


@pytest.fixture
def receiver(office):
    found = Receiver()
    office.runtime = replace(office.runtime, receiver=found)
    return found


def sent_order(office):
    made = office.raise_("clerk", "enter", "order", name="甲", lines=[{"item": "笔", "qty": "1", "price": "1"}])
    office.raise_("clerk", "submit", "order", made.record_id)
    for who in ("leader", "second"):
        for task in my_tasks(office.runtime, office.people[who]):
            decide(office.runtime, office.people[who], task.id, "agree", "好")
    office.deliver()
    return made.record_id


def one(office, **query):
    (found,) = landed_page(office.runtime, LandedQuery(**query)).messages
    return found


def arrived(body=b"<a/>", key="G-1", **more):
    return Arrived(body, key, "622", {}, **more)


# --- out -------------------------------------------------------------------------------------------------------------


def test_what_left_stands_there_with_its_document_and_body(office, channel):
    order = sent_order(office)
    found = one(office, direction="out")
    assert (found.state, found.channel, found.document, found.record_id, found.tries) == (
        "sent", "out", "order", order, 1,
    )  # fmt: skip
    assert found.sent_at == office.clock.now()
    view, body = landed_message(office.runtime, office.people["boss"], found.id)
    assert (body, view.size) == (channel.sent[0][1], len(body))
    assert [entry.action for entry in office.store.audit(limit=1)] == ["message_read"]


def test_what_is_taken_up_again_has_failed_nowhere_any_more(office, channel):
    channel.fault = DeliveryError(Incident("out", "wrong", retry=False))
    sent_order(office)
    assert [effect.kind for effect in office.store.effects(state="failed")] == ["send"]
    channel.fault = None
    landed_acts.retry(office.runtime, office.people["boss"], [one(office, direction="out").id])
    assert office.store.effects(state="failed") == []
    office.deliver()
    assert one(office, direction="out").state == "sent"


def test_a_receipt_may_be_quicker_than_the_note_of_its_message(office, channel):
    class Quick(Channel):
        def send(self, body, *, key, kind, headers):
            super().send(body, key=key, kind=kind, headers=headers)
            found = one(office, direction="out")
            with office.store.begin() as unit:
                assert confirm(unit, office.clock.now(), document="order", record_id=found.record_id) == 1

    office.runtime = replace(office.runtime, channels={"out": Quick()})
    sent_order(office)
    found = one(office, direction="out")
    assert (found.state, found.sent_at) == ("confirmed", office.clock.now())
    assert office.store.effects(state="failed") == []


def test_a_channel_that_is_away_blocks_and_goes_on_by_itself(office, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    found = one(office)
    assert (found.state, found.code, found.is_abnormal) == ("blocked", "MSG101", True)
    assert "no route" in found.text["zh"]
    assert found.repair["zh"]
    channel.fault = None
    office.clock.move(seconds=3)
    office.deliver()
    assert [(one(office).state, one(office).tries, one(office).text)] == [("sent", 2, {})]
    assert len(channel.sent) == 1


def test_what_the_other_side_refuses_fails_at_once(office, channel):
    channel.fault = DeliveryError(Incident("out", "404", retry=False))
    sent_order(office)
    assert (one(office).state, one(office).code) == ("failed", "MSG102")


def test_a_defect_is_noted_and_tried_again(office, channel):
    channel.fault = RuntimeError("x")
    sent_order(office)
    assert (one(office).state, one(office).code) == ("blocked", "MSG105")


def test_a_channel_that_no_node_binds_fails_with_its_name(office):
    office.runtime = replace(office.runtime, channels={})
    sent_order(office)
    assert (one(office).state, one(office).code) == ("failed", "MSG104")


def test_a_channel_says_how_much_it_carries_and_how_often_it_tries(office, channel):
    node = replace(office.runtime.node, channels={"out": ChannelBinding(most=10)})
    office.runtime = replace(office.runtime, node=node)
    sent_order(office)
    assert (one(office).state, one(office).code, channel.sent) == ("failed", "MSG103", [])


def test_tries_end_where_the_channel_says(office, channel):
    node = replace(office.runtime.node, channels={"out": ChannelBinding(tries=1)})
    office.runtime = replace(office.runtime, node=node)
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    assert one(office).state == "failed"


def test_sending_again_keeps_the_key_and_counts(office, channel):
    sent_order(office)
    boss = office.people["boss"]
    assert landed_acts.resend(office.runtime, boss, [one(office).id, "unknown"]) == 1
    assert one(office).state == "sending"
    office.deliver()
    (first, second) = channel.sent
    assert (first[0], first[1]) == (second[0], second[1])
    assert ("try" in first[2], second[2]["try"]) == (False, "1")
    assert (one(office).state, one(office).resent) == ("sent", 1)
    assert landed_acts.resend_query(office.runtime, boss, LandedQuery(states=("sent",))) == 1
    office.deliver()
    assert channel.sent[2][2]["try"] == "2"
    entry = next(entry for entry in office.store.audit() if entry.action == "message_resend")
    assert (entry.actor, entry.detail["count"]) == (boss.id, 1)


def test_blocked_ones_are_tried_at_once_and_not_twice(office, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    channel.fault = None
    assert landed_acts.retry_query(office.runtime, office.people["boss"], LandedQuery(states=("blocked",))) == 1
    office.deliver()
    assert one(office).state == "sent"
    office.clock.move(hours=1)
    office.deliver()
    assert len(channel.sent) == 1
    assert one(office).resent == 0


def test_a_discarded_message_never_leaves(office, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    channel.fault = None
    with pytest.raises(Refused):
        landed_acts.discard(office.runtime, office.people["boss"], [one(office).id], " ")
    assert landed_acts.discard(office.runtime, office.people["boss"], [one(office).id], "已电话告知") == 1
    office.clock.move(hours=1)
    office.deliver()
    assert (one(office).state, one(office).because, channel.sent) == ("discarded", "已电话告知", [])


def put_messages(office, count):
    now = office.clock.now()
    with office.store.begin() as unit:
        for number in range(count):
            payload = {"channel": "out", "mapping": "m", "body": f"{number % 10}" * 20_000}
            unit.put_effect(Effect(f"{number:032x}", "send", f"k{number}", now, payload=payload, created_at=now))


def test_a_far_side_that_does_not_answer_is_not_waited_for_with_each_message(office, channel):
    channel.fault, channel.well = DeliveryError(Incident("out", "timeout")), {"k2"}
    put_messages(office, 20)
    office.deliver()
    assert (channel.asked, len(channel.sent)) == (6, 1)
    assert landed_count(office.runtime, LandedQuery(states=("blocked",))) == 19


def test_one_message_that_is_never_answered_keeps_no_other_back(office, channel):
    channel.fault, channel.well = DeliveryError(Incident("out", "500")), {f"k{number}" for number in range(1, 20)}
    put_messages(office, 20)
    office.deliver()
    assert len(channel.sent) == 19


def test_a_body_that_is_lost_is_its_own_messages_matter(office, channel):
    kept = office.runtime.files.kept
    put_messages(office, 3)
    channel.fault = DeliveryError(Incident("out", "no route"))
    office.deliver()
    channel.fault = None
    kept.pop(one(office, number="k1").digest)
    office.clock.move(hours=1)
    office.deliver()
    assert [view.state for view in landed_page(office.runtime, LandedQuery()).messages] == ["sent", "blocked", "sent"]
    take_in_many(office.runtime, "in", [arrived(b"x" * 20_000)])
    kept.pop(one(office, direction="in").digest)
    office.deliver()
    assert (one(office, direction="in").state, one(office, direction="in").code) == ("blocked", "MSG208")


def test_a_receipt_confirms_what_was_sent(office):
    order = sent_order(office)
    with office.store.begin() as unit:
        assert confirm(unit, office.clock.now(), document="order", record_id=order) == 1
    assert one(office).state == "confirmed"


# --- in --------------------------------------------------------------------------------------------------------------


def test_what_comes_lands_and_is_processed(office, receiver):
    landed = take_in(office.runtime, "in", arrived())
    found = one(office, direction="in")
    assert (found.id, found.state, found.number, found.kind, found.size) == (landed, "processed", "N-1", "622", 4)
    assert receiver.taken == [b"<a/>"]
    office.clock.move(minutes=5)
    office.deliver()
    assert receiver.taken == [b"<a/>"]


def test_without_a_receiver_it_stays_where_it_landed(office):
    office.runtime = replace(office.runtime, receiver=None)
    take_in(office.runtime, "in", arrived())
    assert (one(office).state, one(office).code) == ("unmatched", "MSG206")


def test_the_same_twice_is_taken_once(office, receiver):
    take_in_many(office.runtime, "in", [arrived(), arrived()])
    take_in_many(office.runtime, "in", [arrived(redelivered=True)])
    office.deliver()
    take_in_many(office.runtime, "in", [arrived()])
    office.deliver()
    assert (receiver.taken, one(office).repeats) == ([b"<a/>"], 2)


def test_the_same_number_in_another_channel_is_another_message(office, receiver):
    take_in(office.runtime, "in", arrived())
    take_in(office.runtime, "other", arrived())
    assert len(receiver.taken) == 2


def test_the_same_number_with_another_content_is_put_aside(office, receiver):
    take_in_many(office.runtime, "in", [arrived(b"<a/>"), arrived(b"<b/>"), arrived(b"<b/>")])
    take_in_many(office.runtime, "in", [arrived(b"<b/>")])
    office.deliver()
    assert receiver.taken == [b"<a/>"]
    aside = one(office, states=("quarantined",))
    assert (aside.code, aside.number) == ("MSG201", "G-1")
    assert landed_acts.release(office.runtime, office.people["boss"], [aside.id]) == 1
    office.deliver()
    assert receiver.taken == [b"<a/>", b"<b/>"]


def test_messages_without_a_number_are_known_by_their_content(office, receiver):
    for body in (b"a", b"b", b"a"):
        take_in(office.runtime, "in", arrived(body, key=""))
    assert receiver.taken == [b"a", b"b"]


def test_any_key_and_any_bytes_land(office, receiver):
    keys = ["x" * 5000, "a\x00b", "号 1"]
    bodies = [bytes(range(256)), b"", b"\xff" * 40_000]
    for key, body in zip(keys, bodies, strict=True):
        take_in(office.runtime, "in", arrived(body, key))
    assert receiver.taken == bodies
    assert landed_count(office.runtime, LandedQuery(states=("processed",))) == 3


def test_what_is_too_large_is_put_aside(office, receiver):
    node = replace(office.runtime.node, channels={"in": ChannelBinding(most=3)})
    office.runtime = replace(office.runtime, node=node)
    take_in(office.runtime, "in", arrived())
    assert (one(office).state, one(office).code, receiver.taken) == ("quarantined", "MSG202", [])


def test_what_may_not_be_fails_with_the_reason_and_may_be_tried_again(office, receiver):
    receiver.fault = Refused([Finding("state", {"zh": "已办结", "en": "closed"})], kind="not_allowed")
    take_in(office.runtime, "in", arrived())
    assert (one(office).state, one(office).code) == ("failed", "MSG205")
    assert "已办结" in one(office).text["zh"]
    receiver.fault = None
    assert landed_acts.retry(office.runtime, office.people["boss"], [one(office).id]) == 1
    office.deliver()
    assert one(office).state == "processed"


def test_a_poisonous_message_is_put_aside_and_keeps_nobody_waiting(office, receiver):
    receiver.fault = ValueError("secret value")
    take_in_many(office.runtime, "in", [arrived()])
    office.deliver()
    assert (one(office).state, one(office).code) == ("blocked", "MSG208")
    assert "secret" not in one(office).text["zh"]
    receiver.fault = None
    take_in_many(office.runtime, "in", [arrived(b"next", "G-2")])
    office.deliver()
    assert receiver.taken == [b"next"]
    receiver.fault = ValueError("secret value")
    for _ in range(8):
        office.clock.move(hours=1)
        office.deliver()
    assert (one(office, number="G-1").state, one(office, number="G-1").code) == ("quarantined", "MSG203")
    assert office.store.effects(state="failed") == []


def test_what_takes_the_process_with_it_is_put_aside(office, receiver):
    class Death(BaseException):
        pass

    receiver.fault = Death()
    take_in_many(office.runtime, "in", [arrived()])
    for _ in range(8):
        with pytest.raises(Death):
            office.deliver()
        office.clock.move(minutes=10)
    office.deliver()
    assert (one(office).state, one(office).code) == ("quarantined", "MSG203")


# --- looking ---------------------------------------------------------------------------------------------------------


def test_pages_go_by_key_both_ways_and_by_every_filter(office, receiver):
    begin = office.clock.now()
    for number in range(7):
        office.clock.move(minutes=1)
        receiver.says = Received("failed" if number % 3 == 1 else "processed")
        take_in(office.runtime, "in" if number % 2 else "other", arrived(b"%d" % number, f"K{number}"))
    ask = LandedQuery(direction="in")
    first = landed_page(office.runtime, ask, limit=3)
    second = landed_page(office.runtime, ask, limit=3, after=first.next)
    back = landed_page(office.runtime, ask, limit=3, after=second.previous, backwards=True)
    assert back.messages == first.messages
    assert [one.landed_at for one in (*first.messages, *second.messages)] == [
        begin + timedelta(minutes=7 - n) for n in range(6)
    ]
    assert len(landed_page(office.runtime, LandedQuery(channel="other")).messages) == 4
    several = LandedQuery(states=("processed", "failed", "blocked"))
    pages = [landed_page(office.runtime, several, limit=4)]
    pages.append(landed_page(office.runtime, several, limit=4, after=pages[0].next))
    assert [len(page.messages) for page in pages] == [4, 3]
    assert landed_page(office.runtime, several, limit=4, after=pages[1].previous, backwards=True) == pages[0]
    assert landed_count(office.runtime, several, 5) == 5
    since = LandedQuery(since=begin + timedelta(minutes=6), until=begin + timedelta(minutes=7))
    assert landed_count(office.runtime, since) == 2
    with pytest.raises(Refused):
        landed_page(office.runtime, ask, after="forged")


def test_messages_are_found_by_the_time_they_left(office, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    assert landed_page(office.runtime, LandedQuery(by_sending=True)).messages == ()
    channel.fault = None
    office.clock.move(days=1)
    office.deliver()
    later = LandedQuery(by_sending=True, since=datetime(2026, 5, 7))
    assert len(landed_page(office.runtime, later).messages) == 1
    assert landed_page(office.runtime, replace(later, by_sending=False)).messages == ()
