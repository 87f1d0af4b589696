"""Who sees protected fields in the clear at a kiosk stands in the audit, once for each standing."""

from engine.testing.flow_office import FLOWS, FlowOffice
from engine.usecases.flow_screens import screen_of

THING = """
document: thing
title: 物
label: code
fields:
  code: {title: 号码, type: text, required: true}
  phone: {title: 电话, type: text, protect: encrypt}
  card: {title: 卡号, type: text, protect: encrypt, mask: "3***0"}
unique: [[code]]
"""
MAIN = """
flow: main
title: {zh: 主流程, en: Main}
keep: {thing: thing}
start: find
steps:
  find: {do: [{set: {thing: "=first(thing, code == 'E1')"}}], next: shown}
  shown: {screen: [{fields: thing, columns: [code, phone, card]}], buttons: {next: 下一步, again: 再看}, on: {next: said, again: shown}}
  said: {screen: [{text: {zh: "电话{thing.phone}", en: "{thing.phone} {thing.card}"}}], buttons: {next: 下一步}, on: {next: listed}}
  listed: {screen: [{table: thing, columns: [code, phone, card]}], buttons: {next: 下一步}, on: {next: plain}}
  plain: {screen: [{table: thing, columns: [code, card]}, {fields: thing, columns: [code, card]}], buttons: {next: 下一步}, on: {next: find}}
"""  # noqa: E501 -- steps as people write them
ACCESS = 'access:\n  clerk: {read: "*", mask: [card]}\n'
FILES = {"desk/thing/document.yaml": THING, "desk/thing/access.yaml": ACCESS, "desk/flows/main.yaml": MAIN}


def looked(office):
    kinds = ("read", "page")
    return [
        (one.action, one.document, one.record_id, one.detail["fields"], one.detail["step"])
        for one in reversed(office.store.audit())
        if one.action in kinds and "step" in one.detail
    ]


CASE = """
document: case
title: 案
label: name
fields:
  name: {title: 名, type: text, required: true}
  thing: {title: 物, type: ref, to: thing}
"""
ABOUT = """
flow: main
title: {zh: 主流程, en: Main}
keep: {case: case}
start: find
steps:
  find: {do: [{set: {case: "=first(case, name == 'C1')"}}], next: shown}
  shown: {screen: [{fields: case, columns: [name, thing.phone, thing.card]}], buttons: {next: 下一步}, on: {next: said}}
  said: {screen: [{panel: true, body: [{text: "{case.thing.phone}"}]}], buttons: {next: 下一步}, on: {next: first}}
  first: {screen: [{text: "{first(thing, code == 'E2').phone}"}], buttons: {next: 下一步}, on: {next: listed}}
  listed: {screen: [{table: case, columns: [name, thing.phone]}], buttons: {next: 下一步}, on: {next: counted}}
  counted: {screen: [{text: "{count(list(thing, phone != null))}"}], buttons: {next: 下一步}, on: {next: find}}
"""


def test_what_is_shown_through_references_is_kept_with_the_record_behind():
    case = {"desk/case/document.yaml": CASE, "desk/case/access.yaml": 'access:\n  clerk: {read: "*"}\n'}
    made = {**FILES, **case, "desk/flows/main.yaml": ABOUT, "desk/flows/put.yaml": FLOWS["desk/flows/put.yaml"]}
    office = FlowOffice(made)
    one = office.engine("thing", {"code": "E1", "phone": "19900000001", "card": "6222000011112222"})
    other = office.engine("thing", {"code": "E2", "phone": "19900000002"})
    office.engine("case", {"name": "C1", "thing": one})
    office.run.begin()
    for _ in range(4):
        office.press("next")
    assert looked(office) == [
        ("read", "thing", one, ["phone"], "main.shown"),
        ("read", "thing", one, ["phone"], "main.said"),
        ("read", "thing", other, ["phone"], "main.first"),
        ("page", "thing", "", ["phone"], "main.listed"),
    ]


def test_what_is_shown_in_the_clear_is_kept_with_its_step():
    office = FlowOffice({**FILES, "desk/flows/put.yaml": FLOWS["desk/flows/put.yaml"]})
    thing = office.engine("thing", {"code": "E1", "phone": "19900000001", "card": "6222000011112222"})
    standing = office.run.begin()
    for _ in range(3):  # drawn again and again, seen once
        screen_of(office.runtime, standing, "zh")
    shown = ("read", "thing", thing, ["phone"], "main.shown")
    assert looked(office) == [shown], "what is masked is not seen"
    office.press("again")
    assert looked(office) == [shown, shown]
    office.press("next")
    said = ("read", "thing", thing, ["phone"], "main.said")
    assert looked(office)[2:] == [said]
    office.press("next")
    listed = ("page", "thing", "", ["phone"], "main.listed")
    assert looked(office)[3:] == [listed]
    office.press("next")
    assert len(looked(office)) == 4
