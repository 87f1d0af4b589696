"""What is copied, and what stands where there is nothing to copy."""

import pytest

from engine.testing.office import Office

FILES = {
    "desk/person/document.yaml": """document: person
title: 人员
fields:
  name: {title: 姓名, type: text, required: true}
  unit: {title: 单位, type: text}
""",
    "desk/person/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*"}}\n',
    "desk/form/document.yaml": """document: form
title: 表
fields:
  person: {title: 申请人, type: ref, to: person}
  unit:   {title: 单位, type: text, from: person.unit, default: 无, edit: true}
  fixed:  {title: 固定, type: text, from: person.unit, default: "=upper(kind)"}
  kind:   {title: 类别, type: text, value: "'k-' + (unit or '')"}
  lines:
    title: 明细
    type: table
    fields:
      who:   {title: 谁, type: ref, to: person}
      where: {title: 何处, type: text, from: who.unit, default: 不详, edit: true}
""",
    "desk/form/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*"}}\n',
}


@pytest.fixture
def office():
    return Office(FILES)


def person(office, **values):
    return office.raise_("clerk", "enter", "person", name="安", **values).record_id


def entered(office, **values):
    made = office.values("form", office.raise_("clerk", "enter", "form", **values).record_id)
    return made["unit"], made["fixed"], [row["where"] for row in made["lines"]]


def test_a_copy_goes_before_the_default(office):
    from_a = person(office, unit="甲")
    assert entered(office, person=from_a, lines=[{"who": from_a}]) == ("甲", "甲", ["甲"])


def test_where_there_is_nothing_to_copy_the_default_stands(office):
    nowhere = person(office)
    assert entered(office, person=nowhere, lines=[{"who": nowhere}, {}]) == ("无", "K-无", ["不详", "不详"])
    assert entered(office) == ("无", "K-无", [])


def test_what_is_given_or_emptied_on_purpose_stays(office):
    from_a = person(office, unit="甲")
    assert entered(office, person=from_a, unit="乙")[0] == "乙"
    assert entered(office, person=person(office), unit=None)[0] is None


def test_another_source_without_a_value_brings_the_default_back(office):
    form = office.raise_("clerk", "enter", "form", person=person(office, unit="甲")).record_id
    office.raise_("clerk", "change", "form", form, person=person(office))
    assert office.values("form", form)["unit"] == "无"
