"""Receipts that come later: a message stays open until one comes, whatever that says, and however late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.model.traffic import RECEIPT_FOR, Arrived
from engine.ports.receipts import Untrusted
from engine.problems import DeliveryError, Incident
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases import landed_acts
from engine.usecases.door_taking import answer_by
from engine.usecases.landed import LandedQuery, landed_about, landed_page
from engine.usecases.taking_in import take_in
from tests.engine.usecases.test_landing import Channel, sent_order

_MACHINE = ORDER["desk/order/machine.yaml"]
_FAILING = _MACHINE.replace("{send: order_report}", "{send: order_report, failed: undelivered}").replace(
    "  drop:\n",
    "  undelivered: {title: 未送达, from: approved, to: refused, by: engine}\n  drop:\n",
)


class Partner(Channel):
    """Judges receipts by their text."""

    within = 60.0

    def reference(self, key, headers):
        return f"<{key}-{headers.get('try', '')}@x>"

    def judge(self, message, receipt):
        if receipt.startswith(b"forged"):
            raise Untrusted("the signature is not the partner's")
        if receipt != b"good":
            raise DeliveryError(Incident("out", receipt.decode(), retry=False))


@pytest.fixture
def partner():
    return Partner()


@pytest.fixture
def office(partner):
    return Office(ORDER, channel=partner)


def out(office):
    (found,) = landed_page(office.runtime, LandedQuery(direction="out")).messages
    return found


def comes(office, text, number=""):
    key = number or office.runtime.channels["out"].sent[-1][0]
    landed_id = take_in(office.runtime, "in", Arrived(text, "", headers={RECEIPT_FOR: f"<{key}-@x>"}))
    office.deliver()
    found = landed_about(office.runtime, landed_id)
    return found.state, found.code


def test_a_message_stays_open_until_its_receipt_comes(office, partner):
    sent_order(office)
    assert (out(office).state, len(partner.sent)) == ("awaiting", 1)
    assert comes(office, b"good") == ("processed", "")
    assert (out(office).state, out(office).settled_at is not None) == ("sent", True)
    office.clock.move(minutes=2)
    office.deliver()
    assert (out(office).state, comes(office, b"no")) == ("sent", ("processed", ""))
    assert out(office).state == "sent"


def test_one_that_refuses_fails_it_with_what_it_says(office):
    sent_order(office)
    assert comes(office, b"content disagrees") == ("processed", "")
    assert (out(office).state, out(office).code) == ("failed", "MSG102")
    assert "content disagrees" in out(office).text["zh"]


def test_a_forged_one_is_put_aside_and_changes_nothing(office):
    sent_order(office)
    assert comes(office, b"forged") == ("quarantined", "MSG204")
    assert out(office).state == "awaiting"
    assert comes(office, b"good") == ("processed", "")


def test_one_that_is_missing_fails_it_in_time_and_still_counts_later(office):
    sent_order(office)
    office.clock.move(seconds=61)
    office.deliver()
    assert (out(office).state, out(office).code) == ("failed", "MSG115")
    assert comes(office, b"good") == ("processed", "")
    assert (out(office).state, out(office).code) == ("sent", "")


def test_one_for_nothing_matches_nothing(office):
    sent_order(office)
    assert comes(office, b"good", "other") == ("unmatched", "MSG212")


def test_what_was_sent_anew_waits_for_its_own(office):
    sent_order(office)
    landed_acts.resend(office.runtime, office.people["boss"], [out(office).id])
    office.deliver()
    assert comes(office, b"good") == ("unmatched", "MSG212")
    office.clock.move(seconds=61)
    office.deliver()
    assert (out(office).state, out(office).code) == ("failed", "MSG115")


def test_a_receipt_that_is_quicker_than_the_note_counts(office, partner):
    class Quick(Partner):
        def send(self, body, *, key, kind, headers):
            super().send(body, key=key, kind=kind, headers=headers)
            take_in(office.runtime, "in", Arrived(b"good", "", headers={RECEIPT_FOR: self.reference(key, headers)}))

    quick = Quick()
    office.runtime = replace(office.runtime, channels={**office.runtime.channels, "out": quick})
    sent_order(office)
    assert (out(office).state, len(quick.sent)) == ("sent", 1)


@pytest.mark.parametrize("text", [b"", b"no"])
def test_the_event_for_a_failure_happens_when_it_refuses_or_is_missing(text):
    partner = Partner()
    office = Office({**ORDER, "desk/order/machine.yaml": _FAILING}, channel=partner)
    order = sent_order(office)
    if text:
        comes(office, text)
    office.clock.move(seconds=61)
    office.deliver()
    assert office.values("order", order)["state"] == "refused"


def test_a_receipt_that_is_owed_leaves_by_a_channel(office, partner):
    from engine.model.traffic import Outgoing

    answer_by(office.runtime, "out", Outgoing(b"\x00receipt", "", "", {RECEIPT_FOR: "<1@them>", "receipt-to": "http"}))
    office.deliver()
    key, body, headers = partner.sent[0]
    assert (key[:8], body, headers["receipt-to"]) == ("receipt:", b"\x00receipt", "http")
