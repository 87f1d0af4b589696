"""Who stands at a kiosk: passwords, tries by other ways, codes, signing in and out; and orders that need no device."""

import json
from dataclasses import replace

import pytest

from engine.model.devices import CardText, DeviceFault, LockState, Match, PulseOutcome, ReadText, Trouble
from engine.model.traffic import Replied
from engine.ports.care import Cared
from engine.testing.flow_office import FLOWS, FlowOffice, ToyDevices, ToyLocks
from engine.usecases import flow_accounts
from engine.usecases.flow_orders import OrderRoom
from engine.usecases.flow_standing import Order
from engine.usecases.views import Actor

NOBODY = Actor("kiosk:kiosk1", "")


@pytest.fixture
def kiosk():
    return FlowOffice()


class Wanted:
    """Wanted for so many looks."""

    def __init__(self, looks=3):
        self.looks = looks

    def __call__(self):
        self.looks -= 1
        return self.looks >= 0

    def pause(self, seconds):
        return self()


def order(what, kind="device", **given):
    return Order("token1", "", kind, what, given, NOBODY)


def ordered(kiosk, what, devices=None, wanted=None, kind="device", **given):
    return OrderRoom(kiosk.runtime, devices, "kiosk1").carry_out(order(what, kind, **given), wanted or Wanted())


def check(kiosk, password, **who):
    return ordered(kiosk, "account.check", password=password, **(who or {"login": "clerk"}))


# --- passwords -------------------------------------------------------------------------------------------------------


def test_a_password_shows_who_it_is_by_login_or_by_the_account_that_was_chosen(kiosk):
    user = kiosk.people["clerk"].id
    assert check(kiosk, "right") == ("done", {"user": user})
    assert check(kiosk, "right", user=user) == ("done", {"user": user})
    assert check(kiosk, "right", user={"id": user}) == ("done", {"user": user})
    assert check(kiosk, "wrong") == ("refused", {})
    assert check(kiosk, "right", login="nobody")[0] == "refused"


def test_five_failed_tries_lock_for_a_while(kiosk):
    assert [check(kiosk, "wrong")[0] for _ in range(6)] == [*["refused"] * 4, "locked", "locked"]
    assert check(kiosk, "right")[0] == "locked"
    kiosk.clock.move(minutes=16)
    assert check(kiosk, "right")[0] == "done"


def test_a_node_says_how_many_tries_lock_and_for_how_long(kiosk):
    accounts = replace(kiosk.runtime.node.accounts, tries=2, lock_minutes=3)
    kiosk.runtime = replace(kiosk.runtime, node=replace(kiosk.runtime.node, accounts=accounts))
    assert [check(kiosk, "wrong")[0] for _ in range(3)] == ["refused", "locked", "locked"]
    kiosk.clock.move(minutes=2)
    assert check(kiosk, "right")[0] == "locked"
    kiosk.clock.move(minutes=2)
    assert check(kiosk, "right")[0] == "done"


def test_without_an_account_or_a_password_nothing_is_tried(kiosk):
    assert [check(kiosk, "")[0] for _ in range(6)] == ["invalid"] * 6
    assert check(kiosk, "right", login="")[0] == "invalid"
    assert check(kiosk, "right")[0] == "done"


def test_an_account_that_is_out_of_use(kiosk):
    with kiosk.store.begin() as unit:
        record = unit.fetch("user", kiosk.people["clerk"].id, lock=True)
        record.values.update(enabled=False, version=record.version + 1)
        unit.update(record, record.version - 1)
    assert check(kiosk, "right")[0] == "disabled"


def test_cards_and_fingers_that_are_not_accepted_count_for_their_account_or_for_the_place(kiosk):
    user = kiosk.people["clerk"].id
    assert ordered(kiosk, "account.failed", user=user, way="card") == ("done", {"user": user})
    assert [ordered(kiosk, "account.failed", way="finger")[0] for _ in range(5)] == [*["done"] * 4, "locked"]
    assert check(kiosk, "right")[0] == "done"  # another account is not locked by that


