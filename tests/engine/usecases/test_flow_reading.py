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
