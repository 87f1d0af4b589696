"""Messages begin documents: in the name of a unit, filling what nobody may edit, once where they come again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident
from typing import Any

import pytest

from adapters.xml.documents import LxmlMessages
from engine.model.traffic import Arrived
from engine.ports import DocumentStore
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases import message_rows
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in

FILES = {
    "shared/org/document.yaml": "document: org\ntitle: 单位\nlabel: name\nfields:\n"
    "  name: {title: 名称, type: text, required: true}\n  code: {title: 代码, type: text}\nunique: [[code]]\n",
    "desk/bill/document.yaml": """document: bill
title: 单
fields:
  org:   {title: 单位, type: ref, to: org, default: =user.org, edit: false, required: true}
  maker: {title: 开单, type: text, default: =user.org.name}
  no:    {title: 号, type: text, max: 9, required: true}
  code:  {title: 代码, type: text, edit: false}
  origin: {title: 来处, type: text, edit: false}
  twice: {title: 加倍, type: integer, value: "sum(lines, twice)"}
  heard: {title: 次数, type: integer, default: 1, edit: false}
  lines:
    title: 行
    type: table
    edit: false
    fields: {qty: {title: 数, type: integer, max: 99}, twice: {title: 倍, type: integer, value: qty * 2}}
unique: [[no]]
""",
    "desk/bill/machine.yaml": """machine: bill
states: {open: {title: 开, final: true}}
events:
  enter: {title: 记, from: new, to: open, by: clerk}
  come:  {title: 到, from: new, to: open, by: engine}
  again: {title: 又, from: [open], by: engine}
""",
    "desk/bill/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*'}}",
    "desk/note/document.yaml": "document: note\ntitle: 记\nfields: {text: {title: 文, type: long_text}}\n",
    "desk/note/machine.yaml": "machine: note\nstates: {open: {title: 开, final: true}}\n"
    "events: {put: {from: new, to: open, by: engine}}\n",
    "desk/note/access.yaml": "access: {clerk: {read: '*'}}",
    "desk/mappings/bill_in.yaml": """mapping: bill_in
document: bill
format: xml
message: {root: Bills, attributes: {id: message.id}}
each: Bill
tree: {Bill: {No: no, Code: code, Twice: twice, Line: {each: lines, tree: {Qty: qty, Twice: twice}}}}
match: [{document: bill, by: [no]}]
event: again
org: {code: code}
set: {origin: =message.id, heard: "=(this.heard or 0) + 1"}
unmatched: {create: come}
refused: {do: [{create: note, with: {text: "=message.id + ' ' + message.fault"}}]}
""",
    "desk/interfaces.yaml": "channels: {bills: {title: 单, mapping: bill_in}, other: {title: 别}}\n",
}


@pytest.fixture(scope="module")
def definitions() -> dict[str, str]:
    return FILES


@pytest.fixture
def place() -> Office:
    made = Office(FILES, xml=LxmlMessages)
    made.engine("org", {"name": "甲", "code": "A"})
    return made


def bill(no: str = "1", code: str = "A", qty: str = "3", number: str = "M-1") -> Arrived:
    row = f"<Bill><No>{no}</No><Code>{code}</Code><Twice>0</Twice><Line><Qty>{qty}</Qty><Twice>0</Twice></Line></Bill>"
    return Arrived(f'<Bills id="{number}">{row}</Bills>'.encode(), number)


def every(place: Office, document: str) -> list[dict[str, Any]]:
    return place.all(document)


def landed(place: Office, arrived: Arrived, channel: str = "bills") -> dict[str, Any]:
    return place.values(MESSAGE, take_in(place.runtime, channel, arrived))


def test_a_message_fills_what_nobody_may_edit_and_nothing_that_is_worked_out(place: Office) -> None:
    kept = landed(place, bill())
    (made,) = every(place, "bill")
    assert (kept["state"], kept["record_id"]) == ("processed", made["id"])
    assert (made["code"], made["origin"], made["twice"], made["lines"][0]["twice"]) == ("A", "M-1", 6, 6)


def test_it_is_begun_in_the_name_of_the_unit_that_is_found(place: Office) -> None:
    landed(place, bill())
    (made,) = every(place, "bill")
    (unit,) = [one for one in every(place, "org") if one["code"]]
    assert (made["org"], made["maker"], made["created_by"]) == (unit["id"], "甲", "engine")


def test_where_no_unit_is_found_an_incident_says_so_and_an_answer_goes(place: Office) -> None:
    kept = landed(place, bill(code="B"))
    assert (kept["state"], kept["code"], kept["number"], kept["kind"]) == ("failed", "MSG213", "M-1", "bill_in")
    assert kept["told"]["zh"] == "不知道报文属于哪个单位：没有这样的单位：代码“B”"
    assert every(place, "bill") == []
    (note,) = every(place, "note")
    assert note["text"].startswith("M-1 ")
    assert "代码“B”" in note["text"]


def test_one_of_many_that_is_nobodys_keeps_no_other_back(place: Office) -> None:
    rows = "".join(
        f"<Bill><No>{no}</No><Code>{code}</Code></Bill>" for no, code in (("1", "A"), ("2", "B"), ("3", "A"))
    )
    kept = landed(place, Arrived(f'<Bills id="M">{rows}</Bills>'.encode(), "M"))
    assert (kept["state"], kept["code"]) == ("failed", "MSG213")
    assert sorted(one["no"] for one in every(place, "bill")) == ["1", "3"]
    assert len(every(place, "note")) == 1


def test_what_rules_refuse_is_answered_and_kept(place: Office) -> None:
    kept = landed(place, bill(qty="100"))
    assert (kept["state"], kept["code"]) == ("failed", "MSG205")
    (note,) = every(place, "note")
    assert "不能大于99" in note["text"]


def test_what_comes_again_finds_what_it_began(place: Office) -> None:
    landed(place, bill())
    kept = landed(place, bill(number="M-2"))
    (made,) = every(place, "bill")
    assert (kept["state"], kept["record_id"]) == ("processed", made["id"])
    assert (made["origin"], made["heard"]) == ("M-2", 2)


def test_two_workers_who_both_found_nothing_begin_one(
    postgres_store: tuple[DocumentStore, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Office(FILES, xml=LxmlMessages, store=postgres_store[0])
    place.engine("org", {"name": "甲", "code": "A"})
    both, looked = Barrier(2, timeout=20), message_rows._matched
    first: set[int] = set()

    def looking(*about: Any) -> Any:
        found = looked(*about)
        if get_ident() not in first:
            first.add(get_ident())
            both.wait()
        return found

    monkeypatch.setattr(message_rows, "_matched", looking)
    with ThreadPoolExecutor(2) as workers:
        kept = list(workers.map(lambda number: landed(place, bill(number=number)), ("M-1", "M-2")))
    (made,) = every(place, "bill")
    assert [(one["state"], one["record_id"]) for one in kept] == [("processed", made["id"])] * 2
    assert made["heard"] == 2


def test_people_still_may_not_edit_it(place: Office) -> None:
    landed(place, bill())
    (made,) = every(place, "bill")
    with pytest.raises(Refused):
        place.raise_("clerk", "enter", "bill", code="B", no="9")
    assert every(place, "bill")[0]["code"] == made["code"]


def test_who_listens_to_a_channel_reads_nothing_else(place: Office) -> None:
    kept = landed(place, bill(), channel="elsewhere")
    assert (kept["state"], kept["code"]) == ("unmatched", "MSG206")
    assert every(place, "bill") == []