def test_a_password_that_somebody_chooses(kiosk):
    user = kiosk.people["clerk"].id
    assert ordered(kiosk, "account.set_password", user=user, password="weak")[0] == "refused"
    assert ordered(kiosk, "account.set_password", user=user, password="Guiju-2026!")[0] == "done"
    assert ordered(kiosk, "account.set_password", user="nobody", password="Guiju-2026!")[0] == "refused"
    assert check(kiosk, "Guiju-2026!")[0] == "done"


# --- codes -----------------------------------------------------------------------------------------------------------


def code_in(kiosk):
    (effect,) = [one for one in kiosk.store.effects() if one.kind == "notify"]
    assert effect.payload["to"] == kiosk.people["clerk"].id
    return "".join(sign for sign in str(effect.payload["text"]).partition("，")[0] if sign.isdigit())


def test_a_code_goes_to_the_account_and_is_good_once(kiosk):
    user = kiosk.people["clerk"].id
    assert ordered(kiosk, "account.code", user=user)[0] == "done"
    assert ordered(kiosk, "account.code", user=user)[0] == "locked"  # one a minute
    code = code_in(kiosk)
    assert code not in repr(kiosk.all("_code"))
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    assert ordered(kiosk, "account.code_check", user=user, code=wrong)[0] == "refused"
    assert ordered(kiosk, "account.code_check", user=user, code=code) == ("done", {"user": user})
    assert ordered(kiosk, "account.code_check", user=user, code=code)[0] == "expired"


def test_a_code_grows_old_and_is_tried_a_few_times_only(kiosk):
    user = kiosk.people["clerk"].id
    ordered(kiosk, "account.code", user=user)
    code = code_in(kiosk)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    found = [ordered(kiosk, "account.code_check", user=user, code=wrong)[0] for _ in range(5)]
    assert found == [*["refused"] * 4, "locked"]
    assert ordered(kiosk, "account.code_check", user=user, code=code)[0] == "expired"
    kiosk.clock.move(minutes=2)
    assert ordered(kiosk, "account.code", user=user)[0] == "done"
    kiosk.clock.move(minutes=6)
    assert ordered(kiosk, "account.code_check", user=user, code=code)[0] == "expired"


def test_a_code_to_a_number_leaves_by_the_radio(kiosk):
    sent = []
    text = lambda number, said: sent.append((number, said)) or True  # noqa: E731
    assert flow_accounts.send_code(kiosk.runtime, {"number": "13900000000"}, "t", text)[0] == "done"
    assert sent[0][0] == "13900000000"
    refusing = lambda number, said: False  # noqa: E731
    assert flow_accounts.send_code(kiosk.runtime, {"number": "13900000001"}, "t", refusing)[0] == "failed"
    assert ordered(kiosk, "account.code", number="13900000002")[0] == "failed"  # no radio here
    assert ordered(kiosk, "account.code")[0] == "failed"


# --- devices ---------------------------------------------------------------------------------------------------------

OUTCOMES = {
    PulseOutcome.OPENED: "done",
    PulseOutcome.OPEN_BEFORE: "unsure",
    PulseOutcome.STUCK: "failed",
    PulseOutcome.WRONG: "wrong",
    PulseOutcome.UNKNOWN: "unsure",
    PulseOutcome.SILENT: "silent",
}


@pytest.mark.parametrize(("seen", "outcome"), OUTCOMES.items())
def test_what_was_seen_of_a_lock_is_told_after_one_pulse(kiosk, seen, outcome):
    locks = ToyLocks(lambda lock: seen)
    told, answer = ordered(kiosk, "lock.open", ToyDevices(locks), lock=7)
    assert (told, answer["outcome"], locks.pulses) == (outcome, seen.value, [7])


