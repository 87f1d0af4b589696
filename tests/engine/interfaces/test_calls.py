"""Calls of services: asked after the commit, once per key, and what is answered comes back as an event or a receipt."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from engine.model.traffic import Replied
from engine.testing.office import BASE, Office
from engine.usecases.landed_acts import resend
from engine.usecases.landing_records import MESSAGE

FILES = {
    "nodes/test.yaml": BASE["nodes/test.yaml"] + "services: {scale: {url_from: SCALE_URL, tries: 2}}\n",
    "desk/box/document.yaml": """document: box
title: 箱
fields:
  no: {title: 号, type: text, max: 20}
  scan: {title: 图, type: file}
  weight: {title: 重, type: integer, edit: false}
unique: [[no]]
""",
    "desk/box/machine.yaml": """machine: box
states: {here: {title: 在}, weighed: {title: 已称, final: true}}
events:
  enter: {from: new, to: here, by: clerk, do: [{call: weigh, with: {no: =no, scan: =scan}, key: "{no}", failed: fail}]}
  again:
    {title: 再称, from: here, by: clerk, do: [{call: weigh, with: {no: =no}, key: "{no}"}, {send: told, topic: =no}]}
  weighed:
    {from: here, to: weighed, by: engine, ask: {kg: {title: 重, type: integer}}, do: [{set: {weight: =event.kg}}]}
  fail: {from: here, by: engine, do: [{set: {weight: 0}}]}
""",
    "desk/box/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', events: '*'}}",
    "desk/mappings/slip.yaml": """mapping: slip
format: json
tree: {box: no, kg: {value: kg, type: integer}}
match: [{document: box, by: [no]}]
event: weighed
with: {kg: =kg}
""",
    "desk/mappings/told.yaml": "mapping: told\ndocument: box\nformat: json\nto: out\ntree: {no: no}\n",
    "desk/interfaces.yaml": """calls:
  weigh: {title: 称重, to: scale, path: /weigh, with: {unit: kg}, timeout: 5 s, receipt: slip}
""",
}


class Scale:
    """A service that answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any], str, float]] = []
        self.status, self.answer = 200, b'{"box": "B1", "kg": 7}'

    def ask(self, body: bytes, *, method: str, path: str, key: str, kind: str, seconds: float) -> Replied:
        self.asked.append((method, path, json.loads(body), key, seconds))
        return Replied(self.status, self.answer)


@pytest.fixture
def place() -> Office:
    made = Office(FILES)
    object.__setattr__(made.runtime, "services", {"scale": Scale()})
    return made


def scale(place: Office) -> Scale:
    found = place.runtime.services["scale"]
    assert isinstance(found, Scale)
    return found


def test_an_answer_is_read_like_a_receipt(place: Office) -> None:
    made = place.raise_("clerk", "enter", "box", no="B1").record_id
    place.deliver()
    assert scale(place).asked == [("POST", "/weigh", {"unit": "kg", "no": "B1", "scan": None}, "B1", 5.0)]
    assert (place.values("box", made)["state"], place.values("box", made)["weight"]) == ("weighed", 7)
    assert {(one["direction"], one["state"]) for one in place.all(MESSAGE)} == {
        ("out", "confirmed"),
        ("in", "processed"),
    }


def test_a_key_is_asked_for_once_and_a_topic_goes_along(place: Office) -> None:
    scale(place).answer = b'{"box": "other", "kg": 7}'
    made = place.raise_("clerk", "enter", "box", no="B1").record_id
    place.deliver()
    place.raise_("clerk", "again", "box", made)
    place.deliver()
    assert len(scale(place).asked) == 1
    sent = [one for one in place.all(MESSAGE, direction="out") if one["channel"] == "out"]
    assert sent[0]["headers"] == {"topic": "B1"}


@pytest.mark.parametrize(("status", "asked"), [(503, 2), (429, 2), (400, 1)])
def test_what_fails_is_tried_again_as_far_as_it_may_help(place: Office, status: int, asked: int) -> None:
    scale(place).status = status
    made = place.raise_("clerk", "enter", "box", no="B1").record_id
    for _ in range(3):
        place.deliver()
        place.clock.at += timedelta(minutes=1)
    assert (len(scale(place).asked), place.values("box", made)["weight"]) == (asked, 0)
    (out,) = place.all(MESSAGE, direction="out")
    assert out["state"] == "failed"


def test_somebody_may_ask_again_on_purpose(place: Office) -> None:
    scale(place).status = 400
    made = place.raise_("clerk", "enter", "box", no="B1").record_id
    place.deliver()
    scale(place).status = 200
    (out,) = place.all(MESSAGE, direction="out")
    assert resend(place.runtime, place.people["clerk"], [str(out["id"])]) == 1
    place.deliver()
    assert (place.values("box", made)["weight"], scale(place).asked[1][2:4]) == (7, scale(place).asked[0][2:4])
    assert place.values(MESSAGE, str(out["id"]))["state"] in ("sent", "confirmed")
