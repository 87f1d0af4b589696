"""Fields that nobody can fill are missed where people can do something about it."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office

FILES = {
    "desk/person/document.yaml": """document: person
title: 人员
fields:
  name: {title: 姓名, type: text, required: true}
  unit: {title: 单位, type: text}
  phone: {title: 电话, type: text}
""",
    "desk/person/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*"}}\n',
    "desk/form/document.yaml": """document: form
title: 表
fields:
  person: {title: 申请人, type: ref, to: person, required: true}
  agent:  {title: 代办人, type: ref, to: person, required: person == null}
  unit:   {title: 单位, type: text, from: person.unit, required: true}
  code:   {title: 编码, type: text, value: upper(unit), required: true}
  phone:  {title: 电话, type: text, from: agent.phone, required: person != null}
  own:    {title: 备注, type: text, from: person.name, edit: true, required: person == null}
  fixed:  {title: 经办, type: text, edit: false, required: person == null}
  lines:
    title: 明细
    type: table
    fields:
      who:   {title: 谁, type: ref, to: person, required: true}
      where: {title: 何处, type: text, from: who.unit, required: true}
""",
    "desk/form/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*"}}\n',
}


@pytest.fixture
def office():
    return Office(FILES)


def told(office, **values):
    with pytest.raises(Refused) as refused:
        office.raise_("clerk", "enter", "form", **values)
    found = [(".".join(one.at), one.text["zh"]) for one in refused.value.findings]
    assert len(found) == len(dict(found))
    return dict(found)


def person(office, **values):
    return office.raise_("clerk", "enter", "person", name="安", **values).record_id


def test_what_follows_from_an_empty_field_is_told_there_alone(office):
    assert told(office) == {
        "person": "请填写申请人",
        "agent": "请填写代办人",
        "own": "请填写备注",  # people may fill it
        "fixed": "请填写经办",  # it follows from nothing
    }


def test_what_the_chosen_one_lacks_is_told_where_it_was_chosen(office):
    found = told(office, person=person(office), agent=person(office, phone="1"))
    assert found == {"person": "所选申请人没有单位"}  # and nothing of the code, which follows from the unit


def test_a_field_that_may_stay_empty_is_asked_for_where_another_needs_it(office):
    assert told(office, person=person(office, unit="甲")) == {"agent": "请填写代办人"}


def test_rows_are_told_the_same_way(office):
    about = {"person": person(office, unit="甲"), "agent": person(office, phone="1")}
    assert told(office, **about, lines=[{}]) == {"lines.0.who": "请填写谁"}
    assert told(office, **about, lines=[{"who": person(office)}]) == {"lines.0.who": "所选谁没有何处"}


def test_what_is_whole_is_stored(office):
    about = {"person": person(office, unit="甲"), "agent": person(office, phone="1")}
    assert office.raise_("clerk", "enter", "form", **about).record_id