def test_a_coil_that_rests_is_waited_for(kiosk):
    seen = iter([PulseOutcome.RESTING, PulseOutcome.RESTING, PulseOutcome.OPENED])
    assert ordered(kiosk, "lock.open", ToyDevices(ToyLocks(lambda lock: next(seen))), lock=7)[0] == "done"


def test_a_node_without_devices_says_that_they_are_gone(kiosk):
    assert ordered(kiosk, "lock.open", lock=7) == ("gone", {})
    assert ordered(kiosk, "finger.match", ToyDevices(ToyLocks()), kind="read") == ("gone", {})


def test_a_lock_that_is_closed_already_is_not_waited_for(kiosk):
    locks = ToyLocks()
    locks.is_open.add(7)
    assert ordered(kiosk, "lock.closed", ToyDevices(locks), kind="wait", lock=7) is None
    assert ordered(kiosk, "lock.closed", ToyDevices(locks), kind="wait", lock=8) == ("done", {"lock": 8})


def test_a_bolt_in_motion_is_looked_at_until_two_looks_agree(kiosk):
    class Bouncing(ToyLocks):
        seen = iter([True, False, True, False, False, True])

        def look(self):
            return {7: LockState(next(self.seen))}

    assert ordered(kiosk, "lock.state", ToyDevices(Bouncing()), wanted=Wanted(9), lock=7)[0] == "closed"


class Door:
    """A device of one kind under any name; `says` are its answers in turn."""

    def __init__(self, kind, *says):
        self.kind, self.says = kind, list(says)

    def __getattr__(self, kind):
        def door(name):
            if kind != self.kind:
                raise DeviceFault(Trouble.UNKNOWN_DEVICE, name)
            return self

        return door if kind in ("zones", "cards", "fingers", "locks", "radio", "camera") else self.say

    def say(self, *_):
        said = self.says.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    def read(self, *_):
        return self.say()


def with_devices(kiosk, **adapters):
    kiosk.runtime = replace(
        kiosk.runtime, node=replace(kiosk.runtime.node, devices={n: {"adapter": a} for n, a in adapters.items()})
    )
    return kiosk


def test_a_reader_is_looked_at_until_something_lies_there(kiosk):
    kiosk = with_devices(kiosk, cards="cards_sdt", zones="zones_serial")
    read = ReadText("TD3", ("P<",), number="E1", faults=("birth",))
    outcome, answer = ordered(kiosk, "reader.document", Door("zones", None, read), kind="read")
    assert (outcome, answer["number"], answer["lines"], answer["doubt"]) == ("done", "E1", ["P<"], "check_digit")
    card = CardText("张三", "男", "汉", "", "", "1", "", "", "")
    assert ordered(kiosk, "reader.card", Door("cards", None, card), kind="read")[1]["name"] == "张三"
    assert ordered(kiosk, "reader.card", Door("cards", *[None] * 9), kind="read") is None  # nobody waits any more


def test_a_reader_that_bears_the_name_of_its_class_is_not_the_only_one(kiosk):
    class Readers(Door):
        def __getattr__(self, kind):
            def door(name):
                if (name, kind) not in (("reader", "zones"), ("cards", "cards")):
                    raise DeviceFault(Trouble.UNKNOWN_DEVICE, name)
                return self

            return door

    card = CardText("张三", "男", "汉", "", "", "1", "", "", "")
    kiosk = with_devices(kiosk, reader="zones_serial", cards="cards_sdt")
    assert ordered(kiosk, "reader.card", Readers("", card), kind="read")[0] == "done"
    assert ordered(kiosk, "reader.document", Readers("", ReadText("TD3", ())), kind="read")[0] == "done"
    assert ordered(kiosk, "cards.card", Readers("", card), kind="read")[0] == "done"
    assert ordered(kiosk, "reader.card", Readers("", card), kind="read", board="reader")[0] == "gone"


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (Trouble.GONE, "gone"),
        (Trouble.BUSY, "gone"),
        (Trouble.SILENT, "silent"),
        (Trouble.GARBLED, "unreadable"),
        (Trouble.REMOVED, "unreadable"),
        (Trouble.REFUSED, "failed"),
    ],
)
def test_troubles_of_readers_are_outcomes(kiosk, trouble, outcome):
    kiosk = with_devices(kiosk, cards="cards_sdt")
    assert ordered(kiosk, "reader.card", Door("cards", DeviceFault(trouble)), kind="read") == (outcome, {})


