"""What an offer promised to answer later is missed when its time is over, and no longer once it was sent."""

from __future__ import annotations

from typing import Any

import pytest

from engine.testing.office import Office
from engine.usecases.landed_acts import discard
from engine.usecases.landing_records import MESSAGE
from engine.usecases.offer_views import Asked
from engine.usecases.offers import answer

FILES = {
    "desk/submission/document.yaml": "document: submission\ntitle: 报送\n"
    "fields: {serial: {title: 流水号, type: text, max: 20, required: true}}\n",
    "desk/submission/machine.yaml": """machine: submission
states: {open: {title: 收, until: {after: 9 days, event: lapse}}, done: {title: 完, final: true}}
events:
  accept: {from: new, to: open, by: engine}
  settle: {title: 办, from: open, to: done, by: clerk, do: [{send: result}]}
  lapse: {from: open, to: done, by: timer}
""",
    "desk/submission/access.yaml": "access: {clerk: {read: '*', events: '*'}}",
    "desk/mappings/result.yaml": "mapping: result\ndocument: submission\nformat: json\nto: out\ntree: {no: serial}\n",
    "desk/interfaces.yaml": """offers:
  submit:
    title: 报送
    path: /tj
    public: true
    body: {serial: {title: 流水号, type: text, max: 20, required: true}}
    once: =body.serial
    do: [{create: submission, with: {serial: =body.serial}}]
    answer: {code: 0}
    later: {mapping: result, event: settle, within: 3 days}
""",
}


@pytest.fixture
def office() -> Office:
    made = Office(FILES)
    called(made)
    return made


def called(office: Office, serial: str = "S1") -> None:
    body = f'{{"serial": "{serial}"}}'.encode()
    assert answer(office.runtime, office.runtime.definitions.offers["submit"], Asked(body, len(body))).told.word == "ok"


def call(office: Office) -> tuple[str, str]:
    (one,) = office.all(MESSAGE, direction="in")
    return str(one["state"]), str(one["code"])


def after(office: Office, **length: Any) -> tuple[str, str]:
    office.clock.move(**length)
    office.deliver()
    return call(office)


def settled(office: Office) -> None:
    (made,) = office.all("submission")
    office.raise_("clerk", "settle", "submission", str(made["id"]))
    office.deliver()


def test_an_answer_in_time_is_none(office: Office) -> None:
    assert after(office, days=2) == ("processed", "")
    settled(office)
    assert after(office, days=2) == ("processed", "")


def test_a_missing_answer_is_an_incident_until_it_is_sent(office: Office) -> None:
    assert after(office, days=3, minutes=1) == ("failed", "MSG214")
    assert after(office, days=1, minutes=1) == ("failed", "MSG214")
    settled(office)
    assert after(office, days=1, minutes=1) == ("processed", "")
    assert after(office, days=9) == ("processed", "")


def test_one_that_was_discarded_stays_so(office: Office) -> None:
    after(office, days=3, minutes=1)
    (one,) = office.all(MESSAGE, direction="in")
    discard(office.runtime, office.people["clerk"], [str(one["id"])], "无需答复")
    assert after(office, days=2)[0] == "discarded"


def test_a_repetition_promises_nothing_anew(office: Office) -> None:
    called(office)
    office.clock.move(days=3, minutes=1)
    office.deliver()
    assert sorted(str(one["state"]) for one in office.all(MESSAGE, direction="in")) == ["failed", "processed"]
