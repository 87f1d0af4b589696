"""What a `where` lets be chosen: judged on the document as it would be stored, wherever the picker stands."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.choosing import Filling, options

SECTIONS = {
    **ORDER,
    "desk/codes/kin.csv": "code,title,also\n12,妻,妻子 爱人\n10,配偶,爱人\n13,前妻子女,\n",
    "desk/loan/document.yaml": """document: loan
title: 借用单
told_apart_by: [org, phone]
fields:
  kin: {title: 称谓, type: code, in: kin}
  phone: {title: 电话, type: text, protect: encrypt, mask: "3****4"}
  last: {title: 上一单, type: ref, to: loan}
  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  section: {title: 科室, type: ref, to: org, where: id == this.org or parent == this.org}
  own: {title: 本单位, type: ref, to: org, where: id == user.org}
  wordy: {title: 单位二, type: ref, to: org, where: "cut(name, 1) == '一'"}
  told: {title: 意见单位, type: ref, to: org, where: parent == this.section}
  lines:
    title: 明细
    type: table
    fields:
      to: {title: 去向, type: ref, to: org}
      by: {title: 经办, type: ref, to: org, where: id == this.section or id == up.to}
""",
    "desk/loan/machine.yaml": """machine: loan
states:
  draft: {title: 草稿}
  reviewing: {title: 审批中, approval: review}
  out: {title: 已借, final: true}
events:
  enter: {title: 保存, from: new, to: draft, by: clerk}
  change: {title: 修改, from: draft, by: clerk}
  submit: {title: 提交, from: draft, to: reviewing, by: clerk}
  agree: {title: 同意, from: reviewing, to: out, by: approval}
  refuse: {title: 不同意, from: reviewing, to: draft, by: approval}
  hand:
    title: 转交
    from: draft
    by: clerk
    ask:
      within: {title: 范围, type: ref, to: org}
      to: {title: 转给, type: ref, to: org, where: parent == event.within or id == this.section}
approvals:
  review:
    steps: [{id: one, who: role leader in org, sign: any, edit: [section, told]}]
    agreed: agree
    refused: refuse
""",
    "desk/loan/access.yaml": """access:
  clerk: {read: "*", create: true, edit: "*", events: "*"}
  leader: {read: "*"}
""",
}


@pytest.fixture
def office():
    made = Office(SECTIONS)
    made.section = made.engine("org", {"name": "设备科", "parent": made.org})
    made.desk = made.engine("org", {"name": "设备组", "parent": made.section})
    return made


def offered(office, *path, who="clerk", event="", **filling):
    form = Filling(**filling) if filling else None
    return {one.title for one in options(office.runtime, office.people[who], "loan", path, "", event, form)}


def test_of_a_new_document_defaults_count_that_nobody_may_type(office):
    assert offered(office, "section", raw={"section": ""}) == {"一处", "设备科"}
    assert offered(office, "section", raw={"org": office.other_org}) == {"一处", "设备科"}


def test_of_a_stored_document_what_stands_counts_until_something_else_is_typed(office):
    record = office.raise_("clerk", "enter", "loan", section=office.section).record_id
    assert offered(office, "told", record_id=record) == {"设备组"}
    assert offered(office, "told", record_id=record, raw={"section": office.org}) == {"设备科"}
    assert offered(office, "section", who="stranger", record_id=record) == {"一处", "设备科"}


def test_a_row_is_chosen_for_in_its_place(office):
    raw = {"section": office.section, "lines": [{"to": office.org}, {"to": office.other_org}]}
    assert offered(office, "lines", "by", raw=raw, row=1) == {"设备科", "二处"}
    assert offered(office, "lines", "by", raw=raw, row=2) == {"设备科"}


def test_what_an_event_asks_knows_the_document_and_the_other_answers(office):
    record = office.raise_("clerk", "enter", "loan", section=office.section).record_id
    assert offered(office, "to", event="hand", record_id=record, asked={"within": office.org}) == {"设备科"}
    assert offered(office, "to", event="hand", record_id=record, asked={"within": office.section}) == {
        "设备科",
        "设备组",
    }


def test_a_signer_chooses_by_what_his_step_lets_him_type(office):
    record = office.raise_("clerk", "enter", "loan").record_id
    assert offered(office, "told", who="leader", record_id=record, raw={"section": office.org}) == {"一处", "二处"}
    office.raise_("clerk", "submit", "loan", record)
    assert offered(office, "told", who="leader", record_id=record, raw={"section": office.org}) == {"设备科"}


def test_a_filter_of_a_list_has_no_document_at_hand(office):
    everybody = {"一处", "二处", "设备科", "设备组"}
    assert offered(office, "section") == everybody
    assert offered(office, "own") == {"一处"}


def test_what_no_store_can_answer_narrows_too(office):
    assert offered(office, "wordy", raw={"section": ""}) == {"一处"}


def test_the_choices_of_somebody_elses_document_are_not_told(office):
    with pytest.raises(Refused) as told:
        offered(office, "section", record_id="0" * 32)
    assert told.value.kind == "not_found"


def test_a_further_name_means_its_code(office):
    def found(text):
        return [one.value for one in options(office.runtime, office.people["clerk"], "loan", ("kin",), text)]

    assert found("妻子") == ["12"]
    assert found("妻") == ["12", "13"]
    assert found("爱人") == ["12", "10"]


def test_records_are_told_apart_by_what_their_document_says(office):
    office.raise_("clerk", "enter", "loan", phone="13900000001")
    (one,) = options(office.runtime, office.people["clerk"], "loan", ("last",))
    assert one.note == "一处 · 139****0001"