def test_a_finger_is_known_or_not(kiosk):
    kiosk = with_devices(kiosk, thumbs="fingers_zfm")
    assert ordered(kiosk, "finger.match", Door("fingers", None, Match(3, 90)), kind="read") == (
        "done",
        {"page": 3, "score": 90},
    )
    assert ordered(kiosk, "finger.match", Door("fingers", Match(None)), kind="read")[0] == "unknown"


def test_the_care_of_the_node_is_asked_beside_every_transaction(kiosk):
    class Care:
        def order(self, what, arguments):
            return Cared("done", {"name": what})

    assert ordered(kiosk, "backup.make") == ("failed", {})
    kiosk.runtime = replace(kiosk.runtime, care=Care())
    assert ordered(kiosk, "backup.make") == ("done", {"name": "backup.make"})


# --- outside services ------------------------------------------------------------------------------------------------

ASKING = {
    "desk/interfaces.yaml": "calls:\n"
    "  judge: {title: 核验, to: court, path: /judge, with: {kind: quick}, timeout: 5 s}\n",
    "nodes/test.yaml": FLOWS["nodes/test.yaml"] + "services: {court: {url: 'http://127.0.0.1:9'}}\n",
    "desk/flows/main.yaml": "flow: main\ntitle: 问\nkeep: {code: text}\nstart: type\nsteps:\n"
    "  type: {screen: [{keypad: code, kind: text}], buttons: {ask: 核验}, on: {ask: ask}}\n"
    "  ask: {call: judge, with: {code: =form.code}, timeout: 10 s, on: {done: told, failed: away, timeout: away}, "
    "restart: away}\n"
    "  told: {do: [{set: {code: =form.code}}], screen: [{text: '{answer.verdict}'}], buttons: {again: 再问}, "
    "on: {again: type}}\n"
    "  away: {screen: [{text: 请稍后再试}], buttons: {again: 再问}, on: {again: type}}\n",
}


class Court:
    """A service that says what it is told to."""

    def __init__(self, status=200, said=b'{"verdict": "good"}'):
        self.status, self.said, self.asked = status, said, []

    def ask(self, body, *, method, path, key, kind, seconds):
        self.asked.append((path, json.loads(body), seconds))
        return Replied(self.status, self.said)


@pytest.mark.parametrize(
    ("court", "step", "verdict"),
    [
        (Court(), "told", "good"),
        (Court(503), "away", None),
        (Court(200, b"<html>"), "away", None),
        (None, "away", None),
    ],
)
def test_a_service_is_asked_by_a_step_and_its_answer_is_known(court, step, verdict):
    kiosk = FlowOffice(ASKING)
    kiosk.runtime = replace(kiosk.runtime, services={} if court is None else {"court": court})
    kiosk.run.begin()
    (order,) = kiosk.press("ask", code="E1").orders
    ended = OrderRoom(kiosk.runtime, None, "kiosk1").carry_out(order, Wanted())
    standing = kiosk.run.answered(order.token, order.name, *ended)
    assert (standing.step.name, (standing.answer or {}).get("verdict")) == (step, verdict)
    if court is not None:
        assert court.asked == [("/judge", {"kind": "quick", "code": "E1"}, 5.0)]
        assert len(kiosk.all("_message", direction="out")) == 1  # kept for the operators to see
