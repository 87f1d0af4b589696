"""What stands on a document's page beside its fields: rows that refer to it, projected; layers; what is refused."""

import pytest

from engine.checks import check
from engine.loading import MemoryTree, load
from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.beside import shown_beside
from engine.usecases.reading import read_document

PAGES = """pages:
  detail:
    - {panel: 函, show: name != '无', body: [{table: letters, columns: [number, order.secret], empty: 没有函}]}
    - table: order
      title: 同一客户
      where: customer == up.customer and id != up.id and name != '无'
      columns: [name, secret]
      sort: name
    - {figure: count(rows), of: letters}
    - {text: "{name}共{total}元"}
"""
MORE = """pages:
  detail: [{panel: 客户, body: [{text: "客户{customer.name}"}]}]
"""
EXTENDED = {
    **ORDER,
    "desk/order/pages.yaml": PAGES,
    "more/system.yaml": "system: more\nid: T-9\ntitle: 另一\nuses: [desk, shared]\n",
    "more/order/document.yaml": "document: order\nextends: desk.order\n",
    "more/order/pages.yaml": MORE,
}


@pytest.fixture
def office(store):
    made = Office(EXTENDED, store=store)
    for name in ("甲", "乙", "无"):
        made.raise_("clerk", "enter", "order", name=name, secret="12345678", customer=made.people["boss"].id)
    return made


def beside(office, who, name):
    record = office.all("order", name=name)[0]["id"]
    return record, shown_beside(office.runtime, office.people[who], "order", record)


def test_rows_that_refer_to_the_document_stand_in_its_sections(office):
    record, _ = beside(office, "clerk", "甲")
    letter = office.raise_("clerk", "write", "letter", order=record).record_id
    _, (letters, same, count, said, extended) = beside(office, "clerk", "甲")
    assert letters.title.zh == "函"
    (row,) = letters.part.bodies[0][0].part.rows
    assert (row.link, row.cells[1].text) == (("document", f"letter:{letter}"), "12345678")
    assert [row.cells[0].text for row in same.part.rows] == ["乙"]
    assert (count.part.text, said.part.text) == ("1", "甲共0.00元")
    assert extended.part.bodies[0][0].part.text == "客户boss"


def test_a_section_is_shown_when_it_says_so(office):
    assert len(beside(office, "clerk", "甲")[1]) == len(beside(office, "clerk", "无")[1]) + 1


def test_everybody_sees_of_it_what_his_rights_say(office):
    record, _ = beside(office, "clerk", "甲")
    office.raise_("clerk", "write", "letter", order=record)
    _, (letters, same, *_) = beside(office, "leader", "甲")
    assert same.part.rows[0].cells[1].text == "12****78"
    assert not letters.part.bodies[0][0].part.rows or letters.part.bodies[0][0].part.rows[0].cells[1].text == "12****78"
    with pytest.raises(Refused) as refused:
        beside(office, "stranger", "甲")
    assert refused.value.kind == "not_found"


def test_what_is_shown_there_is_not_among_what_belongs_to_it(office):
    record, _ = beside(office, "clerk", "甲")
    office.raise_("clerk", "write", "letter", order=record)
    view = read_document(office.runtime, office.people["clerk"], "order", record)
    assert [document for _, document, _ in view.related] == []
    plain = Office(ORDER)
    other = plain.raise_("clerk", "enter", "order", name="甲").record_id
    plain.raise_("clerk", "write", "letter", order=other)
    view = read_document(plain.runtime, plain.people["clerk"], "order", other)
    assert [document for _, document, _ in view.related] == ["letter"]


def test_fields_stand_as_the_form_has_them(office):
    record, _ = beside(office, "clerk", "甲")
    view = read_document(office.runtime, office.people["clerk"], "order", record)
    assert "name" in [one.name for section in view.sections for one in section.fields]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{figure: count(rows), of: letters, drill: rows}", "PAG012"),
        ("{filters: [since]}", "PAG011"),
        ("{table: letters}", "PAG009"),
        ("{table: letters, columns: [nothing]}", "EXP010"),
        ("{calendar: letters}", "PAG007"),
    ],
)
def test_what_has_no_place_on_the_page_of_a_document_is_told(body, code):
    tree = {**ORDER, "desk/order/pages.yaml": f"pages: {{detail: [{body}]}}\n"}
    found = {one.code for one in check(load(MemoryTree(tree))).problems}
    assert found - {one.code for one in check(load(MemoryTree(ORDER))).problems} == {code}
